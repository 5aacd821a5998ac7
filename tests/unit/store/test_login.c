#include "base/limits.h"
#include "base/task.h"
#include "nss/nss_scope.h"
#include "store/dialog.h"
#include "store/fixture.h"
#include "store/login.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <pthread.h>
#include <secerr.h>
#include <string.h>
#include <unistd.h>

TestSuite(login, .fini = fixture_remove, .timeout = 30);

static const struct interaction allowed = { .allowed = true };

/* A card that NSS's own token can't play: what it says in place of the library's functions. */
static struct {
    int refusal; /* NSS's error for every login; 0: ask the library */
    CK_FLAGS flags; /* of the token */
    bool absent;
    bool keypad;
    int logins;
} card;

SECStatus PK11_Authenticate(PK11SlotInfo *slot, PRBool load, void *argument)
{
    card.logins++;
    if (card.refusal) {
        PORT_SetError(card.refusal);
        return SECFailure;
    }
    SECStatus (*real)(PK11SlotInfo *, PRBool, void *) = NULL;
    *(void **)&real = dlsym(RTLD_NEXT, "PK11_Authenticate");
    return real(slot, load, argument);
}

SECStatus PK11_GetTokenInfo(PK11SlotInfo *slot, CK_TOKEN_INFO *info)
{
    (void)slot;
    *info = (CK_TOKEN_INFO){ .flags = card.flags };
    return SECSuccess;
}

PRBool PK11_IsPresent(PK11SlotInfo *slot)
{
    (void)slot;
    return !card.absent;
}

PRBool PK11_ProtectedAuthenticationPath(PK11SlotInfo *slot)
{
    (void)slot;
    return card.keypad;
}

struct bench {
    struct store *store; /* only to have NSS running */
    struct login *login;
    PK11SlotInfo *slot;
};

static struct bench set_up(const char *pin, struct remote *remote)
{
    struct bench bench = { 0 };
    fixture_database("db", "secret");
    struct store_options options = { .database = "db" };
    bench.store = fixture_open(&options);
    assert_ok(login_new(pin, remote, &bench.login));
    bench.slot = PK11_GetInternalKeySlot();
    cr_assert(login_is_needed(bench.slot));
    return bench;
}

static void tear_down(struct bench *bench)
{
    PK11_FreeSlot(bench->slot);
    login_free(bench->login);
    fixture_close(bench->store);
}

static void assert_fails(struct bench *bench, const struct interaction *interaction,
                         enum error_code code)
{
    bool changed = false;
    assert_error(login_slot(bench->login, bench->slot, interaction, &changed), code);
}

Test(login, tells_a_token_that_is_gone)
{
    struct bench bench = set_up("secret", NULL);
    card.absent = true;
    assert_fails(&bench, &allowed, ERR_TOKEN_ABSENT);
    tear_down(&bench);
}

Test(login, tells_a_pin_that_is_blocked)
{
    struct bench bench = set_up("secret", NULL);
    card.refusal = SEC_ERROR_LOCKED_PASSWORD;
    assert_fails(&bench, &allowed, ERR_PIN_LOCKED);
    tear_down(&bench);
}

Test(login, tells_that_the_last_try_blocked_the_pin)
{
    struct dialog dialog = { .answers = (const char *[]){ "1", "2", "3", NULL } };
    struct bench bench = set_up(NULL, dialog_remote(&dialog));
    card.refusal = SEC_ERROR_BAD_PASSWORD;
    card.flags = CKF_USER_PIN_LOCKED;
    assert_fails(&bench, &allowed, ERR_PIN_LOCKED);
    cr_assert_eq(dialog.asked, 1, "a blocked card must not be asked again");
    tear_down(&bench);
}

Test(login, tells_any_other_refusal_as_a_locked_token)
{
    struct bench bench = set_up("secret", NULL);
    card.refusal = SEC_ERROR_LIBRARY_FAILURE;
    assert_fails(&bench, &allowed, ERR_TOKEN_LOCKED);
    tear_down(&bench);
}

Test(login, asks_as_often_as_the_limit_says)
{
    struct dialog dialog = { .answers = (const char *[]){ "1", "2", "3", "secret" } };
    struct bench bench = set_up(NULL, dialog_remote(&dialog));
    assert_fails(&bench, &allowed, ERR_PIN_INCORRECT);
    cr_assert_eq(dialog.asked, LIMIT_PIN_TRIES);
    tear_down(&bench);
}

Test(login, hands_a_given_pin_to_the_token_once_in_its_life)
{
    struct bench bench = set_up("wrong", NULL);
    assert_fails(&bench, &allowed, ERR_PIN_INCORRECT);
    assert_fails(&bench, &allowed, ERR_PIN_INCORRECT);
    cr_assert_eq(card.logins, 1);
    tear_down(&bench);
}

Test(login, refuses_a_typed_pin_above_the_limit)
{
    char pin[LIMIT_PIN + 2] = { 0 };
    memset(pin, '1', sizeof(pin) - 1);
    struct dialog dialog = { .answers = (const char *[]){ pin, NULL } };
    struct bench bench = set_up(NULL, dialog_remote(&dialog));
    assert_fails(&bench, &allowed, ERR_PIN_CANCELLED);
    cr_assert(dialog.saw_complaint);
    cr_assert_eq(card.logins, 0);
    tear_down(&bench);
}

Test(login, leaves_the_question_to_a_reader_with_a_keypad)
{
    struct bench bench = set_up(NULL, NULL);
    card.keypad = true;
    card.refusal = SEC_ERROR_BAD_PASSWORD;
    assert_fails(&bench, &allowed, ERR_PIN_INCORRECT);
    cr_assert_eq(card.logins, 1);
    assert_fails(&bench, NULL, ERR_INTERACTION_FORBIDDEN);
    cr_assert_eq(card.logins, 1);
    tear_down(&bench);
}

static void *log_in(void *argument)
{
    struct bench *bench = argument;
    bool changed = false;
    return login_slot(bench->login, bench->slot, &allowed, &changed);
}

Test(login, shows_one_dialog_to_all_who_wait)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    struct dialog dialog = { .answers = (const char *[]){ "secret", NULL }, .delay_ms = 150 };
    struct bench bench = set_up(NULL, dialog_remote(&dialog));
    for (size_t i = 0; i < THREADS; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, log_in, &bench), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *error = NULL;
        cr_assert_eq(pthread_join(threads[i], &error), 0);
        assert_ok(error);
    }
    cr_assert_eq(dialog.asked, 1);
    tear_down(&bench);
}

Test(login, stops_waiting_for_anothers_dialog_when_cancelled)
{
    pthread_t other;
    struct dialog dialog = { .answers = (const char *[]){ "secret", NULL }, .delay_ms = 600 };
    struct bench bench = set_up(NULL, dialog_remote(&dialog));
    cr_assert_eq(pthread_create(&other, NULL, log_in, &bench), 0);
    (void)usleep(100000);

    CLEANUP(task_unref) struct task *task = NULL;
    assert_ok(task_new(NULL, NULL, &task));
    cr_assert(task_cancel(task));
    const struct interaction cancelled = { .allowed = true, .task = task };
    assert_fails(&bench, &cancelled, ERR_CANCELLED);
    assert_fails(&bench, NULL, ERR_INTERACTION_FORBIDDEN);

    void *error = NULL;
    cr_assert_eq(pthread_join(other, &error), 0);
    assert_ok(error);
    tear_down(&bench);
}
