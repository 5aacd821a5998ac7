/* identities.import: keys and certificates out of a PKCS#12 file. The file's password is asked by
 * the host's own dialog; it never comes over the protocol. */
#include "base/limits.h"
#include "certs/cert.h"
#include "mail/password.h"
#include "ops/methods.h"
#include "ops/start.h"
#include "store/pkcs12.h"
#include "store/store.h"
#include "wire/json.h"

enum { PASSWORD_TRIES = 3 };

struct request {
    struct rpc_data data;
};

static const struct rpc_param params[] = {
    PARAM_DATA("data", struct request, data, PARAM_REQUIRED | PARAM_SENSITIVE),
};

static bool is_wrong_password(const struct error *error)
{
    return error && error_get_code(error) == ERR_IMPORT_PASSWORD;
}

/* Many files have no password at all: those raise no dialog. */
static struct error *import(const struct mail_context *context, struct bytes file,
                            struct pkcs12_result **ret_result)
{
    struct bytes given = bytes_of_string(context->password);
    struct error *error =
        pkcs12_import(context->store, file, given, &context->interaction, ret_result);
    for (int i = 0; i < PASSWORD_TRIES && is_wrong_password(error) && given.len == 0; i++) {
        error_free(error);
        CLEANUP(buffer_free) struct buffer *password = NULL;
        TRY(password_ask(context, "Password of the certificate file",
                         i > 0 ? "This password does not open the file." : NULL, &password));
        error = pkcs12_import(context->store, file, buffer_view(password), &context->interaction,
                              ret_result);
    }
    return error;
}

static struct error *answer(const struct pkcs12_result *result, struct json_object **ret_result)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    struct json_object *certificates = NULL;
    TRY(json_new_object(&object));
    TRY(json_add_size(object, "keys", result->key_count));
    TRY(json_add_array(object, "certificates", &certificates));
    for (size_t i = 0; i < result->certificate_count; i++) {
        CLEANUP(cert_unref) struct cert *cert = NULL;
        TRY(cert_from_der(buffer_view(result->certificates[i]), &cert));
        TRY(json_append_string(certificates, cert_id(cert)));
    }
    *ret_result = TAKE_PTR(object);
    return NULL;
}

static struct error *run(struct rpc_call *call, const void *data, struct json_object **ret_result)
{
    const struct request *request = data;
    struct mail_context context = { 0 };
    CLEANUP(pkcs12_result_free) struct pkcs12_result *result = NULL;
    if (request->data.view.len > LIMIT_PKCS12) {
        return error_new(ERR_IMPORT_MALFORMED, "the file has more than %zu bytes", LIMIT_PKCS12);
    }
    TRY(start_context(call, START_NOW, &context));
    TRY(store_require_database(context.store, true));
    TRY(import(&context, request->data.view, &result));
    return answer(result, ret_result);
}

const struct rpc_method op_identities_import = {
    .name = "identities.import",
    .request = METHOD_REQUEST(struct request, params),
    .flags = METHOD_INTERACTIVE,
    .run = run,
};
