/* Header protection of a message to send (RFC 9788 section 5): the header that stands outside, and
 * the entity that carries the message's own one inside. Signs and encrypts nothing. */
#ifndef SEALPOST_MAIL_HEADER_WRITE_H
#define SEALPOST_MAIL_HEADER_WRITE_H

#include "base/content.h"
#include "mime/tree.h"
#include "policy/policy.h"

/* What becomes of the fields outside. */
struct header_outside {
    enum policy_headers protection; /* HEADERS_CONFIDENTIAL: hcp_baseline (RFC 9788 3.2.1), which
                                     * is "[...]" for Subject and no Keywords or Comments */
    bool without_recipients; /* no To and Cc either: the route reads the envelope from the header */
};

/* The header that stands outside: `header` with that done, and without HP-Outer fields, which mean
 * something inside alone. Blind recipients stay: build_message_fields() leaves them out. Views of
 * `header`; freed with mime_header_free(). ERR_NO_MEMORY. */
struct error *header_write_outer(const struct mime_header *header,
                                 const struct header_outside *outside,
                                 struct mime_header **ret_outer) MUST_USE;

/* All borrowed. */
struct header_inside {
    const struct mime_header *header; /* the message's own */
    const struct mime_header *outer; /* what stands outside */
    bool encrypted; /* hp="cipher" and an HP-Outer field for each outer one, else hp="clear" */
};

/* `entity` (as build_canonical_entity makes it) with the fields of the message in its header, blind
 * recipients apart. Shares the bytes of the body. ERR_NO_MEMORY, ERR_MESSAGE_TOO_LARGE,
 * ERR_MESSAGE_MALFORMED (the entity's header is too large, or its Content-Type so broken that
 * readers may not find what was added). */
struct error *header_write_inner(const struct header_inside *inside, const struct content *entity,
                                 struct content **ret_entity) MUST_USE;

/* The message of `tree` with its subject at the start of every text that is shown as the message
 * (RFC 9788 5.2.2, 5.2.3), for readers that know no header protection; a text in a character set
 * that can't hold the subject is left as it is. `*ret_message` is NULL where nothing was to be
 * done. Errors as header_edit_apply. */
struct error *header_write_display(const struct mime_tree *tree, struct mapping **ret_message)
    MUST_USE;

#endif
