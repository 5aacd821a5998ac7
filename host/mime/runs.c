#include "mime/runs.h"

#include "base/limits.h"

#include <stdlib.h>

enum {
    MOST_PIECES = 48, /* leaves room for shells around the content */
};

/* A shorter run is cheaper to copy than to carry as a piece of its own. */
#define SHORTEST_SLICE (64 * KIB)

struct runs {
    struct content *content;
    struct mapping *owner; /* one reference; may be NULL */
    struct mapping *scratch;
    size_t flushed; /* bytes of scratch that are in the content */
    struct bytes pending; /* unaltered bytes, not yet in the content */
    size_t pieces;
};

struct error *runs_new(struct mapping *owner, struct runs **ret_runs)
{
    CLEANUP(runs_free) struct runs *runs = calloc(1, sizeof(*runs));
    if (!runs) {
        return error_no_memory();
    }
    TRY(content_new(&runs->content));
    TRY(mapping_new(LIMIT_MESSAGE, &runs->scratch));
    runs->owner = mapping_ref(owner);
    *ret_runs = TAKE_PTR(runs);
    return NULL;
}

void runs_free(struct runs *runs)
{
    if (runs) {
        content_unref(runs->content);
        mapping_unref(runs->scratch);
        mapping_unref(runs->owner);
        free(runs);
    }
}

static struct error *flush_scratch(struct runs *runs)
{
    struct bytes fresh = bytes_slice(mapping_view(runs->scratch), runs->flushed, SIZE_MAX);
    if (fresh.len == 0) {
        return NULL;
    }
    runs->flushed += fresh.len;
    runs->pieces++;
    return content_append_slice(runs->content, runs->scratch, fresh);
}

static struct error *flush_pending(struct runs *runs)
{
    struct bytes pending = runs->pending;
    runs->pending = BYTES_NONE;
    if (!runs->owner || pending.len < SHORTEST_SLICE || runs->pieces + 2 > MOST_PIECES) {
        return mapping_append(runs->scratch, pending);
    }
    TRY(flush_scratch(runs));
    runs->pieces++;
    return content_append_slice(runs->content, runs->owner, pending);
}

struct error *runs_keep(struct runs *runs, struct bytes bytes)
{
    if (bytes.len == 0) {
        return NULL;
    }
    if (runs->pending.len > 0 && runs->pending.data + runs->pending.len == bytes.data) {
        runs->pending.len += bytes.len;
        return NULL;
    }
    TRY(flush_pending(runs));
    runs->pending = bytes;
    return NULL;
}

struct error *runs_scratch(struct runs *runs, struct mapping **ret_scratch)
{
    TRY(flush_pending(runs));
    *ret_scratch = runs->scratch;
    return NULL;
}

struct error *runs_add(struct runs *runs, struct bytes bytes)
{
    struct mapping *scratch = NULL;
    TRY(runs_scratch(runs, &scratch));
    return mapping_append(scratch, bytes);
}

struct error *runs_finish(struct runs *runs, struct content **ret_content)
{
    TRY(flush_pending(runs));
    TRY(flush_scratch(runs));
    *ret_content = TAKE_PTR(runs->content);
    return NULL;
}
