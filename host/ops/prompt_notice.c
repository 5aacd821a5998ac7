#include "ops/prompt_notice.h"

#include "base/log.h"
#include "rpc/server.h"
#include "wire/json.h"

static struct error *make_params(struct rpc_server *server, const struct task *task,
                                 const char *kind, const char *token,
                                 struct json_object **ret_params)
{
    CLEANUP(json_free) struct json_object *params = NULL;
    TRY(json_new_object(&params));
    TRY(server_add_id(server, task, params));
    TRY(json_add_string(params, "kind", kind));
    TRY(json_add_string(params, "token", token));
    *ret_params = TAKE_PTR(params);
    return NULL;
}

void prompt_notice_tell(void *context, const struct task *task, bool opened, const char *kind,
                        const char *token)
{
    struct rpc_server *server = context;
    struct json_object *params = NULL;
    CLEANUP(error_free)
    struct error *error = make_params(server, task, kind, token, &params);
    if (error) {
        log_warn("a notice of a dialog was lost: %s", error_get_message(error));
        return;
    }
    server_notify(server, opened ? "prompt.opened" : "prompt.closed", params);
}
