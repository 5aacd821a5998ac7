/* KeyTransRecipientInfo (RFC 5652 6.2.1): RSA PKCS#1 v1.5 (RFC 3370 4.2.1) and RSA-OAEP (RFC 3560),
 * both ways. NSS is running. */
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

/* The RSA key that is the certificate's, for encryption: also of an RSAES-OAEP certificate, whose
 * key NSS does not read. NULL where there is none. Freed with SECKEY_DestroyPublicKey. */
struct SECKEYPublicKeyStr *recipient_ktri_public_key(const struct CERTCertificateStr *certificate);

/* Appends a RecipientInfo with `cek` for the certificate, whose key `public_key` is: an
 * rsaEncryption key, which is used the `way` wanted, or an RSAES-OAEP key, which is used as it says
 * itself (RFC 4055 4). ERR_RECIPIENT_UNUSABLE, for a key that says SHA-1 too;
 * ERR_ALGORITHM_FORBIDDEN, ERR_NO_MEMORY. */
struct error *recipient_ktri_make(const struct CERTCertificateStr *certificate,
                                  struct SECKEYPublicKeyStr *public_key,
                                  const struct cms_recipient_way *way, struct PK11SymKeyStr *cek,
                                  struct buffer *out) MUST_USE;

#endif
