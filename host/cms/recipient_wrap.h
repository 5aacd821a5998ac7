/* Wrapping of a content-encryption key by another symmetric key: AES key wrap both ways (RFC 3565
 * 2.3.2, RFC 3394), triple-DES key wrap on reading (RFC 3217). What key that is, agreed upon or
 * kept in a token, is the caller's business. NSS is running. */
#ifndef SEALPOST_CMS_RECIPIENT_WRAP_H
#define SEALPOST_CMS_RECIPIENT_WRAP_H

#include "base/bytes.h"

struct PK11SymKeyStr;
struct cipher;

/* A row of a static table. */
struct recipient_wrap {
    struct bytes oid;
    size_t key_len; /* bytes of the wrapping key */
    unsigned long mechanism; /* CK_MECHANISM_TYPE for which the wrapping key is made */
    unsigned long unwrap; /* CK_ATTRIBUTE_TYPE: what the wrapping key must be able to do */
};

/* NULL: not known. */
const struct recipient_wrap *recipient_wrap_by_oid(struct bytes oid);
/* AES key wrap under a key of `key_len` bytes; NULL for a size that AES has not. */
const struct recipient_wrap *recipient_wrap_aes(size_t key_len);

/* The content-encryption key for `cipher` out of `wrapped`, or NULL where anything is wrong. */
struct PK11SymKeyStr *recipient_wrap_open(const struct recipient_wrap *wrap,
                                          struct PK11SymKeyStr *wrapping_key, struct bytes wrapped,
                                          const struct cipher *cipher);

/* Appends `cek`, wrapped by AES, as an OCTET STRING. ERR_INTERNAL, ERR_NO_MEMORY. */
struct error *recipient_wrap_make(struct PK11SymKeyStr *wrapping_key, struct PK11SymKeyStr *cek,
                                  struct buffer *out) MUST_USE;

#endif
