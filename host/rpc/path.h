/* Where in a request's parameters the reading is: "params.recipients[2].address", for errors. Plain
 * data; what does not fit into LIMIT_PARAM_PATH is cut off. */
#ifndef SEALPOST_RPC_PATH_H
#define SEALPOST_RPC_PATH_H

#include "base/error.h"
#include "base/limits.h"

struct path {
    char text[LIMIT_PARAM_PATH];
    size_t len;
};

void path_start(struct path *path, const char *root);
/* Go one step in; the mark is for path_leave. */
size_t path_enter(struct path *path, const char *name);
size_t path_enter_index(struct path *path, size_t index);
void path_leave(struct path *path, size_t mark);

/* "<path> <text>" with the path set. Never NULL. */
struct error *path_error(const struct path *path, enum error_code code, const char *text) MUST_USE;

#endif
