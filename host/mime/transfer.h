/* Content-Transfer-Encoding: decoding into a mapping, base64 encoding in place. */
#ifndef SEALPOST_MIME_TRANSFER_H
#define SEALPOST_MIME_TRANSFER_H

#include "base/mapping.h"
#include "mime/tree.h"

/* Decodes `body`. For the identity encodings `*ret_mapping` is NULL and `*ret_view` is `body`
 * itself (no copy); else a new mapping, owned by the caller, and a view of all of it. Base64 skips
 * bytes outside the alphabet (RFC 2045 6.8) and stops at padding. ERR_NO_MEMORY;
 * ERR_MESSAGE_MALFORMED for an unknown encoding or a damaged one. */
struct error *transfer_decode(enum mime_encoding encoding, struct bytes body,
                              struct mapping **ret_mapping, struct bytes *ret_view) MUST_USE;

/* Appends the base64 of `raw`, which does not lie in `target`, in lines as below. ERR_NO_MEMORY,
 * ERR_MESSAGE_TOO_LARGE. */
struct error *transfer_base64(struct bytes raw, struct mapping *target) MUST_USE;

/* Replaces the bytes of `mapping` from `start` to its end by their base64, in lines of 64
 * characters, each ended by CRLF, without a second buffer. ERR_NO_MEMORY; ERR_MESSAGE_TOO_LARGE
 * where the mapping's limit is too low, the mapping being unchanged. */
struct error *transfer_base64_in_place(struct mapping *mapping, size_t start) MUST_USE;

#endif
