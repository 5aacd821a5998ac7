/* The display names and comments of an address field as encoded words. Internal to mime/. */
#ifndef SEALPOST_MIME_OUTGOING_ADDRESSES_H
#define SEALPOST_MIME_OUTGOING_ADDRESSES_H

#include "base/bytes.h"

/* Appends `value` (RFC 5322 3.4 in UTF-8, perhaps folded) unfolded, with display names, group names
 * and comments that are not ASCII as encoded words (RFC 2047 5). Addresses stay as they are, and so
 * does everything that can't be read. Errors as buffer_append. */
struct error *outgoing_addresses(struct bytes value, struct buffer *out) MUST_USE;

#endif
