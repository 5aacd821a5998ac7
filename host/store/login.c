#include "store/login.h"

#include "base/limits.h"
#include "base/task.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"
#include "remote/remote.h"

#include <errno.h>
#include <pthread.h>
#include <secerr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How long a request that waits for another one's dialog sleeps before it looks whether it was
 * cancelled itself. */
enum { WAIT_SLICE_MS = 50 };

struct login {
    pthread_mutex_t mutex; /* held while a dialog is open */
    struct buffer *pin; /* given beforehand, NUL-terminated; NULL: none */
    bool pin_refused;
    struct remote *remote;
};

/* What NSS hands to our callback: on the stack of the login that goes on. */
struct collected {
    const char *pin;
};

static char *hand_over(PK11SlotInfo *slot, PRBool retry, void *argument)
{
    (void)slot;
    const struct collected *collected = argument;
    /* NSS calls again and again until it gets NULL: a wrong PIN must not be tried twice */
    return retry || !collected ? NULL : PORT_Strdup(collected->pin);
}

void login_install(void)
{
    PK11_SetPasswordFunc(hand_over);
}

static struct error *keep_pin(struct login *login, const char *pin)
{
    size_t length = strlen(pin);
    if (length > LIMIT_PIN) {
        return error_new(ERR_PIN_INCORRECT, "the PIN is longer than %d characters", LIMIT_PIN);
    }
    TRY(buffer_new(LIMIT_PIN + 1, &login->pin));
    return buffer_append(login->pin, (struct bytes){ (const uint8_t *)pin, length + 1 });
}

struct error *login_new(const char *pin, struct remote *remote, struct login **ret_login)
{
    CLEANUP(login_free) struct login *login = calloc(1, sizeof(*login));
    if (!login) {
        return error_no_memory();
    }
    (void)pthread_mutex_init(&login->mutex, NULL); /* with default attributes it can't fail */
    login->remote = remote;
    if (pin) {
        TRY(keep_pin(login, pin));
    }
    *ret_login = TAKE_PTR(login);
    return NULL;
}

void login_free(struct login *login)
{
    if (login) {
        buffer_free(login->pin);
        (void)pthread_mutex_destroy(&login->mutex);
        free(login);
    }
}

bool login_is_needed(PK11SlotInfo *slot)
{
    return PK11_NeedLogin(slot) && !PK11_IsLoggedIn(slot, NULL);
}

static struct error *refusal(PK11SlotInfo *slot)
{
    CK_TOKEN_INFO info;
    if (PORT_GetError() == SEC_ERROR_LOCKED_PASSWORD) {
        return nss_error(ERR_PIN_LOCKED, "the PIN is blocked");
    }
    if (PORT_GetError() != SEC_ERROR_BAD_PASSWORD) {
        return nss_error(ERR_TOKEN_LOCKED, "the token refused the login");
    }
    struct error *wrong = nss_error(ERR_PIN_INCORRECT, "the PIN is wrong");
    if (PK11_GetTokenInfo(slot, &info) == SECSuccess && (info.flags & CKF_USER_PIN_LOCKED)) {
        return error_wrap(wrong, ERR_PIN_LOCKED, "the PIN is blocked now");
    }
    return wrong;
}

static struct error *try_pin(PK11SlotInfo *slot, const char *pin)
{
    struct collected collected = { pin };
    PORT_SetError(0);
    return PK11_Authenticate(slot, PR_TRUE, &collected) == SECSuccess ? NULL : refusal(slot);
}

static struct error *use_given_pin(struct login *login, PK11SlotInfo *slot)
{
    if (login->pin_refused) {
        return error_new(ERR_PIN_INCORRECT, "the PIN given was refused before");
    }
    struct error *error = try_pin(slot, (const char *)login->pin->data);
    login->pin_refused = error != NULL;
    return error;
}

static struct error *copy_typed(struct bytes typed, char pin[static LIMIT_PIN + 1])
{
    if (typed.len > LIMIT_PIN ||
        bytes_find(typed, (struct bytes){ (const uint8_t *)"", 1 }) != SIZE_MAX) {
        return error_new(ERR_PIN_INCORRECT, "the PIN is too long or has a NUL in it");
    }
    if (typed.len > 0) {
        memcpy(pin, typed.data, typed.len);
    }
    pin[typed.len] = '\0';
    return NULL;
}

static struct error *ask(struct login *login, PK11SlotInfo *slot,
                         const struct interaction *interaction, const char *complaint,
                         char pin[static LIMIT_PIN + 1])
{
    char title[256];
    (void)snprintf(title, sizeof(title), "Unlock %s", PK11_GetTokenName(slot));
    const struct pin_request request = {
        .title = title,
        .token = PK11_GetTokenName(slot),
        .site = interaction->site,
        .error = complaint,
        .prompt = PK11_IsInternalKeySlot(slot) ? "Password:" : "PIN:",
    };
    CLEANUP(buffer_free) struct buffer *answer = NULL;
    TRY(remote_ask_pin(login->remote, &request, interaction->task, &answer));
    return copy_typed(buffer_view(answer), pin);
}

static struct error *ask_and_try(struct login *login, PK11SlotInfo *slot,
                                 const struct interaction *interaction, const char *complaint)
{
    char pin[LIMIT_PIN + 1];
    struct error *error = ask(login, slot, interaction, complaint, pin);
    if (!error) {
        error = try_pin(slot, pin);
    }
    explicit_bzero(pin, sizeof(pin));
    return error;
}

static struct error *ask_until_right(struct login *login, PK11SlotInfo *slot,
                                     const struct interaction *interaction)
{
    const char *complaint = NULL;
    for (int tries = 1;; tries++) {
        struct error *error = ask_and_try(login, slot, interaction, complaint);
        if (!error || error_get_code(error) != ERR_PIN_INCORRECT || tries == LIMIT_PIN_TRIES) {
            return error;
        }
        error_free(error);
        complaint = "That was not right. Please try again.";
    }
}

static struct error *no_dialog(void)
{
    struct error *error =
        error_new(ERR_PROMPT_UNAVAILABLE, "a PIN is needed, but nobody can be asked");
    error_set_hint(error, "Install a pinentry program, or give the PIN with --pin-file.");
    return error;
}

/* What can be told without waiting for whoever shows a dialog now. */
static struct error *check_allowed(const struct login *login, PK11SlotInfo *slot,
                                   const struct interaction *interaction)
{
    if (!PK11_IsPresent(slot)) {
        return error_new(ERR_TOKEN_ABSENT, "the token is not there");
    }
    if (login->pin) {
        return NULL;
    }
    if (!interaction || !interaction->allowed) {
        return error_new(ERR_INTERACTION_FORBIDDEN, "a PIN is needed, but no dialog is allowed");
    }
    bool keypad = PK11_ProtectedAuthenticationPath(slot);
    return login->remote || keypad ? NULL : no_dialog();
}

/* Waits for its turn, but not beyond a cancel of its own. */
static struct error *lock(struct login *login, struct task *task)
{
    for (;;) {
        struct timespec until;
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += WAIT_SLICE_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        if (pthread_mutex_clocklock(&login->mutex, CLOCK_MONOTONIC, &until) != ETIMEDOUT) {
            return NULL;
        }
        TRY(task_check(task));
    }
}

static struct error *login_locked(struct login *login, PK11SlotInfo *slot,
                                  const struct interaction *interaction, bool *ret_changed)
{
    if (!login_is_needed(slot)) {
        return NULL; /* whoever had the lock before did it */
    }
    *ret_changed = true;
    if (PK11_ProtectedAuthenticationPath(slot)) {
        return try_pin(slot, ""); /* the reader asks on its own keypad; NSS ignores the text */
    }
    return login->pin ? use_given_pin(login, slot) : ask_until_right(login, slot, interaction);
}

struct error *login_slot(struct login *login, PK11SlotInfo *slot,
                         const struct interaction *interaction, bool *ret_changed)
{
    *ret_changed = false;
    if (!login_is_needed(slot)) {
        return NULL;
    }
    TRY(check_allowed(login, slot, interaction));
    TRY(lock(login, interaction ? interaction->task : NULL));
    struct error *error = login_locked(login, slot, interaction, ret_changed);
    (void)pthread_mutex_unlock(&login->mutex);
    return error;
}
