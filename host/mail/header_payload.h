/* The Cryptographic Payload of a received message (RFC 9788): how it says that it protects the
 * header, and what of it is not to be shown: the wrapper of a wrapped message, and the copies of
 * header fields that stand in its text for old readers. Whether a layer really protects it is not
 * decided here. */
#ifndef SEALPOST_MAIL_HEADER_PAYLOAD_H
#define SEALPOST_MAIL_HEADER_PAYLOAD_H

#include "mail/layers.h"

enum header_scheme {
    HEADER_SCHEME_NONE, /* the message's own fields are all there is */
    HEADER_SCHEME_CLEAR, /* hp="clear": the sender did not mean to hide any field */
    HEADER_SCHEME_CIPHER, /* hp="cipher" */
    HEADER_SCHEME_WRAPPED /* message/rfc822 around the message (RFC 8551 3.1), RFC 9788 4.10 */
};

/* Finds the scheme of the entity at `end`, where at least one layer was taken off, and brings `end`
 * to what is to be shown: the wrapped message, or the same entity without Legacy Display Elements,
 * which are left out only where `encrypted` (a layer over the whole was decrypted) and the scheme
 * is HEADER_SCHEME_CIPHER. `outer` is the message's own header. Anything odd leaves `end` as it is.
 * ERR_NO_MEMORY, ERR_MESSAGE_TOO_LARGE, ERR_MESSAGE_MALFORMED, ERR_NESTING_TOO_DEEP. */
struct error *header_payload_open(const struct mime_header *outer, bool encrypted,
                                  struct layers_end *end, enum header_scheme *ret_scheme) MUST_USE;

#endif
