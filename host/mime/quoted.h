/* Quoted-printable (RFC 2045 6.7), both ways. */
#ifndef SEALPOST_MIME_QUOTED_H
#define SEALPOST_MIME_QUOTED_H

#include "base/mapping.h"

/* Appends the decoded bytes to `target`: soft breaks joined, white space at line ends dropped, line
 * ends kept as they are; an "=" that starts neither a soft break nor two hex digits stays as it is.
 * Never more bytes than `body` has. ERR_NO_MEMORY, ERR_MESSAGE_TOO_LARGE (target's limit). */
struct error *quoted_decode(struct bytes body, struct mapping *target) MUST_USE;

/* Appends the encoded bytes to `target`: line ends (CRLF or LF) become CRLF, lines have at most 76
 * characters, none starts with "From ", ">From " or "." or ends in white space (RFC 8551 3.1.1, RFC
 * 2049 3).
 * At most 3 bytes and a quarter of a soft break for each of `body`. Errors as above. */
struct error *quoted_encode(struct bytes body, struct mapping *target) MUST_USE;

#endif
