/* ECDH on tokens that agree but derive nothing (most cards know CKD_NULL alone): the shared secret
 * comes out of the token, and the key derivation of ANSI X9.63 (SEC 1 3.6.1, RFC 5753 7.2) is done
 * here. NSS has such a fallback too, which asks for no extractable secret and so fails where the
 * token's default is another. The secret passes through this process's memory and is wiped there.
 * NSS is running. */
#ifndef SEALPOST_CMS_RECIPIENT_X963_H
#define SEALPOST_CMS_RECIPIENT_X963_H

#include "base/bytes.h"

struct PK11SymKeyStr;
struct SECKEYPrivateKeyStr;

/* All borrowed. */
struct recipient_x963 {
    struct SECKEYPrivateKeyStr *key;
    struct bytes point; /* the other side's, uncompressed, checked to be on the key's curve */
    unsigned long kdf; /* CKD_SHA…_KDF */
    struct bytes info; /* ECC-CMS-SharedInfo */
    size_t key_len; /* bytes of the key that is wanted */
    unsigned long mechanism; /* CK_MECHANISM_TYPE that it is for */
    unsigned long operation; /* CK_ATTRIBUTE_TYPE likewise */
};

/* The derivation alone: `len` bytes to `out`. False for an unknown `kdf` and where NSS fails. */
bool recipient_x963_expand(unsigned long kdf, struct bytes secret, struct bytes info, uint8_t *out,
                           size_t len);

/* The key, in NSS's internal token; NULL where the token does not agree or gives nothing away. */
struct PK11SymKeyStr *recipient_x963_derive(const struct recipient_x963 *agreement);

#endif
