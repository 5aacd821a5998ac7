/* A browser for the tests of rpc: pipes to a server that runs on a thread of its own. */
#ifndef SEALPOST_TESTS_UNIT_RPC_CLIENT_H
#define SEALPOST_TESTS_UNIT_RPC_CLIENT_H

#include "rpc/server.h"

#include <json-c/json.h>
#include <pthread.h>

struct client {
    int to; /* -1: closed */
    int from; /* -1: closed */
    struct rpc_server *server;
    pthread_t thread;
    int status; /* once ended */
    bool stuck;
    struct json_object *last; /* the answer of the last client_expect_result */
};

/* Starts a server and takes its host.ready. */
void client_start(struct client *client, const struct rpc_methods *methods);
/* The same, and a host.hello that succeeds. */
void client_start_ready(struct client *client, const struct rpc_methods *methods);

void client_send(struct client *client, const char *text);
void client_sendf(struct client *client, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void client_send_bytes(struct client *client, struct bytes text);

/* The next message within two seconds, owned by the caller; NULL: none came, or the end. */
struct json_object *client_receive(struct client *client);
struct json_object *client_receive_within(struct client *client, int timeout_ms);

/* The next message must answer `id` with a result (borrowed until the next one is expected) or with
 * an error of this code and reason. */
struct json_object *client_expect_result(struct client *client, int id);
void client_expect_error(struct client *client, int id, int code, const char *reason);
/* An error with id null. */
void client_expect_nobodys_error(struct client *client, int code, const char *reason);

/* Closes the input, waits for the server; the milliseconds that took. Frees it unless stuck. */
unsigned client_end(struct client *client);

/* A member of `object` by its path ("error.data.reason"); NULL: absent. */
struct json_object *client_at(struct json_object *object, const char *path);
const char *client_text_at(struct json_object *object, const char *path);

#endif
