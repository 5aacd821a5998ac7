#include "rpc/dispatch.h"

#include "base/log.h"
#include "rpc/blob_methods.h"
#include "rpc/session.h"
#include "wire/json.h"
#include "wire/scan.h"

#include <string.h>
#include <time.h>

enum { WAIT_STEP_NS = 20000000, NS_OF_S = 1000000000 };

/* A blob.append whose parts were found in its frame. */
struct append {
    struct envelope_id id;
    char handle[BLOB_HANDLE_SIZE];
    struct bytes base64;
};

/* A short piece of text as a string; false where it is too long. */
static bool copy_plain(const struct scan_member *member, char *target, size_t size)
{
    if (!member || !member->string || !member->plain || member->value.len >= size) {
        return false;
    }
    memcpy(target, member->value.data, member->value.len);
    target[member->value.len] = '\0';
    return true;
}

static bool is_plain(const struct scan_member *member, const char *text)
{
    return member && member->string && member->plain &&
           bytes_equal(member->value, bytes_of_string(text));
}

static bool slice_id(const struct scan_member *member, struct envelope_id *id)
{
    if (copy_plain(member, id->text, sizeof(id->text))) {
        id->kind = ENVELOPE_ID_TEXT;
        return true;
    }
    if (!member || member->string || member->value.len == 0) {
        return false;
    }
    CLEANUP(json_free) struct json_object *value = NULL;
    error_free(json_parse_scanned(member->value, &value)); /* an error leaves no value */
    *id = envelope_id_read(value);
    return id->kind == ENVELOPE_ID_NUMBER;
}

/* Whether the frame is a blob.append in the form that everybody sends. One that is written in an
 * unusual way, or wrong, goes the ordinary way through json-c. */
static bool slice_append(const struct scan_outline *outline, struct append *append)
{
    *append = (struct append){ 0 };
    const struct scan_member *base64 = scan_find(&outline->params, "base64");
    if (!is_plain(scan_find(&outline->top, "method"), "blob.append") ||
        !is_plain(scan_find(&outline->top, "jsonrpc"), "2.0") || outline->params.count != 2 ||
        !base64 || !base64->string) {
        return false;
    }
    append->base64 = base64->value;
    return copy_plain(scan_find(&outline->params, "blob"), append->handle,
                      sizeof(append->handle)) &&
           slice_id(scan_find(&outline->top, "id"), &append->id);
}

static bool is_initialised(struct rpc_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    bool initialised = server->initialised;
    (void)pthread_mutex_unlock(&server->lock);
    return initialised;
}

/* What holds for every request before its method is looked at. */
static struct error *admit(struct rpc_server *server, const struct envelope_id *id, bool hello)
{
    if (request_in_flight(server, id)) {
        return error_new(ERR_REQUEST, "a request of this id waits for its answer");
    }
    if (!hello && !is_initialised(server)) {
        return error_new(ERR_NOT_INITIALISED, "host.hello has to come first");
    }
    return NULL;
}

static void run_append(struct rpc_server *server, const struct append *append)
{
    struct json_object *result = NULL;
    struct error *error = admit(server, &append->id, false);
    if (!error) {
        error = blob_methods_append(server->blobs, append->handle, append->base64, &result);
    }
    if (!error) {
        error = session_send_result(server, &append->id, result);
    }
    if (error) {
        session_send_error(server, &append->id, error);
    }
}

static void run_job(struct pool_job *job)
{
    request_run((struct rpc_request *)job); /* its first member */
}

/* Waits until host.hello has been answered: nothing overtakes it. Gives up where the client has
 * gone and the hello does not end. */
static void wait_hello(struct rpc_server *server)
{
    bool running = true;
    while (running && !server->over) {
        struct timespec until = { 0 };
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += WAIT_STEP_NS;
        until.tv_sec += until.tv_nsec / NS_OF_S;
        until.tv_nsec %= NS_OF_S;
        (void)pthread_mutex_lock(&server->lock);
        if (server->hello_running) {
            (void)pthread_cond_timedwait(&server->hello_over, &server->lock, &until);
        }
        running = server->hello_running;
        server->over = server->over || server->refused;
        (void)pthread_mutex_unlock(&server->lock);
        if (running && session_gone_for(server) > GRACE_HELLO_MS) {
            server->over = true;
        }
        if (running) {
            pool_relieve(server->pool);
        }
    }
}

static struct error *run_hello(struct rpc_server *server, struct rpc_request *request)
{
    (void)pthread_mutex_lock(&server->lock);
    server->hello_running = true;
    (void)pthread_mutex_unlock(&server->lock);
    struct error *error = pool_submit(server->pool, &request->job);
    if (error) {
        session_end_hello(server);
        return error;
    }
    wait_hello(server);
    return NULL;
}

/* Has a registered request run where its method wants to. */
static void run_request(struct rpc_server *server, struct rpc_request *request)
{
    unsigned flags = request->method->flags;
    request->job.run = run_job;
    if ((flags & METHOD_INLINE) != 0) {
        request_run(request);
        return;
    }
    bool hello = (flags & METHOD_HELLO) != 0;
    struct error *error =
        hello ? run_hello(server, request) : pool_submit(server->pool, &request->job);
    if (error) {
        request_refuse(request, error);
    }
}

static struct error *start_request(struct rpc_server *server, const struct envelope *envelope,
                                   size_t frame_bytes)
{
    const struct rpc_method *method = method_find(&blob_methods, envelope->method);
    method = method ? method : method_find(server->methods, envelope->method);
    TRY(admit(server, &envelope->id, method && (method->flags & METHOD_HELLO) != 0));
    if (!method) {
        return error_new(ERR_METHOD_UNKNOWN, "this host has no such method");
    }
    CLEANUP(request_free) struct rpc_request *request = NULL;
    TRY(request_new(server, method, envelope, frame_bytes, &request));
    TRY(request_register(request));
    run_request(server, TAKE_PTR(request));
    return NULL;
}

/* Notifications of a client never change state; those that nobody knows are ignored (JSON-RPC 4.1).
 */
static void take_notification(struct rpc_server *server, const struct envelope *envelope)
{
    struct json_object *value = NULL;
    if (strcmp(envelope->method, "$/cancelRequest") != 0 ||
        !json_get(envelope->params, "id", &value)) {
        return;
    }
    struct envelope_id id = envelope_id_read(value);
    request_cancel(server, &id);
}

static struct error *take_message(struct rpc_server *server, struct json_object *message,
                                  size_t frame_bytes, struct envelope_id *ret_id)
{
    struct envelope envelope = { 0 };
    struct error *error = envelope_read(message, &envelope);
    *ret_id = envelope.id;
    if (error) {
        return error;
    }
    if (envelope.id.kind == ENVELOPE_ID_NONE) {
        take_notification(server, &envelope);
        return NULL;
    }
    return start_request(server, &envelope, frame_bytes);
}

/* The message in a frame; a blob.append is done at once and `ret_done` is true. */
static struct error *parse_frame(struct rpc_server *server, struct mapping *frame,
                                 struct json_object **ret_message, bool *ret_done)
{
    CLEANUP(mapping_unref) struct mapping *owned = frame;
    struct scan_outline outline = { 0 };
    struct append append = { 0 };
    TRY(scan_json(mapping_view(owned), &outline));
    if (slice_append(&outline, &append)) {
        run_append(server, &append);
        *ret_done = true;
        return NULL;
    }
    return json_parse_scanned(mapping_view(owned), ret_message);
}

void dispatch_frame(struct rpc_server *server, struct mapping *frame)
{
    CLEANUP(json_free) struct json_object *message = NULL;
    struct envelope_id id = { 0 };
    size_t frame_bytes = mapping_len(frame);
    bool done = false;
    struct error *error = parse_frame(server, frame, &message, &done);
    if (!error && !done) {
        error = take_message(server, message, frame_bytes, &id);
    }
    if (error) {
        log_debug("refused a message: %s", error_code_reason(error_get_code(error)));
        session_send_error(server, &id, error);
    }
}
