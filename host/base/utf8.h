/* UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing above U+10FFFF. */
#ifndef SEALPOST_BASE_UTF8_H
#define SEALPOST_BASE_UTF8_H

#include "base/bytes.h"

/* Length in bytes (1 to 4) of the well-formed character at the start of `text`, 0 if there is none.
 */
size_t utf8_character(struct bytes text);

bool utf8_valid(struct bytes text);

/* A NUL-terminated copy, freed with free(), in which every ill-formed byte, NUL and C0/C1 control
 * character but tab became U+FFFD: for foreign text that goes into JSON or onto a terminal.
 * ERR_NO_MEMORY. */
struct error *utf8_sanitise(struct bytes text, char **ret_text) MUST_USE;

#endif
