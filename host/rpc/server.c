#include "rpc/server.h"

#include "base/clock.h"
#include "base/log.h"
#include "rpc/dispatch.h"
#include "rpc/session.h"
#include "wire/json.h"

#include <stdlib.h>

enum {
    STATUS_END = 0,
    STATUS_REFUSED = 1,
    STATUS_BROKEN = 2,
    RELIEF_MS = 100, /* how long jobs wait for a busy pool before a spare thread starts */
};

static struct error *open_parts(struct rpc_server *server, const struct server_options *options)
{
    size_t workers = options->workers > 0 ? options->workers : pool_default_workers();
    TRY(frame_reader_new(options->input, &server->reader));
    TRY(frame_writer_new(options->output, options->input, &server->writer));
    TRY(blob_table_new(&server->blobs));
    return pool_new(workers, LIMIT_WORKERS_SPARE, &server->pool);
}

struct error *server_new(const struct server_options *options, struct rpc_server **ret_server)
{
    CLEANUP(server_free) struct rpc_server *server = calloc(1, sizeof(*server));
    if (!server) {
        return error_no_memory();
    }
    (void)pthread_mutex_init(&server->lock, NULL);
    (void)pthread_cond_init(&server->hello_over, NULL);
    server->input = options->input;
    server->methods = options->methods;
    server->host = options->host;
    server->max_message = LIMIT_MESSAGE;
    TRY(open_parts(server, options));
    *ret_server = TAKE_PTR(server);
    return NULL;
}

void server_free(struct rpc_server *server)
{
    if (!server) {
        return;
    }
    pool_free(server->pool);
    blob_table_free(server->blobs);
    frame_writer_free(server->writer);
    frame_reader_free(server->reader);
    string_free(server->site);
    (void)pthread_cond_destroy(&server->hello_over);
    (void)pthread_mutex_destroy(&server->lock);
    free(server);
}

void server_notify(struct rpc_server *server, const char *method, struct json_object *params)
{
    struct json_object *message = NULL;
    CLEANUP(error_free) struct error *error = envelope_notification(method, params, &message);
    if (!error) {
        session_send(server, message);
    }
}

struct error *server_add_id(struct rpc_server *server, const struct task *task,
                            struct json_object *object)
{
    struct envelope_id id = { 0 };
    return request_of_task(server, task, &id) ? envelope_add_id(object, &id) : NULL;
}

static struct error *make_ready(struct json_object **ret_params)
{
    CLEANUP(json_free) struct json_object *params = NULL;
    struct json_object *protocols = NULL;
    TRY(json_new_object(&params));
    TRY(json_add_string(params, "name", "sealpost"));
    TRY(json_add_string(params, "version", SEALPOST_VERSION));
    TRY(json_add_array(params, "protocols", &protocols));
    TRY(json_append_integer(protocols, 1));
    *ret_params = TAKE_PTR(params);
    return NULL;
}

static void say_ready(struct rpc_server *server)
{
    struct json_object *params = NULL;
    CLEANUP(error_free) struct error *error = make_ready(&params);
    if (error) {
        log_error("cannot say host.ready: %s", error_get_message(error));
        return;
    }
    server_notify(server, "host.ready", params);
}

/* Waits for the next frame; while all workers are busy and jobs wait, more of them start. */
static void wait_for_frame(struct rpc_server *server)
{
    while (!frame_wait(server->reader, pool_congested(server->pool) ? RELIEF_MS : -1)) {
        pool_relieve(server->pool);
    }
}

static void refuse_frame(struct rpc_server *server, struct error *error)
{
    const struct envelope_id nobody = { .kind = ENVELOPE_ID_NONE };
    if (error_get_code(error) == ERR_FRAME_DESYNCHRONISED) {
        server->status = STATUS_BROKEN;
        server->over = true;
    }
    session_send_error(server, &nobody, error);
}

static void serve_frame(struct rpc_server *server)
{
    struct mapping *frame = NULL;
    wait_for_frame(server);
    struct error *error = frame_read(server->reader, &frame);
    if (error) {
        refuse_frame(server, error);
    } else if (frame) {
        dispatch_frame(server, frame);
    } else {
        server->over = true;
    }
}

static unsigned remaining_grace(struct rpc_server *server)
{
    uint64_t gone = session_gone_for(server);
    return gone < GRACE_END_MS ? (unsigned)(GRACE_END_MS - gone) : 0;
}

/* Cancels what runs and waits a little for it; true if all of it ended. */
static bool wind_up(struct rpc_server *server)
{
    frame_hurry(server->writer);
    request_cancel_all(server);
    bool ended = pool_stop(server->pool, remaining_grace(server));
    frame_abandon(server->writer);
    blob_wipe_all(server->blobs);
    return ended;
}

int server_run(struct rpc_server *server, bool *ret_stuck)
{
    server->status = STATUS_END;
    say_ready(server);
    while (!server->over) {
        serve_frame(server);
    }
    if (frame_broken_off(server->reader)) {
        log_warn("the last frame was cut off");
    }
    if (server->refused) {
        server->status = STATUS_REFUSED;
    }
    *ret_stuck = !wind_up(server);
    return server->status;
}
