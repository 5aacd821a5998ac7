/* Which fields of a message to send stand outside and which inside, for each kind of its copies. */
#ifndef SEALPOST_MAIL_HEADER_PLAN_H
#define SEALPOST_MAIL_HEADER_PLAN_H

#include "base/content.h"
#include "mail/protect.h"
#include "mime/header.h"

/* All owned. The headers are views of the one that was given. */
struct header_plan {
    struct mime_header *outer; /* of main and sent, blind recipients included */
    struct content *entity; /* what is protected in them */
    struct mime_header *blind_outer; /* of a blind recipient's copy, where the route reads the
                                      * envelope from it: without To and Cc; else NULL */
    struct content *blind_entity; /* what is protected in it: To and Cc stand there; else NULL */
};

/* `header` is the message's own, final; `entity` its canonical body. HEADERS_SIGNED without a
 * signature protects nothing. ERR_PARAMS with the path "params.headerProtection" for
 * HEADERS_CONFIDENTIAL without encryption; errors of header_write_inner. */
struct error *header_plan_make(const struct protect_request *request,
                               const struct mime_header *header, struct content *entity,
                               struct header_plan **ret_plan) MUST_USE;
void header_plan_free(struct header_plan *plan); /* NULL is fine */
DEFINE_CLEANUP(struct header_plan *, header_plan_free);

#endif
