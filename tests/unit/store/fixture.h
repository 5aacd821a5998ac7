/* Temporary NSS databases for the tests of the store, made by certutil, pk12util and openssl. */
#ifndef SEALPOST_TESTS_UNIT_STORE_FIXTURE_H
#define SEALPOST_TESTS_UNIT_STORE_FIXTURE_H

#include "base/bytes.h"
#include "store/store.h"

struct CERTCertificateStr;

/* A new directory, which also becomes HOME; borrowed, one a test program. */
const char *fixture_directory(void);
void fixture_remove(void); /* .fini of every suite */

/* Runs a program found on the PATH in the fixture's directory, its output dropped; asserts that it
 * exits with 0. The list ends with NULL. */
void fixture_run(const char *program, ...) __attribute__((sentinel));

/* Writes `text` to the file `name` in the fixture's directory. */
void fixture_write(const char *name, struct bytes text);
struct buffer *fixture_read(const char *name); /* owned by the caller */

/* A database in the directory `name` below the fixture's; `password` NULL: without one. */
void fixture_database(const char *name, const char *password);

/* An identity: NAME.key, NAME.crt, NAME.p12 (password "p12"), with a new P-256 key. */
void fixture_identity(const char *name);
/* Puts NAME.p12 into the database made by fixture_database with that password. */
void fixture_import(const char *database, const char *password, const char *name);

/* Puts a lasting AES key with this value and nickname into the open database. NSS has to run. */
void fixture_secret_key(const char *nickname, struct bytes value);

/* The certificate NAME.crt as NSS's object; owned by the caller. NSS has to run. */
struct CERTCertificateStr *fixture_certificate(const char *name);

/* Opens the store on the database, or fails the test. */
struct store *fixture_open(const struct store_options *options);
/* Closes it, and fails the test where NSS says that something was not freed. */
void fixture_close(struct store *store);

#endif
