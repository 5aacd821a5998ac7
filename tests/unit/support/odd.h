/* Messages whose boundaries are odd: a good one, altered by chance in the ways in which mail
 * programs differ about multiparts. The same seed makes the same message. */
#ifndef SEALPOST_TESTS_UNIT_SUPPORT_ODD_H
#define SEALPOST_TESTS_UNIT_SUPPORT_ODD_H

#include "base/bytes.h"

/* Appends an altered copy of `message` to `out`: one to five alterations near its delimiter lines
 * and Content-Type fields, with boundaries that occur in it. `seed` is not 0. */
void odd_alter(struct bytes message, unsigned seed, struct buffer *out);

/* How many messages to make: `normal`, or `more` where SEALPOST_LONG is 1. */
unsigned odd_rounds(unsigned normal, unsigned more);

#endif
