/* cms.sign: signs bytes with one of the user's keys, without mail. */
#include "base/limits.h"
#include "mail/recipients.h"
#include "mail/signing.h"
#include "ops/methods.h"
#include "ops/start.h"
#include "wire/json.h"

struct request {
    struct rpc_data content;
    char *certificate;
    struct rpc_bool detached;
    struct rpc_word digest;
    struct rpc_word scheme;
    struct rpc_time signing_time;
    char *encryption_certificate;
};

/* The weak ones are words too: they get their own error, not that of an unknown word. */
static const struct rpc_word_entry digest_words[] = {
    { "sha256", CMS_SHA256 },
    { "sha384", CMS_SHA384 },
    { "sha512", CMS_SHA512 },
    { "sha224", CMS_SHA224 },
    { "sha1", CMS_SHA1 },
    { "md5", CMS_MD5 },
    { NULL, 0 },
};

static const struct rpc_word_entry scheme_words[] = {
    { "rsa", CMS_SIGN_RSA },
    { "rsa-pss", CMS_SIGN_RSA_PSS },
    { NULL, 0 },
};

static const struct rpc_param params[] = {
    PARAM_DATA("content", struct request, content, PARAM_REQUIRED),
    PARAM_STRING("certificate", struct request, certificate, PARAM_REQUIRED, LIMIT_ID_LENGTH),
    PARAM_BOOL("detached", struct request, detached, 0, false),
    PARAM_WORD("digest", struct request, digest, 0, digest_words, CMS_DIGEST_UNKNOWN),
    PARAM_WORD("scheme", struct request, scheme, 0, scheme_words, CMS_SIGN_BY_KEY),
    PARAM_TIME("signingTime", struct request, signing_time, 0),
    PARAM_STRING("encryptionCertificate", struct request, encryption_certificate, 0,
                 LIMIT_ID_LENGTH),
};

static struct error *choose(const struct mail_context *context, const char *id,
                            enum chain_purpose purpose, struct cert **ret_cert)
{
    struct recipient_choice choice = { 0 };
    TRY(recipients_choose(context, NULL, id, purpose, &choice));
    *ret_cert = cert_ref(choice.cert);
    bool any = choice.any;
    recipient_choice_done(&choice);
    if (*ret_cert) {
        return NULL;
    }
    return any ? error_new(ERR_CERTIFICATE_UNUSABLE, "the certificate cannot be used for this")
               : error_new(ERR_KEY_ABSENT, "the certificate's key is not here");
}

/* The certificate of an id, if it is right for the purpose and, to sign, its key is at hand. */
static struct error *find(const struct mail_context *context, const char *id,
                          enum chain_purpose purpose, struct cert **ret_cert)
{
    struct error *error = id ? choose(context, id, purpose, ret_cert) : NULL;
    if (error) {
        error_set_path(error, purpose == CHAIN_SIGN ? "params.certificate"
                                                    : "params.encryptionCertificate");
    }
    return error;
}

static struct error *run(struct rpc_call *call, const void *data, struct json_object **ret_result)
{
    const struct request *request = data;
    struct mail_context context = { 0 };
    TRY(start_context(call, START_NOW, &context));
    TRY(start_check_size(call->host, request->content.view.len));

    CLEANUP(cert_unref) struct cert *signer = NULL;
    CLEANUP(cert_unref) struct cert *encryption = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    CLEANUP(content_unref) struct content *cms = NULL;
    TRY(find(&context, request->certificate, CHAIN_SIGN, &signer));
    TRY(find(&context, request->encryption_certificate, CHAIN_ENCRYPT, &encryption));
    const struct signing_request signing = {
        .signer = signer,
        .encryption = encryption,
        .digest = (enum cms_digest)request->digest.value,
        .scheme = (enum cms_sign_scheme)request->scheme.value,
        .detached = request->detached.value,
        .signing_time = request->signing_time.given ? request->signing_time.value : context.at,
    };
    TRY(content_of_slice(request->content.owner, request->content.view, &content));
    TRY(signing_make(&context, &signing, content, &der));
    TRY(content_of_slice(der, mapping_view(der), &cms));
    return call_data_result(call, "cms", cms, ret_result);
}

const struct rpc_method op_cms_sign = {
    .name = "cms.sign",
    .request = METHOD_REQUEST(struct request, params),
    .flags = METHOD_INTERACTIVE,
    .run = run,
};
