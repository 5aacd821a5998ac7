/* Whether an address mixes alphabets, as one does that is made to look like another: a Cyrillic
 * letter in a Latin word, or a whole word of letters that look Latin and are not. */
#ifndef SEALPOST_MIME_SCRIPT_H
#define SEALPOST_MIME_SCRIPT_H

#include <stdbool.h>

/* `address` is well-formed UTF-8. Each part between dots, hyphens and the @ stands for itself: it
 * may be of one script, or of those that Japanese, Chinese and Korean are written with, beside
 * Latin (UTS 39 5.2, "Highly Restrictive"). A word wholly of letters that look Latin and are of
 * another alphabet counts as mixed where some other word is Latin. So does any invisible character.
 */
bool script_is_mixed(const char *address);

#endif
