/* Long header fields in lines (RFC 5322 2.1.1, 2.2.3). Knows where a line may be broken, nothing of
 * what a field means. */
#ifndef SEALPOST_MIME_FOLD_H
#define SEALPOST_MIME_FOLD_H

#include "base/bytes.h"

enum {
    FOLD_LINE = 76, /* characters of a line, without CRLF, where it can be broken */
    FOLD_LINE_MOST = 998 /* RFC 5322 2.1.1: where it can't */
};

enum fold_kind {
    FOLD_TEXT, /* at white space only */
    FOLD_STRUCTURED /* also behind "," and ";", where a space is put in; not in quoted strings */
};

/* Appends `field`, which is canonical (whole lines with CRLF, no blanks before these), with lines
 * of at most FOLD_LINE characters where white space allows it. Unfolding gives the same value, but
 * for the spaces above. Errors as buffer_append. */
struct error *fold_field(struct bytes field, enum fold_kind kind, struct buffer *out) MUST_USE;

/* Whether a line of `text` has more than `most` characters. */
bool fold_too_long(struct bytes text, size_t most);

#endif
