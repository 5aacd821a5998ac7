/* The host's end of the helper process: typed requests over a socketpair, one at a time, answered
 * by the helper's dialogs. The helper is forked first, before NSS starts, and holds no keys. Its
 * death is ERR_PROMPT_UNAVAILABLE, never a hang. Thread-safe. */
#ifndef SEALPOST_REMOTE_REMOTE_H
#define SEALPOST_REMOTE_REMOTE_H

#include "base/bytes.h"
#include "base/task.h"

#include <stdbool.h>

struct remote;

/* Takes over the socket `fd` (closed with the object). ERR_NO_MEMORY. */
struct error *remote_new(int fd, struct remote **ret_remote) MUST_USE;
/* Closes the socket; the helper then ends with its dialogs. NULL is fine. */
void remote_free(struct remote *remote);
DEFINE_CLEANUP(struct remote *, remote_free);

/* Told when a dialog opens and closes (for prompt.opened and prompt.closed), on the thread that
 * asked; `task` is the asker's, NULL where it has none. */
typedef void remote_prompt_fn(void *context, const struct task *task, bool opened, const char *kind,
                              const char *token);
void remote_set_observer(struct remote *remote, remote_prompt_fn *observer, void *context);

/* Which pinentry the helper starts; NULL: the one on the PATH. Set before the first dialog. */
struct error *remote_set_pinentry(struct remote *remote, const char *path) MUST_USE;

struct pin_request {
    const char *title; /* "PIN for …"; all texts UTF-8, at most 1,023 bytes each */
    const char *token; /* shown; NULL: none */
    const char *site; /* shown; NULL: none */
    const char *error; /* shown as the reason for asking again; NULL: none */
    const char *prompt; /* "PIN:" or "Password:" */
};

/* Asks for a PIN. `ret_pin` is wiped by buffer_free. ERR_PIN_CANCELLED, ERR_PROMPT_UNAVAILABLE
 * (with a hint), ERR_CANCELLED. */
struct error *remote_ask_pin(struct remote *remote, const struct pin_request *request,
                             struct task *task, struct buffer **ret_pin) MUST_USE;

/* Asks yes or no. NULL is yes. ERR_CONSENT_REFUSED, ERR_PROMPT_UNAVAILABLE, ERR_CANCELLED. */
struct error *remote_ask_consent(struct remote *remote, const char *question, const char *site,
                                 struct task *task) MUST_USE;

#endif
