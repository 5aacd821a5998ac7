#include "base/limits.h"
#include "cms/ber.h"

#include <assert.h>
#include <string.h>

/* One step of a walk over a string: the next primitive segment, or a step into or out of a
 * constructed one, in which case `ret_segment` has no data. */
static struct error *step(struct ber_string_iterator *iterator, struct bytes *ret_segment)
{
    struct ber_reader *reader = &iterator->stack[iterator->level - 1];
    *ret_segment = BYTES_NONE;
    if (ber_at_end(reader)) {
        iterator->level--;
        return NULL;
    }
    struct ber_value value = { 0 };
    TRY(ber_next(reader, &value));
    /* X.690 8.7.3.2: the segments are OCTET STRINGs, however the string itself is tagged */
    if (value.tag == BER_OCTET_STRING) {
        *ret_segment = value.contents;
        return NULL;
    }
    if (value.tag != (BER_OCTET_STRING | BER_CONSTRUCTED)) {
        return error_new(ERR_CMS_MALFORMED, "a string holds something else");
    }
    if (iterator->level == ARRAY_SIZE(iterator->stack)) {
        return error_new(ERR_CMS_MALFORMED, "strings are nested too deeply");
    }
    iterator->stack[iterator->level] = ber_reader_in(&value);
    iterator->level++;
    return NULL;
}

static struct error *count_segments(const struct ber_value *value, struct ber_string *string)
{
    struct ber_string_iterator iterator = { .level = 1, .started = true };
    iterator.stack[0] = ber_reader_in(value);
    for (size_t steps = 0; iterator.level > 0; steps++) {
        /* every constructed segment costs two steps, so that empty ones are bounded as well */
        if (steps > 2 * (size_t)LIMIT_BER_SEGMENTS || string->segments > LIMIT_BER_SEGMENTS) {
            return error_new(ERR_CMS_MALFORMED, "a string has too many segments");
        }
        struct bytes segment = BYTES_NONE;
        TRY(step(&iterator, &segment));
        if (!segment.data) {
            continue;
        }
        if (string->segments == 0) {
            string->first = segment;
        }
        string->segments++;
        string->len += segment.len; /* of disjoint slices of the input: no overflow */
    }
    return NULL;
}

struct error *ber_string(struct ber_reader *reader, unsigned tag, struct ber_string *ret_string)
{
    struct ber_reader at = *reader;
    struct ber_value value = { 0 };
    if (ber_peek(&at) != (int)tag && ber_peek(&at) != (int)(tag | BER_CONSTRUCTED)) {
        return error_new(ERR_CMS_MALFORMED, "expected a string, found %d", ber_peek(&at));
    }
    TRY(ber_next(&at, &value));
    struct ber_string string = { .whole = value.whole };
    if (value.tag & BER_CONSTRUCTED) {
        TRY(count_segments(&value, &string));
    } else {
        string.len = value.contents.len;
        string.segments = 1;
        string.first = value.contents;
    }
    *reader = at;
    *ret_string = string;
    return NULL;
}

/* Begins the walk; a primitive string is its own only segment. */
static bool start(const struct ber_string *string, struct ber_string_iterator *iterator,
                  struct bytes *ret_segment)
{
    iterator->started = true;
    if (string->segments <= 1) {
        *ret_segment = string->first;
        return string->segments == 1;
    }
    struct ber_reader reader = ber_reader_of(string->whole);
    struct ber_value value = { 0 };
    CLEANUP(error_free) struct error *error = ber_next(&reader, &value);
    if (error) {
        return false; /* the bytes were changed since they were read */
    }
    iterator->stack[0] = ber_reader_in(&value);
    iterator->level = 1;
    return ber_string_next(string, iterator, ret_segment);
}

bool ber_string_next(const struct ber_string *string, struct ber_string_iterator *iterator,
                     struct bytes *ret_segment)
{
    if (!iterator->started) {
        return start(string, iterator, ret_segment);
    }
    while (iterator->level > 0) {
        CLEANUP(error_free) struct error *error = step(iterator, ret_segment);
        if (error) {
            iterator->level = 0;
            return false;
        }
        if (ret_segment->data) {
            return true;
        }
    }
    return false;
}

struct bytes ber_string_compact(const struct ber_string *string, struct mapping *writable)
{
    if (string->segments <= 1) {
        return string->first;
    }
    struct bytes all = mapping_view(writable);
    assert(string->whole.data >= all.data &&
           string->whole.data + string->whole.len <= all.data + all.len);
    uint8_t *target = mapping_data(writable) + (string->first.data - all.data);
    size_t len = 0;
    struct ber_string_iterator iterator = { 0 };
    struct bytes segment = BYTES_NONE;
    /* the target never passes what has been read: a header lies before every segment */
    while (ber_string_next(string, &iterator, &segment)) {
        memmove(target + len, segment.data, segment.len);
        len += segment.len;
    }
    return (struct bytes){ target, len };
}
