/* KEKRecipientInfo (RFC 5652 6.2.3): the content-encryption key wrapped by a secret key that sender
 * and recipient have agreed on before. The key is a lasting secret key of a token; which one, the
 * caller finds out by the name that stands here. AES key wrap both ways, triple-DES on reading. NSS
 * is running. */
#ifndef SEALPOST_CMS_RECIPIENT_KEK_H
#define SEALPOST_CMS_RECIPIENT_KEK_H

#include "cms/recipient_list.h"

struct PK11SymKeyStr;
struct cipher;

/* Appends the recipient; its ref.key_id is the keyIdentifier. What cannot be read is listed as
 * "unknown", and no harm to the others. ERR_CMS_MALFORMED for too many recipients, ERR_NO_MEMORY.
 */
struct error *recipient_kek_read(const struct ber_value *info, struct recipient_list *list)
    MUST_USE;

/* The content-encryption key for `cipher`. ERR_DECRYPTION_FAILED, also for a key of another size
 * than the wrapping says; ERR_CMS_UNSUPPORTED, ERR_CMS_MALFORMED. */
struct error *recipient_kek_unwrap(const struct recipient_entry *entry, struct PK11SymKeyStr *kek,
                                   const struct cipher *cipher, struct PK11SymKeyStr **ret_cek)
    MUST_USE;

/* Appends a RecipientInfo with `cek` for the holder of `kek`, an AES key that both sides know as
 * `id`. ERR_RECIPIENT_UNUSABLE for a key that is none, or that does not wrap; ERR_NO_MEMORY. */
struct error *recipient_kek_make(struct PK11SymKeyStr *kek, struct bytes id,
                                 struct PK11SymKeyStr *cek, struct buffer *out) MUST_USE;

#endif
