/* Header fields in the form in which they are sent: CRLF, short lines, and ASCII wherever a field
 * has a way to say things in ASCII (RFC 2047, RFC 2231). Raw 8-bit text comes from programs that
 * leave it to the next one; it is taken for UTF-8 and nothing else. */
#ifndef SEALPOST_MIME_OUTGOING_H
#define SEALPOST_MIME_OUTGOING_H

#include "mime/header.h"

/* Appends `field`. Text, comments and display names become encoded words, parameters of Content-*
 * fields RFC 2231's; addresses and message ids stay UTF-8 (RFC 6532), and `*wide` becomes true.
 * ERR_MESSAGE_MALFORMED: 8-bit bytes that are not UTF-8, or a line over 998 characters that can
 * neither be folded nor encoded. Errors of buffer_append. */
struct error *outgoing_field(const struct mime_field *field, struct buffer *out, bool *wide)
    MUST_USE;

#endif
