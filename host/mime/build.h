/* Pieces of outgoing messages: header blocks, multipart/signed shells, canonical entities.
 * Everything made here has CRLF line ends and lines of at most 76 characters where it is ours to
 * break them. */
#ifndef SEALPOST_MIME_BUILD_H
#define SEALPOST_MIME_BUILD_H

#include "base/content.h"
#include "mime/tree.h"

/* Appends the fields of `header` that are the message's and not the body's: all but Content-*,
 * MIME-Version and, unless `keep_bcc`, Bcc and Resent-Bcc; line ends become CRLF. */
struct error *build_message_fields(const struct mime_header *header, bool keep_bcc,
                                   struct buffer *out) MUST_USE;

/* The entity inside a message: its Content-* fields (text/plain where there are none) and its body
 * in the form that is safe to sign (RFC 8551 3.1), as encode.h says. Untouched bytes are slices of
 * `owner`, in which the tree's input lies; `owner` may be NULL (then everything is copied).
 * `ret_fragile`: something had to stay that a gateway may alter (8-bit in a signed part, say).
 * ERR_NO_MEMORY, ERR_MESSAGE_TOO_LARGE, ERR_MESSAGE_MALFORMED for a part marked ambiguous and as
 * encode_entity. */
struct error *build_canonical_entity(const struct mime_tree *tree, struct mapping *owner,
                                     struct content **ret_entity, bool *ret_fragile) MUST_USE;

/* 32 random hex digits, NUL-terminated, freed with free(). ERR_INTERNAL where no randomness is to
 * be had; ERR_NO_MEMORY. */
struct error *build_token(char **ret_token) MUST_USE;

/* A boundary that occurs in none of the pieces of `content`: "=_" and 32 random hex digits.
 * NUL-terminated, freed with free(). ERR_INTERNAL where no randomness is to be had. */
struct error *build_boundary(const struct content *content, char **ret_boundary) MUST_USE;

/* multipart/signed (RFC 8551 3.5.3): Content-Type field, `entity`, and the signature as
 * smime.p7s; `fields` (message fields with CRLF line ends) stand first, may be empty, and get
 * MIME-Version behind them where `message` is true. `signature` is DER. */
struct error *build_multipart_signed(struct bytes fields, bool message, const char *micalg,
                                     const struct content *entity, struct bytes signature,
                                     struct content **ret_content) MUST_USE;

/* application/pkcs7-mime (RFC 8551 3.2): `smime_type` is "signed-data", "enveloped-data" or
 * "authEnveloped-data"; `cms` holds the DER and nothing else; it is consumed and its bytes become
 * base64 in place. `fields` and `message` as above. Fields and body are separate pieces, so that
 * build_refield can give the same body other fields. */
struct error *build_pkcs7_mime_take(struct bytes fields, bool message, const char *smime_type,
                                    struct mapping *cms, struct content **ret_content) MUST_USE;

/* The same content with other message fields in front: `content` was made by one of the two above
 * with `fields_len` bytes of fields; shares all other bytes. */
struct error *build_refield(const struct content *content, size_t fields_len, struct bytes fields,
                            struct content **ret_content) MUST_USE;

#endif
