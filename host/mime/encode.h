/* Writes an entity in the form that is safe to sign (RFC 8551 3.1): which leafs need another
 * transfer encoding, and which. Internal to mime/; build_canonical_entity() is the way in. */
#ifndef SEALPOST_MIME_ENCODE_H
#define SEALPOST_MIME_ENCODE_H

#include "mime/runs.h"
#include "mime/tree.h"

/* Appends `entity` and everything below it. Of the root (no parent) only the Content-* fields are
 * written, with text/plain where it has no type; of the others all fields, as outgoing_field()
 * writes them.
 * - A leaf whose body is safe and has no line over 76 characters stays, with its line ends made
 *   CRLF; so does one of unknown encoding.
 * - Another leaf of type text/ gets quoted-printable (base64 where it holds NUL, a line end that is
 *   none, a charset of wide characters, or was in base64), any other base64.
 * - message/ has 7bit, 8bit or binary and nothing else (RFC 2046 5.2.1). The leafs of a
 *   message/rfc822 that is not safe get another encoding in the same way, but for lines up to 998
 *   characters; its header and everything else in message/ stays, with CRLF.
 * - A multipart/signed stays, with CRLF: anything else would break the signature in it.
 * - What stands before the first part of a multipart and behind the last goes where it is not safe;
 *   a missing end of a multipart is added.
 * The encodings that multiparts and messages name are made true. `*fragile` becomes true (never
 * false) where something stays that is not safe. ERR_NO_MEMORY, ERR_MESSAGE_TOO_LARGE,
 * ERR_MESSAGE_MALFORMED (an encoding that must be redone cannot be decoded; as outgoing_field). */
struct error *encode_entity(struct runs *runs, const struct mime_entity *entity, bool *fragile)
    MUST_USE;

#endif
