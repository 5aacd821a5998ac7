#include "mail/seal.h"

#include "cms/enveloped.h"
#include "mail/signing.h"

#include <stdlib.h>

struct error *seal_sign(const struct mail_context *context, struct cert *signer,
                        enum protect_form form, const struct seal_front *front,
                        const struct content *entity, struct content **ret_content)
{
    bool detached = form == FORM_DETACHED;
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    const struct signing_request request = {
        .signer = signer,
        .detached = detached,
        .signing_time = context->at,
    };
    TRY(signing_make(context, &request, entity, &der));
    if (!detached) {
        return build_pkcs7_mime_take(front->fields, front->message, "signed-data", TAKE_PTR(der),
                                     ret_content);
    }
    const struct cms_digest_info *digest =
        cms_digest_info(cms_signed_default_digest(cert_nss(signer)));
    return build_multipart_signed(front->fields, front->message, digest->micalg, entity,
                                  mapping_view(der), ret_content);
}

struct error *seal_encrypt(const struct mail_context *context, const struct cert_list *recipients,
                           enum cms_cipher cipher, const struct seal_front *front,
                           const struct content *entity, struct content **ret_content)
{
    struct CERTCertificateStr **certificates =
        calloc(recipients->count, sizeof(struct CERTCertificateStr *));
    if (!certificates) {
        return error_no_memory();
    }
    for (size_t i = 0; i < recipients->count; i++) {
        certificates[i] = cert_nss(recipients->items[i]);
    }
    const struct cms_encrypt_request request = {
        .recipients = certificates,
        .recipient_count = recipients->count,
        .cipher = cipher,
        .task = context->interaction.task,
    };
    struct mapping *der = NULL;
    struct error *error = cms_enveloped_make(&request, entity, &der);
    free((void *)certificates);
    TRY(error);
    const char *type =
        cms_cipher_info(cipher)->authenticated ? "authEnveloped-data" : "enveloped-data";
    return build_pkcs7_mime_take(front->fields, front->message, type, der, ret_content);
}
