/* A copy of an entity in which some of its texts were altered at their start: for the copies of
 * header fields that old readers are shown (RFC 9788 Legacy Display Elements), which are put in
 * when sending and taken out when showing. */
#ifndef SEALPOST_MAIL_HEADER_EDIT_H
#define SEALPOST_MAIL_HEADER_EDIT_H

#include "base/limits.h"
#include "base/mapping.h"
#include "mail/header_display.h"
#include "mime/tree.h"

/* The texts that a person is shown as the message (RFC 9787 7.1, Main Body Parts): text/plain and
 * text/html, no attachment, all of a multipart/alternative and the first of any other multipart.
 * Nothing inside another layer. */
struct header_texts {
    const struct mime_entity *items[LIMIT_MAIN_PARTS]; /* in the order of the message */
    size_t count;
};

void header_edit_find_texts(const struct mime_entity *root, struct header_texts *ret_texts);

/* The text of such a leaf, decoded: a view of it, or where `ret_owner` is set, of that mapping.
 * ERR_NO_MEMORY, ERR_MESSAGE_MALFORMED (an encoding that can't be undone). */
struct error *header_edit_read(const struct mime_entity *leaf, struct mapping **ret_owner,
                               struct bytes *ret_text) MUST_USE;

/* What happens to one of them: `cut` goes, `insert` comes in its place. */
struct header_edit {
    const struct mime_entity *leaf;
    struct header_display cut;
    struct bytes insert;
    bool mark; /* its Content-Type gets hp-legacy-display="1"; where there is none, it gets that of
                * text in UTF-8 */
};

/* The bytes of `root` with `edits` (in the order of the message) done, in a new mapping. Texts keep
 * their transfer encoding. Errors as above, and ERR_MESSAGE_TOO_LARGE. */
struct error *header_edit_apply(const struct mime_entity *root, const struct header_edit *edits,
                                size_t count, struct mapping **ret_mapping) MUST_USE;

#endif
