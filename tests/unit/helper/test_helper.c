#include "helper/helper.h"
#include "helper/scripted_pinentry.h"
#include "remote/messages.h"
#include "remote/remote.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANGS "while :; do sleep 1; done"

static void send_pin_request(int fd, const struct scripted_pinentry *pinentry)
{
    struct message message = { .type = MESSAGE_PIN, .id = 1 };
    message.fields[MESSAGE_FIELD_PINENTRY] = bytes_of_string(pinentry->path);
    message.fields[MESSAGE_FIELD_TEXT] = BYTES_LITERAL("PIN");
    assert_ok(message_send(fd, &message));
}

/* A helper with a dialog that hangs; ignoring polite signals. */
static int open_dialog(struct scripted_pinentry *pinentry)
{
    scripted_pinentry_make(pinentry, "trap '' TERM HUP", HANGS, HANGS);
    int fd = -1;
    assert_ok(helper_start(&fd));
    send_pin_request(fd, pinentry);
    scripted_pinentry_wait_open(pinentry);
    return fd;
}

Test(helper, ends_with_its_dialog_when_the_socket_closes)
{
    struct scripted_pinentry pinentry;
    int fd = open_dialog(&pinentry);
    pid_t dialog = scripted_pinentry_pid(&pinentry);
    pid_t helper = scripted_pinentry_parent(&pinentry);
    cr_assert_not(process_gone(helper, 0));
    cr_assert_eq(close(fd), 0);
    cr_assert(process_gone(helper, 1000));
    cr_assert(process_gone(dialog, 0));
    scripted_pinentry_remove(&pinentry);
}

Test(helper, ends_when_the_socket_closes_without_a_dialog)
{
    int fd = -1;
    assert_ok(helper_start(&fd));
    cr_assert_eq(close(fd), 0);
    int status = -1;
    cr_assert_gt(wait(&status), 0);
    cr_assert(WIFEXITED(status));
    cr_assert_eq(WEXITSTATUS(status), 0);
}

Test(helper, ends_with_its_dialog_when_the_host_is_killed)
{
    struct scripted_pinentry pinentry;
    scripted_pinentry_make(&pinentry, "trap '' TERM HUP", HANGS, HANGS);
    pid_t host = fork();
    if (host == 0) {
        int fd = -1;
        assert_ok(helper_start(&fd));
        send_pin_request(fd, &pinentry);
        /* somebody else holds the socket too: its end alone must not decide */
        if (fork() == 0) {
            (void)usleep(1500 * 1000);
            _exit(0);
        }
        for (;;) {
            (void)pause();
        }
    }
    scripted_pinentry_wait_open(&pinentry);
    pid_t dialog = scripted_pinentry_pid(&pinentry);
    pid_t helper = scripted_pinentry_parent(&pinentry);
    cr_assert_eq(kill(host, SIGKILL), 0);
    cr_assert_eq(waitpid(host, NULL, 0), host);
    cr_assert(process_gone(helper, 1000));
    cr_assert(process_gone(dialog, 1000));
    scripted_pinentry_remove(&pinentry);
}

Test(helper, takes_its_dialog_along_when_it_is_killed)
{
    struct scripted_pinentry pinentry;
    int fd = open_dialog(&pinentry);
    pid_t dialog = scripted_pinentry_pid(&pinentry);
    cr_assert_eq(kill(scripted_pinentry_parent(&pinentry), SIGKILL), 0);
    CLEANUP(buffer_free) struct buffer *packet = NULL;
    struct message message = { 0 };
    assert_error(message_receive(fd, &packet, &message), ERR_PROMPT_UNAVAILABLE);
    cr_assert(process_gone(dialog, 1000));
    cr_assert_eq(close(fd), 0);
    scripted_pinentry_remove(&pinentry);
}

static void ends_after(const void *packet, size_t len)
{
    int fd = -1;
    assert_ok(helper_start(&fd));
    cr_assert_eq(send(fd, packet, len, 0), (ssize_t)len);
    CLEANUP(buffer_free) struct buffer *answer = NULL;
    struct message message = { 0 };
    assert_error(message_receive(fd, &answer, &message), ERR_PROMPT_UNAVAILABLE);
    cr_assert_eq(close(fd), 0);
}

Test(helper, ends_when_the_host_talks_nonsense)
{
    ends_after("nonsense", 8);
    CLEANUP(buffer_free) struct buffer *packet = NULL;
    struct message message = { .type = MESSAGE_ANSWER };
    assert_ok(message_encode(&message, &packet));
    ends_after(packet->data, packet->len);
}

Test(helper, ends_when_the_host_asks_twice_at_once)
{
    struct scripted_pinentry pinentry;
    int fd = open_dialog(&pinentry);
    send_pin_request(fd, &pinentry);
    cr_assert(process_gone(scripted_pinentry_parent(&pinentry), 1000));
    cr_assert_eq(close(fd), 0);
    scripted_pinentry_remove(&pinentry);
}

Test(helper, takes_no_abort_for_another_dialog)
{
    struct scripted_pinentry pinentry;
    int fd = open_dialog(&pinentry);
    struct message abort = { .type = MESSAGE_ABORT, .id = 99 };
    assert_ok(message_send(fd, &abort));
    cr_assert_not(process_gone(scripted_pinentry_pid(&pinentry), 200));
    abort.id = 1;
    assert_ok(message_send(fd, &abort));
    CLEANUP(buffer_free) struct buffer *packet = NULL;
    struct message answer = { 0 };
    assert_ok(message_receive(fd, &packet, &answer));
    cr_assert_eq(answer.status, MESSAGE_ABORTED);
    cr_assert(process_gone(scripted_pinentry_pid(&pinentry), 0));
    cr_assert_eq(close(fd), 0);
    scripted_pinentry_remove(&pinentry);
}

Test(helper, survives_an_abort_without_a_dialog)
{
    int fd = -1;
    assert_ok(helper_start(&fd));
    struct message abort = { .type = MESSAGE_ABORT, .id = 1 };
    assert_ok(message_send(fd, &abort));
    struct remote *remote = NULL;
    assert_ok(remote_new(fd, &remote));
    struct scripted_pinentry pinentry;
    scripted_pinentry_make(&pinentry, "", "echo OK", "echo OK");
    assert_ok(remote_set_pinentry(remote, pinentry.path));
    assert_ok(remote_ask_consent(remote, "May it?", NULL, NULL));
    remote_free(remote);
    scripted_pinentry_remove(&pinentry);
}

/* The value of a line of /proc/PID/status. */
static long status_value(pid_t pid, const char *name)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file);
    char line[256];
    long value = -1;
    while (fgets(line, sizeof(line), file)) {
        if (strncmp(line, name, strlen(name)) == 0) {
            value = strtol(line + strlen(name), NULL, 10);
        }
    }
    cr_assert_eq(fclose(file), 0);
    return value;
}

Test(helper, has_no_more_rights_and_files_than_it_needs)
{
    struct scripted_pinentry pinentry;
    int fd = open_dialog(&pinentry);
    pid_t helper = scripted_pinentry_parent(&pinentry);
    cr_assert_eq(status_value(helper, "NoNewPrivs:"), 1);
    cr_assert_eq(status_value(helper, "Threads:"), 1);
    cr_assert_eq(getsid(helper), helper);
    int open_files = 0;
    for (int number = 0; number < 100; number++) {
        char path[64];
        char target[64];
        (void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", helper, number);
        open_files += readlink(path, target, sizeof(target)) > 0;
    }
    if (geteuid() == 0) { /* others may not look into a process that may not be dumped */
        cr_assert_eq(open_files, 5, "stdin, stdout, stderr, host, pinentry; seen: %d", open_files);
    }
    cr_assert_eq(close(fd), 0);
    cr_assert(process_gone(helper, 1000));
    scripted_pinentry_remove(&pinentry);
}
