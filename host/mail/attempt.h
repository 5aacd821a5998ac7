/* One try to open an encrypted message with one recipient's key, whatever kind of key that is. What
 * is wrong with that key alone becomes a word and lets the next one be tried; only what is wrong
 * with the whole request is an error. */
#ifndef SEALPOST_MAIL_ATTEMPT_H
#define SEALPOST_MAIL_ATTEMPT_H

#include "mail/decryption.h"

struct cms_enveloped;

/* What the tries of one message share. All borrowed. */
struct attempt {
    const struct mail_context *context;
    struct interaction interaction; /* for the login to a key's token */
    struct cms_enveloped *message;
    struct mapping *writable; /* the mapping that is decrypted in place; NULL: a private copy is */
    struct decryption_report *report; /* gets the cleartext */
};

/* Each tries the recipient `number` and adds to `problems` why it failed, or nothing. The private
 * key of `cert`: */
struct error *attempt_certificate(const struct attempt *attempt, size_t number, struct cert *cert,
                                  word_set *problems) MUST_USE;
/* The secret key that the recipient names; that there is none is no problem, only no success. */
struct error *attempt_secret_key(const struct attempt *attempt, size_t number, word_set *problems)
    MUST_USE;
struct error *attempt_password(const struct attempt *attempt, size_t number, struct bytes password,
                               word_set *problems) MUST_USE;

/* What the error of one try means: its words are added; it comes back where it is an error of the
 * whole request. `error` is consumed; NULL is fine. */
struct error *attempt_settle(struct error *error, word_set *problems) MUST_USE;

#endif
