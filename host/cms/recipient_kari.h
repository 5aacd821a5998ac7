/* KeyAgreeRecipientInfo (RFC 5652 6.2.2) with ephemeral-static ECDH on the NIST curves (RFC
 * 5753 3.1). Other agreements are recognised, so that they can be listed, and left alone. NSS is
 * running. */
#ifndef SEALPOST_CMS_RECIPIENT_KARI_H
#define SEALPOST_CMS_RECIPIENT_KARI_H

#include "cms/recipient_list.h"

struct PK11SymKeyStr;
struct SECKEYPublicKeyStr;
struct cipher;

/* Appends a recipient for each RecipientEncryptedKey. ERR_CMS_MALFORMED, ERR_NO_MEMORY. */
struct error *recipient_kari_read(const struct ber_value *info, struct recipient_list *list)
    MUST_USE;

/* The content-encryption key for `cipher`. ERR_DECRYPTION_FAILED, also for an originator's key that
 * is not a point of the certificate's curve; ERR_CMS_UNSUPPORTED, ERR_CMS_MALFORMED,
 * ERR_TOKEN_ABSENT, ERR_TOKEN_LOCKED, ERR_NO_MEMORY. */
struct error *recipient_kari_unwrap(const struct recipient_entry *entry,
                                    const struct CERTCertificateStr *certificate,
                                    struct SECKEYPrivateKeyStr *key, const struct cipher *cipher,
                                    struct PK11SymKeyStr **ret_cek) MUST_USE;

/* Appends a RecipientInfo with `cek`, under a key of its own, for the certificate, whose key
 * `public_key` is, the `way` wanted. ERR_RECIPIENT_UNUSABLE, ERR_ALGORITHM_FORBIDDEN, ERR_INTERNAL,
 * ERR_NO_MEMORY. */
struct error *recipient_kari_make(const struct CERTCertificateStr *certificate,
                                  struct SECKEYPublicKeyStr *public_key,
                                  const struct cms_recipient_way *way, struct PK11SymKeyStr *cek,
                                  struct buffer *out) MUST_USE;

#endif
