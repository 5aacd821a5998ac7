#include "cms/der.h"

#include "cms/ber.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

size_t der_header_size(size_t len)
{
    size_t size = 2;
    if (len >= 0x80) {
        for (size_t rest = len; rest > 0; rest >>= 8) {
            size++;
        }
    }
    return size;
}

size_t der_value_size(size_t len)
{
    return der_header_size(len) + len;
}

static void write_header(uint8_t *target, unsigned tag, size_t len)
{
    target[0] = (uint8_t)tag;
    size_t octets = der_header_size(len) - 2;
    if (octets == 0) {
        target[1] = (uint8_t)len;
        return;
    }
    target[1] = (uint8_t)(0x80 | octets);
    for (size_t i = 0; i < octets; i++) {
        target[1 + octets - i] = (uint8_t)(len >> (8 * i));
    }
}

struct error *der_header(struct buffer *out, unsigned tag, size_t len)
{
    uint8_t *tail = NULL;
    TRY(buffer_extend(out, der_header_size(len), &tail));
    write_header(tail, tag, len);
    return NULL;
}

struct error *der_value(struct buffer *out, unsigned tag, struct bytes contents)
{
    size_t before = out->len;
    TRY(der_header(out, tag, contents.len));
    struct error *error = buffer_append(out, contents);
    if (error) {
        out->len = before;
    }
    return error;
}

struct error *der_wrap(struct buffer *out, size_t start, unsigned tag)
{
    size_t len = out->len - start;
    size_t header = der_header_size(len);
    uint8_t *tail = NULL;
    TRY(buffer_extend(out, header, &tail));
    memmove(out->data + start + header, out->data + start, len);
    write_header(out->data + start, tag, len);
    return NULL;
}

struct error *der_small_integer(struct buffer *out, uint64_t number)
{
    uint8_t octets[1 + sizeof(number)] = { 0 };
    for (size_t i = 0; i < sizeof(number); i++) {
        octets[1 + i] = (uint8_t)(number >> (8 * (sizeof(number) - 1 - i)));
    }
    size_t skip = 0;
    while (skip < sizeof(number) && octets[skip] == 0 && !(octets[skip + 1] & 0x80)) {
        skip++;
    }
    return der_value(out, BER_INTEGER, (struct bytes){ octets + skip, sizeof(octets) - skip });
}

struct error *der_time(struct buffer *out, int64_t seconds)
{
    struct tm parts = { 0 };
    time_t time = (time_t)seconds;
    int year = gmtime_r(&time, &parts) ? parts.tm_year + 1900 : -1;
    if (year < 0 || year > 9999) {
        return error_new(ERR_INTERNAL, "a time outside the years 0 to 9999");
    }
    bool short_year = year >= 1950 && year < 2050;
    char text[32] = "";
    size_t len = strftime(text, sizeof(text), "%m%d%H%M%SZ", &parts);
    size_t start = out->len;
    TRY(short_year ? buffer_printf(out, "%02d", year % 100) : buffer_printf(out, "%04d", year));
    TRY(buffer_append(out, (struct bytes){ (const uint8_t *)text, len }));
    return der_wrap(out, start, short_year ? BER_UTC_TIME : BER_GENERALIZED_TIME);
}

/* X.690 11.6: as octet strings, the shorter one padded with zero octets. No encoding is the start
 * of another one, so that the padding never decides. */
static int compare_values(const void *a, const void *b)
{
    const struct bytes *left = a;
    const struct bytes *right = b;
    size_t common = left->len < right->len ? left->len : right->len;
    int order = memcmp(left->data, right->data, common);
    return order != 0 ? order : (left->len > right->len) - (left->len < right->len);
}

static void values_free(struct bytes *values)
{
    free(values);
}
DEFINE_CLEANUP(struct bytes *, values_free);

/* Every value is two bytes at least, so that half their length bounds their number. */
static struct error *list_values(struct bytes all, struct bytes **ret_values, size_t *ret_count)
{
    CLEANUP(values_free) struct bytes *values = calloc(all.len / 2 + 1, sizeof(*values));
    if (!values) {
        return error_no_memory();
    }
    size_t count = 0;
    struct ber_reader reader = ber_reader_of(all);
    while (!ber_at_end(&reader)) {
        struct ber_value value = { 0 };
        TRY_WRAP(ber_next(&reader, &value), ERR_INTERNAL, "while sorting a set");
        values[count++] = value.whole;
    }
    *ret_values = TAKE_PTR(values);
    *ret_count = count;
    return NULL;
}

struct error *der_wrap_set_of(struct buffer *out, size_t start, unsigned tag)
{
    CLEANUP(buffer_free) struct buffer *sorted = NULL;
    CLEANUP(values_free) struct bytes *values = NULL;
    size_t count = 0;
    if (out->len == start) {
        return der_wrap(out, start, tag);
    }
    struct bytes all = bytes_slice(buffer_view(out), start, out->len - start);
    TRY(list_values(all, &values, &count));
    qsort(values, count, sizeof(*values), compare_values);
    TRY(buffer_new(all.len, &sorted));
    for (size_t i = 0; i < count; i++) {
        TRY(buffer_append(sorted, values[i]));
    }
    memcpy(out->data + start, sorted->data, sorted->len);
    return der_wrap(out, start, tag);
}
