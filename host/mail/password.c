#include "mail/password.h"

#include "base/limits.h"
#include "remote/remote.h"

bool password_is_given(const struct mail_context *context)
{
    return context->password && context->password[0] != '\0';
}

static struct error *take_given(const struct mail_context *context, struct buffer **ret_password)
{
    CLEANUP(buffer_free) struct buffer *password = NULL;
    TRY(buffer_new(0, &password));
    TRY(buffer_append_string(password, context->password));
    *ret_password = TAKE_PTR(password);
    return NULL;
}

struct error *password_ask(const struct mail_context *context, const char *title,
                           const char *complaint, struct buffer **ret_password)
{
    if (password_is_given(context)) {
        return take_given(context, ret_password);
    }
    if (!context->interaction.allowed) {
        return error_new(ERR_INTERACTION_FORBIDDEN, "a password is needed");
    }
    if (!context->remote) {
        struct error *error =
            error_new(ERR_PROMPT_UNAVAILABLE, "no dialog can be shown for the password");
        error_set_hint(error, "Give the password with --pin-file.");
        return error;
    }
    const struct pin_request request = {
        .title = title,
        .site = context->interaction.site,
        .error = complaint,
        .prompt = "Password:",
    };
    return remote_ask_pin(context->remote, &request, context->interaction.task, ret_password);
}

struct error *password_ask_new(const struct mail_context *context, struct buffer **ret_password)
{
    const char *complaint = NULL;
    for (int i = 0; i < LIMIT_PASSWORD_TRIES; i++) {
        CLEANUP(buffer_free) struct buffer *first = NULL;
        CLEANUP(buffer_free) struct buffer *second = NULL;
        TRY(password_ask(context, "New password for an encrypted message", complaint, &first));
        if (first->len == 0) {
            complaint = "The password may not be empty.";
            continue;
        }
        TRY(password_ask(context, "The same password again", NULL, &second));
        /* both were typed here and now: there is nobody whom the time could tell anything */
        if (bytes_equal(buffer_view(first), buffer_view(second))) {
            *ret_password = TAKE_PTR(first);
            return NULL;
        }
        complaint = "The two passwords were not the same.";
    }
    return error_new(ERR_PIN_INCORRECT, "no password was given twice");
}
