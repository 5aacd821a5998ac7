/* The result of message.open as JSON (PROTOCOL.md, message.open). */
#ifndef SEALPOST_OPS_OPEN_JSON_H
#define SEALPOST_OPS_OPEN_JSON_H

#include "mail/open.h"
#include "rpc/call.h"

struct json_object;

/* Everything but `certificates`, whose members are collected in `named`. ERR_BLOB_LIMIT,
 * ERR_NO_MEMORY. */
struct error *open_json(struct rpc_call *call, const struct open_result *result,
                        struct cert_list *named, struct json_object **ret_object) MUST_USE;

#endif
