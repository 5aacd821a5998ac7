/* Lasting secret keys of tokens, which KEK recipients (RFC 5652 6.2.3) name: found by CKA_ID, or by
 * nickname, as symkeyutil gives it. Looks at what can be seen now and never logs in. NSS is
 * running.
 */
#ifndef SEALPOST_STORE_SECRET_KEY_H
#define SEALPOST_STORE_SECRET_KEY_H

#include "base/bytes.h"

#include <stdbool.h>

struct PK11SymKeyStr;

/* Whether a key can be known by that name at all: one that is empty, or longer than LIMIT_KEK_ID,
 * is nobody's. */
bool secret_key_can_have(struct bytes name);

/* The key of that name on any token, freed with PK11_FreeSymKey; NULL: none. */
struct PK11SymKeyStr *secret_key_find(struct bytes name);

#endif
