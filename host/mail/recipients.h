/* Which certificate to use for an address: to sign as its owner, or to encrypt to it. Looks only at
 * the databases; asks nobody. */
#ifndef SEALPOST_MAIL_RECIPIENTS_H
#define SEALPOST_MAIL_RECIPIENTS_H

#include "certs/chain.h"
#include "mail/context.h"

/* The answer for one address. Plain data; freed with recipient_choice_done. */
struct recipient_choice {
    struct cert *cert; /* the one to use; owned; NULL: none can be used */
    struct cert_list alternatives; /* others for this address that can be used too */
    word_set problems; /* why there is none, or empty */
    bool any; /* some certificate for the address was found */
};

/* Chooses among the certificates for `address`: only those whose chain is right at context->at for
 * the purpose, the newest first. For CHAIN_SIGN only those whose private key is at hand. `wanted`
 * (a certificate id, or NULL) overrides the choice, not the checks. ERR_CERTIFICATE_UNKNOWN for an
 * id that is in no database; ERR_NO_MEMORY, ERR_INTERNAL. */
struct error *recipients_choose(const struct mail_context *context, const char *address,
                                const char *wanted, enum chain_purpose purpose,
                                struct recipient_choice *ret_choice) MUST_USE;
void recipient_choice_done(struct recipient_choice *choice);

#endif
