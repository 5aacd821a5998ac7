/* One request of a client from its arrival to its answer, which it gets exactly once: from the
 * worker that ran it, or from the reader when it is cancelled. Private to rpc. */
#ifndef SEALPOST_RPC_REQUEST_H
#define SEALPOST_RPC_REQUEST_H

#include "rpc/blob.h"
#include "rpc/call.h"
#include "rpc/envelope.h"
#include "rpc/method.h"
#include "rpc/params.h"
#include "rpc/pool.h"

struct rpc_server;

struct rpc_request {
    struct pool_job job; /* first: the pool gives it back */
    struct rpc_server *server;
    struct envelope_id id;
    const struct rpc_method *method;
    struct params *params;
    struct task *task;
    struct rpc_call call;
    char *site; /* the session's when it arrived */
    size_t frame_bytes;
    uint64_t started_ms;
    uint64_t last_progress_ms;

    struct blob **pinned; /* the blobs that its Data lie in */
    size_t pinned_count;
    char (*created)[BLOB_HANDLE_SIZE]; /* the blobs of its result */
    size_t created_count;

    struct rpc_request *next; /* of the server's list; guarded by the server's lock, as is: */
    bool answered;
};

/* A request that is not known to the server yet. ERR_PARAMS and what else params_parse gives;
 * ERR_NO_MEMORY. */
struct error *request_new(struct rpc_server *server, const struct rpc_method *method,
                          const struct envelope *envelope, size_t frame_bytes,
                          struct rpc_request **ret_request) MUST_USE;
void request_free(struct rpc_request *request); /* NULL is fine */
DEFINE_CLEANUP(struct rpc_request *, request_free);

/* Makes the request known: its id is in use from here on. ERR_TOO_MANY_REQUESTS. */
struct error *request_register(struct rpc_request *request) MUST_USE;

/* Whether a request of this id waits for its answer. */
bool request_in_flight(struct rpc_server *server, const struct envelope_id *id);

/* Has a registered request run here, answers and frees it. */
void request_run(struct rpc_request *request);

/* Answers a registered request that never ran with `error` (consumed) and frees it. */
void request_refuse(struct rpc_request *request, struct error *error);

/* Cancels the request of this id if there is one and it does not change state yet. */
void request_cancel(struct rpc_server *server, const struct envelope_id *id);
/* The same for all there are. */
void request_cancel_all(struct rpc_server *server);

/* The id of the request that has this task, also of one that was cancelled and still runs. */
bool request_of_task(struct rpc_server *server, const struct task *task,
                     struct envelope_id *ret_id);

/* Remembers a blob of the result, which is closed if the result is never sent. ERR_NO_MEMORY. */
struct error *request_note_created(struct rpc_request *request, const char *handle) MUST_USE;

#endif
