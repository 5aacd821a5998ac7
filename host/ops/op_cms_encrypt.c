/* cms.encrypt: encrypts bytes to certificates, to a secret key of a token and under a password,
 * without mail. */
#include "base/limits.h"
#include "mail/encrypting.h"
#include "mail/recipients.h"
#include "ops/methods.h"
#include "ops/start.h"
#include "wire/json.h"

#include <stdio.h>

struct request {
    struct rpc_data content;
    struct rpc_strings recipients;
    struct rpc_word cipher;
    struct rpc_word key_transport;
    struct rpc_word oaep_digest;
    struct rpc_word key_agreement;
    struct rpc_data ukm;
    struct rpc_data kek;
    struct rpc_bool password;
};

static const struct rpc_word_entry cipher_words[] = {
    { "aes-256-gcm", CMS_AES_256_GCM },
    { "aes-192-gcm", CMS_AES_192_GCM },
    { "aes-128-gcm", CMS_AES_128_GCM },
    { "aes-256-cbc", CMS_AES_256_CBC },
    { "aes-192-cbc", CMS_AES_192_CBC },
    { "aes-128-cbc", CMS_AES_128_CBC },
    { "3des-cbc", CMS_3DES_CBC },
    { "rc2-cbc", CMS_RC2_CBC },
    { NULL, 0 },
};

static const struct rpc_word_entry transport_words[] = {
    { "rsa", false },
    { "rsa-oaep", true },
    { NULL, 0 },
};

static const struct rpc_word_entry agreement_words[] = {
    { "ecdh", false },
    { "ecdh-cofactor", true },
    { NULL, 0 },
};

/* SHA-1, and weak ciphers above, are words too: they get their own error, not that of an unknown
 * word. */
static const struct rpc_word_entry digest_words[] = {
    { "sha256", CMS_SHA256 }, { "sha384", CMS_SHA384 }, { "sha512", CMS_SHA512 },
    { "sha224", CMS_SHA224 }, { "sha1", CMS_SHA1 },     { NULL, 0 },
};

static const struct rpc_param params[] = {
    PARAM_DATA("content", struct request, content, PARAM_REQUIRED),
    PARAM_STRINGS("recipients", struct request, recipients, 0, LIMIT_RECIPIENTS),
    PARAM_WORD("cipher", struct request, cipher, 0, cipher_words, CMS_AES_256_GCM),
    PARAM_WORD("keyTransport", struct request, key_transport, 0, transport_words, false),
    PARAM_WORD("oaepDigest", struct request, oaep_digest, 0, digest_words, CMS_SHA256),
    PARAM_WORD("keyAgreement", struct request, key_agreement, 0, agreement_words, false),
    PARAM_DATA("ukm", struct request, ukm, 0),
    PARAM_DATA("kek", struct request, kek, 0),
    PARAM_BOOL("password", struct request, password, 0, false),
};

static struct error *choose(const struct mail_context *context, const char *id,
                            struct cert_list *chosen)
{
    struct recipient_choice choice = { 0 };
    TRY(recipients_choose(context, NULL, id, CHAIN_ENCRYPT, &choice));
    struct error *error =
        choice.cert ? cert_list_add(chosen, choice.cert)
                    : error_new(ERR_RECIPIENT_UNUSABLE, "the certificate cannot be encrypted to");
    recipient_choice_done(&choice);
    return error;
}

/* The certificates of all ids; an error names the place of the one that it is about. */
static struct error *find_recipients(const struct mail_context *context,
                                     const struct rpc_strings *ids, struct cert_list *chosen)
{
    for (size_t i = 0; i < ids->count; i++) {
        struct error *error = choose(context, ids->items[i], chosen);
        if (error) {
            char path[LIMIT_PARAM_PATH];
            (void)snprintf(path, sizeof(path), "params.recipients[%zu]", i);
            error_set_path(error, path);
            return error;
        }
    }
    return NULL;
}

static struct error *check_any(const struct request *request)
{
    if (request->recipients.count > 0 || request->kek.view.len > 0 || request->password.value) {
        return NULL;
    }
    struct error *error = error_new(ERR_PARAMS, "there is nobody to encrypt to");
    error_set_path(error, "params.recipients");
    return error;
}

static struct error *encrypt_for(const struct mail_context *context, const struct request *request,
                                 const struct cert_list *recipients, struct mapping **ret_der)
{
    const struct encrypting_request encrypting = {
        .recipients = recipients,
        .way = { .oaep = request->key_transport.value != 0,
                 .oaep_digest = (enum cms_digest)request->oaep_digest.value,
                 .cofactor = request->key_agreement.value != 0,
                 .material = request->ukm.view },
        .secret_key = request->kek.view,
        .password = request->password.value,
        .cipher = (enum cms_cipher)request->cipher.value,
    };
    CLEANUP(content_unref) struct content *content = NULL;
    TRY(content_of_slice(request->content.owner, request->content.view, &content));
    return encrypting_make(context, &encrypting, content, ret_der);
}

static struct error *run(struct rpc_call *call, const void *data, struct json_object **ret_result)
{
    const struct request *request = data;
    struct mail_context context = { 0 };
    TRY(check_any(request));
    TRY(start_context(call, START_NOW, &context));
    TRY(start_check_size(call->host, request->content.view.len));

    struct cert_list recipients = { 0 };
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    CLEANUP(content_unref) struct content *cms = NULL;
    struct error *error = find_recipients(&context, &request->recipients, &recipients);
    if (!error) {
        error = encrypt_for(&context, request, &recipients, &der);
    }
    if (error && error_get_code(error) == ERR_KEY_ABSENT) {
        error_set_path(error, "params.kek"); /* no other key is asked for */
    }
    cert_list_done(&recipients);
    TRY(error);
    TRY(content_of_slice(der, mapping_view(der), &cms));
    return call_data_result(call, "cms", cms, ret_result);
}

const struct rpc_method op_cms_encrypt = {
    .name = "cms.encrypt",
    .request = METHOD_REQUEST(struct request, params),
    .flags = METHOD_INTERACTIVE,
    .run = run,
};
