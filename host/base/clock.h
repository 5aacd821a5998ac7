/* Time: seconds since the epoch in UTC for everything that is judged, RFC 3339 on the wire, a
 * monotonic clock for intervals. */
#ifndef SEALPOST_BASE_CLOCK_H
#define SEALPOST_BASE_CLOCK_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_TEXT_SIZE 32 /* bytes for a time as text, NUL included */

int64_t clock_now(void); /* seconds since the epoch, UTC */
uint64_t clock_monotonic_ms(void); /* milliseconds since some fixed moment */

/* "2026-11-23T22:56:00Z"; years 0 to 9999, else the empty string. Writes CLOCK_TEXT_SIZE at most.
 */
void clock_format(int64_t seconds, char text[static CLOCK_TEXT_SIZE]);

/* "Mon, 23 Nov 2026 22:56:00 +0000" (RFC 5322 3.3); otherwise as clock_format. */
void clock_format_mail(int64_t seconds, char text[static CLOCK_TEXT_SIZE]);

/* Reads RFC 3339 with `Z` or an offset, fractions dropped; false for anything else. */
bool clock_parse(struct bytes text, int64_t *ret_seconds);

#endif
