#include "ops/prompt_notice.h"

#include "base/log.h"
#include "rpc/server.h"
#include "wire/json.h"

static struct error *make_params(int id, const char *kind, const char *token,
                                 struct json_object **ret_params)
{
    CLEANUP(json_free) struct json_object *params = NULL;
    TRY(json_new_object(&params));
    TRY(json_add_integer(params, "id", id));
    TRY(json_add_string(params, "kind", kind));
    TRY(json_add_string(params, "token", token));
    *ret_params = TAKE_PTR(params);
    return NULL;
}

void prompt_notice_tell(void *context, bool opened, const char *kind, const char *token)
{
    struct prompt_notice *notice = context;
    int id = opened ? atomic_fetch_add(&notice->id, 1) + 1 : atomic_load(&notice->id);
    struct json_object *params = NULL;
    CLEANUP(error_free) struct error *error = make_params(id, kind, token, &params);
    if (error) {
        log_warn("a notice of a dialog was lost: %s", error_get_message(error));
        return;
    }
    server_notify(notice->server, opened ? "prompt.opened" : "prompt.closed", params);
}
