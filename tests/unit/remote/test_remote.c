#include "base/clock.h"
#include "base/limits.h"
#include "remote/messages.h"
#include "remote/remote.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The helper's part is played by the test itself, on the other end of the socket. */
struct pair {
    struct remote *remote;
    int helper;
};

static struct pair make_pair(void)
{
    int ends[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    struct pair pair = { .helper = ends[1] };
    assert_ok(remote_new(ends[0], &pair.remote));
    return pair;
}

/* One request, asked on a thread of its own. */
struct asking {
    pthread_t thread;
    struct remote *remote;
    struct task *task;
    struct error *error;
    struct buffer *pin;
    bool consent;
};

static void *ask(void *context)
{
    struct asking *asking = context;
    struct pin_request request = { .title = "PIN for a card", .token = "Card", .prompt = "PIN:" };
    asking->error = asking->consent
                        ? remote_ask_consent(asking->remote, "May it?", "https://s", asking->task)
                        : remote_ask_pin(asking->remote, &request, asking->task, &asking->pin);
    return NULL;
}

static void begin(struct asking *asking, struct pair *pair)
{
    asking->remote = pair->remote;
    cr_assert_eq(pthread_create(&asking->thread, NULL, ask, asking), 0);
}

static void finish(struct asking *asking)
{
    cr_assert_eq(pthread_join(asking->thread, NULL), 0);
}

/* The next message at the helper's end; its id. */
static uint32_t expect(struct pair *pair, enum message_type type)
{
    CLEANUP(buffer_free) struct buffer *packet = NULL;
    struct message message = { 0 };
    assert_ok(message_receive(pair->helper, &packet, &message));
    cr_assert_eq(message.type, type);
    return message.id;
}

static void answer(struct pair *pair, uint32_t id, enum message_status status, struct bytes text)
{
    struct message message = { .type = MESSAGE_ANSWER, .id = id, .status = status };
    message.fields[MESSAGE_FIELD_ANSWER] = text;
    assert_ok(message_send(pair->helper, &message));
}

/* Asks, answers, and returns the error. */
static struct error *asked_and_answered(bool consent, enum message_status status, struct bytes text)
{
    struct pair pair = make_pair();
    struct asking asking = { .consent = consent };
    begin(&asking, &pair);
    answer(&pair, expect(&pair, consent ? MESSAGE_CONSENT : MESSAGE_PIN), status, text);
    finish(&asking);
    buffer_free(asking.pin);
    remote_free(pair.remote);
    cr_assert_eq(close(pair.helper), 0);
    return asking.error;
}

Test(remote, tells_why_there_is_no_pin)
{
    assert_error(asked_and_answered(false, MESSAGE_REFUSED, BYTES_NONE), ERR_PIN_CANCELLED);
    assert_error(asked_and_answered(false, MESSAGE_TOO_LONG, BYTES_NONE), ERR_PIN_INCORRECT);
    assert_error(asked_and_answered(false, MESSAGE_ABORTED, BYTES_NONE), ERR_CANCELLED);
}

Test(remote, tells_why_there_is_no_consent)
{
    assert_error(asked_and_answered(true, MESSAGE_REFUSED, BYTES_NONE), ERR_CONSENT_REFUSED);
    assert_ok(asked_and_answered(true, MESSAGE_DONE, BYTES_NONE));
}

Test(remote, says_how_to_get_a_dialog)
{
    CLEANUP(error_free)
    struct error *error =
        asked_and_answered(true, MESSAGE_UNAVAILABLE, BYTES_LITERAL("pinentry: not there"));
    cr_assert_eq(error_get_code(error), ERR_PROMPT_UNAVAILABLE);
    cr_assert_not_null(strstr(error_get_message(error), "pinentry: not there"));
    cr_assert_not_null(strstr(error_get_hint(error), "pinentry-gnome3"));
}

Test(remote, refuses_a_pin_over_the_limit)
{
    static const uint8_t pin[LIMIT_PIN + 1] = { '1' };
    assert_error(asked_and_answered(false, MESSAGE_DONE, (struct bytes){ pin, sizeof(pin) }),
                 ERR_MESSAGE_TOO_LARGE);
}

Test(remote, fails_at_once_when_the_helper_is_gone)
{
    struct pair pair = make_pair();
    struct asking asking = { .consent = false };
    begin(&asking, &pair);
    (void)expect(&pair, MESSAGE_PIN);
    uint64_t start = clock_monotonic_ms();
    cr_assert_eq(close(pair.helper), 0);
    finish(&asking);
    assert_error(asking.error, ERR_PROMPT_UNAVAILABLE);
    assert_error(remote_ask_consent(pair.remote, "May it?", NULL, NULL), ERR_PROMPT_UNAVAILABLE);
    cr_assert_lt(clock_monotonic_ms() - start, 500);
    remote_free(pair.remote);
}

Test(remote, takes_nonsense_for_the_end_of_the_helper)
{
    struct pair pair = make_pair();
    struct asking asking = { .consent = false };
    begin(&asking, &pair);
    (void)expect(&pair, MESSAGE_PIN);
    cr_assert_eq(send(pair.helper, "nonsense", 8, 0), 8);
    finish(&asking);
    assert_error(asking.error, ERR_PROMPT_UNAVAILABLE);
    remote_free(pair.remote);
    cr_assert_eq(close(pair.helper), 0);
}

Test(remote, aborts_the_dialog_of_a_cancelled_request)
{
    struct pair pair = make_pair();
    struct asking asking = { .consent = false };
    assert_ok(task_new(NULL, NULL, &asking.task));
    begin(&asking, &pair);
    uint32_t id = expect(&pair, MESSAGE_PIN);
    uint64_t start = clock_monotonic_ms();
    cr_assert(task_cancel(asking.task));
    cr_assert_eq(expect(&pair, MESSAGE_ABORT), id);
    finish(&asking);
    cr_assert_lt(clock_monotonic_ms() - start, 100);
    assert_error(asking.error, ERR_CANCELLED);
    task_unref(asking.task);
    remote_free(pair.remote);
    cr_assert_eq(close(pair.helper), 0);
}

Test(remote, drops_the_late_answer_of_an_aborted_dialog)
{
    struct pair pair = make_pair();
    struct asking first = { .consent = true };
    assert_ok(task_new(NULL, NULL, &first.task));
    begin(&first, &pair);
    uint32_t first_id = expect(&pair, MESSAGE_CONSENT);
    cr_assert(task_cancel(first.task));
    finish(&first);
    assert_error(first.error, ERR_CANCELLED);
    (void)expect(&pair, MESSAGE_ABORT);

    struct asking second = { .consent = true };
    begin(&second, &pair);
    uint32_t second_id = expect(&pair, MESSAGE_CONSENT);
    answer(&pair, first_id, MESSAGE_DONE, BYTES_NONE);
    answer(&pair, second_id, MESSAGE_REFUSED, BYTES_NONE);
    finish(&second);
    assert_error(second.error, ERR_CONSENT_REFUSED);
    task_unref(first.task);
    remote_free(pair.remote);
    cr_assert_eq(close(pair.helper), 0);
}

Test(remote, asks_one_thing_at_a_time)
{
    struct pair pair = make_pair();
    struct asking first = { .consent = true };
    struct asking second = { .consent = true };
    begin(&first, &pair);
    uint32_t id = expect(&pair, MESSAGE_CONSENT);
    begin(&second, &pair);
    cr_assert_eq(usleep(100 * 1000), 0);
    uint8_t byte = 0;
    cr_assert_lt(recv(pair.helper, &byte, 1, MSG_PEEK | MSG_DONTWAIT), 0, "the second waits");
    answer(&pair, id, MESSAGE_DONE, BYTES_NONE);
    answer(&pair, expect(&pair, MESSAGE_CONSENT), MESSAGE_REFUSED, BYTES_NONE);
    finish(&first);
    finish(&second);
    assert_ok(first.error);
    assert_error(second.error, ERR_CONSENT_REFUSED);
    remote_free(pair.remote);
    cr_assert_eq(close(pair.helper), 0);
}

Test(remote, lets_a_waiting_request_be_cancelled)
{
    struct pair pair = make_pair();
    struct asking first = { .consent = true };
    struct asking second = { .consent = true };
    assert_ok(task_new(NULL, NULL, &second.task));
    begin(&first, &pair);
    uint32_t id = expect(&pair, MESSAGE_CONSENT);
    begin(&second, &pair);
    cr_assert_eq(usleep(20 * 1000), 0);
    cr_assert(task_cancel(second.task));
    finish(&second);
    assert_error(second.error, ERR_CANCELLED);
    answer(&pair, id, MESSAGE_DONE, BYTES_NONE);
    finish(&first);
    assert_ok(first.error);
    task_unref(second.task);
    remote_free(pair.remote);
    cr_assert_eq(close(pair.helper), 0);
}

Test(remote, asks_nothing_for_a_request_already_cancelled)
{
    struct pair pair = make_pair();
    CLEANUP(task_unref) struct task *task = NULL;
    assert_ok(task_new(NULL, NULL, &task));
    cr_assert(task_cancel(task));
    assert_error(remote_ask_consent(pair.remote, "May it?", NULL, task), ERR_CANCELLED);
    uint8_t byte = 0;
    cr_assert_lt(recv(pair.helper, &byte, 1, MSG_DONTWAIT), 0);
    remote_free(pair.remote);
    cr_assert_eq(close(pair.helper), 0);
}

Test(remote, refuses_a_text_over_the_limit)
{
    static char question[LIMIT_REMOTE_TEXT + 2];
    memset(question, 'x', sizeof(question) - 1);
    struct pair pair = make_pair();
    assert_error(remote_ask_consent(pair.remote, question, NULL, NULL), ERR_INTERNAL);
    remote_free(pair.remote);
    cr_assert_eq(close(pair.helper), 0);
}

Test(remote, hands_over_the_pin)
{
    struct pair pair = make_pair();
    struct asking asking = { .consent = false };
    begin(&asking, &pair);
    answer(&pair, expect(&pair, MESSAGE_PIN), MESSAGE_DONE, BYTES_LITERAL("1234"));
    finish(&asking);
    assert_ok(asking.error);
    cr_assert(bytes_equal(buffer_view(asking.pin), BYTES_LITERAL("1234")));
    buffer_free(asking.pin);
    remote_free(pair.remote);
    cr_assert_eq(close(pair.helper), 0);
}

struct seen {
    atomic_int opened;
    atomic_int closed;
};

static void see(void *context, const struct task *task, bool opened, const char *kind,
                const char *token)
{
    struct seen *seen = context;
    (void)task;
    cr_expect_str_eq(kind, "pin");
    cr_expect_str_eq(token, "Card");
    (void)atomic_fetch_add(opened ? &seen->opened : &seen->closed, 1);
}

Test(remote, tells_when_a_dialog_opens_and_closes)
{
    struct pair pair = make_pair();
    struct seen seen = { 0 };
    remote_set_observer(pair.remote, see, &seen);
    assert_ok(remote_set_pinentry(pair.remote, "/opt/pinentry"));
    struct asking asking = { .consent = false };
    begin(&asking, &pair);
    CLEANUP(buffer_free) struct buffer *packet = NULL;
    struct message message = { 0 };
    assert_ok(message_receive(pair.helper, &packet, &message));
    cr_assert(bytes_equal(message.fields[MESSAGE_FIELD_PINENTRY], BYTES_LITERAL("/opt/pinentry")));
    cr_assert_eq(atomic_load(&seen.closed), 0);
    answer(&pair, message.id, MESSAGE_DONE, BYTES_LITERAL(""));
    finish(&asking);
    assert_ok(asking.error);
    cr_assert_eq(asking.pin->len, 0, "an empty password is one");
    cr_assert_eq(atomic_load(&seen.opened), 1);
    cr_assert_eq(atomic_load(&seen.closed), 1);
    buffer_free(asking.pin);
    remote_free(pair.remote);
    cr_assert_eq(close(pair.helper), 0);
}

Test(remote_free, takes_null)
{
    remote_free(NULL);
}
