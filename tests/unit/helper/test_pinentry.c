#include "base/clock.h"
#include "base/limits.h"
#include "helper/helper.h"
#include "helper/pinentry.h"
#include "helper/scripted_pinentry.h"
#include "remote/remote.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NO_CONFIRM "echo 'ERR 83886179 Operation cancelled'"

/* A helper process whose pinentry is a script. */
struct stage {
    struct scripted_pinentry pinentry;
    struct remote *remote;
};

static struct stage raise_stage(const char *start, const char *get_pin, const char *confirm)
{
    struct stage stage = { 0 };
    scripted_pinentry_make(&stage.pinentry, start, get_pin, confirm);
    int fd = -1;
    assert_ok(helper_start(&fd));
    assert_ok(remote_new(fd, &stage.remote));
    assert_ok(remote_set_pinentry(stage.remote, stage.pinentry.path));
    return stage;
}

static void strike_stage(struct stage *stage)
{
    remote_free(stage->remote);
    scripted_pinentry_remove(&stage->pinentry);
}

static struct error *ask_pin(struct stage *stage, struct task *task, struct buffer **ret_pin)
{
    struct pin_request request = { .title = "PIN for the card", .prompt = "PIN:" };
    return remote_ask_pin(stage->remote, &request, task, ret_pin);
}

/* Asks for a PIN that does not come. */
static struct error *ask_in_vain(const char *start, const char *get_pin)
{
    struct stage stage = raise_stage(start, get_pin, NO_CONFIRM);
    CLEANUP(buffer_free) struct buffer *pin = NULL;
    struct error *error = ask_pin(&stage, NULL, &pin);
    cr_expect_null(pin);
    strike_stage(&stage);
    return error;
}

Test(pinentry_ask, tells_that_it_was_cancelled)
{
    assert_error(ask_in_vain("", "echo 'ERR 83886179 Operation cancelled <Pinentry>'"),
                 ERR_PIN_CANCELLED);
}

Test(pinentry_ask, tells_of_a_pinentry_without_a_screen)
{
    CLEANUP(error_free)
    struct error *error = ask_in_vain("", "echo 'ERR 83918950 Inappropriate ioctl for device'");
    cr_assert_eq(error_get_code(error), ERR_PROMPT_UNAVAILABLE);
    cr_assert_not_null(error_get_hint(error));
}

Test(pinentry_ask, tells_of_a_pinentry_that_crashes)
{
    assert_error(ask_in_vain("", "kill -SEGV $$"), ERR_PROMPT_UNAVAILABLE);
    assert_error(ask_in_vain("exit 1", ""), ERR_PROMPT_UNAVAILABLE);
}

Test(pinentry_ask, tells_of_a_pinentry_that_talks_nonsense)
{
    assert_error(ask_in_vain("echo nonsense", "echo OK"), ERR_PROMPT_UNAVAILABLE);
    assert_error(ask_in_vain("", "echo nonsense"), ERR_PROMPT_UNAVAILABLE);
    assert_error(ask_in_vain("head -c 5000 /dev/zero | tr '\\0' x", "echo OK"),
                 ERR_PROMPT_UNAVAILABLE);
}

Test(pinentry_ask, tells_of_a_pinentry_that_is_not_there)
{
    struct stage stage = raise_stage("", "echo OK", "echo OK");
    assert_ok(remote_set_pinentry(stage.remote, "/nonexistent/pinentry"));
    CLEANUP(error_free)
    struct error *error = remote_ask_consent(stage.remote, "May it?", NULL, NULL);
    cr_assert_eq(error_get_code(error), ERR_PROMPT_UNAVAILABLE);
    cr_assert_not_null(strstr(error_get_message(error), "/nonexistent/pinentry"));
    assert_ok(remote_set_pinentry(stage.remote, stage.pinentry.path));
    assert_ok(remote_ask_consent(stage.remote, "May it?", NULL, NULL));
    strike_stage(&stage);
}

Test(pinentry_ask, refuses_a_pin_over_the_limit)
{
    assert_error(ask_in_vain("", "printf 'D '; head -c 256 /dev/zero | tr '\\0' 1; echo; echo OK"),
                 ERR_PIN_INCORRECT);
}

Test(pinentry_ask, never_gives_away_a_pin_in_a_reason)
{
    CLEANUP(error_free)
    struct error *error = ask_in_vain("", "echo 'D 271828'; echo 'ERR 83886081 General error'");
    cr_assert_eq(error_get_code(error), ERR_PROMPT_UNAVAILABLE);
    cr_assert_null(strstr(error_get_message(error), "271828"));
}

Test(pinentry_ask, gets_the_pin)
{
    struct stage stage = raise_stage("", "echo 'D 12%2534%0A'; echo OK", NO_CONFIRM);
    CLEANUP(buffer_free) struct buffer *pin = NULL;
    assert_ok(ask_pin(&stage, NULL, &pin));
    cr_assert(bytes_equal(buffer_view(pin), BYTES_LITERAL("12%34\n")));
    strike_stage(&stage);
}

Test(pinentry_ask, gets_a_pin_of_the_greatest_length)
{
    struct stage stage = raise_stage(
        "", "printf 'D '; head -c 255 /dev/zero | tr '\\0' 1; echo; echo OK", NO_CONFIRM);
    CLEANUP(buffer_free) struct buffer *pin = NULL;
    assert_ok(ask_pin(&stage, NULL, &pin));
    cr_assert_eq(pin->len, LIMIT_PIN);
    strike_stage(&stage);
}

Test(pinentry_ask, gets_an_empty_pin)
{
    struct stage stage = raise_stage("", "echo OK", NO_CONFIRM);
    CLEANUP(buffer_free) struct buffer *pin = NULL;
    assert_ok(ask_pin(&stage, NULL, &pin));
    cr_assert_eq(pin->len, 0);
    strike_stage(&stage);
}

Test(pinentry_ask, asks_for_consent)
{
    struct stage yes = raise_stage("", "", "echo OK");
    assert_ok(remote_ask_consent(yes.remote, "May it?", "https://mail.example", NULL));
    cr_assert(
        scripted_pinentry_heard(&yes.pinentry, "SETDESC May it?%0ASite: https://mail.example"));
    cr_assert(scripted_pinentry_heard(&yes.pinentry, "SETCANCEL Refuse"));
    strike_stage(&yes);
    struct stage no = raise_stage("", "", "echo 'ERR 83886194 Not confirmed <Pinentry>'");
    assert_error(remote_ask_consent(no.remote, "May it?", NULL, NULL), ERR_CONSENT_REFUSED);
    strike_stage(&no);
}

Test(pinentry_ask, escapes_hostile_texts)
{
    struct stage stage = raise_stage("", "echo OK", NO_CONFIRM);
    struct pin_request request = { .title = "PIN for 100%\nSETPROMPT evil",
                                   .token = "Card\r\nGETPIN\x1b[2J \xe2\x80\xaeoof",
                                   .site = "https://mail.example\nhttps://bank.example",
                                   .error = "wrong\x01 \xff PIN",
                                   .prompt = "P%49N:" };
    CLEANUP(buffer_free) struct buffer *pin = NULL;
    assert_ok(remote_ask_pin(stage.remote, &request, NULL, &pin));
    cr_expect(scripted_pinentry_heard(
        &stage.pinentry, "SETDESC PIN for 100%25 SETPROMPT evil%0AToken: Card  GETPIN[2J oof"
                         "%0ASite: https://mail.example https://bank.example"));
    cr_expect(scripted_pinentry_heard(&stage.pinentry, "SETERROR wrong  PIN"));
    cr_expect(scripted_pinentry_heard(&stage.pinentry, "SETPROMPT P%2549N:"));
    cr_expect_not(scripted_pinentry_heard(&stage.pinentry, "SETPROMPT evil"));
    strike_stage(&stage);
}

Test(pinentry_ask, keeps_the_longest_hostile_texts_within_a_line)
{
    char percents[LIMIT_REMOTE_TEXT + 1];
    memset(percents, '%', sizeof(percents) - 1);
    percents[sizeof(percents) - 1] = '\0';
    struct stage stage = raise_stage("", "echo OK", NO_CONFIRM);
    struct pin_request request = { .title = percents,
                                   .token = percents,
                                   .site = percents,
                                   .error = percents,
                                   .prompt = percents };
    CLEANUP(buffer_free) struct buffer *pin = NULL;
    assert_ok(remote_ask_pin(stage.remote, &request, NULL, &pin));
    strike_stage(&stage);
}

Test(pinentry_ask, tells_pinentry_where_the_terminal_is)
{
    cr_assert_eq(setenv("GPG_TTY", "/dev/pts/77", 1), 0);
    cr_assert_eq(setenv("TERM", "vt100", 1), 0);
    cr_assert_eq(setenv("LC_ALL", "de_DE.UTF-8", 1), 0);
    cr_assert_eq(setenv("DISPLAY", ":77", 1), 0);
    cr_assert_eq(setenv("LD_LIBRARY_PATH", "/hostile", 1), 0);
    struct stage stage = raise_stage(
        "", "echo \"D $DISPLAY,$GPG_TTY,$TERM,$LC_ALL,$LD_LIBRARY_PATH.\"; echo OK", NO_CONFIRM);
    CLEANUP(buffer_free) struct buffer *pin = NULL;
    assert_ok(ask_pin(&stage, NULL, &pin));
    cr_assert(bytes_equal(buffer_view(pin), BYTES_LITERAL(":77,/dev/pts/77,vt100,de_DE.UTF-8,.")));
    cr_assert(scripted_pinentry_heard(&stage.pinentry, "OPTION ttyname=/dev/pts/77"));
    cr_assert(scripted_pinentry_heard(&stage.pinentry, "OPTION ttytype=vt100"));
    cr_assert(scripted_pinentry_heard(&stage.pinentry, "OPTION lc-ctype=de_DE.UTF-8"));
    strike_stage(&stage);
}

Test(pinentry_ask, starts_pinentry_with_no_other_connection_than_its_own)
{
    struct stage stage = raise_stage("ls -l /proc/$$/fd | grep -c socket: >extra",
                                     "echo D $(cat extra); echo OK", NO_CONFIRM);
    CLEANUP(buffer_free) struct buffer *pin = NULL;
    assert_ok(ask_pin(&stage, NULL, &pin));
    cr_assert(bytes_equal(buffer_view(pin), BYTES_LITERAL("2")), "stdin and stdout; seen: %.*s",
              (int)pin->len, (const char *)pin->data);
    strike_stage(&stage);
}

/* A request on a thread of its own, to be cancelled. */
struct asking {
    pthread_t thread;
    struct stage *stage;
    struct task *task;
    struct error *error;
};

static void *ask(void *context)
{
    struct asking *asking = context;
    struct buffer *pin = NULL;
    asking->error = ask_pin(asking->stage, asking->task, &pin);
    buffer_free(pin);
    return NULL;
}

static void cancel_hanging(const char *start, const char *get_pin, bool opens)
{
    struct stage stage = raise_stage(start, get_pin, "echo OK");
    struct asking asking = { .stage = &stage };
    assert_ok(task_new(NULL, NULL, &asking.task));
    cr_assert_eq(pthread_create(&asking.thread, NULL, ask, &asking), 0);
    pid_t pinentry = scripted_pinentry_pid(&stage.pinentry);
    if (opens) {
        scripted_pinentry_wait_open(&stage.pinentry);
    }
    uint64_t begin = clock_monotonic_ms();
    cr_assert(task_cancel(asking.task));
    cr_assert_eq(pthread_join(asking.thread, NULL), 0);
    cr_assert_lt(clock_monotonic_ms() - begin, 100);
    assert_error(asking.error, ERR_CANCELLED);
    cr_assert(process_gone(pinentry, 1000));
    if (opens) {
        assert_ok(remote_ask_consent(stage.remote, "Still there?", NULL, NULL));
    }
    task_unref(asking.task);
    strike_stage(&stage);
}

Test(pinentry_ask, closes_a_hanging_dialog_when_cancelled)
{
    cancel_hanging("", "sleep 60", true);
}

Test(pinentry_ask, closes_a_dialog_that_ignores_the_wish)
{
    cancel_hanging("trap '' TERM HUP", "while :; do sleep 1; done", true);
}

Test(pinentry_ask, closes_a_pinentry_that_never_greets)
{
    cancel_hanging("sleep 60", "", false);
}

Test(pinentry_ask, closes_a_pinentry_that_stops_in_mid_line)
{
    cancel_hanging("", "printf 'D 12'; sleep 60", true);
}

Test(pinentry_ask, takes_the_next_program_of_the_path_when_one_cannot_show)
{
    struct scripted_pinentry blind;
    struct scripted_pinentry seeing;
    scripted_pinentry_make(&blind, "", "echo 'ERR 83918950 Inappropriate ioctl'", NO_CONFIRM);
    scripted_pinentry_make(&seeing, "", "echo D 4711; echo OK", NO_CONFIRM);
    char second[128];
    (void)snprintf(second, sizeof(second), "%s/pinentry-qt", seeing.folder);
    cr_assert_eq(rename(seeing.path, second), 0);
    char path[256];
    (void)snprintf(path, sizeof(path), "relative:%s:%s:/bin", blind.folder, seeing.folder);
    cr_assert_eq(setenv("PATH", path, 1), 0);
    int fd = -1;
    assert_ok(helper_start(&fd));
    struct stage stage = { 0 };
    assert_ok(remote_new(fd, &stage.remote));
    CLEANUP(buffer_free) struct buffer *pin = NULL;
    assert_ok(ask_pin(&stage, NULL, &pin));
    cr_assert(bytes_equal(buffer_view(pin), BYTES_LITERAL("4711")));
    remote_free(stage.remote);
    (void)unlink(second);
    scripted_pinentry_remove(&seeing);
    scripted_pinentry_remove(&blind);
}

/* pinentry-tty without a terminal reads its commands as if they were typed, and gives up. */
Test(pinentry_ask, asks_no_terminal_program_without_a_terminal)
{
    cr_assert_eq(unsetenv("GPG_TTY"), 0);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    cr_assert_eq(dup2(null, STDERR_FILENO), STDERR_FILENO);
    struct stage stage = raise_stage("", "echo D 1234; echo OK", "echo OK");
    char real[128];
    (void)snprintf(real, sizeof(real), "%s/pinentry-tty", stage.pinentry.folder);
    cr_assert_eq(rename(stage.pinentry.path, real), 0);
    assert_ok(remote_set_pinentry(stage.remote, real));
    CLEANUP(error_free)
    struct error *error = remote_ask_consent(stage.remote, "May it?", NULL, NULL);
    cr_expect_eq(error_get_code(error), ERR_PROMPT_UNAVAILABLE);
    cr_expect_not_null(strstr(error_get_message(error), "needs a terminal"));
    cr_expect_eq(unlink(real), 0);
    strike_stage(&stage);
}

Test(pinentry_ask, tells_that_there_is_no_pinentry_on_the_path)
{
    cr_assert_eq(setenv("PATH", "/nonexistent", 1), 0);
    int fd = -1;
    assert_ok(helper_start(&fd));
    struct remote *remote = NULL;
    assert_ok(remote_new(fd, &remote));
    CLEANUP(error_free) struct error *error = remote_ask_consent(remote, "May it?", NULL, NULL);
    cr_assert_eq(error_get_code(error), ERR_PROMPT_UNAVAILABLE);
    cr_assert_not_null(strstr(error_get_message(error), "no such program is on the PATH"));
    remote_free(remote);
}
