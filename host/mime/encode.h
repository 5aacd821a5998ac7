/* Writes an entity in the form that is safe to sign (RFC 8551 3.1): which leafs need another
 * transfer encoding, and which. Internal to mime/; build_canonical_entity() is the way in. */
#ifndef SEALPOST_MIME_ENCODE_H
#define SEALPOST_MIME_ENCODE_H

#include "mime/runs.h"
#include "mime/tree.h"

/* Appends `entity` and everything below it. Of the root (no parent) only the Content-* fields are
 * written, with text/plain in UTF-8 where it has no type; of the others all fields.
 * - A leaf whose body is safe stays, with its line ends made CRLF; so does one of unknown encoding.
 * - Another leaf of type text/ gets quoted-printable (base64 where it holds NUL or was in base64),
 *   any other base64.
 * - message/ has 7bit, 8bit or binary and nothing else (RFC 2046 5.2.1): its bytes stay, with CRLF,
 *   safe or not.
 * - A multipart/signed stays, with CRLF: anything else would break the signature in it.
 * Header fields stay as they are but for line ends and blanks before these.
 * ERR_NO_MEMORY, ERR_MESSAGE_TOO_LARGE, ERR_MESSAGE_MALFORMED (an encoding that must be redone
 * cannot be decoded). */
struct error *encode_entity(struct runs *runs, const struct mime_entity *entity) MUST_USE;

#endif
