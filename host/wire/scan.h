/* The validating JSON scanner: one linear pass without recursion over a text before json-c builds
 * anything from it. It lets exactly RFC 8259 in RFC 3629 UTF-8 pass, and of that refuses what has
 * no one meaning or no use here: duplicate keys (compared after unescaping), the escapes of NUL and
 * of lone surrogates, integers outside int64, numbers that overflow a double, nesting over
 * LIMIT_JSON_DEPTH, more than LIMIT_JSON_KEYS members in an object or LIMIT_JSON_VALUES values.
 *
 * On the way it notes where the members of the outer object and of its `params` lie, so that the
 * megabytes of a blob.append are taken straight from the frame. */
#ifndef SEALPOST_WIRE_SCAN_H
#define SEALPOST_WIRE_SCAN_H

#include "base/bytes.h"

#include <stdbool.h>

enum { SCAN_OUTLINE_MEMBERS = 4 };

struct scan_member {
    struct bytes key; /* raw, without the quotes */
    struct bytes value; /* raw; of a string: without the quotes */
    bool string; /* the value is a string */
    bool plain; /* neither key nor value holds an escape */
};

/* The first members of one object; `count` may be larger than what is kept. */
struct scan_members {
    struct scan_member items[SCAN_OUTLINE_MEMBERS];
    size_t count;
};

/* Views into the text. */
struct scan_outline {
    struct scan_members top;
    struct scan_members params;
};

/* Checks `text`, which must be one value with nothing but white space around it. `outline` may be
 * NULL; where `text` is no object it stays empty. ERR_JSON with the offset, ERR_NO_MEMORY. */
struct error *scan_json(struct bytes text, struct scan_outline *outline) MUST_USE;

/* The member of this name if it was kept and is plain, else NULL. */
const struct scan_member *scan_find(const struct scan_members *members, const char *name);

#endif
