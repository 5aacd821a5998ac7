/* Puts content together from bytes that stay as they are and bytes that are new. Long unaltered
 * runs become slices of the mapping they lie in; short ones and everything new go, in order, into
 * one scratch mapping, so that the number of pieces stays far below LIMIT_CONTENT_PIECES however
 * many parts a message has. Internal to mime/. */
#ifndef SEALPOST_MIME_RUNS_H
#define SEALPOST_MIME_RUNS_H

#include "base/content.h"

struct runs;

/* `owner` is the mapping in which the unaltered bytes lie; NULL: everything is copied.
 * ERR_NO_MEMORY. */
struct error *runs_new(struct mapping *owner, struct runs **ret_runs) MUST_USE;
void runs_free(struct runs *runs); /* NULL is fine */
DEFINE_CLEANUP(struct runs *, runs_free);

/* Bytes of `owner` as they are. Errors as mapping_append and content_append_slice. */
struct error *runs_keep(struct runs *runs, struct bytes bytes) MUST_USE;

/* The scratch mapping, for something new at its end. Borrowed; good until the next call. Errors as
 * runs_keep. */
struct error *runs_scratch(struct runs *runs, struct mapping **ret_scratch) MUST_USE;

/* A copy of `bytes` at the end. Errors as runs_keep. */
struct error *runs_add(struct runs *runs, struct bytes bytes) MUST_USE;

/* What was put together, owned by the caller; the runs are used up. Errors as runs_keep. */
struct error *runs_finish(struct runs *runs, struct content **ret_content) MUST_USE;

#endif
