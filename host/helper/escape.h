/* Texts for pinentry's command lines. Foreign text (names of tokens and sites, subjects of
 * certificates) can neither add a line or a command to the conversation nor paint over what stands
 * beside it: it is made plain, cut to a length, and percent-escaped. */
#ifndef SEALPOST_HELPER_ESCAPE_H
#define SEALPOST_HELPER_ESCAPE_H

#include "base/bytes.h"

/* Appends our own words, percent-escaped; a newline in them becomes %0A. ERR_NO_MEMORY;
 * ERR_MESSAGE_TOO_LARGE at the buffer's limit. */
struct error *escape_append_own(struct buffer *line, const char *text) MUST_USE;

/* Appends foreign text, percent-escaped, in at most `budget` bytes, an ellipsis standing for what
 * was cut. Tabs and line ends become spaces. Left out are ill-formed bytes, control characters,
 * line and paragraph separators, and everything that turns the direction of writing or takes no
 * room; < and > become single angle quotes, for dialogs that take them for markup. Errors as above.
 */
struct error *escape_append_foreign(struct buffer *line, struct bytes text, size_t budget) MUST_USE;

#endif
