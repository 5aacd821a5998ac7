#include "base/limits.h"
#include "base/mapping.h"
#include "cms/ber.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

#define READER(text) ber_reader_of(BYTES_LITERAL(text))

static void assert_malformed(struct bytes input)
{
    struct ber_reader reader = ber_reader_of(input);
    struct ber_value value = { 0 };
    assert_error(ber_next(&reader, &value), ERR_CMS_MALFORMED);
    cr_assert_eq(reader.at, input.data, "the reader moved");
}

/* `count` times `unit`, then `end`. */
static struct buffer *repeat(struct bytes unit, size_t count, struct bytes end)
{
    struct buffer *buffer = NULL;
    assert_ok(buffer_new(0, &buffer));
    for (size_t i = 0; i < count; i++) {
        assert_ok(buffer_append(buffer, unit));
    }
    assert_ok(buffer_append(buffer, end));
    return buffer;
}

Test(ber_next, refuses_lengths_that_reach_over_the_end)
{
    assert_malformed(BYTES_LITERAL("\x04\x02\x00"));
    assert_malformed(BYTES_LITERAL("\x04\x81"));
    assert_malformed(BYTES_LITERAL("\x04\x82\x00"));
    assert_malformed(BYTES_LITERAL("\x04"));
    assert_malformed(BYTES_NONE);
    assert_malformed(BYTES_LITERAL("\x04\x89\x01\x00\x00\x00\x00\x00\x00\x00\x00"));
    assert_malformed(BYTES_LITERAL("\x04\x88\xff\xff\xff\xff\xff\xff\xff\xff"));
}

Test(ber_next, refuses_twelve_bytes_that_declare_two_gigabytes)
{
    assert_malformed(BYTES_LITERAL("\x30\x84\x7f\xff\xff\xf0\x06\x84\x7f\xff\xff\x00"));
}

Test(ber_next, refuses_what_is_not_a_value)
{
    assert_malformed(BYTES_LITERAL("\x00\x00")); /* end-of-contents out of place */
    assert_malformed(BYTES_LITERAL("\x1f\x01\x00")); /* high tag numbers */
    assert_malformed(BYTES_LITERAL("\xbf\x81\x00\x00"));
    assert_malformed(BYTES_LITERAL("\x04\x80\x00\x00")); /* primitive, indefinite */
    assert_malformed(BYTES_LITERAL("\x30\xff")); /* reserved */
    assert_malformed(BYTES_LITERAL("\x30\x80\x00\x01\x00")); /* end-of-contents with contents */
    assert_malformed(BYTES_LITERAL("\x30\x80\x00\x81\x00")); /* and with a long length */
    assert_malformed(BYTES_LITERAL("\x30\x80\x02\x01\x05")); /* without end-of-contents */
    assert_malformed(BYTES_LITERAL("\x30\x80\x02\x01\x05\x00"));
}

Test(ber_next, reads_definite_and_indefinite_values)
{
    struct ber_reader reader =
        READER("\x30\x80\x30\x80\x05\x00\x00\x00\x04\x02\x00\x00\x00\x00\x05");
    struct ber_value value = { 0 };
    assert_ok(ber_next(&reader, &value));
    cr_assert(value.indefinite);
    cr_assert_eq(value.whole.len, 14);
    cr_assert_eq(value.contents.len, 10);
    cr_assert_eq(ber_peek(&reader), 5);
    struct ber_reader inner = ber_reader_in(&value);
    assert_ok(ber_expect(&inner, BER_SEQUENCE, &value));
    cr_assert_eq(value.contents.len, 2);
    assert_ok(ber_expect(&inner, BER_OCTET_STRING, &value));
    cr_assert(bytes_equal(value.contents, BYTES_LITERAL("\x00\x00")));
    assert_ok(ber_expect_end(&inner));
    cr_assert_eq(ber_peek(&inner), -1);
}

Test(ber_next, accepts_lengths_that_are_not_minimal)
{
    struct ber_reader reader = READER("\x04\x89\x00\x00\x00\x00\x00\x00\x00\x00\x01\x2a");
    struct ber_value value = { 0 };
    assert_ok(ber_next(&reader, &value));
    cr_assert(bytes_equal(value.contents, BYTES_LITERAL("\x2a")));
}

Test(ber_next, limits_depth_of_indefinite_values)
{
    CLEANUP(buffer_free)
    struct buffer *deep = repeat(BYTES_LITERAL("\x30\x80"), LIMIT_BER_DEPTH + 1, BYTES_NONE);
    CLEANUP(buffer_free)
    struct buffer *ends = repeat(BYTES_LITERAL("\x00\x00"), LIMIT_BER_DEPTH + 1, BYTES_NONE);
    assert_ok(buffer_append(deep, buffer_view(ends)));
    assert_malformed(buffer_view(deep));
    struct ber_reader reader = ber_reader_of(bytes_slice(buffer_view(deep), 2, deep->len - 4));
    struct ber_value value = { 0 };
    assert_ok(ber_next(&reader, &value));
}

Test(ber_next, limits_depth_of_definite_values)
{
    /* 30 82 .. .. at every level, built from the inside out */
    CLEANUP(buffer_free) struct buffer *all = NULL;
    assert_ok(buffer_new(0, &all));
    for (size_t i = LIMIT_BER_DEPTH + 1; i-- > 0;) {
        size_t inside = 4 * i;
        uint8_t header[4] = { BER_SEQUENCE, 0x82, (uint8_t)(inside >> 8), (uint8_t)inside };
        assert_ok(buffer_append(all, (struct bytes){ header, sizeof(header) }));
    }
    struct ber_reader reader = ber_reader_of(buffer_view(all));
    struct ber_value value = { 0 };
    for (size_t i = 0; i < LIMIT_BER_DEPTH; i++) {
        assert_ok(ber_next(&reader, &value));
        reader = ber_reader_in(&value);
    }
    assert_error(ber_next(&reader, &value), ERR_CMS_MALFORMED);
}

Test(ber_next, limits_values_inside_of_an_indefinite_one)
{
    CLEANUP(buffer_free)
    struct buffer *many =
        repeat(BYTES_LITERAL("\x05\x00"), LIMIT_BER_VALUES, BYTES_LITERAL("\x00\x00"));
    CLEANUP(buffer_free) struct buffer *all = NULL;
    assert_ok(buffer_new(0, &all));
    assert_ok(buffer_append(all, BYTES_LITERAL("\x30\x80")));
    assert_ok(buffer_append(all, buffer_view(many)));
    assert_malformed(buffer_view(all));
}

Test(ber_expect, refuses_another_tag)
{
    struct ber_reader reader = READER("\x05\x00");
    struct ber_value value = { 0 };
    bool found = true;
    assert_error(ber_expect(&reader, BER_SET, &value), ERR_CMS_MALFORMED);
    assert_ok(ber_optional(&reader, BER_SET, &value, &found));
    cr_assert_not(found);
    assert_error(ber_expect_end(&reader), ERR_CMS_MALFORMED);
    assert_ok(ber_optional(&reader, BER_NULL, &value, &found));
    cr_assert(found);
}

static void assert_bad_small(struct bytes input)
{
    struct ber_reader reader = ber_reader_of(input);
    uint64_t number = 0;
    assert_error(ber_small_integer(&reader, &number), ERR_CMS_MALFORMED);
}

Test(ber_small_integer, refuses_negative_padded_empty_and_large_numbers)
{
    assert_bad_small(BYTES_LITERAL("\x02\x00"));
    assert_bad_small(BYTES_LITERAL("\x02\x01\xff"));
    assert_bad_small(BYTES_LITERAL("\x02\x02\x00\x01"));
    assert_bad_small(BYTES_LITERAL("\x02\x02\xff\xff"));
    assert_bad_small(BYTES_LITERAL("\x02\x09\x01\x00\x00\x00\x00\x00\x00\x00\x00"));
    assert_bad_small(BYTES_LITERAL("\x0a\x01\x01"));
}

Test(ber_small_integer, reads_all_of_64_bits)
{
    uint64_t number = 0;
    struct ber_reader reader = READER("\x02\x09\x00\xff\xff\xff\xff\xff\xff\xff\xff\x02\x01\x00");
    assert_ok(ber_small_integer(&reader, &number));
    cr_assert_eq(number, UINT64_MAX);
    assert_ok(ber_small_integer(&reader, &number));
    cr_assert_eq(number, 0);
}

Test(ber_integer, gives_raw_contents_of_negative_serials)
{
    struct ber_reader reader = READER("\x02\x02\xff\x01");
    struct bytes contents = BYTES_NONE;
    assert_ok(ber_integer(&reader, &contents));
    cr_assert(bytes_equal(contents, BYTES_LITERAL("\xff\x01")));
}

Test(ber_oid, refuses_broken_ones)
{
    static const struct bytes bad[] = {
        { (const uint8_t *)"\x06\x00", 2 },
        { (const uint8_t *)"\x06\x02\x2a\x86", 4 },
        { (const uint8_t *)"\x06\x03\x2a\x80\x01", 5 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct ber_reader reader = ber_reader_of(bad[i]);
        struct bytes oid = BYTES_NONE;
        assert_error(ber_oid(&reader, &oid), ERR_CMS_MALFORMED);
    }
}

static int64_t read_time(const char *text, unsigned tag)
{
    uint8_t input[64] = { (uint8_t)tag, (uint8_t)strlen(text) };
    for (size_t i = 0; text[i] != '\0'; i++) {
        input[2 + i] = (uint8_t)text[i];
    }
    struct ber_reader reader = ber_reader_of((struct bytes){ input, strlen(text) + 2 });
    int64_t seconds = 0;
    CLEANUP(error_free) struct error *error = ber_time(&reader, &seconds);
    return error ? INT64_MIN : seconds;
}

Test(ber_time, reads_both_kinds)
{
    cr_assert_eq(read_time("700101000000Z", BER_UTC_TIME), 0);
    cr_assert_eq(read_time("491231235959Z", BER_UTC_TIME), 2524607999);
    cr_assert_eq(read_time("500101000000Z", BER_UTC_TIME), -631152000);
    cr_assert_eq(read_time("7001010000Z", BER_UTC_TIME), 0);
    cr_assert_eq(read_time("700101010000+0100", BER_UTC_TIME), 0);
    cr_assert_eq(read_time("20000229000000Z", BER_GENERALIZED_TIME), 951782400);
    cr_assert_eq(read_time("19700101000000.25Z", BER_GENERALIZED_TIME), 0);
}

Test(ber_time, refuses_what_is_no_time)
{
    static const char *const bad_utc[] = { "",
                                           "Z",
                                           "700101000000",
                                           "700101000000z",
                                           "701301000000Z",
                                           "700132000000Z",
                                           "700100000000Z",
                                           "700230000000Z",
                                           "700101240000Z",
                                           "700101006000Z",
                                           "700101000061Z",
                                           "7001010000000Z",
                                           "700101000000+2400",
                                           "70010100000Z" };
    for (size_t i = 0; i < ARRAY_SIZE(bad_utc); i++) {
        cr_assert_eq(read_time(bad_utc[i], BER_UTC_TIME), INT64_MIN, "%s", bad_utc[i]);
    }
    cr_assert_eq(read_time("19000229000000Z", BER_GENERALIZED_TIME), INT64_MIN);
    cr_assert_eq(read_time("197001010000Z", BER_GENERALIZED_TIME), INT64_MIN);
    cr_assert_eq(read_time("19700101000000.Z", BER_GENERALIZED_TIME), INT64_MIN);
    cr_assert_eq(read_time("700101000000Z", BER_OCTET_STRING), INT64_MIN);
}

static void assert_bad_string(struct bytes input)
{
    struct ber_reader reader = ber_reader_of(input);
    struct ber_string string = { 0 };
    assert_error(ber_string(&reader, BER_OCTET_STRING, &string), ERR_CMS_MALFORMED);
}

Test(ber_string, refuses_what_is_no_string)
{
    assert_bad_string(BYTES_LITERAL("\x05\x00"));
    assert_bad_string(BYTES_LITERAL("\x24\x03\x05\x01\x00")); /* a segment of another type */
    assert_bad_string(BYTES_LITERAL("\x24\x80\x04\x01\x41")); /* no end */
    /* four constructed ones in each other are read, five are not */
    assert_bad_string(BYTES_LITERAL("\x24\x0b\x24\x09\x24\x07\x24\x05\x24\x03\x04\x01\x41"));
}

Test(ber_string, limits_segments)
{
    CLEANUP(buffer_free)
    struct buffer *many = repeat(BYTES_LITERAL("\x04\x00"), LIMIT_BER_SEGMENTS + 1, BYTES_NONE);
    CLEANUP(buffer_free) struct buffer *all = NULL;
    size_t len = many->len;
    uint8_t header[5] = { 0x24, 0x83, (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len };
    assert_ok(buffer_new(0, &all));
    assert_ok(buffer_append(all, (struct bytes){ header, sizeof(header) }));
    assert_ok(buffer_append(all, buffer_view(many)));
    assert_bad_string(buffer_view(all));
}

Test(ber_string, limits_constructed_segments_without_bytes)
{
    CLEANUP(buffer_free)
    struct buffer *many = repeat(BYTES_LITERAL("\x24\x00"), LIMIT_BER_SEGMENTS + 1, BYTES_NONE);
    CLEANUP(buffer_free) struct buffer *all = NULL;
    size_t len = many->len;
    uint8_t header[5] = { 0x24, 0x83, (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len };
    assert_ok(buffer_new(0, &all));
    assert_ok(buffer_append(all, (struct bytes){ header, sizeof(header) }));
    assert_ok(buffer_append(all, buffer_view(many)));
    assert_bad_string(buffer_view(all));
}

/* "abcdef" in four segments, one of them empty, strings in strings. */
#define SEGMENTED \
    "\xa0\x80\x04\x01" \
    "a" \
    "\x24\x80\x24\x05\x24\x03\x04\x01" \
    "b" \
    "\x00\x00\x04\x00\x04\x04" \
    "cdef" \
    "\x00\x00"

static void assert_walk(const struct ber_string *string, struct bytes expected)
{
    struct ber_string_iterator iterator = { 0 };
    struct bytes segment = BYTES_NONE;
    size_t at = 0;
    size_t segments = 0;
    while (ber_string_next(string, &iterator, &segment)) {
        cr_assert(bytes_equal(segment, bytes_slice(expected, at, segment.len)));
        at += segment.len;
        segments++;
    }
    cr_assert_eq(at, expected.len);
    cr_assert_eq(segments, string->segments);
    cr_assert_not(ber_string_next(string, &iterator, &segment));
}

Test(ber_string, walks_over_segments)
{
    struct ber_reader reader = READER(SEGMENTED);
    struct ber_string string = { 0 };
    assert_ok(ber_string(&reader, BER_CONTEXT, &string));
    assert_ok(ber_expect_end(&reader));
    cr_assert_eq(string.len, 6);
    cr_assert_eq(string.segments, 4);
    cr_assert(bytes_equal(string.first, BYTES_LITERAL("a")));
    assert_walk(&string, BYTES_LITERAL("abcdef"));
}

Test(ber_string, reads_primitive_and_empty_ones)
{
    struct ber_reader reader = READER("\x04\x02zz\x24\x00\x24\x80\x00\x00\x04\x00");
    struct ber_string string = { 0 };
    assert_ok(ber_string(&reader, BER_OCTET_STRING, &string));
    assert_walk(&string, BYTES_LITERAL("zz"));
    for (int i = 0; i < 2; i++) {
        assert_ok(ber_string(&reader, BER_OCTET_STRING, &string));
        cr_assert_eq(string.segments, 0);
        assert_walk(&string, BYTES_NONE);
    }
    assert_ok(ber_string(&reader, BER_OCTET_STRING, &string));
    cr_assert_eq(string.segments, 1);
    cr_assert_eq(string.len, 0);
}

Test(ber_string_compact, moves_segments_together_in_place)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    assert_ok(mapping_new(64, &mapping));
    assert_ok(mapping_append(mapping, BYTES_LITERAL(SEGMENTED)));
    struct ber_reader reader = ber_reader_of(mapping_view(mapping));
    struct ber_string string = { 0 };
    assert_ok(ber_string(&reader, BER_CONTEXT, &string));
    struct bytes whole = ber_string_compact(&string, mapping);
    cr_assert_eq(whole.data, string.first.data);
    cr_assert(bytes_equal(whole, BYTES_LITERAL("abcdef")));
}

Test(ber_string_compact, leaves_one_segment_where_it_is)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    assert_ok(mapping_new(64, &mapping));
    assert_ok(mapping_append(mapping, BYTES_LITERAL("\x24\x80\x04\x02ok\x00\x00")));
    struct ber_reader reader = ber_reader_of(mapping_view(mapping));
    struct ber_string string = { 0 };
    assert_ok(ber_string(&reader, BER_OCTET_STRING, &string));
    struct bytes whole = ber_string_compact(&string, mapping);
    cr_assert_eq(whole.data, mapping_data(mapping) + 4);
    cr_assert(bytes_equal(whole, BYTES_LITERAL("ok")));
}
