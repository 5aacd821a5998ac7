/* Header text that may hold encoded words (RFC 2047), as clean UTF-8: GMime decodes, and what it
 * gets wrong is kept from it. Knows no fields and no addresses. Internal to mime/. */
#ifndef SEALPOST_MIME_ENCODED_TEXT_H
#define SEALPOST_MIME_ENCODED_TEXT_H

#include "base/bytes.h"

#include <stdbool.h>

/* `text` is unfolded and NUL-terminated. `phrase`: the words of a display name, else the text of an
 * unstructured field. `ret_text` is without control characters and freed with free(); raw 8-bit
 * that is no UTF-8 becomes U+FFFD. ERR_NO_MEMORY. */
struct error *encoded_text_decode(const char *text, bool phrase, char **ret_text) MUST_USE;

#endif
