/* The canonical form of text lines (RFC 8551 3.1.1): what is wrong with some bytes, and CRLF line
 * ends. */
#ifndef SEALPOST_MIME_CANONICAL_H
#define SEALPOST_MIME_CANONICAL_H

#include "base/mapping.h"

enum canonical_state {
    CANONICAL_CLEAN, /* CRLF line ends and nothing below */
    CANONICAL_LINE_ENDS, /* only line ends that lack their CR */
    CANONICAL_UNSAFE /* 8-bit, NUL, a lone CR, a line over 998 bytes, one that starts with "From "
                      * or ends in a blank: gateways may alter it */
};

enum canonical_state canonical_check(struct bytes text);

/* Appends `text` with each LF that lacks its CR made CRLF; nothing else is altered. Errors as
 * mapping_append. */
struct error *canonical_lines(struct bytes text, struct mapping *target) MUST_USE;

/* The same for what stands between parts (preamble, delimiter lines with their padding, epilogue):
 * blanks at line ends go, too. */
struct error *canonical_glue(struct bytes text, struct mapping *target) MUST_USE;

/* The same for a header field: folded lines that hold only blanks go as well, a lone CR becomes a
 * space (it could pass for a line end), and a missing last line end is added. Errors as
 * buffer_append. */
struct error *canonical_field(struct bytes field, struct buffer *target) MUST_USE;

#endif
