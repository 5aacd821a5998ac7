#include "rpc/session.h"

#include "base/clock.h"
#include "base/log.h"
#include "wire/json.h"

static void log_lost(struct error *error)
{
    CLEANUP(error_free) struct error *lost = error;
    if (lost) {
        log_info("a message to the client was lost: %s", error_get_message(lost));
    }
}

static struct error *send_text(struct rpc_server *server, struct json_object *message)
{
    struct bytes text = BYTES_NONE;
    TRY(json_text(message, &text));
    return frame_write(server->writer, text);
}

void session_send(struct rpc_server *server, struct json_object *message)
{
    CLEANUP(json_free) struct json_object *taken = message;
    log_lost(send_text(server, taken));
}

void session_send_error(struct rpc_server *server, const struct envelope_id *id,
                        struct error *error)
{
    CLEANUP(error_free) struct error *told = error;
    struct json_object *message = NULL;
    struct error *problem = envelope_error(id, told, &message);
    if (problem) {
        log_lost(problem);
        return;
    }
    session_send(server, message);
}

/* Replaces a message whose result is too large by one that names a blob with it. */
static struct error *move_to_blob(struct rpc_server *server, const struct envelope_id *id,
                                  struct json_object **message)
{
    struct json_object *result = NULL;
    CLEANUP(mapping_unref) struct mapping *text = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(json_free) struct json_object *stand_in = NULL;
    char handle[BLOB_HANDLE_SIZE] = { 0 };
    if (!json_get(*message, "result", &result)) {
        return error_new(ERR_INTERNAL, "an answer without a result is too large");
    }
    TRY(json_write(result, &text));
    TRY(content_of_slice(text, mapping_view(text), &content));
    TRY(json_new_object(&stand_in));
    TRY(json_add_size(stand_in, "size", content_size(content)));
    TRY(json_add_string(stand_in, "encoding", "json"));
    TRY(blob_add_content(server->blobs, content, handle));
    TRY(json_add_string(stand_in, "blob", handle));
    json_free(TAKE_PTR(*message));
    return envelope_result(id, TAKE_PTR(stand_in), message);
}

struct error *session_send_result(struct rpc_server *server, const struct envelope_id *id,
                                  struct json_object *result)
{
    CLEANUP(json_free) struct json_object *message = NULL;
    struct bytes text = BYTES_NONE;
    TRY(envelope_result(id, result, &message));
    TRY(json_text(message, &text));
    if (text.len > LIMIT_FRAME_OUT) {
        TRY(move_to_blob(server, id, &message));
        TRY(json_text(message, &text));
    }
    log_lost(frame_write(server->writer, text));
    return NULL;
}

void session_note_hello(struct rpc_server *server, const struct error *error)
{
    (void)pthread_mutex_lock(&server->lock);
    server->initialised = server->initialised || !error;
    server->refused = error && error_get_code(error) == ERR_ORIGIN_NOT_ALLOWED;
    (void)pthread_mutex_unlock(&server->lock);
}

void session_end_hello(struct rpc_server *server)
{
    (void)pthread_mutex_lock(&server->lock);
    server->hello_running = false;
    (void)pthread_cond_broadcast(&server->hello_over);
    (void)pthread_mutex_unlock(&server->lock);
}

uint64_t session_gone_for(struct rpc_server *server)
{
    if (!frame_hung_up(server->input)) {
        return 0;
    }
    uint64_t now = clock_monotonic_ms();
    if (server->hung_up_ms == 0) {
        server->hung_up_ms = now;
    }
    return now - server->hung_up_ms;
}
