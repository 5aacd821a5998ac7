/* What a person takes the text around an address for (display name, comments): another address, as
 * far as that can be told from the letters. Mail programs show that text and often nothing else. */
#ifndef SEALPOST_MIME_NAME_H
#define SEALPOST_MIME_NAME_H

#include <stdbool.h>

/* Whether the reader knows `address` ("local@domain"; "@domain" where there is no local part to be
 * seen). `apart`: blanks stood around the @. */
typedef bool name_known_fn(const void *context, const char *address, bool apart);

/* Whether clean UTF-8 `text` (decoded) looks like an address that is not known: a word with @ and a
 * domain with a dot, also with other characters that look like these two, with invisible ones
 * between or blanks around the @; or whether it holds characters that turn the order of letters
 * round. So is a text over LIMIT_DISPLAY_NAME, one with more than LIMIT_NAME_ADDRESSES @, and one
 * without memory to look at it. */
bool name_misleads(const char *text, name_known_fn *known, const void *context);

#endif
