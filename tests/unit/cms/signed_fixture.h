/* Signers for the tests of signatures: keys and certificates made by openssl once a test program,
 * read into NSS's internal token without any database. */
#ifndef SEALPOST_TESTS_UNIT_CMS_SIGNED_FIXTURE_H
#define SEALPOST_TESTS_UNIT_CMS_SIGNED_FIXTURE_H

#include "base/content.h"
#include "cms/signed.h"
#include "nss/nss_scope.h"

/* Makes the directory and the keys, before the tests; removes them behind the tests. */
void signed_fixture_make(const char *const *names, size_t count);
void signed_fixture_remove(void);

/* Starts NSS without a database. */
void signed_fixture_start(void);

/* Of a name that was made: "rsa", "rsa512", "pss", "p256", "p384", "p521", "dsa", "ed25519". */
CERTCertificate *signed_fixture_certificate(const char *name);
SECKEYPrivateKey *signed_fixture_key(const char *name);

/* Runs a shell command line in the fixture's directory; asserts that it ends with 0. */
void signed_fixture_run(const char *format, ...) PRINTF_LIKE(1, 2);
/* The same, giving back whether it ended with 0. */
bool signed_fixture_try(const char *format, ...) PRINTF_LIKE(1, 2);

void signed_fixture_write(const char *name, struct bytes bytes);
struct mapping *signed_fixture_read(const char *name);

/* Signs the file "content", which the test has written, with openssl and gives the message back. */
struct mapping *signed_fixture_sign(const char *signer, const char *options);

struct content *signed_fixture_content(struct bytes bytes);

/* Parses, digests (`detached` may be NULL) and checks signer 0. */
word_set signed_fixture_check(struct bytes message, const struct bytes *detached,
                              CERTCertificate *certificate, bool *ret_checked);
/* Asserts that signer 0 is checked with just these problems. */
void signed_fixture_assert(struct bytes message, const struct bytes *detached,
                           CERTCertificate *certificate, word_set problems);

#endif
