/* What the parts of the server share: private to rpc. */
#ifndef SEALPOST_RPC_SESSION_H
#define SEALPOST_RPC_SESSION_H

#include "rpc/blob.h"
#include "rpc/envelope.h"
#include "rpc/method.h"
#include "rpc/pool.h"
#include "rpc/request.h"
#include "wire/frame.h"

#include <pthread.h>

struct rpc_server {
    int input; /* borrowed */
    struct frame_reader *reader;
    struct frame_writer *writer;
    const struct rpc_methods *methods; /* borrowed */
    struct host *host; /* borrowed */
    struct pool *pool;
    struct blob_table *blobs;

    /* the reader's own */
    int status; /* to exit with */
    bool over; /* nothing more is read */
    uint64_t hung_up_ms; /* when the client was first seen to have gone; 0: it is there */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t hello_over;
    struct rpc_request *requests; /* in flight, and cancelled ones that still run */
    size_t alive; /* how many those are */
    size_t alive_bytes; /* of their frames */
    bool hello_running;
    bool refused; /* host.hello found that the caller is not allowed */
    bool initialised; /* host.hello has succeeded */
    char *site; /* the session's; NULL: none */
    size_t max_message;
};

/* Each sends one message and consumes it; a message that can't be sent is lost. */
void session_send(struct rpc_server *server, struct json_object *message);
void session_send_error(struct rpc_server *server, const struct envelope_id *id,
                        struct error *error);
/* A result too large for a frame goes out as a blob of JSON. Consumes `result`; ERR_BLOB_LIMIT,
 * ERR_MESSAGE_TOO_LARGE and ERR_NO_MEMORY where it can't be answered so: nothing was sent. */
struct error *session_send_result(struct rpc_server *server, const struct envelope_id *id,
                                  struct json_object *result) MUST_USE;

/* Notes how host.hello went (NULL: it succeeded); then, once it is answered, that it is over. */
void session_note_hello(struct rpc_server *server, const struct error *error);
void session_end_hello(struct rpc_server *server);

/* How long ago the reader first saw that the client had gone, in milliseconds; 0: it is there. */
uint64_t session_gone_for(struct rpc_server *server);

#endif
