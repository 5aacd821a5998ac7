/* message.protect: the complete messages to send. */
#include "base/limits.h"
#include "mail/protect.h"
#include "ops/methods.h"
#include "ops/start.h"
#include "policy/policy.h"
#include "wire/json.h"

#include <stdlib.h>

struct sign_request {
    char *certificate;
    struct rpc_word form;
};

struct recipient_request {
    char *address;
    char *certificate;
};

struct encrypt_request {
    struct rpc_objects recipients;
    struct rpc_word cipher;
    struct rpc_bool to_self;
};

struct request {
    struct rpc_data message;
    struct sign_request *sign;
    struct encrypt_request *encrypt;
    struct rpc_word header_protection;
    struct rpc_bool legacy_display;
    struct rpc_word route;
    struct rpc_bool dry_run;
};

static const struct rpc_word_entry form_words[] = {
    { "auto", FORM_AUTO },
    { "detached", FORM_DETACHED },
    { "opaque", FORM_OPAQUE },
    { NULL, 0 },
};

static const struct rpc_word_entry cipher_words[] = {
    { "auto", CMS_CIPHER_UNKNOWN },     { "aes-256-gcm", CMS_AES_256_GCM },
    { "aes-128-gcm", CMS_AES_128_GCM }, { "aes-256-cbc", CMS_AES_256_CBC },
    { "aes-128-cbc", CMS_AES_128_CBC }, { NULL, 0 },
};

#define HEADERS_BY_POLICY (HEADERS_CONFIDENTIAL + 1)

static const struct rpc_word_entry header_words[] = {
    { "none", HEADERS_NONE },
    { "signed", HEADERS_SIGNED },
    { "confidential", HEADERS_CONFIDENTIAL },
    { NULL, 0 },
};

static const struct rpc_word_entry route_words[] = {
    { "generic", ROUTE_GENERIC },
    { "gmail", ROUTE_GMAIL },
    { "graph", ROUTE_GRAPH },
    { "jmap", ROUTE_JMAP },
    { "roundcube", ROUTE_ROUNDCUBE },
    { "smtp", ROUTE_SMTP },
    { NULL, 0 },
};

static const struct rpc_param sign_params[] = {
    PARAM_STRING("certificate", struct sign_request, certificate, 0, LIMIT_ID_LENGTH),
    PARAM_WORD("form", struct sign_request, form, 0, form_words, FORM_AUTO),
};
static const struct rpc_table sign_table = METHOD_REQUEST(struct sign_request, sign_params);

static const struct rpc_param recipient_params[] = {
    PARAM_STRING("address", struct recipient_request, address, PARAM_REQUIRED, LIMIT_ADDRESS),
    PARAM_STRING("certificate", struct recipient_request, certificate, 0, LIMIT_ID_LENGTH),
};
static const struct rpc_table recipient_table =
    METHOD_REQUEST(struct recipient_request, recipient_params);

static const struct rpc_param encrypt_params[] = {
    PARAM_OBJECTS("recipients", struct encrypt_request, recipients, 0, LIMIT_ADDRESSES,
                  &recipient_table),
    PARAM_WORD("cipher", struct encrypt_request, cipher, 0, cipher_words, CMS_CIPHER_UNKNOWN),
    PARAM_BOOL("toSelf", struct encrypt_request, to_self, 0, true),
};
static const struct rpc_table encrypt_table =
    METHOD_REQUEST(struct encrypt_request, encrypt_params);

static const struct rpc_param params[] = {
    PARAM_DATA("message", struct request, message, PARAM_REQUIRED),
    PARAM_OBJECT("sign", struct request, sign, 0, &sign_table),
    PARAM_OBJECT("encrypt", struct request, encrypt, 0, &encrypt_table),
    PARAM_WORD("headerProtection", struct request, header_protection, 0, header_words,
               HEADERS_BY_POLICY),
    PARAM_BOOL("legacyDisplay", struct request, legacy_display, 0, false),
    PARAM_WORD("route", struct request, route, 0, route_words, ROUTE_GENERIC),
    PARAM_BOOL("dryRun", struct request, dry_run, 0, false),
};

static const char *role_text(enum copy_role role)
{
    switch (role) {
    case COPY_MAIN:
        return "main";
    case COPY_BCC:
        return "bcc";
    case COPY_SENT:
        return "sent";
    }
    return "main";
}

static struct error *add_copy(struct rpc_call *call, struct json_object *object,
                              const struct protect_copy *copy)
{
    struct json_object *envelope = NULL;
    struct json_object *to = NULL;
    TRY(json_add_string(object, "role", role_text(copy->role)));
    TRY(json_add_object(object, "envelope", &envelope));
    TRY(json_add_string(envelope, "from", copy->from));
    TRY(json_add_array(envelope, "to", &to));
    for (size_t i = 0; i < copy->to_count; i++) {
        TRY(json_append_string(to, copy->to[i]));
    }
    if (copy->content) {
        struct json_object *data = NULL;
        TRY(call_data(call, copy->content, &data));
        TRY(json_add_take(object, "message", data));
    }
    if (copy->cipher != CMS_CIPHER_UNKNOWN) {
        TRY(json_add_string(object, "cipher", cms_cipher_info(copy->cipher)->name));
    }
    return json_add_size(object, "size", copy->size);
}

static struct error *add_encrypted_to(struct json_object *object,
                                      const struct protect_result *result)
{
    struct json_object *array = NULL;
    TRY(json_add_array(object, "encryptedTo", &array));
    for (size_t i = 0; i < result->encrypted_to_count; i++) {
        struct json_object *item = NULL;
        TRY(json_append_object(array, &item));
        TRY(json_add_string(item, "address", result->encrypted_to[i].address));
        TRY(json_add_string(item, "certificate", cert_id(result->encrypted_to[i].cert)));
    }
    return NULL;
}

static struct error *add_facts(struct json_object *object, const struct protect_result *result)
{
    struct json_object *warnings = NULL;
    if (result->signed_with) {
        TRY(json_add_string(object, "signedWith", cert_id(result->signed_with)));
    }
    TRY(add_encrypted_to(object, result));
    if (result->cipher != CMS_CIPHER_UNKNOWN) {
        TRY(json_add_string(object, "cipher", cms_cipher_info(result->cipher)->name));
    }
    TRY(json_add_string(object, "form", result->form == FORM_DETACHED ? "detached" : "opaque"));
    TRY(json_add_string(object, "headerProtection", policy_headers_text(result->headers)));
    TRY(json_add_array(object, "warnings", &warnings));
    for (size_t i = 0; result->warnings[i]; i++) {
        TRY(json_append_string(warnings, result->warnings[i]));
    }
    return NULL;
}

static struct error *answer(struct rpc_call *call, const struct protect_result *result,
                            struct json_object **ret_result)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    struct json_object *copies = NULL;
    TRY(json_new_object(&object));
    TRY(json_add_array(object, "copies", &copies));
    for (size_t i = 0; i < result->copy_count; i++) {
        struct json_object *copy = NULL;
        TRY(json_append_object(copies, &copy));
        TRY(add_copy(call, copy, &result->copies[i]));
    }
    TRY(add_facts(object, result));
    *ret_result = TAKE_PTR(object);
    return NULL;
}

static const char *wanted_certificate(const char *id)
{
    return id && !bytes_equal(bytes_of_string(id), BYTES_LITERAL("auto")) ? id : NULL;
}

static void fill_sign(const struct sign_request *sign, struct protect_request *protect)
{
    protect->sign = sign != NULL;
    if (sign) {
        protect->signer = wanted_certificate(sign->certificate);
        protect->form = (enum protect_form)sign->form.value;
    }
}

/* `ret_recipients` is the array that `protect` borrows; freed by the caller. */
static struct error *fill_encrypt(const struct encrypt_request *encrypt,
                                  struct protect_request *protect,
                                  struct protect_recipient **ret_recipients)
{
    protect->encrypt = encrypt != NULL;
    if (!encrypt) {
        return NULL;
    }
    protect->cipher = (enum cms_cipher)encrypt->cipher.value;
    protect->to_self = encrypt->to_self.value;
    const struct recipient_request *wishes = encrypt->recipients.items;
    struct protect_recipient *recipients =
        calloc(encrypt->recipients.count + 1, sizeof(*recipients));
    if (!recipients) {
        return error_no_memory();
    }
    for (size_t i = 0; i < encrypt->recipients.count; i++) {
        recipients[i] = (struct protect_recipient){ wishes[i].address,
                                                    wanted_certificate(wishes[i].certificate) };
    }
    protect->recipients = recipients;
    protect->recipient_count = encrypt->recipients.count;
    *ret_recipients = recipients;
    return NULL;
}

/* What was asked for is done or refused: a client must not believe that a subject was hidden. What
 * policy has for a message that asks for nothing goes as far as the message's protection does. */
static struct error *fill_headers(const struct request *request, const struct policy *policy,
                                  struct protect_request *protect)
{
    protect->legacy_display = request->legacy_display.value;
    if (request->header_protection.value != HEADERS_BY_POLICY) {
        protect->headers = (enum policy_headers)request->header_protection.value;
        if (protect->headers == HEADERS_SIGNED && !protect->sign) {
            struct error *error = error_new(ERR_PARAMS, "nothing is signed without \"sign\"");
            error_set_path(error, "params.headerProtection");
            return error;
        }
        return NULL;
    }
    protect->headers = policy->headers;
    if (protect->headers == HEADERS_CONFIDENTIAL && !protect->encrypt) {
        protect->headers = HEADERS_SIGNED;
    }
    if (protect->headers == HEADERS_SIGNED && !protect->sign) {
        protect->headers = HEADERS_NONE;
    }
    return NULL;
}

static struct error *run(struct rpc_call *call, const void *data, struct json_object **ret_result)
{
    const struct request *request = data;
    struct mail_context context = { 0 };
    TRY(start_context(call, START_NOW, &context));
    TRY(start_check_size(call->host, request->message.view.len));

    struct protect_request protect = {
        .owner = request->message.owner,
        .message = request->message.view,
        .route = (enum protect_route)request->route.value,
        .dry_run = request->dry_run.value,
    };
    struct protect_recipient *recipients = NULL;
    CLEANUP(protect_result_free) struct protect_result *result = NULL;
    fill_sign(request->sign, &protect);
    struct error *error = fill_encrypt(request->encrypt, &protect, &recipients);
    if (!error) {
        error = fill_headers(request, context.policy, &protect);
    }
    if (!error) {
        error = protect_message(&context, &protect, &result);
    }
    free(recipients);
    TRY(error);
    return answer(call, result, ret_result);
}

const struct rpc_method op_message_protect = {
    .name = "message.protect",
    .request = METHOD_REQUEST(struct request, params),
    .flags = METHOD_INTERACTIVE,
    .run = run,
};
