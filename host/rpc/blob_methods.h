/* blob.create, blob.append, blob.read and blob.close: the methods that the server itself has. They
 * run on the reader, in the order of arrival. */
#ifndef SEALPOST_RPC_BLOB_METHODS_H
#define SEALPOST_RPC_BLOB_METHODS_H

#include "base/bytes.h"
#include "rpc/method.h"

struct blob_table;

extern const struct rpc_methods blob_methods;

/* What blob.append does, for a payload that is still in its frame: {size}. Errors as blob_append,
 * with a path. */
struct error *blob_methods_append(struct blob_table *table, const char *handle, struct bytes base64,
                                  struct json_object **ret_result) MUST_USE;

#endif
