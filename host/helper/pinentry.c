#include "helper/pinentry.h"

#include "base/limits.h"
#include "helper/escape.h"
#include "helper/program.h"

#include <assuan.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Shares of a line, whose 1,000 bytes are given by the protocol of libassuan. */
#define LINE_LIMIT 990
#define BUDGET_TEXT 420
#define BUDGET_SITE 300
#define BUDGET_TOKEN 200
#define BUDGET_SHORT 300 /* of SETERROR, SETPROMPT and the options */
#define REASON_SIZE 64
#define TERMINAL_SIZE 64

/* --- memory of libassuan: its lines hold the PIN, so all of it is wiped when freed --- */

struct block {
    size_t len;
    max_align_t data[];
};

static void *block_malloc(size_t len)
{
    if (len > SIZE_MAX - sizeof(struct block)) {
        return NULL;
    }
    struct block *block = malloc(sizeof(*block) + len);
    if (!block) {
        return NULL;
    }
    block->len = len;
    return block->data;
}

static void block_free(void *data)
{
    if (data) {
        struct block *block =
            (struct block *)(void *)((uint8_t *)data - offsetof(struct block, data));
        explicit_bzero(block->data, block->len);
        free(block);
    }
}

static void *block_realloc(void *data, size_t len)
{
    void *fresh = block_malloc(len);
    if (fresh && data) {
        const struct block *old =
            (const struct block *)(const void *)((const uint8_t *)data -
                                                 offsetof(struct block, data));
        memcpy(fresh, data, old->len < len ? old->len : len);
        block_free(data);
    }
    return fresh;
}

static struct assuan_malloc_hooks wiping_memory(void)
{
    return (struct assuan_malloc_hooks){ block_malloc, block_realloc, block_free };
}

/* libassuan could be told by the environment to log its lines, the PIN among them. */
static int never_log(assuan_context_t context, void *hook, unsigned int category,
                     const char *message)
{
    (void)context;
    (void)hook;
    (void)category;
    (void)message;
    return 0;
}

/* --- waiting for pinentry and for the host at once --- */

/* Something came from the host while its dialog is open: only an abort makes sense. */
static void hear_host(struct pinentry_watch *watch)
{
    CLEANUP(buffer_free) struct buffer *packet = NULL;
    struct message message = { 0 };
    struct error *error = message_receive(watch->socket, &packet, &message);
    if (error || message.type != MESSAGE_ABORT) {
        watch->closed = true;
    } else if (message.id == watch->id) {
        watch->aborted = true;
    }
    error_free(error);
}

/* libassuan's read(): stops waiting when the host wants it. */
static ssize_t watched_read(assuan_context_t context, assuan_fd_t fd, void *target, size_t len)
{
    struct pinentry_watch *watch = assuan_get_pointer(context);
    sigset_t none;
    (void)sigemptyset(&none);
    while (!watch->aborted && !watch->closed) {
        struct pollfd waited[] = { { .fd = watch->socket, .events = POLLIN },
                                   { .fd = fd, .events = POLLIN } };
        if (ppoll(waited, ARRAY_SIZE(waited), NULL, &none) < 0) {
            watch->closed = true; /* a signal: this process is to end */
        } else if (waited[0].revents) {
            hear_host(watch);
        } else if (waited[1].revents) {
            return read(fd, target, len);
        }
    }
    errno = ECANCELED;
    return -1;
}

static assuan_context_t connect_to(int fd, struct pinentry_watch *watch)
{
    struct assuan_malloc_hooks memory = wiping_memory();
    struct assuan_system_hooks hooks = {
        .version = ASSUAN_SYSTEM_HOOKS_VERSION,
        .usleep = __assuan_usleep,
        .pipe = __assuan_pipe,
        .close = __assuan_close,
        .read = watched_read,
        .write = __assuan_write,
        .recvmsg = __assuan_recvmsg,
        .sendmsg = __assuan_sendmsg,
        .spawn = __assuan_spawn,
        .waitpid = __assuan_waitpid,
        .socketpair = __assuan_socketpair,
        .socket = __assuan_socket,
        .connect = __assuan_connect,
    };
    assuan_context_t context = NULL;
    if (assuan_new_ext(&context, GPG_ERR_SOURCE_USER_1, &memory, never_log, NULL)) {
        (void)close(fd);
        return NULL;
    }
    assuan_ctx_set_system_hooks(context, &hooks);
    assuan_set_pointer(context, watch);
    assuan_begin_confidential(context);
    if (assuan_socket_connect_fd(context, fd, 0)) { /* it has closed the socket */
        assuan_release(context);
        return NULL;
    }
    return context;
}

/* --- what is said --- */

/* Sends "COMMAND text"; whether pinentry knows the command does not matter. */
static gpg_error_t say(assuan_context_t context, const struct buffer *line)
{
    CLEANUP(string_free) char *text = NULL;
    struct error *error = bytes_to_string(buffer_view(line), &text);
    if (error) {
        error_free(error);
        return gpg_error(GPG_ERR_ENOMEM);
    }
    return assuan_transact(context, text, NULL, NULL, NULL, NULL, NULL, NULL);
}

/* "COMMAND foreign text". An absent text says nothing. */
static struct error *say_text(assuan_context_t context, const char *command, struct bytes text)
{
    if (!text.data) {
        return NULL;
    }
    CLEANUP(buffer_free) struct buffer *line = NULL;
    TRY(buffer_new(LINE_LIMIT, &line));
    TRY(buffer_append_string(line, command));
    TRY(escape_append_foreign(line, text, BUDGET_SHORT));
    (void)say(context, line);
    return NULL;
}

static struct error *append_labelled(struct buffer *line, const char *label, struct bytes text,
                                     size_t budget)
{
    if (!text.data) {
        return NULL;
    }
    TRY(escape_append_own(line, label));
    return escape_append_foreign(line, text, budget);
}

/* Who asks stands on lines of its own behind our words, where the text above cannot imitate it. */
static struct error *say_description(assuan_context_t context, const struct message *request)
{
    CLEANUP(buffer_free) struct buffer *line = NULL;
    TRY(buffer_new(LINE_LIMIT, &line));
    TRY(buffer_append_string(line, "SETDESC "));
    TRY(escape_append_foreign(line, request->fields[MESSAGE_FIELD_TEXT], BUDGET_TEXT));
    TRY(append_labelled(line, "\nToken: ", request->fields[MESSAGE_FIELD_TOKEN], BUDGET_TOKEN));
    TRY(append_labelled(line, "\nSite: ", request->fields[MESSAGE_FIELD_SITE], BUDGET_SITE));
    (void)say(context, line);
    return NULL;
}

/* The terminal to draw on: the one that is named, else the host's own; NULL: none. */
static const char *find_terminal(char own[static TERMINAL_SIZE])
{
    const char *named = secure_getenv("GPG_TTY");
    if (named && *named) {
        return named;
    }
    return ttyname_r(STDERR_FILENO, own, TERMINAL_SIZE) == 0 ? own : NULL;
}

static struct error *say_terminal(assuan_context_t context)
{
    char own[TERMINAL_SIZE] = "";
    const char *terminal = find_terminal(own);
    const char *language = secure_getenv("LC_ALL");
    language = language ? language : secure_getenv("LC_CTYPE");
    language = language ? language : secure_getenv("LANG");
    TRY(say_text(context, "OPTION ttyname=", bytes_of_string(terminal)));
    TRY(say_text(context, "OPTION ttytype=", bytes_of_string(secure_getenv("TERM"))));
    TRY(say_text(context, "OPTION lc-ctype=", bytes_of_string(language)));
    return say_text(context, "OPTION lc-messages=", bytes_of_string(language));
}

static struct error *say_all(assuan_context_t context, const struct message *request)
{
    bool pin = request->type == MESSAGE_PIN;
    TRY(say_terminal(context));
    TRY(say_text(context, "SETTITLE ", BYTES_LITERAL("Sealpost")));
    TRY(say_description(context, request));
    TRY(say_text(context, "SETPROMPT ", request->fields[MESSAGE_FIELD_PROMPT]));
    TRY(say_text(context, "SETERROR ", request->fields[MESSAGE_FIELD_ERROR]));
    TRY(say_text(context, "SETOK ", pin ? BYTES_LITERAL("OK") : BYTES_LITERAL("Allow")));
    return say_text(context, "SETCANCEL ", pin ? BYTES_LITERAL("Cancel") : BYTES_LITERAL("Refuse"));
}

/* --- what is answered --- */

struct pin_sink {
    struct buffer *pin;
    bool too_long;
};

static gpg_error_t take_data(void *context, const void *data, size_t len)
{
    struct pin_sink *sink = context;
    if (len > LIMIT_PIN || sink->pin->len + len > LIMIT_PIN) {
        sink->too_long = true;
        return gpg_error(GPG_ERR_TOO_LARGE);
    }
    struct error *error = buffer_append(sink->pin, (struct bytes){ data, len });
    if (!error) {
        return 0;
    }
    error_free(error);
    return gpg_error(GPG_ERR_ENOMEM);
}

/* What stands in `answer` may be a PIN and goes in any case. */
static void say_why(struct buffer *answer, const char *program, const char *why)
{
    if (answer->data) {
        explicit_bzero(answer->data, answer->capacity);
        answer->len = 0;
    }
    error_free(buffer_printf(answer, "%s: %s", program, why));
}

static enum message_status judge(gpg_error_t result, const char *program, struct buffer *answer)
{
    switch (gpg_err_code(result)) {
    case GPG_ERR_NO_ERROR:
        return MESSAGE_DONE;
    case GPG_ERR_CANCELED:
    case GPG_ERR_FULLY_CANCELED:
    case GPG_ERR_NOT_CONFIRMED:
    case GPG_ERR_TIMEOUT:
        return MESSAGE_REFUSED;
    default:
        break;
    }
    char why[REASON_SIZE] = "";
    (void)snprintf(why, sizeof(why), "it shows no dialog (gpg-error %u)", gpg_err_code(result));
    say_why(answer, program, why);
    return MESSAGE_UNAVAILABLE;
}

static enum message_status converse(assuan_context_t context, const char *program,
                                    const struct message *request, struct buffer *answer)
{
    struct error *error = say_all(context, request);
    if (error) {
        say_why(answer, program, error_get_message(error));
        error_free(error);
        return MESSAGE_UNAVAILABLE;
    }
    struct pin_sink sink = { .pin = answer };
    bool pin = request->type == MESSAGE_PIN;
    gpg_error_t result = assuan_transact(context, pin ? "GETPIN" : "CONFIRM",
                                         pin ? take_data : NULL, &sink, NULL, NULL, NULL, NULL);
    if (sink.too_long) {
        return MESSAGE_TOO_LONG;
    }
    return judge(result, program, answer);
}

static enum message_status ask_program(const char *program, const struct message *request,
                                       struct pinentry_watch *watch, struct buffer *answer)
{
    char own[TERMINAL_SIZE] = "";
    if (program_needs_terminal(program) && !find_terminal(own)) {
        say_why(answer, program, "it needs a terminal, and there is none");
        return MESSAGE_UNAVAILABLE;
    }
    pid_t pid = -1;
    int fd = -1;
    struct error *error = program_start(program, &pid, &fd);
    if (error) {
        say_why(answer, program, error_get_message(error));
        error_free(error);
        return MESSAGE_UNAVAILABLE;
    }
    enum message_status status = MESSAGE_UNAVAILABLE;
    assuan_context_t context = connect_to(fd, watch);
    if (context) {
        status = converse(context, program, request, answer);
    } else {
        say_why(answer, program, "it does not start");
    }
    bool interrupted = watch->aborted || watch->closed;
    assuan_release(context);
    program_stop(pid, !interrupted);
    return interrupted ? MESSAGE_ABORTED : status;
}

static enum message_status ask_found(const struct message *request, struct pinentry_watch *watch,
                                     struct buffer *answer)
{
    say_why(answer, "pinentry", "no such program is on the PATH");
    for (size_t number = 0;; number++) {
        CLEANUP(string_free) char *program = NULL;
        error_free(program_find(number, &program));
        if (!program) {
            return MESSAGE_UNAVAILABLE;
        }
        answer->len = 0;
        enum message_status status = ask_program(program, request, watch, answer);
        if (status != MESSAGE_UNAVAILABLE) {
            return status;
        }
    }
}

enum message_status pinentry_ask(const struct message *request, struct pinentry_watch *watch,
                                 struct buffer *answer)
{
    struct bytes named = request->fields[MESSAGE_FIELD_PINENTRY];
    if (!named.data) {
        return ask_found(request, watch, answer);
    }
    CLEANUP(string_free) char *program = NULL;
    struct error *error = bytes_to_string(named, &program);
    if (error) {
        error_free(error);
        return MESSAGE_UNAVAILABLE;
    }
    return ask_program(program, request, watch, answer);
}
