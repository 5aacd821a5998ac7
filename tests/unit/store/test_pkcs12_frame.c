#include "base/limits.h"
#include "store/pkcs12_frame.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

static void assert_refuses(struct bytes file)
{
    assert_error(pkcs12_frame_check(file), ERR_IMPORT_MALFORMED);
}

/* `levels` sequences in each other, in definite lengths of three octets. */
static struct buffer *nested_sequences(unsigned levels)
{
    struct buffer *file = NULL;
    assert_ok(buffer_new(0, &file));
    for (unsigned left = levels; left > 0; left--) {
        uint8_t header[] = { 0x30, 0x82, (uint8_t)((left - 1) * 4 >> 8),
                             (uint8_t)((left - 1) * 4) };
        assert_ok(buffer_append(file, (struct bytes){ header, sizeof(header) }));
    }
    return file;
}

Test(pkcs12_frame, refuses_an_empty_file)
{
    assert_refuses(BYTES_NONE);
}

Test(pkcs12_frame, refuses_a_file_above_the_limit_without_reading_it)
{
    static const uint8_t byte = 0x30;
    assert_refuses((struct bytes){ &byte, LIMIT_PKCS12 + 1 });
}

Test(pkcs12_frame, refuses_what_is_no_sequence)
{
    assert_refuses(BYTES_LITERAL("\x31\x00"));
}

Test(pkcs12_frame, refuses_a_file_cut_short)
{
    assert_refuses(BYTES_LITERAL("\x30"));
    assert_refuses(BYTES_LITERAL("\x30\x03\x02\x01"));
    assert_refuses(BYTES_LITERAL("\x30\x80\x02\x01\x03"));
    assert_refuses(BYTES_LITERAL("\x30\x80\x02\x01\x03\x00"));
}

/* twelve bytes for which NSS 3.87 takes 2.1 GB */
Test(pkcs12_frame, refuses_lengths_of_two_gigabytes)
{
    assert_refuses(BYTES_LITERAL("\x30\x84\x7f\xff\xff\xf0\x02\x84\x7f\xff\xff\x00"));
    assert_refuses(BYTES_LITERAL("\x30\x80\x02\x84\x7f\xff\xff\x00\x00\x00\x00\x00"));
}

Test(pkcs12_frame, refuses_a_length_that_overflows)
{
    assert_refuses(BYTES_LITERAL("\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00"));
    assert_refuses(BYTES_LITERAL("\x30\x89\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00"));
}

Test(pkcs12_frame, refuses_such_a_length_inside_of_the_content)
{
    /* ContentInfo { data, [0] { OCTET STRING { SEQUENCE, 2 GB } } } */
    assert_refuses(BYTES_LITERAL("\x30\x0f\x06\x01\x2a\xa0\x0a\x04\x08\x30\x80\x06\x84\x7f\xff\xff"
                                 "\x00"));
}

Test(pkcs12_frame, refuses_such_a_length_inside_of_a_string_in_segments)
{
    assert_refuses(BYTES_LITERAL("\x30\x80\x06\x01\x2a\xa0\x80\x24\x80\x04\x03\x30\x80\x06\x04\x05"
                                 "\x84\x7f\xff\xff\x00\x00\x00\x00\x00\x00\x00"));
}

Test(pkcs12_frame, refuses_an_indefinite_primitive)
{
    assert_refuses(BYTES_LITERAL("\x30\x80\x04\x80\x00\x00\x00\x00"));
}

Test(pkcs12_frame, refuses_an_endless_tag)
{
    assert_refuses(BYTES_LITERAL("\x30\x0a\x1f\xff\xff\xff\xff\xff\xff\xff\x01\x00"));
}

Test(pkcs12_frame, refuses_an_end_where_none_belongs)
{
    assert_refuses(BYTES_LITERAL("\x30\x02\x00\x00"));
    assert_refuses(BYTES_LITERAL("\x30\x80\x00\x01\x00"));
}

Test(pkcs12_frame, refuses_nesting_above_the_limit)
{
    CLEANUP(buffer_free) struct buffer *deep = nested_sequences(LIMIT_BER_DEPTH + 1);
    CLEANUP(buffer_free) struct buffer *deepest = nested_sequences(LIMIT_BER_DEPTH);
    assert_refuses(buffer_view(deep));
    assert_ok(pkcs12_frame_check(buffer_view(deepest)));
}

/* six contents in each other; a definite length of one octet each */
Test(pkcs12_frame, refuses_contents_in_each_other)
{
    uint8_t file[6 * 9];
    for (size_t i = 0; i < 6; i++) {
        size_t rest = sizeof(file) - 9 * (i + 1);
        const uint8_t header[9] = { 0x30, (uint8_t)(rest + 7), 0x06, 0x01,         0x2a,
                                    0xa0, (uint8_t)(rest + 2), 0x04, (uint8_t)rest };
        memcpy(file + 9 * i, header, sizeof(header));
    }
    assert_refuses((struct bytes){ file, sizeof(file) });
}

Test(pkcs12_frame, refuses_hours_of_key_derivation)
{
    assert_refuses(BYTES_LITERAL("\x30\x09\x04\x01\x53\x02\x04\x7f\xff\xff\xff"));
    assert_refuses(BYTES_LITERAL("\x30\x09\x04\x01\x53\x02\x04\x00\x98\x96\x81")); /* one more */
}

Test(pkcs12_frame, takes_as_many_iterations_as_the_limit)
{
    cr_assert_eq(LIMIT_PKCS12_ITERATIONS, 0x989680);
    assert_ok(pkcs12_frame_check(BYTES_LITERAL("\x30\x09\x04\x01\x53\x02\x04\x00\x98\x96\x80")));
}

Test(pkcs12_frame, takes_definite_and_indefinite_lengths)
{
    assert_ok(pkcs12_frame_check(BYTES_LITERAL("\x30\x03\x02\x01\x03")));
    assert_ok(pkcs12_frame_check(BYTES_LITERAL("\x30\x80\x02\x01\x03\x30\x80\x00\x00\x00\x00")));
}

Test(pkcs12_frame, takes_content_in_one_piece_and_in_segments)
{
    assert_ok(
        pkcs12_frame_check(BYTES_LITERAL("\x30\x0b\x06\x01\x2a\xa0\x06\x04\x04\x30\x02\x05\x00")));
    assert_ok(pkcs12_frame_check(
        BYTES_LITERAL("\x30\x80\x06\x01\x2a\xa0\x80\x24\x80\x04\x02\x30\x02\x04\x02\x05\x00"
                      "\x00\x00\x00\x00\x00\x00")));
}
