/* The databases as JSON: for host.hello and databases.list. */
#ifndef SEALPOST_OPS_DATABASE_JSON_H
#define SEALPOST_OPS_DATABASE_JSON_H

#include "base/error.h"

struct json_object;
struct store;

/* Adds `name`: [{path, kind, writable, state}]. ERR_NO_MEMORY. */
struct error *database_json_add(struct json_object *object, const char *name,
                                const struct store *store) MUST_USE;

#endif
