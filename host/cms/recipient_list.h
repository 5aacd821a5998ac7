/* The recipients of a message as one flat list, and how RFC 5652 6.2.1 and 6.2.2 name a recipient's
 * certificate. What a recipient's key is wrapped with is read by recipient_ktri and recipient_kari,
 * which append to the list. */
#ifndef SEALPOST_CMS_RECIPIENT_LIST_H
#define SEALPOST_CMS_RECIPIENT_LIST_H

#include "cms/enveloped.h"

/* One encrypted key. Views of the message. */
struct recipient_entry {
    struct cms_recipient recipient;
    struct bytes info; /* the RecipientInfo that it stands in, whole */
    struct bytes encrypted_key; /* of key transport and key agreement */
};

/* Plain data; zero-initialised is empty. */
struct recipient_list {
    struct recipient_entry *entries;
    size_t count;
    size_t capacity;
};

/* Appends a copy. ERR_CMS_MALFORMED above LIMIT_RECIPIENTS, ERR_NO_MEMORY. */
struct error *recipient_list_append(struct recipient_list *list,
                                    const struct recipient_entry *entry) MUST_USE;
void recipient_list_done(struct recipient_list *list);

/* RecipientIdentifier and KeyAgreeRecipientIdentifier alike. ERR_CMS_MALFORMED. */
struct error *recipient_list_read_ref(struct ber_reader *reader, struct cms_cert_ref *ret_ref)
    MUST_USE;

/* Appends the certificate's IssuerAndSerialNumber as DER. ERR_NO_MEMORY. */
struct error *recipient_list_write_ref(const struct CERTCertificateStr *certificate,
                                       struct buffer *out) MUST_USE;

/* Why a key did not unwrap: ERR_TOKEN_ABSENT or ERR_TOKEN_LOCKED where the private key's token says
 * so, which does not depend on the message; else the one error of cipher_failed(). */
struct error *recipient_list_failure(struct SECKEYPrivateKeyStr *key) MUST_USE;

/* ERR_RECIPIENT_UNUSABLE with NSS's present error behind it, whatever that is: what the internal
 * token says of another's public key is no word about the user's token. */
struct error *recipient_list_unusable(const char *text) MUST_USE;

#endif
