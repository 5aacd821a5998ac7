/* The memory of request structs, as their tables describe it: made empty, given its fallbacks, and
 * released. */
#ifndef SEALPOST_RPC_VALUES_H
#define SEALPOST_RPC_VALUES_H

#include "rpc/method.h"

/* `count` zeroed items of `size` bytes, at least one; freed with free(). NULL: no memory. */
void *values_new(size_t count, size_t size);

/* Sets the value of an absent parameter; `member` is the parameter's place in the struct. */
void values_set_fallback(const struct rpc_param *param, void *member);

/* Frees what the members of `request` own, but not the struct; NULL is fine. */
void values_release(const struct rpc_table *table, void *request);

#endif
