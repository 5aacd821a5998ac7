/* The copies of one outgoing message: main, one for each blind recipient, the sender's own. Keeps
 * blind recipients out of every other copy, in header and RecipientInfos alike, and shares the body
 * between copies whose ciphertext is the same. */
#ifndef SEALPOST_MAIL_COPIES_H
#define SEALPOST_MAIL_COPIES_H

#include "mail/addressees.h"
#include "mail/header_plan.h"
#include "mail/protect.h"

/* All borrowed. */
struct copies_plan {
    const struct mail_context *context;
    const struct protect_request *request;
    const struct header_plan *headers; /* with the entities that are to be protected, canonical */
    const struct addressees *addressees;
    enum protect_form inner_form; /* of the signature */
};

/* Appends the copies to `result`, in which signed_with is set. Errors as
 * protect_message. */
struct error *copies_make(const struct copies_plan *plan, struct protect_result *result) MUST_USE;

#endif
