#include "certs/element.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void check_refused(struct bytes input)
{
    struct bytes rest = input;
    struct bytes content = BYTES_NONE;
    uint8_t tag = 0;
    cr_assert_not(element_take(&rest, &tag, &content));
    cr_assert_eq(rest.len, input.len);
}

Test(element_take, refuses_what_is_cut_or_not_definite)
{
    check_refused(BYTES_NONE);
    check_refused(BYTES_LITERAL("\x30"));
    check_refused(BYTES_LITERAL("\x30\x01"));
    check_refused(BYTES_LITERAL("\x30\x80"));
    check_refused(BYTES_LITERAL("\x30\x81"));
    check_refused(BYTES_LITERAL("\x30\x82\x01"));
    check_refused(BYTES_LITERAL("\x30\x84\x00\x00\x00\x00"));
    check_refused(BYTES_LITERAL("\x30\xff\xff\xff\xff\xff"));
    check_refused(BYTES_LITERAL("\x1f\x81\x01\x00")); /* a high tag number */
}

Test(element_take, goes_through_elements)
{
    struct bytes rest = BYTES_LITERAL("\x02\x01\x05\x04\x81\x02xy\x05\x00");
    struct bytes content = BYTES_NONE;
    uint8_t tag = 0;
    cr_assert(element_take(&rest, &tag, &content));
    cr_assert_eq(tag, 2);
    cr_assert(bytes_equal(content, BYTES_LITERAL("\x05")));
    cr_assert(element_take(&rest, &tag, &content));
    cr_assert_eq(tag, 4);
    cr_assert(bytes_equal(content, BYTES_LITERAL("xy")));
    cr_assert(element_take(&rest, &tag, &content));
    cr_assert_eq(tag, 5);
    cr_assert_eq(content.len, 0);
    cr_assert_eq(rest.len, 0);
}

Test(element_append, writes_the_shortest_length_that_element_take_reads)
{
    static const size_t sizes[] = { 0, 1, 127, 128, 255, 256, 65535 };
    static const size_t headers[] = { 2, 2, 2, 3, 3, 4, 4 };
    uint8_t *filler = calloc(1, 65536);
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        CLEANUP(buffer_free) struct buffer *out = NULL;
        assert_ok(buffer_new(0, &out));
        assert_ok(element_append(out, 0x30, (struct bytes){ filler, sizes[i] }));
        cr_assert_eq(out->len, headers[i] + sizes[i]);
        struct bytes rest = buffer_view(out);
        struct bytes content = BYTES_NONE;
        uint8_t tag = 0;
        cr_assert(element_take(&rest, &tag, &content));
        cr_assert_eq(content.len, sizes[i]);
        cr_assert_eq(rest.len, 0);
    }
    free(filler);
}

Test(element_append, refuses_what_needs_a_longer_length)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    uint8_t *filler = calloc(1, 65536);
    assert_ok(buffer_new(0, &out));
    assert_error(element_append(out, 0x30, (struct bytes){ filler, 65536 }), ERR_MESSAGE_TOO_LARGE);
    cr_assert_eq(out->len, 0);
    free(filler);
}
