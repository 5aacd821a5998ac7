/* Where the parts of a multipart lie, to the byte (RFC 2046 5.1.1): a bounded scan over the
 * received bytes, one pass, no allocation but the list of parts. Line ends may be CRLF or LF. */
#ifndef SEALPOST_MIME_BOUNDARY_H
#define SEALPOST_MIME_BOUNDARY_H

#include "base/bytes.h"

#include <stdbool.h>

struct boundary_parts {
    struct bytes *items; /* each from behind its delimiter line to before the line break that
                          * belongs to the next delimiter */
    size_t count;
    bool closed; /* the close-delimiter was there */
    struct bytes preamble; /* before the first delimiter line */
    struct bytes epilogue; /* behind the close-delimiter line */
};

/* `boundary` without the leading dashes. ERR_MESSAGE_MALFORMED for an empty boundary, one over
 * LIMIT_BOUNDARY bytes or with forbidden characters, or more than LIMIT_MIME_PARTS parts. */
struct error *boundary_scan(struct bytes body, struct bytes boundary,
                            struct boundary_parts **ret_parts) MUST_USE;
void boundary_parts_free(struct boundary_parts *parts); /* NULL is fine */
DEFINE_CLEANUP(struct boundary_parts *, boundary_parts_free);

#endif
