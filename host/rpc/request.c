#include "rpc/request.h"

#include "base/clock.h"
#include "base/log.h"
#include "rpc/session.h"
#include "wire/json.h"

#include <stdlib.h>
#include <string.h>

enum {
    PROGRESS_AFTER_MS = 200, /* PROTOCOL.md 2: quicker work tells nothing */
    PROGRESS_EVERY_MS = 100,
};

static struct error *send_progress(struct rpc_request *request, uint64_t done, uint64_t total)
{
    CLEANUP(json_free) struct json_object *params = NULL;
    struct json_object *message = NULL;
    TRY(json_new_object(&params));
    TRY(envelope_add_id(params, &request->id));
    TRY(json_add_integer(params, "done", (int64_t)done));
    TRY(json_add_integer(params, "total", (int64_t)total));
    TRY(envelope_notification("$/progress", TAKE_PTR(params), &message));
    session_send(request->server, message);
    return NULL;
}

static bool is_answered(struct rpc_request *request)
{
    (void)pthread_mutex_lock(&request->server->lock);
    bool answered = request->answered;
    (void)pthread_mutex_unlock(&request->server->lock);
    return answered;
}

/* Called from the worker that runs the request. */
static void tell_progress(void *context, uint64_t done, uint64_t total)
{
    struct rpc_request *request = context;
    uint64_t now = clock_monotonic_ms();
    if (now - request->started_ms <= PROGRESS_AFTER_MS ||
        now - request->last_progress_ms < PROGRESS_EVERY_MS || is_answered(request)) {
        return;
    }
    request->last_progress_ms = now;
    error_free(send_progress(request, done, total)); /* progress that is lost harms nobody */
}

/* Appends room for one to an owned array; `*items` is unchanged where memory is out. */
static struct error *grow(void **items, size_t count, size_t size)
{
    void *more = reallocarray(*items, count + 1, size);
    if (!more) {
        return error_no_memory();
    }
    *items = more;
    return NULL;
}

static struct error *pin(void *context, const char *handle, struct mapping **ret_owner,
                         struct bytes *ret_view)
{
    struct rpc_request *request = context;
    struct blob *blob = NULL;
    TRY(grow((void **)&request->pinned, request->pinned_count, sizeof(struct blob *)));
    TRY(blob_pin(request->server->blobs, handle, &blob, ret_owner, ret_view));
    request->pinned[request->pinned_count++] = blob;
    return NULL;
}

struct error *request_note_created(struct rpc_request *request, const char *handle)
{
    TRY(grow((void **)&request->created, request->created_count, BLOB_HANDLE_SIZE));
    memcpy(request->created[request->created_count++], handle, BLOB_HANDLE_SIZE);
    return NULL;
}

static struct error *copy_session(struct rpc_request *request, size_t *ret_max_message)
{
    struct rpc_server *server = request->server;
    (void)pthread_mutex_lock(&server->lock);
    bool lost = false;
    if (server->site) {
        request->site = strdup(server->site);
        lost = request->site == NULL;
    }
    *ret_max_message = server->max_message;
    (void)pthread_mutex_unlock(&server->lock);
    return lost ? error_no_memory() : NULL;
}

struct error *request_new(struct rpc_server *server, const struct rpc_method *method,
                          const struct envelope *envelope, size_t frame_bytes,
                          struct rpc_request **ret_request)
{
    CLEANUP(request_free) struct rpc_request *request = calloc(1, sizeof(*request));
    if (!request) {
        return error_no_memory();
    }
    request->server = server;
    request->id = envelope->id;
    request->method = method;
    request->frame_bytes = frame_bytes;
    struct params_context context = { .blob = pin, .blob_context = request };
    TRY(copy_session(request, &context.max_data));
    TRY(params_parse(method, envelope->params, &context, &request->params));
    TRY(task_new(tell_progress, request, &request->task));
    request->call = (struct rpc_call){
        .host = server->host,
        .task = request->task,
        .site = request->params->site ? request->params->site : request->site,
        .interaction = request->params->interaction,
        .methods = server->methods,
        .request = request,
    };
    *ret_request = TAKE_PTR(request);
    return NULL;
}

void request_free(struct rpc_request *request)
{
    if (!request) {
        return;
    }
    params_free(request->params);
    for (size_t i = 0; i < request->pinned_count; i++) {
        blob_unref(request->pinned[i]);
    }
    free(request->pinned);
    free(request->created);
    task_unref(request->task);
    string_free(request->site);
    free(request);
}

/* The request of this id that waits for its answer, or NULL. */
static struct rpc_request *find(struct rpc_server *server, const struct envelope_id *id)
{
    struct rpc_request *request = server->requests;
    while (request && (request->answered || !envelope_id_equal(&request->id, id))) {
        request = request->next;
    }
    return request;
}

static void unlink_request(struct rpc_request *request)
{
    struct rpc_request **place = &request->server->requests;
    while (*place != request) {
        place = &(*place)->next;
    }
    *place = request->next;
}

bool request_in_flight(struct rpc_server *server, const struct envelope_id *id)
{
    (void)pthread_mutex_lock(&server->lock);
    bool found = find(server, id) != NULL;
    (void)pthread_mutex_unlock(&server->lock);
    return found;
}

struct error *request_register(struct rpc_request *request)
{
    struct rpc_server *server = request->server;
    struct error *error = NULL;
    (void)pthread_mutex_lock(&server->lock);
    if (server->alive >= LIMIT_IN_FLIGHT ||
        request->frame_bytes > LIMIT_IN_FLIGHT_BYTES - server->alive_bytes) {
        error = error_new(ERR_TOO_MANY_REQUESTS, "too many requests are waiting");
    } else {
        request->next = server->requests;
        server->requests = request;
        server->alive++;
        server->alive_bytes += request->frame_bytes;
    }
    (void)pthread_mutex_unlock(&server->lock);
    return error;
}

/* The right to answer, given to the first who asks for it; the id is free from here on. */
static bool claim_locked(struct rpc_request *request)
{
    bool first = !request->answered;
    request->answered = true;
    return first;
}

static bool claim(struct rpc_request *request)
{
    (void)pthread_mutex_lock(&request->server->lock);
    bool first = claim_locked(request);
    (void)pthread_mutex_unlock(&request->server->lock);
    return first;
}

static void close_created(struct rpc_request *request)
{
    for (size_t i = 0; i < request->created_count; i++) {
        /* the client can't know the handle, so it is still open */
        error_free(blob_close(request->server->blobs, request->created[i]));
    }
}

/* Off the server's books and out of memory. */
static void bury(struct rpc_request *request)
{
    struct rpc_server *server = request->server;
    (void)pthread_mutex_lock(&server->lock);
    unlink_request(request);
    server->alive--;
    server->alive_bytes -= request->frame_bytes;
    (void)pthread_mutex_unlock(&server->lock);
    request_free(request);
}

static void answer(struct rpc_request *request, struct json_object *result, struct error *error)
{
    CLEANUP(json_free) struct json_object *taken = result;
    if (!claim(request)) {
        close_created(request);
        error_free(error);
        return;
    }
    if (!error) {
        error = session_send_result(request->server, &request->id, TAKE_PTR(taken));
    }
    if (error) {
        close_created(request);
        session_send_error(request->server, &request->id, error);
    }
}

void request_refuse(struct rpc_request *request, struct error *error)
{
    answer(request, NULL, error);
    bury(request);
}

void request_run(struct rpc_request *request)
{
    CLEANUP(json_free) struct json_object *result = NULL;
    request->started_ms = clock_monotonic_ms();
    struct error *error = request->method->run(&request->call, request->params->request, &result);
    log_debug("%s: %s after %llu ms", request->method->name,
              error ? error_code_reason(error_get_code(error)) : "done",
              (unsigned long long)(clock_monotonic_ms() - request->started_ms));
    struct rpc_server *server = request->server;
    bool hello = (request->method->flags & METHOD_HELLO) != 0;
    if (hello) {
        session_note_hello(server, error);
    }
    answer(request, TAKE_PTR(result), error);
    bury(request);
    if (hello) {
        session_end_hello(server);
    }
}

/* What is left of a cancel after the books are in order. */
static void tell_cancelled(struct rpc_server *server, const struct envelope_id *id,
                           struct rpc_request *never_ran)
{
    session_send_error(server, id, error_new(ERR_CANCELLED, "the request was cancelled"));
    if (never_ran) {
        bury(never_ran);
    }
}

void request_cancel(struct rpc_server *server, const struct envelope_id *id)
{
    (void)pthread_mutex_lock(&server->lock);
    struct rpc_request *request = find(server, id);
    bool cancelled = request && task_cancel(request->task) && claim_locked(request);
    /* a worker that has it frees it whenever it is done: only what never ran is ours to touch */
    bool ours = cancelled && pool_take_back(server->pool, &request->job);
    (void)pthread_mutex_unlock(&server->lock);
    if (cancelled) {
        tell_cancelled(server, id, ours ? request : NULL);
    }
}

/* The id of a request that can still be cancelled. */
static bool pick(struct rpc_server *server, struct envelope_id *ret_id)
{
    (void)pthread_mutex_lock(&server->lock);
    struct rpc_request *request = server->requests;
    while (request && (request->answered || !task_cancel(request->task))) {
        request = request->next;
    }
    if (request) {
        *ret_id = request->id;
    }
    (void)pthread_mutex_unlock(&server->lock);
    return request != NULL;
}

void request_cancel_all(struct rpc_server *server)
{
    struct envelope_id id = { 0 };
    while (pick(server, &id)) {
        request_cancel(server, &id);
    }
}

bool request_of_task(struct rpc_server *server, const struct task *task, struct envelope_id *ret_id)
{
    (void)pthread_mutex_lock(&server->lock);
    const struct rpc_request *request = server->requests;
    while (request && request->task != task) {
        request = request->next;
    }
    if (request) {
        *ret_id = request->id;
    }
    (void)pthread_mutex_unlock(&server->lock);
    return request != NULL;
}
