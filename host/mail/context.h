/* What opening and protecting work with. Plain data, all borrowed, valid while a request runs. */
#ifndef SEALPOST_MAIL_CONTEXT_H
#define SEALPOST_MAIL_CONTEXT_H

#include "store/interaction.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cert_index;
struct chain_cache;
struct policy;
struct remote;
struct store;

struct mail_context {
    struct store *store;
    struct cert_index *index;
    struct chain_cache *chains; /* NULL: every chain is verified anew */
    const struct policy *policy;
    struct interaction interaction;
    struct remote *remote; /* asks for passwords of messages; NULL: nobody can be asked */
    const char *password; /* of messages, given beforehand; NULL: none */
    bool keep_signatures; /* open_layer gets the CMS of each signature and what it covers */
    int64_t at; /* the moment that certificates are judged for; seconds since the epoch, UTC */
    size_t *checks_left; /* how many signatures may still be checked for the message that is being
                          * opened; NULL: LIMIT_CHECKS for each SignedData */
};

#endif
