#include "wire/scan.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "wire/scan_key.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One array or object that the scan is inside of. */
struct level {
    bool object;
    size_t first_key; /* of this object in the scanner's keys */
    struct scan_member *member; /* the member whose value comes or came last, if it is noted */
    bool in_params; /* that member is the outer object's params */
};

struct scanner {
    const uint8_t *start;
    const uint8_t *at;
    const uint8_t *end;
    struct scan_keys keys;
    struct level levels[LIMIT_JSON_DEPTH];
    size_t depth;
    size_t values;
    struct scan_outline *outline; /* may be NULL */
};

/* What may come next. */
enum expected {
    VALUE,
    VALUE_OR_END, /* just behind [ */
    KEY,
    KEY_OR_END, /* just behind { */
    COMMA_OR_END,
};

static struct error *refuse(const struct scanner *scanner, const char *reason)
{
    return error_new(ERR_JSON, "%s at byte %zu", reason, (size_t)(scanner->at - scanner->start));
}

static int peek(const struct scanner *scanner)
{
    return scanner->at < scanner->end ? *scanner->at : -1;
}

static bool accept(struct scanner *scanner, uint8_t c)
{
    bool there = peek(scanner) == c;
    scanner->at += there ? 1 : 0;
    return there;
}

static void skip_space(struct scanner *scanner)
{
    while (scanner->at < scanner->end && (*scanner->at == ' ' || *scanner->at == '\n' ||
                                          *scanner->at == '\r' || *scanner->at == '\t')) {
        scanner->at++;
    }
}

/* Over characters that stand for themselves, eight at a time: base64 is all of that kind. */
static const uint8_t *skip_plain(const uint8_t *at, const uint8_t *end)
{
    const uint64_t ones = 0x0101010101010101U;
    const uint64_t tops = 0x80 * ones;
    while (end - at >= (ptrdiff_t)sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, at, sizeof(word));
        uint64_t quote = word ^ (ones * '"');
        uint64_t backslash = word ^ (ones * '\\');
        /* the top bit of some byte is set where one is below 0x20, a quote or a backslash; with the
         * word itself also where one is not ASCII */
        uint64_t special = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) |
                           ((backslash - ones) & ~backslash) | word;
        if ((special & tops) != 0) {
            break;
        }
        at += sizeof(word);
    }
    while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\') {
        at++;
    }
    return at;
}

/* Four hex digits, or -1. */
static int32_t scan_unit(struct scanner *scanner)
{
    int32_t unit = 0;
    for (size_t i = 0; i < 4; i++) {
        int c = peek(scanner);
        if (c >= '0' && c <= '9') {
            unit = unit * 16 + (c - '0');
        } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
            unit = unit * 16 + ((c | 0x20) - 'a' + 10);
        } else {
            return -1;
        }
        scanner->at++;
    }
    return unit;
}

static struct error *scan_unicode_escape(struct scanner *scanner)
{
    int32_t unit = scan_unit(scanner);
    if (unit < 0) {
        return refuse(scanner, "an escape without four hex digits");
    }
    if (unit == 0) {
        return refuse(scanner, "an escaped NUL");
    }
    if (unit < 0xd800 || unit > 0xdfff) {
        return NULL;
    }
    if (unit > 0xdbff || !accept(scanner, '\\') || !accept(scanner, 'u')) {
        return refuse(scanner, "half a surrogate pair");
    }
    int32_t second = scan_unit(scanner);
    if (second < 0xdc00 || second > 0xdfff) {
        return refuse(scanner, "half a surrogate pair");
    }
    return NULL;
}

static struct error *scan_escape(struct scanner *scanner)
{
    int kind = peek(scanner);
    if (kind <= 0 || !strchr("\"\\/bfnrtu", kind)) {
        return refuse(scanner, "an unknown escape");
    }
    scanner->at++;
    return kind == 'u' ? scan_unicode_escape(scanner) : NULL;
}

/* The rest of a string whose opening quote was read; `ret_raw` is what lies between the quotes. */
static struct error *scan_string(struct scanner *scanner, struct bytes *ret_raw, bool *ret_escaped)
{
    const uint8_t *first = scanner->at;
    *ret_escaped = false;
    for (;;) {
        scanner->at = skip_plain(scanner->at, scanner->end);
        int c = peek(scanner);
        if (c < 0) {
            return refuse(scanner, "a string without its end");
        }
        if (c < 0x20) {
            return refuse(scanner, "a raw control character");
        }
        if (c >= 0x80) {
            struct bytes rest = { scanner->at, (size_t)(scanner->end - scanner->at) };
            size_t length = utf8_character(rest);
            if (length == 0) {
                return refuse(scanner, "ill-formed UTF-8");
            }
            scanner->at += length;
            continue;
        }
        scanner->at++;
        if (c == '"') {
            *ret_raw = (struct bytes){ first, (size_t)(scanner->at - first) - 1 };
            return NULL;
        }
        *ret_escaped = true;
        TRY(scan_escape(scanner));
    }
}

static size_t skip_digits(struct scanner *scanner)
{
    const uint8_t *first = scanner->at;
    while (peek(scanner) >= '0' && peek(scanner) <= '9') {
        scanner->at++;
    }
    return (size_t)(scanner->at - first);
}

/* RFC 8259 section 6; `ret_integer` is false where there is a fraction or an exponent. */
static bool scan_number_grammar(struct scanner *scanner, bool *ret_integer)
{
    *ret_integer = true;
    (void)accept(scanner, '-');
    if (!accept(scanner, '0') && skip_digits(scanner) == 0) {
        return false;
    }
    if (accept(scanner, '.')) {
        *ret_integer = false;
        if (skip_digits(scanner) == 0) {
            return false;
        }
    }
    if (accept(scanner, 'e') || accept(scanner, 'E')) {
        *ret_integer = false;
        if (!accept(scanner, '+')) {
            (void)accept(scanner, '-');
        }
        return skip_digits(scanner) > 0;
    }
    return true;
}

static bool number_in_range(const char *text, bool integer)
{
    errno = 0;
    if (integer) {
        (void)strtoll(text, NULL, 10);
        return errno == 0;
    }
    return isfinite(strtod(text, NULL)) != 0;
}

static struct error *scan_number(struct scanner *scanner)
{
    const uint8_t *first = scanner->at;
    bool integer = true;
    if (!scan_number_grammar(scanner, &integer)) {
        return refuse(scanner, "not a number");
    }
    char text[LIMIT_JSON_NUMBER + 1] = { 0 };
    size_t len = (size_t)(scanner->at - first);
    if (len > LIMIT_JSON_NUMBER) {
        return refuse(scanner, "a number out of range");
    }
    memcpy(text, first, len);
    return number_in_range(text, integer) ? NULL : refuse(scanner, "a number out of range");
}

static struct error *scan_literal(struct scanner *scanner)
{
    static const struct bytes literals[] = {
        { (const uint8_t *)"true", 4 },
        { (const uint8_t *)"false", 5 },
        { (const uint8_t *)"null", 4 },
    };
    struct bytes rest = { scanner->at, (size_t)(scanner->end - scanner->at) };
    for (size_t i = 0; i < ARRAY_SIZE(literals); i++) {
        if (bytes_starts_with(rest, literals[i])) {
            scanner->at += literals[i].len;
            return NULL;
        }
    }
    return refuse(scanner, "not a value");
}

static struct level *innermost(struct scanner *scanner)
{
    return scanner->depth > 0 ? &scanner->levels[scanner->depth - 1] : NULL;
}

/* Where the outline keeps the members of the object that the scan is in; NULL: nowhere. */
static struct scan_members *outline_members(struct scanner *scanner)
{
    if (!scanner->outline || scanner->depth > 2 || !scanner->levels[0].object) {
        return NULL;
    }
    if (scanner->depth == 1) {
        return &scanner->outline->top;
    }
    return scanner->levels[0].in_params ? &scanner->outline->params : NULL;
}

static void note_key(struct scanner *scanner, struct bytes raw, bool escaped)
{
    struct level *level = innermost(scanner);
    level->member = NULL;
    level->in_params = !escaped && bytes_equal(raw, BYTES_LITERAL("params"));
    struct scan_members *members = outline_members(scanner);
    if (!members) {
        return;
    }
    if (members->count < SCAN_OUTLINE_MEMBERS) {
        level->member = &members->items[members->count];
        *level->member = (struct scan_member){ .key = raw, .plain = !escaped };
    }
    members->count++;
}

static void note_string(struct scanner *scanner, struct bytes raw, bool escaped)
{
    struct level *level = innermost(scanner);
    if (level && level->member) {
        level->member->string = true;
        level->member->value = raw;
        level->member->plain = level->member->plain && !escaped;
    }
}

static void note_other(struct scanner *scanner, const uint8_t *first)
{
    struct level *level = innermost(scanner);
    if (level && level->member) {
        level->member->value = (struct bytes){ first, (size_t)(scanner->at - first) };
    }
}

static struct error *scan_key(struct scanner *scanner)
{
    struct bytes raw = BYTES_NONE;
    bool escaped = false;
    if (!accept(scanner, '"')) {
        return refuse(scanner, "a member without a key");
    }
    TRY(scan_string(scanner, &raw, &escaped));
    if (scanner->keys.count - innermost(scanner)->first_key == LIMIT_JSON_KEYS) {
        return refuse(scanner, "too many members");
    }
    TRY(scan_key_push(&scanner->keys, raw, escaped));
    note_key(scanner, raw, escaped);
    skip_space(scanner);
    return accept(scanner, ':') ? NULL : refuse(scanner, "a key without a colon");
}

static struct error *open_level(struct scanner *scanner, bool object)
{
    if (scanner->depth == LIMIT_JSON_DEPTH) {
        return refuse(scanner, "nesting too deep");
    }
    scanner->levels[scanner->depth++] =
        (struct level){ .object = object, .first_key = scanner->keys.count };
    return NULL;
}

static struct error *close_level(struct scanner *scanner)
{
    struct level *level = innermost(scanner);
    if (level->object && scan_key_pop_object(&scanner->keys, level->first_key)) {
        return refuse(scanner, "a key that comes twice in an object that ends");
    }
    scanner->depth--;
    return NULL;
}

/* One value, or the opening of one that has others in it. */
static struct error *scan_value(struct scanner *scanner, enum expected *ret_next)
{
    if (++scanner->values > LIMIT_JSON_VALUES) {
        return refuse(scanner, "too many values");
    }
    const uint8_t *first = scanner->at;
    *ret_next = COMMA_OR_END;
    if (accept(scanner, '{')) {
        *ret_next = KEY_OR_END;
        return open_level(scanner, true);
    }
    if (accept(scanner, '[')) {
        *ret_next = VALUE_OR_END;
        return open_level(scanner, false);
    }
    if (accept(scanner, '"')) {
        struct bytes raw = BYTES_NONE;
        bool escaped = false;
        TRY(scan_string(scanner, &raw, &escaped));
        note_string(scanner, raw, escaped);
        return NULL;
    }
    int c = peek(scanner);
    bool number = c == '-' || (c >= '0' && c <= '9');
    TRY(number ? scan_number(scanner) : scan_literal(scanner));
    note_other(scanner, first);
    return NULL;
}

static struct error *scan_comma_or_end(struct scanner *scanner, enum expected *ret_next)
{
    bool object = innermost(scanner)->object;
    if (accept(scanner, ',')) {
        *ret_next = object ? KEY : VALUE;
        return NULL;
    }
    if (accept(scanner, object ? '}' : ']')) {
        *ret_next = COMMA_OR_END;
        return close_level(scanner);
    }
    return refuse(scanner, object ? "neither comma nor }" : "neither comma nor ]");
}

static struct error *scan_step(struct scanner *scanner, enum expected *expected)
{
    bool may_end = *expected == KEY_OR_END || *expected == VALUE_OR_END;
    if (may_end && accept(scanner, innermost(scanner)->object ? '}' : ']')) {
        *expected = COMMA_OR_END;
        return close_level(scanner);
    }
    switch (*expected) {
    case KEY:
    case KEY_OR_END:
        *expected = VALUE;
        return scan_key(scanner);
    case VALUE:
    case VALUE_OR_END:
        return scan_value(scanner, expected);
    case COMMA_OR_END:
        return scan_comma_or_end(scanner, expected);
    }
    return refuse(scanner, "an impossible state");
}

static struct error *scan_all(struct scanner *scanner)
{
    enum expected expected = VALUE;
    do {
        skip_space(scanner);
        TRY(scan_step(scanner, &expected));
    } while (scanner->depth > 0 || expected != COMMA_OR_END);
    skip_space(scanner);
    return scanner->at == scanner->end ? NULL : refuse(scanner, "something behind the value");
}

struct error *scan_json(struct bytes text, struct scan_outline *outline)
{
    static const uint8_t nothing[1] = { 0 };
    const uint8_t *start = text.data ? text.data : nothing;
    const uint8_t *end = text.data ? text.data + text.len : nothing;
    struct scanner scanner = { .start = start, .at = start, .end = end, .outline = outline };
    if (outline) {
        *outline = (struct scan_outline){ 0 };
    }
    struct error *error = scan_all(&scanner);
    scan_key_done(&scanner.keys);
    return error;
}

const struct scan_member *scan_find(const struct scan_members *members, const char *name)
{
    for (size_t i = 0; i < members->count && i < SCAN_OUTLINE_MEMBERS; i++) {
        const struct scan_member *member = &members->items[i];
        if (member->plain && bytes_equal(member->key, bytes_of_string(name))) {
            return member;
        }
    }
    return NULL;
}
