/* The canonical form of text lines (RFC 8551 3.1.1): what is wrong with some bytes, and CRLF line
 * ends. */
#ifndef SEALPOST_MIME_CANONICAL_H
#define SEALPOST_MIME_CANONICAL_H

#include "base/mapping.h"

#include <stdbool.h>

enum canonical_state {
    CANONICAL_CLEAN, /* CRLF line ends and nothing below */
    CANONICAL_LINE_ENDS, /* only line ends that lack their CR */
    CANONICAL_UNSAFE /* 8-bit, NUL, a lone CR, a line that is too long, starts with "From " or
                      * ">From ", is "." or ends in a blank: gateways may alter it (RFC 8551 3.1,
                      * RFC 2049 3) */
};

/* A line is too long with more than `longest` characters. */
enum canonical_state canonical_check(struct bytes text, size_t longest);

/* "From " with any number of ">" before it: mbox files add one (or take one away). */
bool canonical_starts_like_mbox(struct bytes line);

bool canonical_has_8bit(struct bytes text); /* a byte that is not ASCII */

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
