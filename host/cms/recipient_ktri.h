/* KeyTransRecipientInfo (RFC 5652 6.2.1): RSA PKCS#1 v1.5 both ways (RFC 3370 4.2.1), RSA-OAEP on
 * reading (RFC 3560). NSS is running. */
#ifndef SEALPOST_CMS_RECIPIENT_KTRI_H
#define SEALPOST_CMS_RECIPIENT_KTRI_H

#include "cms/recipient_list.h"

struct PK11SymKeyStr;
struct SECKEYPublicKeyStr;
struct cipher;

/* Appends the recipient. ERR_CMS_MALFORMED, ERR_NO_MEMORY. */
struct error *recipient_ktri_read(const struct ber_value *info, struct recipient_list *list)
    MUST_USE;

/* The content-encryption key for `cipher`. A PKCS#1 v1.5 block that is wrong in any way gives a
 * random key (RFC 3218 2.3.2). ERR_DECRYPTION_FAILED, ERR_CMS_UNSUPPORTED, ERR_CMS_MALFORMED,
 * ERR_TOKEN_ABSENT, ERR_TOKEN_LOCKED, ERR_NO_MEMORY, ERR_INTERNAL. */
struct error *recipient_ktri_unwrap(const struct recipient_entry *entry,
                                    struct SECKEYPrivateKeyStr *key, const struct cipher *cipher,
                                    struct PK11SymKeyStr **ret_cek) MUST_USE;

/* Appends a RecipientInfo with `cek` for the certificate, whose key `public_key` is.
 * ERR_RECIPIENT_UNUSABLE, ERR_NO_MEMORY. */
struct error *recipient_ktri_make(const struct CERTCertificateStr *certificate,
                                  struct SECKEYPublicKeyStr *public_key, struct PK11SymKeyStr *cek,
                                  struct buffer *out) MUST_USE;

#endif
