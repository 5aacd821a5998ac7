/* PasswordRecipientInfo (RFC 5652 6.2.4, RFC 3211): the content-encryption key under a password,
 * with PBKDF2 and the key wrap id-alg-PWRI-KEK. AES-256 and HMAC with SHA-256 when writing; on
 * reading every AES-CBC and 3DES-CBC too. The password is bytes as they are, UTF-8 by convention.
 * The content-encryption key passes through this process's memory and is wiped there. NSS is
 * running. */
#ifndef SEALPOST_CMS_RECIPIENT_PWRI_H
#define SEALPOST_CMS_RECIPIENT_PWRI_H

#include "cms/recipient_list.h"

struct PK11SymKeyStr;
struct cipher;

/* Appends the recipient. What cannot be read is listed as "unknown", and no harm to the others.
 * ERR_CMS_MALFORMED for too many recipients, ERR_NO_MEMORY. */
struct error *recipient_pwri_read(const struct ber_value *info, struct recipient_list *list)
    MUST_USE;

/* The content-encryption key for `cipher`. ERR_DECRYPTION_FAILED, for a wrong password too (found
 * by 24 bits of check value: one in 16 million is only found out by the content);
 * ERR_CMS_UNSUPPORTED, ERR_CMS_MALFORMED, ERR_NO_MEMORY. */
struct error *recipient_pwri_unwrap(const struct recipient_entry *entry, struct bytes password,
                                    const struct cipher *cipher, struct PK11SymKeyStr **ret_cek)
    MUST_USE;

/* Appends a RecipientInfo with the content-encryption key whose value `cek` is. ERR_INTERNAL,
 * ERR_NO_MEMORY. */
struct error *recipient_pwri_make(struct bytes password, uint64_t iterations, struct bytes cek,
                                  struct buffer *out) MUST_USE;

#endif
