#include "rpc/call.h"

#include "base/limits.h"
#include "rpc/params.h"
#include "rpc/server.h"
#include "rpc/session.h"
#include "wire/json.h"

static struct error *add_blob(struct rpc_call *call, struct content *content,
                              struct json_object *data)
{
    char handle[BLOB_HANDLE_SIZE] = { 0 };
    struct blob_table *blobs = call->request->server->blobs;
    TRY(blob_add_content(blobs, content, handle));
    struct error *error = request_note_created(call->request, handle);
    if (error) {
        error_free(blob_close(blobs, handle));
        return error;
    }
    TRY(json_add_string(data, "blob", handle));
    return json_add_size(data, "size", content_size(content));
}

struct error *call_data(struct rpc_call *call, struct content *content,
                        struct json_object **ret_data)
{
    CLEANUP(json_free) struct json_object *data = NULL;
    size_t size = content_size(content);
    TRY(json_new_object(&data));
    if (call->request && size > LIMIT_INLINE_DATA) {
        TRY(add_blob(call, content, data));
    } else {
        TRY(json_add_base64(data, "base64", content, 0, size));
    }
    *ret_data = TAKE_PTR(data);
    return NULL;
}

struct error *call_data_result(struct rpc_call *call, const char *name, struct content *content,
                               struct json_object **ret_result)
{
    CLEANUP(json_free) struct json_object *result = NULL;
    struct json_object *data = NULL;
    TRY(json_new_object(&result));
    TRY(call_data(call, content, &data));
    TRY(json_add_take(result, name, data));
    *ret_result = TAKE_PTR(result);
    return NULL;
}

struct error *call_set_session(struct rpc_call *call, const char *site, size_t max_message)
{
    if (!call->request) {
        return NULL;
    }
    struct rpc_server *server = call->request->server;
    CLEANUP(string_free) char *copy = NULL;
    TRY(params_check_site(site));
    if (site) {
        TRY(bytes_to_string(bytes_of_string(site), &copy));
    }
    (void)pthread_mutex_lock(&server->lock);
    string_free(server->site);
    server->site = TAKE_PTR(copy);
    server->max_message = max_message < LIMIT_MESSAGE ? max_message : LIMIT_MESSAGE;
    (void)pthread_mutex_unlock(&server->lock);
    blob_set_limit(server->blobs, max_message);
    return NULL;
}

void call_notify(struct rpc_call *call, const char *method, struct json_object *params)
{
    if (call->request) {
        server_notify(call->request->server, method, params);
    } else {
        json_free(params);
    }
}
