#include "mime/boundary.h"

#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_PARTS = 8 };

/* What a line that starts with "--boundary" is. */
enum line_kind { LINE_OTHER, LINE_DELIMITER, LINE_CLOSE };

struct scan {
    struct bytes body;
    struct bytes needle; /* "--" and the boundary */
    struct boundary_parts *parts;
    size_t capacity;
    size_t part_start; /* behind the last delimiter line */
    bool open; /* a delimiter was seen and no close-delimiter yet */
};

bool boundary_valid(struct bytes boundary)
{
    for (size_t i = 0; i < boundary.len; i++) {
        if (boundary.data[i] < ' ' || boundary.data[i] > '~') {
            return false;
        }
    }
    return boundary.len > 0 && boundary.len <= LIMIT_BOUNDARY &&
           boundary.data[boundary.len - 1] != ' ';
}

static size_t skip_padding(struct bytes body, size_t at)
{
    while (at < body.len && (body.data[at] == ' ' || body.data[at] == '\t')) {
        at++;
    }
    return at;
}

/* True where `at` is a line end or the end of the body; moves `at` behind it. */
static bool skip_line_end(struct bytes body, size_t *at)
{
    if (*at == body.len) {
        return true;
    }
    size_t len = body.data[*at] == '\r' ? 2 : 1;
    if (*at + len > body.len || body.data[*at + len - 1] != '\n') {
        return false;
    }
    *at += len;
    return true;
}

/* RFC 2046 5.1.1: delimiter and close-delimiter, both with transport padding. `at` is behind
 * "--boundary"; `ret_next` is the start of the next line. */
static enum line_kind classify(struct bytes body, size_t at, size_t *ret_next)
{
    size_t end = skip_padding(body, at);
    if (skip_line_end(body, &end)) {
        *ret_next = end;
        return LINE_DELIMITER;
    }
    if (bytes_starts_with(bytes_slice(body, at, 2), BYTES_LITERAL("--"))) {
        end = skip_padding(body, at + 2);
        if (skip_line_end(body, &end)) {
            *ret_next = end;
            return LINE_CLOSE;
        }
    }
    return LINE_OTHER;
}

static size_t next_line(struct bytes body, size_t at)
{
    const uint8_t *found = at < body.len ? memchr(body.data + at, '\n', body.len - at) : NULL;
    return found ? (size_t)(found - body.data) + 1 : body.len;
}

/* bytes_slice() that keeps its place in `body` where it is empty. */
static struct bytes view(struct bytes body, size_t from, size_t to)
{
    return body.data ? (struct bytes){ body.data + from, to - from } : BYTES_NONE;
}

/* The bytes from `start` up to the delimiter line at `line`, without the line break in front of
 * it. Where that line break is the end of the delimiter before, nothing is left. */
static struct bytes cut(struct bytes body, size_t start, size_t line)
{
    size_t end = line;
    if (end > start) {
        end--;
        if (end > start && body.data[end - 1] == '\r') {
            end--;
        }
    }
    return view(body, start, end);
}

static struct error *add_part(struct scan *scan, struct bytes part)
{
    struct boundary_parts *parts = scan->parts;
    if (parts->count == LIMIT_MIME_PARTS) {
        return error_new(ERR_MESSAGE_MALFORMED, "a multipart has more than %d parts",
                         LIMIT_MIME_PARTS);
    }
    if (parts->count == scan->capacity) {
        size_t wanted = scan->capacity ? scan->capacity * 2 : FIRST_PARTS;
        struct bytes *items = reallocarray(parts->items, wanted, sizeof(*items));
        if (!items) {
            return error_no_memory();
        }
        parts->items = items;
        scan->capacity = wanted;
    }
    parts->items[parts->count++] = part;
    return NULL;
}

/* The line break in front of the delimiter line at `line` and the one behind it are not of a kind.
 * Some parsers look at the latter to know how long the former is. */
static bool breaks_differ(struct bytes body, size_t line, size_t next)
{
    if (line == 0 || body.data[next - 1] != '\n') {
        return false; /* at the end of the body there is none behind */
    }
    bool before = line > 1 && body.data[line - 2] == '\r';
    return before != (body.data[next - 2] == '\r');
}

/* Takes note of the delimiter line at `line`; the next line is at `next`. */
static struct error *take_delimiter(struct scan *scan, enum line_kind kind, size_t line,
                                    size_t next)
{
    struct bytes before = cut(scan->body, scan->part_start, line);
    scan->parts->near_miss |= breaks_differ(scan->body, line, next);
    if (scan->open) {
        TRY(add_part(scan, before));
    } else {
        scan->parts->preamble = before;
    }
    scan->open = kind == LINE_DELIMITER;
    scan->parts->closed = kind == LINE_CLOSE;
    scan->part_start = next;
    return NULL;
}

/* Looks at one occurrence of the needle; `ret_next` is where the search goes on. */
static struct error *take_hit(struct scan *scan, size_t hit, size_t *ret_next)
{
    struct bytes body = scan->body;
    *ret_next = next_line(body, hit);
    if (hit > 0 && body.data[hit - 1] != '\n') {
        /* some parsers end lines at a lone CR */
        scan->parts->near_miss |= body.data[hit - 1] == '\r';
        return NULL;
    }
    size_t next = 0;
    enum line_kind kind = classify(body, hit + scan->needle.len, &next);
    if (kind == LINE_OTHER || scan->parts->closed) {
        scan->parts->near_miss = true;
        return NULL;
    }
    return take_delimiter(scan, kind, hit, next);
}

static struct error *run(struct scan *scan)
{
    size_t at = 0;
    while (at < scan->body.len) {
        size_t hit = bytes_find(bytes_slice(scan->body, at, SIZE_MAX), scan->needle);
        if (hit == SIZE_MAX) {
            break;
        }
        /* on from the next line in any case: a needle that overlaps itself stays linear */
        TRY(take_hit(scan, at + hit, &at));
    }
    struct bytes rest = view(scan->body, scan->part_start, scan->body.len);
    if (scan->open) {
        return add_part(scan, rest);
    }
    if (scan->parts->closed) {
        scan->parts->epilogue = rest;
    } else {
        scan->parts->preamble = rest;
    }
    return NULL;
}

struct error *boundary_scan(struct bytes body, struct bytes boundary,
                            struct boundary_parts **ret_parts)
{
    if (!boundary_valid(boundary)) {
        return error_new(ERR_MESSAGE_MALFORMED, "the boundary of a multipart is not usable");
    }
    CLEANUP(boundary_parts_free) struct boundary_parts *parts = calloc(1, sizeof(*parts));
    if (!parts) {
        return error_no_memory();
    }
    uint8_t needle[LIMIT_BOUNDARY + 2] = { '-', '-' };
    memcpy(needle + 2, boundary.data, boundary.len);
    struct scan scan = { .body = body, .needle = { needle, boundary.len + 2 }, .parts = parts };
    TRY(run(&scan));
    *ret_parts = TAKE_PTR(parts);
    return NULL;
}

void boundary_parts_free(struct boundary_parts *parts)
{
    if (parts) {
        free(parts->items);
        free(parts);
    }
}
