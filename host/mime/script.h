/* Whether an address mixes alphabets, as one does that is made to look like another: a Cyrillic
 * letter in a Latin word. Letters that look alike in a word of one alphabet are not told. */
#ifndef SEALPOST_MIME_SCRIPT_H
#define SEALPOST_MIME_SCRIPT_H

#include <stdbool.h>

/* `address` is well-formed UTF-8. Each part between dots, hyphens and the @ stands for itself: it
 * may be of one script, or of those that Japanese, Chinese and Korean are written with, beside
 * Latin (UTS 39 5.2, "Highly Restrictive"). */
bool script_is_mixed(const char *address);

#endif
