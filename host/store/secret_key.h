/* Lasting secret keys of tokens, which KEK recipients (RFC 5652 6.2.3) name: found by CKA_ID, or by
 * nickname, as symkeyutil gives it. Looks at what can be seen now and never logs in. NSS is
 * running.
 */
#ifndef SEALPOST_STORE_SECRET_KEY_H
#define SEALPOST_STORE_SECRET_KEY_H

#include "base/bytes.h"

struct PK11SymKeyStr;

/* The key of that name on any token, freed with PK11_FreeSymKey; NULL: none. An empty name, or one
 * longer than LIMIT_KEK_ID, is nobody's. */
struct PK11SymKeyStr *secret_key_find(struct bytes name);

#endif
