/* Logging in to tokens: where the PIN comes from, how often it is asked for, and that one dialog
 * stands at a time. NSS's own password callback never asks: it hands over a PIN that was collected
 * before, and nothing on a second call. */
#ifndef SEALPOST_STORE_LOGIN_H
#define SEALPOST_STORE_LOGIN_H

#include "base/bytes.h"
#include "store/interaction.h"

struct PK11SlotInfoStr;
struct login;
struct remote;

/* Sets NSS's password callback; may be called before NSS starts. */
void login_install(void);

/* `pin` (may be NULL) is copied, and wiped by login_free; `remote` (may be NULL) is borrowed.
 * ERR_NO_MEMORY. */
struct error *login_new(const char *pin, struct remote *remote, struct login **ret_login) MUST_USE;
void login_free(struct login *login); /* NULL is fine */
DEFINE_CLEANUP(struct login *, login_free);

/* Whether a PIN would be needed to reach the token's private objects now. */
bool login_is_needed(struct PK11SlotInfoStr *slot);

/* Logs in unless that was done. Asks up to LIMIT_PIN_TRIES times. `interaction` NULL: no dialog.
 * A PIN given beforehand is tried once in the object's life and never again, so that a card does
 * not get blocked. `ret_changed` is set when this call logged in. ERR_INTERACTION_FORBIDDEN,
 * ERR_PROMPT_UNAVAILABLE, ERR_PIN_CANCELLED, ERR_PIN_INCORRECT, ERR_PIN_LOCKED, ERR_TOKEN_ABSENT,
 * ERR_CANCELLED, ERR_TOKEN_LOCKED (anything else that the token refused for). */
struct error *login_slot(struct login *login, struct PK11SlotInfoStr *slot,
                         const struct interaction *interaction, bool *ret_changed) MUST_USE;

#endif
