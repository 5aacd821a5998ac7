#include "rpc/local.h"

#include "base/limits.h"
#include "rpc/call.h"
#include "rpc/params.h"
#include "wire/json.h"

static struct error *no_blob(void *context, const char *handle, struct mapping **ret_owner,
                             struct bytes *ret_view)
{
    (void)context;
    (void)handle;
    (void)ret_owner;
    (void)ret_view;
    return error_new(ERR_BLOB_UNKNOWN, "there are no blobs on the command line");
}

struct error *local_call(const struct rpc_methods *methods, struct host *host, const char *name,
                         struct json_object *params, struct json_object **ret_result)
{
    const struct rpc_method *method = method_find(methods, name);
    if (!method) {
        return error_new(ERR_METHOD_UNKNOWN, "there is no such method");
    }
    const struct params_context context = { .blob = no_blob, .max_data = LIMIT_MESSAGE };
    CLEANUP(params_free) struct params *parsed = NULL;
    CLEANUP(json_free) struct json_object *result = NULL;
    TRY(params_parse(method, params, &context, &parsed));
    struct rpc_call call = {
        .host = host,
        .site = parsed->site,
        .interaction = parsed->interaction,
        .methods = methods,
    };
    struct error *error = method->run(&call, parsed->request, &result);
    if (error) {
        /* cppcheck-suppress returnDanglingLifetime ; an error keeps nothing of the call */
        return error;
    }
    if (!result) {
        TRY(json_new_object(&result));
    }
    *ret_result = TAKE_PTR(result);
    return NULL;
}
