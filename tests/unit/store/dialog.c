#include "store/dialog.h"

#include "remote/remote.h"

#include <unistd.h>

struct error *remote_ask_pin(struct remote *remote, const struct pin_request *request,
                             struct task *task, struct buffer **ret_pin)
{
    struct dialog *dialog = (struct dialog *)(void *)remote;
    TRY(task_check(task));
    const char *answer = dialog->answers[dialog->asked];
    dialog->asked++;
    (void)usleep(dialog->delay_ms * 1000);
    dialog->saw_complaint = dialog->saw_complaint || request->error;
    dialog->saw_site = request->site && request->title && request->token && request->prompt;
    if (!answer) {
        return error_new(ERR_PIN_CANCELLED, "cancelled");
    }
    TRY(buffer_new(0, ret_pin));
    return buffer_append_string(*ret_pin, answer);
}

struct remote *dialog_remote(struct dialog *dialog)
{
    return (struct remote *)(void *)dialog;
}
