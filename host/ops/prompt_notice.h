/* Tells the client that a dialog opened or closed, so that a view says "waiting for your PIN". */
#ifndef SEALPOST_OPS_PROMPT_NOTICE_H
#define SEALPOST_OPS_PROMPT_NOTICE_H

#include <stdatomic.h>
#include <stdbool.h>

struct rpc_server;

struct prompt_notice {
    struct rpc_server *server; /* borrowed */
    atomic_int id; /* of the dialog that is open or was open last: there is one at a time */
};

/* A remote_prompt_fn whose context is a struct prompt_notice. */
void prompt_notice_tell(void *context, bool opened, const char *kind, const char *token);

#endif
