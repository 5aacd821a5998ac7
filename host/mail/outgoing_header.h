/* The header of a message as it goes out: every field in its final form, and those that a message
 * must have. Knows nothing of recipients and copies. */
#ifndef SEALPOST_MAIL_OUTGOING_HEADER_H
#define SEALPOST_MAIL_OUTGOING_HEADER_H

#include "base/bytes.h"
#include "mime/header.h"

#include <stdint.h>

struct outgoing_header {
    struct mime_header *header; /* owned; a view of `text` */
    struct buffer *text; /* owned */
    bool wide; /* an address or id is not ASCII: the way must take UTF-8 (RFC 6531) */
};

/* The message's fields of `given` (not Content-* and MIME-Version), as outgoing_field() writes
 * them, with Bcc. A missing or empty Date becomes `at` (seconds since the epoch, UTC), a missing or
 * empty Message-ID a random one in the domain of From, which tells nothing of this machine.
 * ERR_MESSAGE_MALFORMED: a field twice that RFC 5322 3.6 wants once, a text that is not UTF-8, a
 * From that can't be read; ERR_NO_MEMORY, ERR_INTERNAL (no randomness). */
struct error *outgoing_header_make(const struct mime_header *given, int64_t at,
                                   struct outgoing_header **ret_header) MUST_USE;
void outgoing_header_free(struct outgoing_header *header); /* NULL is fine */
DEFINE_CLEANUP(struct outgoing_header *, outgoing_header_free);

#endif
