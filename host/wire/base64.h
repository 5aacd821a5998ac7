/* Base64 (RFC 4648) from JSON into content memory, by libmodpbase64. Strict: no white space, no
 * foreign character, padding where the alphabet asks for it. */
#ifndef SEALPOST_WIRE_BASE64_H
#define SEALPOST_WIRE_BASE64_H

#include "base/content.h"

/* Decodes `text` (RFC 4648 4, padded) to the end of `mapping`, which may hold `limit` bytes then.
 * ERR_PARAMS: not base64; ERR_MESSAGE_TOO_LARGE: over `limit`; ERR_NO_MEMORY. The mapping is
 * unchanged where an error comes back. */
struct error *base64_decode(struct mapping *mapping, struct bytes text, size_t limit) MUST_USE;

/* The same for the alphabet for URLs (RFC 4648 5), padding being optional. */
struct error *base64_decode_url(struct mapping *mapping, struct bytes text, size_t limit) MUST_USE;

/* How much longer a mapping's own limit must be than what it is meant to hold. */
#define BASE64_SLACK 8

/* Encodes up to BASE64_PIECE bytes of `content` from `offset`, as far as `len` goes; padding comes
 * at the end of `len` only. The number of characters written; 0 at the end. */
#define BASE64_PIECE 12288 /* bytes, a multiple of three */
#define BASE64_PIECE_TEXT (BASE64_PIECE / 3 * 4 + 1)
size_t base64_encode_piece(const struct content *content, size_t offset, size_t len,
                           char text[static BASE64_PIECE_TEXT]);

#endif
