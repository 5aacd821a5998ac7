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
    bool near_miss; /* a line starts like a delimiter and is none, a delimiter stands behind the
                     * close-delimiter, or its line has another end than the one before: other
                     * parsers may cut differently */
    struct bytes preamble; /* before the first delimiter line */
    struct bytes epilogue; /* behind the close-delimiter line */
};

/* 1 to LIMIT_BOUNDARY printable ASCII characters, the last one no space. That is more than RFC 2046
 * allows ("<", "@", … are seen in real mail), and nothing that could look like a line end. */
bool boundary_valid(struct bytes boundary);

/* `boundary` without the leading dashes. A delimiter is "--boundary", or "--boundary--" at the end,
 * at the start of a line, with nothing but spaces and tabs behind it up to CRLF, LF or the end of
 * the body; the line break before it belongs to it. No delimiter at all: no parts, all preamble.
 * ERR_MESSAGE_MALFORMED for a boundary that is not valid or more than LIMIT_MIME_PARTS parts;
 * ERR_NO_MEMORY. */
struct error *boundary_scan(struct bytes body, struct bytes boundary,
                            struct boundary_parts **ret_parts) MUST_USE;
void boundary_parts_free(struct boundary_parts *parts); /* NULL is fine */
DEFINE_CLEANUP(struct boundary_parts *, boundary_parts_free);

#endif
