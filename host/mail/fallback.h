/* What is tried where none of the recipients that name a certificate of the user opened a message:
 * secret keys that recipients name, then, where nobody was named at all, the user's other keys, and
 * last a password. Every try works on a private copy of the ciphertext. */
#ifndef SEALPOST_MAIL_FALLBACK_H
#define SEALPOST_MAIL_FALLBACK_H

#include "mail/attempt.h"

/* Whether there is anything but certificates to try, so that the ciphertext must last. */
bool fallback_is_needed(const struct cms_enveloped *message);

/* `attempt` decrypts no mapping in place. `problems` are those of the tries before; on failure they
 * are what the verdict says. Errors as decryption_open. */
struct error *fallback_open(const struct attempt *attempt, word_set *problems) MUST_USE;

#endif
