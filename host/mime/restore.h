/* What relays and mailboxes do to text, undone: for telling why a signature is no longer right.
 * What comes out is only ever compared with a signature, never shown in place of what came. */
#ifndef SEALPOST_MIME_RESTORE_H
#define SEALPOST_MIME_RESTORE_H

#include "base/mapping.h"

/* A line ends at LF with any number of CR before it, or at a lone CR. All but RESTORE_UNIX give
 * CRLF. */
enum restore {
    RESTORE_LINE_ENDS, /* nothing but that */
    RESTORE_UNIX, /* LF: signed as such, and "corrected" on the way */
    RESTORE_END_NONE, /* without line ends at the end of the text */
    RESTORE_END_ONE, /* with one */
    RESTORE_END_TWO, /* with two */
    RESTORE_BLANKS, /* without blanks at line ends */
    RESTORE_DASHES, /* "-- " for "--": the one line of mail that ends in a blank on purpose */
    RESTORE_FROM, /* "From " for ">From " (RFC 4155 and its kin) */
    RESTORE_COUNT
};

/* Appends `text` to `target` as `restore` says. Errors as mapping_append. */
struct error *restore_text(struct bytes text, enum restore restore, struct mapping *target)
    MUST_USE;

#endif
