#include "rpc/blob_methods.h"

#include "base/limits.h"
#include "rpc/session.h"
#include "wire/json.h"

struct create_request {
    struct rpc_integer size;
};

struct append_request {
    char *blob;
    char *base64;
};

struct read_request {
    char *blob;
    struct rpc_integer offset;
    struct rpc_integer length;
};

struct close_request {
    char *blob;
};

static struct error *with_path(struct error *error, const char *path)
{
    if (error && !error_get_path(error)) {
        error_set_path(error, path);
    }
    return error;
}

static struct blob_table *table_of(const struct rpc_call *call)
{
    return call->request->server->blobs;
}

static struct error *create(struct rpc_call *call, const void *arguments,
                            struct json_object **ret_result)
{
    const struct create_request *request = arguments;
    CLEANUP(json_free) struct json_object *result = NULL;
    char handle[BLOB_HANDLE_SIZE] = { 0 };
    TRY(json_new_object(&result));
    TRY(with_path(blob_create(table_of(call), (size_t)request->size.value, handle), "params.size"));
    TRY(request_note_created(call->request, handle));
    TRY(json_add_string(result, "blob", handle));
    *ret_result = TAKE_PTR(result);
    return NULL;
}

struct error *blob_methods_append(struct blob_table *table, const char *handle, struct bytes base64,
                                  struct json_object **ret_result)
{
    size_t size = 0;
    struct error *error = blob_append(table, handle, base64, &size);
    if (error) {
        bool unknown = error_get_code(error) == ERR_BLOB_UNKNOWN;
        return with_path(error, unknown ? "params.blob" : "params.base64");
    }
    CLEANUP(json_free) struct json_object *result = NULL;
    TRY(json_new_object(&result));
    TRY(json_add_size(result, "size", size));
    *ret_result = TAKE_PTR(result);
    return NULL;
}

static struct error *append(struct rpc_call *call, const void *arguments,
                            struct json_object **ret_result)
{
    const struct append_request *request = arguments;
    return blob_methods_append(table_of(call), request->blob, bytes_of_string(request->base64),
                               ret_result);
}

static struct error *read_blob(struct rpc_call *call, const void *arguments,
                               struct json_object **ret_result)
{
    const struct read_request *request = arguments;
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(json_free) struct json_object *result = NULL;
    TRY(with_path(blob_content(table_of(call), request->blob, &content), "params.blob"));
    size_t size = content_size(content);
    size_t offset = (size_t)request->offset.value;
    size_t length = (size_t)request->length.value;
    TRY(json_new_object(&result));
    TRY(json_add_base64(result, "base64", content, offset, length));
    TRY(json_add_size(result, "size", size));
    TRY(json_add_bool(result, "eof", offset >= size || length >= size - offset));
    *ret_result = TAKE_PTR(result);
    return NULL;
}

static struct error *close_blob(struct rpc_call *call, const void *arguments,
                                struct json_object **ret_result)
{
    const struct close_request *request = arguments;
    (void)ret_result;
    return with_path(blob_close(table_of(call), request->blob), "params.blob");
}

static const struct rpc_param create_params[] = {
    PARAM_INTEGER("size", struct create_request, size, 0, 0, INT64_MAX, 0),
};
static const struct rpc_param append_params[] = {
    PARAM_STRING("blob", struct append_request, blob, PARAM_REQUIRED, 0),
    PARAM_STRING("base64", struct append_request, base64, PARAM_REQUIRED, LIMIT_FRAME_IN),
};
static const struct rpc_param read_params[] = {
    PARAM_STRING("blob", struct read_request, blob, PARAM_REQUIRED, 0),
    PARAM_INTEGER("offset", struct read_request, offset, PARAM_REQUIRED, 0, INT64_MAX, 0),
    PARAM_INTEGER("length", struct read_request, length, 0, 0, LIMIT_BLOB_READ, DEFAULT_BLOB_READ),
};
static const struct rpc_param close_params[] = {
    PARAM_STRING("blob", struct close_request, blob, PARAM_REQUIRED, 0),
};

static const struct rpc_method create_method = {
    .name = "blob.create",
    .request = METHOD_REQUEST(struct create_request, create_params),
    .flags = METHOD_INLINE,
    .run = create,
};
static const struct rpc_method append_method = {
    .name = "blob.append",
    .request = METHOD_REQUEST(struct append_request, append_params),
    .flags = METHOD_INLINE,
    .run = append,
};
static const struct rpc_method read_method = {
    .name = "blob.read",
    .request = METHOD_REQUEST(struct read_request, read_params),
    .flags = METHOD_INLINE,
    .run = read_blob,
};
static const struct rpc_method close_method = {
    .name = "blob.close",
    .request = METHOD_REQUEST(struct close_request, close_params),
    .flags = METHOD_INLINE,
    .run = close_blob,
};

static const struct rpc_method *const items[] = {
    &create_method,
    &append_method,
    &read_method,
    &close_method,
};

const struct rpc_methods blob_methods = { items, ARRAY_SIZE(items) };
