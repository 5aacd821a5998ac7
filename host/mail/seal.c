#include "mail/seal.h"

#include "base/limits.h"
#include "certs/chain.h"
#include "cms/enveloped.h"
#include "cms/signed.h"
#include "store/store.h"

#include <stdlib.h>

/* The signer's chain without himself and without the root: a receiver either has the root or must
 * not believe one that comes with the message (RFC 8551 2.3 leaves it out too). */
static struct error *find_chain(const struct mail_context *context, struct cert *signer,
                                struct chain_result **ret_chain)
{
    const struct chain_request request = {
        .cert = signer,
        .purpose = CHAIN_SIGN,
        .at = context->at,
        .policy = context->policy,
    };
    return chain_verify(&request, ret_chain);
}

static bool is_root(const struct cert *cert)
{
    return bytes_equal(cert_issuer_der(cert), cert_subject_der(cert));
}

static struct error *sign_content(const struct mail_context *context, struct cert *signer,
                                  bool detached, const struct content *entity,
                                  struct mapping **ret_der)
{
    CLEANUP(chain_result_free) struct chain_result *chain = NULL;
    CLEANUP(store_key_free) struct SECKEYPrivateKeyStr *key = NULL;
    TRY(find_chain(context, signer, &chain));
    TRY(store_key(context->store, cert_nss(signer), &context->interaction, &key));

    struct CERTCertificateStr *issuers[LIMIT_CHAIN] = { 0 };
    size_t count = 0;
    for (size_t i = 1; i < chain->chain.count && count < LIMIT_CHAIN; i++) {
        if (!is_root(chain->chain.items[i])) {
            issuers[count++] = cert_nss(chain->chain.items[i]);
        }
    }
    const struct cms_sign_request request = {
        .certificate = cert_nss(signer),
        .key = key,
        .chain = issuers,
        .chain_count = count,
        .digest = CMS_DIGEST_UNKNOWN,
        .detached = detached,
        .signing_time = context->at,
        .task = context->interaction.task,
    };
    return cms_signed_make(&request, entity, ret_der);
}

struct error *seal_sign(const struct mail_context *context, struct cert *signer,
                        enum protect_form form, const struct seal_front *front,
                        const struct content *entity, struct content **ret_content)
{
    bool detached = form == FORM_DETACHED;
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    TRY(sign_content(context, signer, detached, entity, &der));
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
