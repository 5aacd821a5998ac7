/* Text that is not ASCII as encoded words (RFC 2047), for header fields that are sent. */
#ifndef SEALPOST_MIME_ENCODED_WORD_H
#define SEALPOST_MIME_ENCODED_WORD_H

#include "base/bytes.h"

/* Appends `text`, which is UTF-8, as one or more encoded words of at most 75 characters with a
 * space between them; no character is divided (RFC 2047 5). `column` is where the first one will
 * stand, so that it fits in the line where that is possible. Nothing for an empty text. Errors as
 * buffer_append. */
struct error *encoded_word_append(struct bytes text, size_t column, struct buffer *out) MUST_USE;

#endif
