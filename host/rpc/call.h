/* What a handler knows of the request it runs for. A call comes from a client (rpc/server) or from
 * the command line (rpc/local); handlers need not know which. */
#ifndef SEALPOST_RPC_CALL_H
#define SEALPOST_RPC_CALL_H

#include "base/content.h"
#include "base/task.h"

#include <stdbool.h>

struct host;
struct json_object;
struct rpc_request;
struct rpc_methods;

/* Lives as long as the handler runs; everything in it is borrowed. */
struct rpc_call {
    struct host *host; /* what main.c made; rpc never looks inside */
    struct task *task; /* cancel and progress */
    const char *site; /* web origin, of the request or else of the session; NULL: none */
    bool interaction; /* false: no dialog may be raised for this call */
    const struct rpc_methods *methods; /* all that are known here, for host.hello */
    struct rpc_request *request; /* rpc's own side; NULL on the command line */
};

/* Data for a result: {"base64"} up to LIMIT_INLINE_DATA bytes, else a new blob that refers to
 * `content` without a copy, {"blob", "size"}; it goes if the call fails. On the command line always
 * {"base64"}. Takes a reference of its own to `content`, which must not change any more.
 * ERR_BLOB_LIMIT, ERR_NO_MEMORY. */
struct error *call_data(struct rpc_call *call, struct content *content,
                        struct json_object **ret_data) MUST_USE;

/* A result whose one member, `name`, is such Data. */
struct error *call_data_result(struct rpc_call *call, const char *name, struct content *content,
                               struct json_object **ret_result) MUST_USE;

/* For host.hello alone: what holds for the requests after it. `site` may be NULL and is copied;
 * `max_message` is the policy's limit of one message in bytes, LIMIT_MESSAGE at most.
 * ERR_PARAMS where the site is no origin, ERR_NO_MEMORY. */
struct error *call_set_session(struct rpc_call *call, const char *site, size_t max_message)
    MUST_USE;

/* Sends a notification to the client (nothing on the command line). Consumes `params`. */
void call_notify(struct rpc_call *call, const char *method, struct json_object *params);

#endif
