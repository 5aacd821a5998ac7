/* The keys of the objects that a scan is inside of, and whether one comes twice. Keys are raw JSON
 * (without their quotes) that the scanner has found well-formed; "a" and "\u0061" are one key. */
#ifndef SEALPOST_WIRE_SCAN_KEY_H
#define SEALPOST_WIRE_SCAN_KEY_H

#include "base/bytes.h"

#include <stdbool.h>

struct scan_key {
    uint64_t hash; /* of the unescaped key */
    struct bytes raw; /* borrowed from the text */
    bool escaped;
};

/* Plain data, zero-initialised is empty: the keys of all open objects, one behind the other. */
struct scan_keys {
    struct scan_key *items;
    size_t count;
    size_t capacity;
};

void scan_key_done(struct scan_keys *keys); /* frees what it holds */

/* ERR_NO_MEMORY */
struct error *scan_key_push(struct scan_keys *keys, struct bytes raw, bool escaped) MUST_USE;

/* Closes the object whose keys start at `first`: true where two of them are the same. Sorts, so
 * that chosen keys can't make it slow. */
bool scan_key_pop_object(struct scan_keys *keys, size_t first);

/* One escape (after its backslash) that is known to be well-formed, a surrogate pair included; the
 * code point, and how many bytes of `text` it took. */
uint32_t scan_key_unescape(struct bytes text, size_t *ret_used);

#endif
