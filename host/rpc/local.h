/* Calls a method without a client: what the command line does. */
#ifndef SEALPOST_RPC_LOCAL_H
#define SEALPOST_RPC_LOCAL_H

#include "rpc/method.h"

struct host;

/* Runs `name` with `params` (a JSON object or NULL; borrowed) on this thread. Data in the result is
 * always inline, and blobs are unknown. `ret_result` is never NULL on success. ERR_METHOD_UNKNOWN,
 * ERR_PARAMS, and whatever the method gives. */
struct error *local_call(const struct rpc_methods *methods, struct host *host, const char *name,
                         struct json_object *params, struct json_object **ret_result) MUST_USE;

#endif
