/* Data in a request: {"text"}, {"base64"}, {"base64url"} or {"blob"}, as bytes in memory that the
 * request shares or owns. */
#ifndef SEALPOST_RPC_DATA_H
#define SEALPOST_RPC_DATA_H

#include "rpc/params.h"
#include "rpc/path.h"

/* Fills `data`, whose owner is freed with the request. ERR_PARAMS, ERR_MESSAGE_TOO_LARGE,
 * ERR_BLOB_UNKNOWN with a path, ERR_NO_MEMORY. */
struct error *data_parse(const struct params_context *context, struct path *path,
                         struct json_object *value, struct rpc_data *data) MUST_USE;

#endif
