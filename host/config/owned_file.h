/* Reads a small configuration file whole, after looking at what it is and whose. */
#ifndef SEALPOST_CONFIG_OWNED_FILE_H
#define SEALPOST_CONFIG_OWNED_FILE_H

#include "base/bytes.h"

#include <sys/types.h>

/* The user's own file: a regular one, also behind a symbolic link. */
#define OWNED_FILE_ANY ((uid_t)-1)

/* The bytes of the file; NULL where there is none. With an `owner` other than OWNED_FILE_ANY it has
 * to be a regular file of that user, not behind a symbolic link, that neither its group nor others
 * can write. ERR_POLICY_FORBIDS for anything else, over LIMIT_CONFIG_FILE, or unreadable;
 * ERR_NO_MEMORY. */
struct error *owned_file_read(const char *path, uid_t owner, struct buffer **ret_text) MUST_USE;

#endif
