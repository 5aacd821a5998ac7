#include "mail/seal.h"

#include "cms/enveloped.h"
#include "mail/signing.h"

#include <stdlib.h>

struct error *seal_sign(const struct mail_context *context, const struct seal_signer *signer,
                        const struct seal_front *front, const struct content *entity,
                        struct content **ret_content)
{
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    const struct signing_request request = {
        .signer = signer->cert,
        .encryption = signer->encryption,
        .detached = signer->form == FORM_DETACHED,
        .signing_time = context->at,
        .stand_in = signer->stand_in,
    };
    TRY(signing_make(context, &request, entity, &der));
    if (!request.detached) {
        return build_pkcs7_mime_take(front->fields, front->message, "signed-data", TAKE_PTR(der),
                                     ret_content);
    }
    const struct cms_digest_info *digest =
        cms_digest_info(cms_signed_default_digest(cert_nss(signer->cert)));
    return build_multipart_signed(front->fields, front->message, digest->micalg, entity,
                                  mapping_view(der), ret_content);
}

/* All of one copy's recipients, as cms takes them. */
struct parties {
    struct cipher_fact *facts;
    struct CERTCertificateStr **certificates;
    struct cms_recipient_way *ways;
};

static void parties_done(struct parties *parties)
{
    free(parties->facts);
    free((void *)parties->certificates);
    free(parties->ways);
}

static struct error *find_parties(const struct seal_recipients *recipients, struct parties *parties)
{
    size_t count = recipients->certs->count;
    parties->facts = calloc(count, sizeof(*parties->facts));
    parties->certificates = calloc(count, sizeof(struct CERTCertificateStr *));
    parties->ways = calloc(count, sizeof(*parties->ways));
    if (!parties->facts || !parties->certificates || !parties->ways) {
        return error_no_memory();
    }
    for (size_t i = 0; i < count; i++) {
        const struct cert *cert = recipients->certs->items[i];
        parties->facts[i] = (struct cipher_fact){
            .key_type = cert_key_type(cert),
            .key_bits = cert_key_bits(cert),
            .capabilities = smime_capabilities_of(cert, recipients->profiles),
            .self = recipients->self && bytes_equal(cert_der(cert), cert_der(recipients->self)),
        };
        enum cms_digest oaep = cipher_choice_oaep(&parties->facts[i]);
        parties->ways[i] =
            (struct cms_recipient_way){ .oaep = oaep != CMS_DIGEST_UNKNOWN, .oaep_digest = oaep };
        parties->certificates[i] = cert_nss(cert);
    }
    return NULL;
}

static struct error *envelop(const struct mail_context *context,
                             const struct seal_recipients *recipients, const struct content *entity,
                             struct cipher_choice *ret_choice, struct mapping **ret_der)
{
    struct parties parties = { 0 };
    struct error *error = find_parties(recipients, &parties);
    if (!error) {
        *ret_choice = cipher_choice_make(parties.facts, recipients->certs->count, recipients->wish);
        const struct cms_encrypt_request request = {
            .recipients = parties.certificates,
            .recipient_count = recipients->certs->count,
            .ways = parties.ways,
            .cipher = ret_choice->cipher,
            .task = context->interaction.task,
        };
        error = cms_enveloped_make(&request, entity, ret_der);
    }
    parties_done(&parties);
    return error;
}

struct error *seal_encrypt(const struct mail_context *context,
                           const struct seal_recipients *recipients, const struct seal_front *front,
                           const struct content *entity, struct cipher_choice *ret_choice,
                           struct content **ret_content)
{
    struct mapping *der = NULL;
    TRY(envelop(context, recipients, entity, ret_choice, &der));
    const char *type = cms_cipher_info(ret_choice->cipher)->authenticated ? "authEnveloped-data"
                                                                          : "enveloped-data";
    return build_pkcs7_mime_take(front->fields, front->message, type, der, ret_content);
}
