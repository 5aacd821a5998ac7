/* Where a certificate is kept and what the user said of it: its token and its trust for e-mail.
 * Tells facts of the databases; judges nothing (chain.h). */
#ifndef SEALPOST_CERTS_STORED_H
#define SEALPOST_CERTS_STORED_H

#include "certs/cert.h"
#include "policy/words.h"

enum stored_trust { STORED_TRUST_NONE, STORED_TRUST_PEER, STORED_TRUST_CA, STORED_TRUST_DISTRUST };

/* The trust flags for e-mail. A certificate that is in no database has none. */
enum stored_trust stored_trust_of(const struct cert *cert);

/* The name of the token that holds it, freed with free(); NULL in `ret_token` where it is in none
 * (it came with a message). ERR_NO_MEMORY. */
struct error *stored_token(const struct cert *cert, char **ret_token) MUST_USE;

/* What is wrong with the certificate by itself at `at` (seconds since the epoch, UTC), without a
 * look at its chain: certificate-expired, certificate-not-yet-valid. */
word_set stored_problems(const struct cert *cert, int64_t at);

#endif
