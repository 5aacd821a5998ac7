/* Blobs: content too large for a frame, named by a handle, in memory until it is closed. A client's
 * blob grows by appending; a result's blob refers to content and never changes. A blob that a
 * request uses stays in memory, and counts, until the request is over, closed or not.
 * Thread-safe. */
#ifndef SEALPOST_RPC_BLOB_H
#define SEALPOST_RPC_BLOB_H

#include "base/content.h"

#include <stdbool.h>
#include <stdint.h>

enum { BLOB_HANDLE_SIZE = 24 }; /* bytes of a handle as text, NUL included */

struct blob;
struct blob_table;

/* ERR_NO_MEMORY */
struct error *blob_table_new(struct blob_table **ret_table) MUST_USE;
/* Every reference to a blob must be gone. NULL is fine. */
void blob_table_free(struct blob_table *table);
DEFINE_CLEANUP(struct blob_table *, blob_table_free);

/* Closes all blobs. Those that a request still uses are overwritten with zeros at once: only for
 * the end of the program. */
void blob_wipe_all(struct blob_table *table);

/* The largest client's blob from now on; LIMIT_MESSAGE at first. */
void blob_set_limit(struct blob_table *table, size_t limit);

/* A new empty blob that a client fills. `hint` is the size it will have, 0: unknown.
 * ERR_MESSAGE_TOO_LARGE or ERR_BLOB_LIMIT where that can't be; ERR_NO_MEMORY. */
struct error *blob_create(struct blob_table *table, size_t hint,
                          char handle[static BLOB_HANDLE_SIZE]) MUST_USE;

/* A blob of a result; takes a reference to `content`. ERR_BLOB_LIMIT, ERR_NO_MEMORY. */
struct error *blob_add_content(struct blob_table *table, struct content *content,
                               char handle[static BLOB_HANDLE_SIZE]) MUST_USE;

/* Decodes base64 to the end of a client's blob, which is unchanged where an error comes back; its
 * size then. ERR_BLOB_UNKNOWN, ERR_PARAMS (not base64; a result's blob), ERR_MESSAGE_TOO_LARGE,
 * ERR_BLOB_LIMIT, ERR_NO_MEMORY. */
struct error *blob_append(struct blob_table *table, const char *handle, struct bytes base64,
                          size_t *ret_size) MUST_USE;

/* The blob's bytes as they are now. ERR_BLOB_UNKNOWN, ERR_NO_MEMORY. */
struct error *blob_content(struct blob_table *table, const char *handle,
                           struct content **ret_content) MUST_USE;

/* The same in one piece, for a request, with a reference to the blob that makes it count as long as
 * the request has it; a result of several pieces is joined once. ERR_BLOB_UNKNOWN, ERR_NO_MEMORY.
 */
struct error *blob_pin(struct blob_table *table, const char *handle, struct blob **ret_blob,
                       struct mapping **ret_owner, struct bytes *ret_view) MUST_USE;
void blob_unref(struct blob *blob); /* NULL is fine */

/* The handle is unknown from now on. ERR_BLOB_UNKNOWN. */
struct error *blob_close(struct blob_table *table, const char *handle) MUST_USE;

#endif
