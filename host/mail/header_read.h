/* Header protection of a received message (RFC 9788 section 4): which fields are shown, from
 * inside the layers or from outside, and what protects each. Says nothing about the verdict, and
 * takes nothing that a layer does not really cover: what is here is either shown as it deserves or
 * as unprotected. */
#ifndef SEALPOST_MAIL_HEADER_READ_H
#define SEALPOST_MAIL_HEADER_READ_H

#include "mail/header_payload.h"
#include "mail/open.h"

/* All borrowed. */
struct header_source {
    const struct mime_header *outer; /* the message's own header */
    const struct mime_header *inner; /* of the innermost entity, or of the message that it wraps;
                                      * NULL: no layer was taken off, or the inside is no MIME */
    enum header_scheme scheme;
    bool encrypted; /* a layer over the whole was decrypted */
    bool ambiguous; /* readers may disagree about what the layers cover */
};

/* Fills in `outer`, `protected`, `shown` and `differences` of `result`, whose layers and verdict
 * are there. `ret_shown` is the header to put in front of the content: the shown fields as they
 * stand in the two headers, of which it holds views; freed with mime_header_free(). Its `block` is
 * empty. ERR_NO_MEMORY, ERR_MESSAGE_MALFORMED (as address_list_read). */
struct error *header_read(const struct header_source *source, struct open_result *result,
                          struct mime_header **ret_shown) MUST_USE;

#endif
