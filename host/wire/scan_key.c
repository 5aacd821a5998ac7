#include "wire/scan_key.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 32 };

void scan_key_done(struct scan_keys *keys)
{
    free(keys->items);
    *keys = (struct scan_keys){ 0 };
}

static uint32_t hex_digit(uint8_t c)
{
    if (c <= '9') {
        return (uint32_t)(c - '0');
    }
    return (uint32_t)((c | 0x20) - 'a') + 10;
}

static uint32_t hex_unit(const uint8_t *digits)
{
    return hex_digit(digits[0]) << 12 | hex_digit(digits[1]) << 8 | hex_digit(digits[2]) << 4 |
           hex_digit(digits[3]);
}

uint32_t scan_key_unescape(struct bytes text, size_t *ret_used)
{
    static const char names[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    uint8_t kind = text.data[0];
    *ret_used = 1;
    if (kind != 'u') {
        const char *name = strchr(names, kind);
        return name ? (uint32_t)meanings[name - names] : kind;
    }
    uint32_t unit = hex_unit(text.data + 1);
    *ret_used = 5;
    if (unit < 0xd800 || unit > 0xdbff) {
        return unit;
    }
    *ret_used = 11; /* XXXX\uXXXX */
    return 0x10000 + ((unit - 0xd800) << 10) + (hex_unit(text.data + 7) - 0xdc00);
}

/* Walks over the bytes of a key as they are after unescaping. */
struct cursor {
    struct bytes raw;
    size_t at;
    uint8_t pending[4]; /* UTF-8 of an escape, back to front */
    size_t pending_count;
};

static void push_utf8(struct cursor *cursor, uint32_t c)
{
    static const uint8_t marks[] = { 0, 0xc0, 0xe0, 0xf0 };
    size_t more = (size_t)(c >= 0x80) + (size_t)(c >= 0x800) + (size_t)(c >= 0x10000);
    for (size_t i = 0; i < more; i++) {
        cursor->pending[cursor->pending_count++] = (uint8_t)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    cursor->pending[cursor->pending_count++] = (uint8_t)(marks[more] | c);
}

/* The next byte, or -1 at the end. */
static int cursor_next(struct cursor *cursor)
{
    if (cursor->pending_count > 0) {
        return cursor->pending[--cursor->pending_count];
    }
    if (cursor->at == cursor->raw.len) {
        return -1;
    }
    uint8_t c = cursor->raw.data[cursor->at++];
    if (c != '\\') {
        return c;
    }
    size_t used = 0;
    push_utf8(cursor, scan_key_unescape(bytes_slice(cursor->raw, cursor->at, 11), &used));
    cursor->at += used;
    return cursor->pending[--cursor->pending_count];
}

static uint64_t hash_key(struct bytes raw)
{
    struct cursor cursor = { .raw = raw };
    uint64_t hash = 0xcbf29ce484222325U; /* FNV-1a; chosen collisions only cost a comparison */
    for (int c = cursor_next(&cursor); c >= 0; c = cursor_next(&cursor)) {
        hash = (hash ^ (uint64_t)c) * 0x100000001b3U;
    }
    return hash;
}

static int compare_escaped(struct bytes a, struct bytes b)
{
    struct cursor left = { .raw = a };
    struct cursor right = { .raw = b };
    for (;;) {
        int c = cursor_next(&left);
        int d = cursor_next(&right);
        if (c != d || c < 0) {
            return c - d;
        }
    }
}

static int compare_plain(struct bytes a, struct bytes b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared > 0 ? memcmp(a.data, b.data, shared) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_keys(const void *left, const void *right)
{
    const struct scan_key *a = left;
    const struct scan_key *b = right;
    if (a->hash != b->hash) {
        return a->hash < b->hash ? -1 : 1;
    }
    return a->escaped || b->escaped ? compare_escaped(a->raw, b->raw)
                                    : compare_plain(a->raw, b->raw);
}

struct error *scan_key_push(struct scan_keys *keys, struct bytes raw, bool escaped)
{
    if (keys->count == keys->capacity) {
        size_t capacity = keys->capacity > 0 ? 2 * keys->capacity : FIRST_CAPACITY;
        struct scan_key *items = reallocarray(keys->items, capacity, sizeof(*items));
        if (!items) {
            return error_no_memory();
        }
        keys->items = items;
        keys->capacity = capacity;
    }
    keys->items[keys->count++] = (struct scan_key){ hash_key(raw), raw, escaped };
    return NULL;
}

bool scan_key_pop_object(struct scan_keys *keys, size_t first)
{
    size_t count = keys->count - first;
    keys->count = first;
    if (count < 2) {
        return false;
    }
    struct scan_key *own = keys->items + first;
    qsort(own, count, sizeof(*own), compare_keys);
    for (size_t i = 1; i < count; i++) {
        if (compare_keys(&own[i - 1], &own[i]) == 0) {
            return true;
        }
    }
    return false;
}
