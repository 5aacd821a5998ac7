/* Passwords of messages and files, asked for in the host's own dialog, never over the protocol. On
 * the command line one that was given beforehand (--pin-file) is taken in place of any dialog. */
#ifndef SEALPOST_MAIL_PASSWORD_H
#define SEALPOST_MAIL_PASSWORD_H

#include "base/bytes.h"
#include "mail/context.h"

/* Whether one was given beforehand, so that asking again is of no use; an empty one was not. */
bool password_is_given(const struct mail_context *context);

/* Asks once. `title` says what for, `complaint` (may be NULL) why again. `ret_password` is wiped by
 * buffer_free. ERR_INTERACTION_FORBIDDEN, ERR_PROMPT_UNAVAILABLE, ERR_PIN_CANCELLED, ERR_CANCELLED,
 * ERR_NO_MEMORY. */
struct error *password_ask(const struct mail_context *context, const char *title,
                           const char *complaint, struct buffer **ret_password) MUST_USE;

/* Asks for a new one, twice, until both are the same and it is not empty; up to
 * LIMIT_PASSWORD_TRIES times, then ERR_PIN_INCORRECT. Errors as above. */
struct error *password_ask_new(const struct mail_context *context, struct buffer **ret_password)
    MUST_USE;

#endif
