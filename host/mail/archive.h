/* Writes a ZIP archive into memory: entries stored as they are, in the order of the calls, all with
 * the same date, so that the same content gives the same bytes. Reads none. The one user of
 * minizip. */
#ifndef SEALPOST_MAIL_ARCHIVE_H
#define SEALPOST_MAIL_ARCHIVE_H

#include "base/mapping.h"

struct archive;

/* ERR_NO_MEMORY. */
struct error *archive_new(struct archive **ret_archive) MUST_USE;
void archive_free(struct archive *archive); /* NULL is fine */
DEFINE_CLEANUP(struct archive *, archive_free);

/* Adds a file. `name` is ours and plain: letters, digits, '-' and '.', no folder; never text from a
 * message. ERR_MESSAGE_TOO_LARGE where the archive would be larger than LIMIT_MESSAGE. */
struct error *archive_add(struct archive *archive, const char *name, struct bytes content) MUST_USE;

/* Ends it; `ret_zip` holds the whole archive and one reference. Nothing can be added afterwards.
 * Errors as archive_add. */
struct error *archive_finish(struct archive *archive, struct mapping **ret_zip) MUST_USE;

#endif
