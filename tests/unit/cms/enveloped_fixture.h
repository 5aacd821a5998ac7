/* Recipients for the tests of encryption: keys made at test time in the internal token, without any
 * database, and certificates that are only as real as these tests need (their signature is void).
 */
#ifndef SEALPOST_TESTS_UNIT_CMS_ENVELOPED_FIXTURE_H
#define SEALPOST_TESTS_UNIT_CMS_ENVELOPED_FIXTURE_H

#include "base/content.h"
#include "cms/cipher.h"
#include "cms/enveloped.h"
#include "nss/nss_scope.h"

struct party {
    CERTCertificate *certificate;
    SECKEYPrivateKey *key;
    char *pem; /* path of the certificate, of one made by openssl; owned */
};

enum party_kind { PARTY_RSA, PARTY_P256, PARTY_P384, PARTY_P521, PARTY_X25519 };

/* Starts NSS without a database. */
void fixture_start(void);

/* A recipient with a key of its own. */
struct party party_new(enum party_kind kind);
/* The same with the key on this token, as a session object. */
struct party party_new_on(PK11SlotInfo *slot, enum party_kind kind);
/* An RSA key whose certificate says RSAES-OAEP, with these parameters (DER, may be empty). */
struct party party_new_oaep(struct bytes parameters);
/* The same as party_new, made by openssl, with its files in the fixture's directory: the key is in
 * key.pem. */
struct party party_from_openssl(enum party_kind kind);
void party_done(struct party *party);

/* A directory under /tmp that is removed, with its files, by fixture_remove. Static string. */
const char *fixture_directory(void);
void fixture_remove(void);

/* Runs a program of the path, quietly; asserts that it ends with 0. */
void fixture_run(const char *const *arguments);
/* "<fixture directory>/<name>"; asserts that it fits. Freed with free(). */
char *fixture_path(const char *name);
void fixture_write(const char *name, struct bytes bytes);
CERTCertificate *fixture_certificate(const char *name); /* from a PEM file */
/* The file's bytes in a mapping of its own. */
struct mapping *fixture_read(const char *name);

/* `len` bytes that are no constant and no short period. */
struct mapping *fixture_bytes(size_t len);
struct mapping *fixture_mapping(struct bytes bytes);

/* The certificate's entry among the message's recipients; asserts that there is one. */
size_t fixture_recipient(const struct cms_enveloped *message, const struct party *party);

/* An AES key of the internal token with this value, for wrapping and unwrapping. */
PK11SymKey *fixture_secret_key(struct bytes value);

/* cms_enveloped_make with this content. */
struct error *fixture_make(const struct cms_encrypt_request *request, struct bytes plain,
                           struct mapping **ret_der) MUST_USE;

/* Encrypts for up to eight parties. */
struct error *fixture_encrypt(enum cms_cipher cipher, const struct party *parties, size_t count,
                              struct bytes plain, struct mapping **ret_der) MUST_USE;

/* Parses, unwraps for this party and decrypts, in place in `der` where `in_place`. */
struct error *fixture_open(struct mapping *der, bool in_place, const struct party *party,
                           struct mapping **ret_owner, struct bytes *ret_plain) MUST_USE;

/* Asserts that the party reads this plaintext out of the message, both out of place and in place.
 */
void fixture_assert_opens(struct mapping *der, const struct party *party, struct bytes plain);

/* A message made piece by piece, right or wrong as the test wants. */
struct fixture_parts {
    bool authenticated;
    struct bytes recipients; /* contents of the SET */
    struct bytes algorithm; /* DER */
    struct bytes content; /* [0], whole */
    struct bytes behind; /* what follows EncryptedContentInfo */
};
struct mapping *fixture_build(const struct fixture_parts *parts);

/* A message that NSS encrypted under `job`, with the recipients given (contents of the SET): the
 * content in segments of `segment` bytes, indefinite length, or in one piece where that is 0;
 * `attributes` stand between content and tag. */
struct mapping *fixture_message(const struct cipher_job *job, struct bytes recipients,
                                struct bytes plain, size_t segment, struct bytes attributes);

/* An AES cipher with a fixed IV. */
struct cipher fixture_cipher(enum cms_cipher which);

#endif
