/* The call of NSS's PKIX validation, without revocation and without any network; where NSS is built
 * without PKIX, chain_classic.h answers. Internal to certs. */
#ifndef SEALPOST_CERTS_CHAIN_PKIX_H
#define SEALPOST_CERTS_CHAIN_PKIX_H

#include "certs/chain.h"

#include <stdbool.h>

struct chain_question {
    struct cert *cert;
    bool ca; /* whether it is a CA, in place of fit for the request's purpose */
    bool any; /* for signatures of any purpose, likewise; only with an anchor (see chain_any.h) */
    const struct cert *anchor; /* the only anchor; NULL: what the databases trust for e-mail */
    int64_t at; /* seconds since the epoch, UTC */
};

/* `ret_number` is 0 where NSS accepts the certificate, the path from it to the anchor then being
 * appended to `path`, else NSS's error number. `request` tells purpose and known certificates.
 * ERR_NO_MEMORY. */
struct error *chain_pkix_ask(const struct chain_request *request,
                             const struct chain_question *question, struct cert_list *path,
                             int *ret_number) MUST_USE;

/* Whether NSS accepts the certificate, and by none but certificates of `path`. ERR_NO_MEMORY. */
struct error *chain_pkix_holds(const struct chain_request *request,
                               const struct chain_question *question, const struct cert_list *path,
                               bool *ret_holds) MUST_USE;

/* Seconds since the epoch in NSS's microseconds, kept within the years 1 to 9999. */
int64_t chain_pkix_time(int64_t seconds);

/* PKIX keeps for six minutes which certificates bear a name that it has looked for, and then finds
 * no other of that name, as the next message may carry. Makes it look anew for the names of this
 * path; says nothing of the path. ERR_NO_MEMORY. */
struct error *chain_pkix_forget(const struct chain_request *request,
                                const struct chain_question *question) MUST_USE;

#endif
