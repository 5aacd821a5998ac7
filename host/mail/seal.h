/* The cryptographic half of protecting: an entity in, a signed or encrypted one out. Knows no
 * recipients' addresses and no copies. */
#ifndef SEALPOST_MAIL_SEAL_H
#define SEALPOST_MAIL_SEAL_H

#include "cms/smime_profiles.h"
#include "mail/cipher_choice.h"
#include "mail/protect.h"
#include "mime/build.h"

/* Message fields that go in front; empty and `message` false for an inner entity. */
struct seal_front {
    struct bytes fields;
    bool message;
};

/* Who signs and how. All borrowed. */
struct seal_signer {
    struct cert *cert;
    struct cert *encryption; /* what he wants to be encrypted to; NULL: not told */
    enum protect_form form; /* FORM_DETACHED or FORM_OPAQUE */
    bool stand_in; /* no key is touched and the signature is zeros: only the size is of use */
};

/* Signs `entity`. The signer's chain goes along without the root. Errors of store_key and
 * cms_signed_make. */
struct error *seal_sign(const struct mail_context *context, const struct seal_signer *signer,
                        const struct seal_front *front, const struct content *entity,
                        struct content **ret_content) MUST_USE;

/* Who one copy is encrypted to. All borrowed. */
struct seal_recipients {
    const struct cert_list *certs; /* at least one */
    const struct cert *self; /* the sender's, whether it is among them or not; NULL: none */
    const struct smime_profiles *profiles; /* what they announced; NULL: nothing */
    enum cms_cipher wish; /* CMS_CIPHER_UNKNOWN: chosen by what they can read */
};

/* Encrypts `entity`; no key of the user's is touched. `ret_choice` tells the cipher. Errors of
 * cms_enveloped_make. */
struct error *seal_encrypt(const struct mail_context *context,
                           const struct seal_recipients *recipients, const struct seal_front *front,
                           const struct content *entity, struct cipher_choice *ret_choice,
                           struct content **ret_content) MUST_USE;

#endif
