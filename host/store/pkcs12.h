/* Import of PKCS#12 files (RFC 7292): private keys with their certificates, as other programs
 * export them. Decoding and decryption are NSS's; what is ours is the password's forms, the names
 * and the errors. Export comes later. */
#ifndef SEALPOST_STORE_PKCS12_H
#define SEALPOST_STORE_PKCS12_H

#include "base/bytes.h"
#include "store/interaction.h"

struct store;

/* Plain data, owned; freed with pkcs12_result_free. */
struct pkcs12_result {
    size_t key_count; /* private keys in the file */
    struct buffer **certificates; /* DER of each certificate in the file */
    size_t certificate_count;
};

/* Puts everything in `file` into the open database. `password` is UTF-8 without a NUL, empty for
 * none. Logs in to the database where that is needed. A certificate or key that is there already is
 * no error. Not all-or-nothing: after an error some of it may be in the database.
 * ERR_IMPORT_PASSWORD; ERR_IMPORT_MALFORMED (also for a file above LIMIT_PKCS12, and for keys and
 * algorithms that NSS does not know); errors of store_key_slot; ERR_CANCELLED. */
struct error *pkcs12_import(struct store *store, struct bytes file, struct bytes password,
                            const struct interaction *interaction,
                            struct pkcs12_result **ret_result) MUST_USE;
void pkcs12_result_free(struct pkcs12_result *result); /* NULL is fine */
DEFINE_CLEANUP(struct pkcs12_result *, pkcs12_result_free);

#endif
