/* boundary_scan(): the first line is the boundary, the rest the body. Parts lie inside the body, in
 * order, and each is a cut between two line starts. */
#include "mime/boundary.h"

#include <stdlib.h>
#include <string.h>

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_parts(struct bytes body, const struct boundary_parts *parts)
{
    const uint8_t *at = body.data;
    const uint8_t *end = body.data + body.len;
    for (size_t i = 0; i < parts->count; i++) {
        struct bytes part = parts->items[i];
        check(part.data >= at && part.data <= end && part.len <= (size_t)(end - part.data));
        check(part.data[-1] == '\n' || part.data == end);
        at = part.data + part.len;
    }
    check(parts->preamble.len <= body.len && parts->epilogue.len <= body.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;
    if (!line) {
        return 0;
    }
    struct bytes boundary = { data, (size_t)(line - data) };
    struct bytes body = { line + 1, size - boundary.len - 1 };
    CLEANUP(boundary_parts_free) struct boundary_parts *parts = NULL;
    struct error *error = boundary_scan(body, boundary, &parts);
    if (!error) {
        check_parts(body, parts);
    }
    error_free(error);
    return 0;
}
