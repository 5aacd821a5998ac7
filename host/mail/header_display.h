/* Legacy Display Elements (RFC 9788 2.1.2, 4.5.3, 5.2): copies of hidden header fields at the start
 * of a text, for readers that know no header protection. Works on decoded text; knows no MIME. */
#ifndef SEALPOST_MAIL_HEADER_DISPLAY_H
#define SEALPOST_MAIL_HEADER_DISPLAY_H

#include "mime/header.h"

/* A range of a text, in bytes; empty where nothing was found. */
struct header_display {
    size_t start;
    size_t len;
};

/* The lines "Name: value" at the start of a plain text and the empty line behind them. Every line
 * must be a field whose name is in `header` (the protected one), or the fold of such a field: text
 * of any other kind is the author's and stays. */
struct header_display header_display_in_text(struct bytes text, const struct mime_header *header);

/* The element <div class="header-protection-legacy-display"> … </div> that is the first thing in
 * the body of an HTML text. One with another div in it, or without an end, is not found. */
struct header_display header_display_in_html(struct bytes text);

/* Appends what stands for "Subject: value" in a plain text, and where the element goes in an HTML
 * text with its bytes. `value` is clean UTF-8. ERR_NO_MEMORY. */
struct error *header_display_write_text(const char *value, struct buffer *out) MUST_USE;
struct error *header_display_write_html(const char *value, struct buffer *out) MUST_USE;
size_t header_display_html_start(struct bytes text); /* bytes before the element */

#endif
