/* Parameters: JSON in, the method's request struct out, as its table says. What the table does not
 * know, misses, or wants otherwise is ERR_PARAMS with the path of the value. */
#ifndef SEALPOST_RPC_PARAMS_H
#define SEALPOST_RPC_PARAMS_H

#include "rpc/method.h"

/* Gives the bytes behind {"blob": handle}, with a reference to what they lie in. ERR_BLOB_UNKNOWN.
 */
typedef struct error *params_blob_fn(void *context, const char *handle, struct mapping **ret_owner,
                                     struct bytes *ret_view);

struct params_context {
    params_blob_fn *blob;
    void *blob_context;
    size_t max_data; /* bytes of one Data value, ERR_MESSAGE_TOO_LARGE */
};

/* The parameters of one call. */
struct params {
    const struct rpc_table *table;
    void *request; /* the struct that the table describes */
    char *site; /* the common parameters of METHOD_INTERACTIVE; NULL: none given */
    bool interaction; /* true unless "none" was given */
};

/* `object` is the request's params, NULL for none; borrowed. Data is decoded here, so that blobs
 * are taken as they are now. ERR_PARAMS, ERR_MESSAGE_TOO_LARGE, ERR_BLOB_UNKNOWN, ERR_NO_MEMORY,
 * all with a path. */
struct error *params_parse(const struct rpc_method *method, struct json_object *object,
                           const struct params_context *context, struct params **ret_params)
    MUST_USE;
void params_free(struct params *params); /* NULL is fine */
DEFINE_CLEANUP(struct params *, params_free);

/* A site is shown in dialogs and compared with policy: an origin as browsers write it, in ASCII;
 * NULL is fine. ERR_PARAMS with the path "params.site". */
struct error *params_check_site(const char *site) MUST_USE;

/* The names of the common parameters, and how many there are. */
extern const struct rpc_table params_common;

#endif
