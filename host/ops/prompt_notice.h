/* Tells the client that a dialog opened or closed, so that a view says "waiting for your PIN". */
#ifndef SEALPOST_OPS_PROMPT_NOTICE_H
#define SEALPOST_OPS_PROMPT_NOTICE_H

#include <stdbool.h>

struct task;

/* A remote_prompt_fn whose context is the struct rpc_server: prompt.opened and prompt.closed with
 * the id of the request that the dialog is for. */
void prompt_notice_tell(void *context, const struct task *task, bool opened, const char *kind,
                        const char *token);

#endif
