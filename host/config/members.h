/* The members of a configuration file: their names, types and bounds, in one table. Puts what a
 * text says on top of a configuration; reads no files. */
#ifndef SEALPOST_CONFIG_MEMBERS_H
#define SEALPOST_CONFIG_MEMBERS_H

#include "base/bytes.h"
#include "config/load.h"

/* `text` is a whole file, `path` its name for errors, `source` the user's or the policy's. On an
 * error `config` may be half changed. ERR_POLICY_FORBIDS with file, line and member for what is no
 * JSON object, an unknown member, a wrong type, a value out of range; ERR_NO_MEMORY. */
struct error *members_apply(struct bytes text, const char *path, enum config_source source,
                            struct config *config) MUST_USE;

/* Replaces the list of allowed callers with a copy of `origins`. ERR_NO_MEMORY. */
struct error *members_set_origins(struct config *config, const char *const *origins, size_t count)
    MUST_USE;

void members_clear_origins(struct config *config);

#endif
