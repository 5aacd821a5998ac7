/* The server of one client: reads its frames, has its requests run, and ends when it goes. One
 * thread (the caller of server_run) reads and does what has to happen in the order of arrival;
 * workers run the rest. */
#ifndef SEALPOST_RPC_SERVER_H
#define SEALPOST_RPC_SERVER_H

#include "rpc/method.h"

struct host;
struct rpc_server;
struct task;

struct server_options {
    int input; /* the client's frames; borrowed */
    int output; /* ours; borrowed */
    const struct rpc_methods *methods; /* borrowed */
    struct host *host; /* handed to the methods; borrowed */
    size_t workers; /* 0: as many as suit the machine */
};

/* ERR_NO_MEMORY */
struct error *server_new(const struct server_options *options, struct rpc_server **ret_server)
    MUST_USE;

/* Says host.ready, then serves until the input ends. The status with which the program should exit:
 * 0 at the end of the input, 1 if the caller is not allowed, 2 if the stream is broken. Work is
 * cancelled then and gets GRACE_END_MS to end; if it did not, `ret_stuck` is true: workers still
 * run, blobs are wiped, and the program must end by _exit() without freeing the server or what the
 * workers use. */
int server_run(struct rpc_server *server, bool *ret_stuck);

/* After server_run, unless it was stuck; NULL is fine. */
void server_free(struct rpc_server *server);
DEFINE_CLEANUP(struct rpc_server *, server_free);

/* Sends a notification; from any thread. Consumes `params` (NULL is {}). One that can't be sent is
 * lost. */
void server_notify(struct rpc_server *server, const char *method, struct json_object *params);

/* Adds to `object` the `id` of the request that this task belongs to, if there is one; from any
 * thread. ERR_NO_MEMORY. */
struct error *server_add_id(struct rpc_server *server, const struct task *task,
                            struct json_object *object) MUST_USE;

#endif
