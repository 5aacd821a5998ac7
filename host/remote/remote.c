#include "remote/remote.h"

#include "base/limits.h"
#include "remote/messages.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STEP_MS 50 /* how often a waiting request looks whether it was cancelled */
#define MS_IN_NS 1000000L
#define SECOND_IN_NS 1000000000L

struct remote {
    int fd;
    char *pinentry; /* NULL: found on the PATH */
    remote_prompt_fn *observer;
    void *observer_context;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t idle;
    bool busy; /* a dialog is open; whoever set it owns the socket */
    bool dead; /* the helper is gone */
    uint32_t last_id;
};

struct error *remote_new(int fd, struct remote **ret_remote)
{
    struct remote *remote = calloc(1, sizeof(*remote));
    if (!remote) {
        (void)close(fd);
        return error_no_memory();
    }
    remote->fd = fd;
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&remote->lock, NULL);
    (void)pthread_cond_init(&remote->idle, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    *ret_remote = remote;
    return NULL;
}

void remote_free(struct remote *remote)
{
    if (!remote) {
        return;
    }
    (void)close(remote->fd);
    (void)pthread_cond_destroy(&remote->idle);
    (void)pthread_mutex_destroy(&remote->lock);
    free(remote->pinentry);
    free(remote);
}

void remote_set_observer(struct remote *remote, remote_prompt_fn *observer, void *context)
{
    remote->observer = observer;
    remote->observer_context = context;
}

struct error *remote_set_pinentry(struct remote *remote, const char *path)
{
    char *copy = NULL;
    if (path) {
        TRY(bytes_to_string(bytes_of_string(path), &copy));
    }
    free(remote->pinentry);
    remote->pinentry = copy;
    return NULL;
}

static struct error *unavailable(struct error *cause, const char *why)
{
    struct error *error =
        error_wrap(cause, ERR_PROMPT_UNAVAILABLE, "no dialog can be shown: %s", why);
    error_set_hint(error, "Install a pinentry for your desktop, such as pinentry-gnome3 or "
                          "pinentry-qt, or name one in the configuration (\"pinentry\").");
    return error;
}

static struct timespec step_from_now(void)
{
    struct timespec moment = { 0 };
    (void)clock_gettime(CLOCK_MONOTONIC, &moment);
    moment.tv_nsec += STEP_MS * MS_IN_NS;
    if (moment.tv_nsec >= SECOND_IN_NS) {
        moment.tv_nsec -= SECOND_IN_NS;
        moment.tv_sec++;
    }
    return moment;
}

/* Waits, with the lock held, until no dialog is open. */
static struct error *wait_for_idle(struct remote *remote, struct task *task)
{
    while (remote->busy) {
        TRY(task_check(task));
        struct timespec until = step_from_now();
        (void)pthread_cond_timedwait(&remote->idle, &remote->lock, &until);
    }
    TRY(task_check(task));
    if (remote->dead) {
        return unavailable(NULL, "the helper process has ended");
    }
    return NULL;
}

/* On success this thread owns the socket until release(). */
static struct error *acquire(struct remote *remote, struct task *task, uint32_t *ret_id)
{
    (void)pthread_mutex_lock(&remote->lock);
    struct error *error = wait_for_idle(remote, task);
    if (!error) {
        remote->busy = true;
        *ret_id = ++remote->last_id;
    }
    (void)pthread_mutex_unlock(&remote->lock);
    return error;
}

static void release(struct remote *remote, bool dead)
{
    (void)pthread_mutex_lock(&remote->lock);
    remote->busy = false;
    remote->dead = remote->dead || dead;
    (void)pthread_cond_broadcast(&remote->idle);
    (void)pthread_mutex_unlock(&remote->lock);
}

/* Whether there is something to receive, waiting one step for it. */
static bool readable(int fd)
{
    struct pollfd waited = { .fd = fd, .events = POLLIN };
    return poll(&waited, 1, STEP_MS) > 0;
}

/* Receives the answer to dialog `id`; late answers to dialogs that were aborted are dropped. */
static struct error *receive_answer(struct remote *remote, uint32_t id, struct task *task,
                                    struct buffer **ret_packet, struct message *ret_answer)
{
    for (;;) {
        struct error *cancelled = task_check(task);
        if (cancelled) {
            struct message abort = { .type = MESSAGE_ABORT, .id = id };
            error_free(message_send(remote->fd, &abort));
            return cancelled;
        }
        if (!readable(remote->fd)) {
            continue;
        }
        CLEANUP(buffer_free) struct buffer *packet = NULL;
        struct error *error = message_receive(remote->fd, &packet, ret_answer);
        if (error) {
            return unavailable(error, "the helper process has ended");
        }
        if (ret_answer->type == MESSAGE_ANSWER && ret_answer->id == id) {
            *ret_packet = TAKE_PTR(packet);
            return NULL;
        }
    }
}

static void observe(const struct remote *remote, const struct task *task, bool opened,
                    const struct message *request, const char *token)
{
    if (remote->observer) {
        remote->observer(remote->observer_context, task, opened,
                         request->type == MESSAGE_PIN ? "pin" : "consent", token);
    }
}

/* One dialog from the request to its answer, of which the packet is the owner. */
static struct error *exchange(struct remote *remote, struct message *request, const char *token,
                              struct task *task, struct buffer **ret_packet,
                              struct message *ret_answer)
{
    TRY(acquire(remote, task, &request->id));
    request->fields[MESSAGE_FIELD_PINENTRY] = bytes_of_string(remote->pinentry);
    struct error *error = message_send(remote->fd, request);
    if (!error) {
        observe(remote, task, true, request, token);
        error = receive_answer(remote, request->id, task, ret_packet, ret_answer);
        observe(remote, task, false, request, token);
    } else if (error_get_code(error) == ERR_PROMPT_UNAVAILABLE) {
        error = unavailable(error, "the helper process has ended");
    }
    release(remote, error && error_get_code(error) == ERR_PROMPT_UNAVAILABLE);
    return error;
}

/* What kept the dialog from being answered; NULL where it was answered with `done`. */
static struct error *judge_answer(const struct message *answer, enum error_code refused)
{
    switch (answer->status) {
    case MESSAGE_DONE:
        return NULL;
    case MESSAGE_REFUSED:
        return error_new(refused, "the dialog was cancelled");
    case MESSAGE_TOO_LONG:
        return error_new(ERR_PIN_INCORRECT, "the PIN has more than %d bytes", LIMIT_PIN);
    case MESSAGE_ABORTED:
        return error_new(ERR_CANCELLED, "the dialog was closed");
    case MESSAGE_UNAVAILABLE:
        break;
    }
    CLEANUP(string_free) char *why = NULL;
    TRY(bytes_to_string(answer->fields[MESSAGE_FIELD_ANSWER], &why));
    return unavailable(NULL, why);
}

struct error *remote_ask_pin(struct remote *remote, const struct pin_request *request,
                             struct task *task, struct buffer **ret_pin)
{
    struct message message = { .type = MESSAGE_PIN };
    message.fields[MESSAGE_FIELD_SITE] = bytes_of_string(request->site);
    message.fields[MESSAGE_FIELD_TEXT] = bytes_of_string(request->title);
    message.fields[MESSAGE_FIELD_TOKEN] = bytes_of_string(request->token);
    message.fields[MESSAGE_FIELD_ERROR] = bytes_of_string(request->error);
    message.fields[MESSAGE_FIELD_PROMPT] = bytes_of_string(request->prompt);
    CLEANUP(buffer_free) struct buffer *packet = NULL;
    struct message answer = { 0 };
    TRY(exchange(remote, &message, request->token, task, &packet, &answer));
    TRY(judge_answer(&answer, ERR_PIN_CANCELLED));
    CLEANUP(buffer_free) struct buffer *pin = NULL;
    TRY(buffer_new(LIMIT_PIN, &pin));
    TRY(buffer_append(pin, answer.fields[MESSAGE_FIELD_ANSWER]));
    *ret_pin = TAKE_PTR(pin);
    return NULL;
}

struct error *remote_ask_consent(struct remote *remote, const char *question, const char *site,
                                 struct task *task)
{
    struct message message = { .type = MESSAGE_CONSENT };
    message.fields[MESSAGE_FIELD_SITE] = bytes_of_string(site);
    message.fields[MESSAGE_FIELD_TEXT] = bytes_of_string(question);
    CLEANUP(buffer_free) struct buffer *packet = NULL;
    struct message answer = { 0 };
    TRY(exchange(remote, &message, NULL, task, &packet, &answer));
    return judge_answer(&answer, ERR_CONSENT_REFUSED);
}
