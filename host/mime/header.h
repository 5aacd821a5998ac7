/* The header block of a message or entity, as received: fields in order, each a view of the input.
 * Knows folding and nothing of what a field means, except for decoding text for display. */
#ifndef SEALPOST_MIME_HEADER_H
#define SEALPOST_MIME_HEADER_H

#include "base/bytes.h"

struct mime_field {
    struct bytes name; /* without the colon and white space before it */
    struct bytes value; /* behind the colon, folded as received, without the final line break */
    struct bytes raw; /* the whole field with its line breaks */
};

struct mime_header {
    struct mime_field *fields; /* at most LIMIT_HEADER_FIELDS */
    size_t count;
    struct bytes block; /* all fields, without the empty line */
};

/* Splits `input` (a message or entity) into header and body; `ret_body` starts behind the empty
 * line. Line ends may be CRLF or LF. A NUL byte in the header, a block over LIMIT_HEADER_BLOCK, or
 * too many fields: ERR_MESSAGE_MALFORMED. A byte order mark and an mbox "From " line (no
 * "From :") at the start are skipped: `block` then starts behind. A line that is no field ends the
 * header (the body then starts there). The header is a view of `input`. */
struct error *mime_header_parse(struct bytes input, struct mime_header **ret_header,
                                struct bytes *ret_body) MUST_USE;
void mime_header_free(struct mime_header *header); /* NULL is fine */
DEFINE_CLEANUP(struct mime_header *, mime_header_free);

/* How many fields have this name (ASCII case folded), and the first of them (NULL: none). */
size_t mime_header_count(const struct mime_header *header, const char *name);
const struct mime_field *mime_header_find(const struct mime_header *header, const char *name);

/* The value unfolded, encoded words decoded (RFC 2047), as clean UTF-8 without control characters;
 * freed with free(). ERR_NO_MEMORY. */
struct error *mime_field_text(const struct mime_field *field, char **ret_text) MUST_USE;

#endif
