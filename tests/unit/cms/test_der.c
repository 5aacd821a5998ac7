#include "cms/ber.h"
#include "cms/der.h"
#include "support/support.h"

#include <criterion/criterion.h>

static struct buffer *new_buffer(void)
{
    struct buffer *buffer = NULL;
    assert_ok(buffer_new(0, &buffer));
    return buffer;
}

static void assert_is(const struct buffer *buffer, struct bytes expected)
{
    cr_assert(bytes_equal(buffer_view(buffer), expected));
}

Test(der_value, refuses_to_grow_over_the_limit)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(4, &out));
    assert_error(der_value(out, BER_OCTET_STRING, BYTES_LITERAL("abc")), ERR_MESSAGE_TOO_LARGE);
    assert_is(out, BYTES_NONE);
    assert_ok(der_value(out, BER_OCTET_STRING, BYTES_LITERAL("ab")));
    assert_error(der_wrap(out, 0, BER_SET), ERR_MESSAGE_TOO_LARGE);
}

Test(der_time, refuses_years_that_have_no_four_digits)
{
    CLEANUP(buffer_free) struct buffer *out = new_buffer();
    assert_error(der_time(out, INT64_MAX), ERR_INTERNAL);
    assert_error(der_time(out, 253402300800), ERR_INTERNAL);
}

Test(der_wrap_set_of, refuses_what_is_not_values)
{
    CLEANUP(buffer_free) struct buffer *out = new_buffer();
    assert_ok(buffer_append(out, BYTES_LITERAL("\x04\x05")));
    assert_error(der_wrap_set_of(out, 0, BER_SET), ERR_INTERNAL);
}

Test(der_header, writes_minimal_lengths)
{
    static const struct {
        size_t len;
        struct bytes expected;
    } cases[] = {
        { 0, { (const uint8_t *)"\x30\x00", 2 } },
        { 0x7f, { (const uint8_t *)"\x30\x7f", 2 } },
        { 0x80, { (const uint8_t *)"\x30\x81\x80", 3 } },
        { 0xff, { (const uint8_t *)"\x30\x81\xff", 3 } },
        { 0x100, { (const uint8_t *)"\x30\x82\x01\x00", 4 } },
        { 0x10000000, { (const uint8_t *)"\x30\x84\x10\x00\x00\x00", 6 } },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        CLEANUP(buffer_free) struct buffer *out = new_buffer();
        assert_ok(der_header(out, BER_SEQUENCE, cases[i].len));
        assert_is(out, cases[i].expected);
        cr_assert_eq(der_header_size(cases[i].len), out->len);
        cr_assert_eq(der_value_size(cases[i].len), out->len + cases[i].len);
    }
}

Test(der_wrap, puts_a_header_before_what_is_there)
{
    CLEANUP(buffer_free) struct buffer *out = new_buffer();
    assert_ok(buffer_append(out, BYTES_LITERAL("x\x05\x00")));
    assert_ok(der_wrap(out, 1, BER_SEQUENCE));
    assert_ok(der_wrap(out, out->len, BER_SET));
    assert_is(out, BYTES_LITERAL("x\x30\x02\x05\x00\x31\x00"));
}

Test(der_small_integer, writes_minimal_numbers)
{
    CLEANUP(buffer_free) struct buffer *out = new_buffer();
    assert_ok(der_small_integer(out, 0));
    assert_ok(der_small_integer(out, 0x7f));
    assert_ok(der_small_integer(out, 0x80));
    assert_ok(der_small_integer(out, UINT64_MAX));
    assert_is(out, BYTES_LITERAL("\x02\x01\x00\x02\x01\x7f\x02\x02\x00\x80"
                                 "\x02\x09\x00\xff\xff\xff\xff\xff\xff\xff\xff"));
}

Test(der_time, changes_its_type_in_2050_and_before_1950)
{
    CLEANUP(buffer_free) struct buffer *out = new_buffer();
    assert_ok(der_time(out, 2524607999));
    assert_ok(der_time(out, 2524608000));
    assert_ok(der_time(out, -631152001));
    assert_is(out, BYTES_LITERAL("\x17\x0d"
                                 "491231235959Z"
                                 "\x18\x0f"
                                 "20500101000000Z"
                                 "\x18\x0f"
                                 "19491231235959Z"));
}

Test(der_time, is_read_back)
{
    static const int64_t times[] = { 0, 1, 951782400, 1795474800, 2524608000, 253402300799 };
    for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
        CLEANUP(buffer_free) struct buffer *out = new_buffer();
        int64_t seconds = -1;
        assert_ok(der_time(out, times[i]));
        struct ber_reader reader = ber_reader_of(buffer_view(out));
        assert_ok(ber_time(&reader, &seconds));
        cr_assert_eq(seconds, times[i]);
    }
}

Test(der_wrap_set_of, sorts_values)
{
    CLEANUP(buffer_free) struct buffer *out = new_buffer();
    assert_ok(buffer_append(out, BYTES_LITERAL("\x04\x02zz\x04\x01z\x02\x01\x05\x04\x02zy")));
    assert_ok(der_wrap_set_of(out, 0, BER_SET));
    assert_is(out, BYTES_LITERAL("\x31\x0e\x02\x01\x05\x04\x01z\x04\x02zy\x04\x02zz"));
}

Test(der_wrap_set_of, makes_an_empty_set)
{
    CLEANUP(buffer_free) struct buffer *out = new_buffer();
    assert_ok(der_wrap_set_of(out, 0, BER_SET));
    assert_is(out, BYTES_LITERAL("\x31\x00"));
}
