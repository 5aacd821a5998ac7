/* What most methods need before they can work: configuration, NSS and the index of certificates,
 * started with the first request that asks for them. */
#ifndef SEALPOST_OPS_START_H
#define SEALPOST_OPS_START_H

#include "mail/context.h"
#include "ops/ops.h"
#include "rpc/call.h"

/* Reads the configuration unless that was done. ERR_POLICY_FORBIDS with file and member. */
struct error *start_config(struct host *host) MUST_USE;

/* Starts NSS and the index unless that was done; start_config comes with it.
 * ERR_DATABASE_UNAVAILABLE where NSS can't start at all, ERR_POLICY_FORBIDS, ERR_NO_MEMORY. */
struct error *start_store(struct host *host) MUST_USE;

/* The context for one call, everything in it borrowed from host and call. `at` is the moment that
 * is judged, or START_NOW. Errors as start_store. */
#define START_NOW INT64_MIN
struct error *start_context(const struct rpc_call *call, int64_t at,
                            struct mail_context *ret_context) MUST_USE;

/* ERR_MESSAGE_TOO_LARGE where `size` bytes are more than policy lets one message have. */
struct error *start_check_size(const struct host *host, size_t size) MUST_USE;

#endif
