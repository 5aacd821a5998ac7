#include "helper/helper.h"

#include "base/limits.h"
#include "helper/pinentry.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_FILENO (STDERR_FILENO + 1)

/* Being there is enough: it ends ppoll(). */
static void on_signal(int number)
{
    (void)number;
}

/* SIGTERM comes when the host dies, even if somebody still holds its end of the socket. It is
 * blocked except in ppoll(), so that it always ends the waiting and never a dialog half-way. */
static bool prepare_signals(pid_t host)
{
    struct sigaction noticed = { .sa_handler = on_signal };
    struct sigaction ignored = { .sa_handler = SIG_IGN };
    struct sigaction usual = { .sa_handler = SIG_DFL };
    sigset_t blocked;
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    (void)sigaction(SIGTERM, &noticed, NULL);
    (void)sigaction(SIGPIPE, &ignored, NULL);
    (void)sigaction(SIGCHLD, &usual, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    return getppid() == host;
}

/* Leaves nothing open but the socket and stderr, nor any right to more than this process has. Its
 * own session: keys pressed in the host's terminal are not for dialogs' processes, and pinentry may
 * read a terminal without being stopped for it. */
static bool confine(int socket)
{
    static const struct rlimit no_core = { 0, 0 };
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0) {
        return false;
    }
    if (socket == SOCKET_FILENO ? fcntl(socket, F_SETFD, FD_CLOEXEC) < 0
                                : dup3(socket, SOCKET_FILENO, O_CLOEXEC) < 0) {
        return false;
    }
    closefrom(SOCKET_FILENO + 1);
    (void)setsid();
    if (chdir("/") != 0) {
        return false;
    }
    return setrlimit(RLIMIT_CORE, &no_core) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0 &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static struct error *serve_dialog(const struct message *request, bool *ret_closed)
{
    struct pinentry_watch watch = { .socket = SOCKET_FILENO, .id = request->id };
    CLEANUP(buffer_free) struct buffer *text = NULL;
    TRY(buffer_new(LIMIT_REMOTE_TEXT, &text));
    struct message answer = { .type = MESSAGE_ANSWER, .id = request->id };
    answer.status = pinentry_ask(request, &watch, text);
    if (answer.status == MESSAGE_DONE || answer.status == MESSAGE_UNAVAILABLE) {
        answer.fields[MESSAGE_FIELD_ANSWER] = buffer_view(text);
    }
    *ret_closed = watch.closed;
    return watch.closed ? NULL : message_send(SOCKET_FILENO, &answer);
}

static struct error *serve_one(bool *ret_closed)
{
    CLEANUP(buffer_free) struct buffer *packet = NULL;
    struct message message = { 0 };
    TRY(message_receive(SOCKET_FILENO, &packet, &message));
    switch (message.type) {
    case MESSAGE_PIN:
    case MESSAGE_CONSENT:
        return serve_dialog(&message, ret_closed);
    case MESSAGE_ABORT: /* of a dialog that has just ended */
        return NULL;
    case MESSAGE_ANSWER:
        break;
    }
    return error_new(ERR_INTERNAL, "the host answered");
}

/* Until the host closes the socket, dies, or says what makes no sense. */
static void serve(void)
{
    bool closed = false;
    sigset_t none;
    (void)sigemptyset(&none);
    while (!closed) {
        struct pollfd waited = { .fd = SOCKET_FILENO, .events = POLLIN };
        if (ppoll(&waited, 1, NULL, &none) < 0) {
            return;
        }
        struct error *error = serve_one(&closed);
        closed = closed || error != NULL;
        error_free(error);
    }
}

static _Noreturn void become_helper(int socket, pid_t host)
{
    if (!prepare_signals(host) || !confine(socket)) {
        _exit(EXIT_FAILURE);
    }
    serve();
    _exit(EXIT_SUCCESS);
}

struct error *helper_start(int *ret_fd)
{
    int ends[2] = { -1, -1 };
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return error_wrap(error_new_errno(errno, "socketpair"), ERR_INTERNAL,
                          "the helper process cannot be started");
    }
    pid_t host = getpid();
    pid_t child = fork();
    if (child == 0) {
        become_helper(ends[1], host);
    }
    int failed = errno;
    (void)close(ends[1]);
    if (child < 0) {
        (void)close(ends[0]);
        return error_wrap(error_new_errno(failed, "fork"), ERR_INTERNAL,
                          "the helper process cannot be started");
    }
    *ret_fd = ends[0];
    return NULL;
}
