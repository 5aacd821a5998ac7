/* The cryptographic half of protecting: an entity in, a signed or encrypted one out. Knows no
 * recipients' addresses and no copies. */
#ifndef SEALPOST_MAIL_SEAL_H
#define SEALPOST_MAIL_SEAL_H

#include "mail/protect.h"
#include "mime/build.h"

/* Message fields that go in front; empty and `message` false for an inner entity. */
struct seal_front {
    struct bytes fields;
    bool message;
};

/* Signs `entity` with `signer`'s key. `form` is FORM_DETACHED or FORM_OPAQUE. Errors of store_key
 * and cms_signed_make. */
struct error *seal_sign(const struct mail_context *context, struct cert *signer,
                        enum protect_form form, const struct seal_front *front,
                        const struct content *entity, struct content **ret_content) MUST_USE;

/* Encrypts `entity` to `recipients` (at least one). Errors of cms_enveloped_make. */
struct error *seal_encrypt(const struct mail_context *context, const struct cert_list *recipients,
                           enum cms_cipher cipher, const struct seal_front *front,
                           const struct content *entity, struct content **ret_content) MUST_USE;

#endif
