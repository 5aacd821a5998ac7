#include "base/bytes.h"
#include "base/limits.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static struct bytes text(const char *string)
{
    return bytes_of_string(string);
}

Test(bytes, of_null_is_empty)
{
    cr_assert_eq(bytes_of_string(NULL).len, 0);
    cr_assert_eq(bytes_of_string("").len, 0);
    cr_assert_eq(BYTES_LITERAL("a\0b").len, 3);
}

Test(bytes, equal_needs_same_length_and_content)
{
    cr_assert(bytes_equal(BYTES_NONE, text("")));
    cr_assert(bytes_equal(text("abc"), text("abc")));
    cr_assert_not(bytes_equal(text("abc"), text("abd")));
    cr_assert_not(bytes_equal(text("abc"), text("ab")));
    cr_assert_not(bytes_equal(text("abc"), BYTES_NONE));
}

Test(bytes, starts_with_refuses_a_longer_start)
{
    cr_assert_not(bytes_starts_with(text("ab"), text("abc")));
    cr_assert_not(bytes_starts_with(text("abc"), text("b")));
    cr_assert(bytes_starts_with(text("abc"), text("ab")));
    cr_assert(bytes_starts_with(text("abc"), BYTES_NONE));
    cr_assert(bytes_starts_with(BYTES_NONE, BYTES_NONE));
}

Test(bytes, nocase_folds_ascii_letters_only)
{
    cr_assert(bytes_equal_ascii_nocase(text("Content-TYPE"), text("content-type")));
    cr_assert_not(bytes_equal_ascii_nocase(text("a"), text("aa")));
    /* '[' and '{', '@' and '`' differ by the case bit but are no letters; nor are bytes above */
    cr_assert_not(bytes_equal_ascii_nocase(text("["), text("{")));
    cr_assert_not(bytes_equal_ascii_nocase(text("@"), text("`")));
    cr_assert_not(bytes_equal_ascii_nocase(text("\xc3\x84"), text("\xc3\xa4")));
}

Test(bytes, find_tells_the_first_place)
{
    cr_assert_eq(bytes_find(text("abcabc"), text("bc")), 1);
    cr_assert_eq(bytes_find(text("abc"), text("abc")), 0);
    cr_assert_eq(bytes_find(text("abc"), text("d")), SIZE_MAX);
    cr_assert_eq(bytes_find(text("ab"), text("abc")), SIZE_MAX);
    cr_assert_eq(bytes_find(BYTES_NONE, text("a")), SIZE_MAX);
    cr_assert_eq(bytes_find(text("abc"), BYTES_NONE), 0);
    cr_assert_eq(bytes_find(BYTES_NONE, BYTES_NONE), 0);
}

Test(bytes, find_goes_past_nul)
{
    cr_assert_eq(bytes_find(BYTES_LITERAL("a\0b"), text("b")), 2);
}

Test(bytes, slice_never_leaves_the_whole)
{
    struct bytes whole = text("abcdef");
    cr_assert(bytes_equal(bytes_slice(whole, 2, 3), text("cde")));
    cr_assert(bytes_equal(bytes_slice(whole, 4, 100), text("ef")));
    cr_assert(bytes_equal(bytes_slice(whole, 4, SIZE_MAX), text("ef")));
    cr_assert_eq(bytes_slice(whole, 6, 1).len, 0);
    cr_assert_eq(bytes_slice(whole, SIZE_MAX, SIZE_MAX).len, 0);
    cr_assert_eq(bytes_slice(BYTES_NONE, 0, 1).len, 0);
}

Test(buffer, refuses_to_grow_over_its_limit_and_stays_as_it_was)
{
    CLEANUP(buffer_free) struct buffer *buffer = NULL;
    assert_ok(buffer_new(4, &buffer));
    assert_ok(buffer_append_string(buffer, "abc"));
    assert_error(buffer_append_string(buffer, "de"), ERR_MESSAGE_TOO_LARGE);
    cr_assert(bytes_equal(buffer_view(buffer), text("abc")));
    assert_ok(buffer_append_byte(buffer, 'd'));
    assert_error(buffer_append_byte(buffer, 'e'), ERR_MESSAGE_TOO_LARGE);
    cr_assert(bytes_equal(buffer_view(buffer), text("abcd")));
}

Test(buffer, extend_refuses_a_size_that_overflows)
{
    CLEANUP(buffer_free) struct buffer *buffer = NULL;
    uint8_t *tail = NULL;
    assert_ok(buffer_new(100, &buffer));
    assert_ok(buffer_append_byte(buffer, 'a'));
    assert_error(buffer_extend(buffer, SIZE_MAX, &tail), ERR_MESSAGE_TOO_LARGE);
    assert_error(buffer_extend(buffer, 100, &tail), ERR_MESSAGE_TOO_LARGE);
    cr_assert_null(tail);
    cr_assert_eq(buffer->len, 1);
}

/* a buffer without a limit of its own is bounded by LIMIT_MESSAGE */
Test(buffer, without_limit_is_bounded_by_the_largest_message)
{
    struct buffer buffer = { 0 };
    uint8_t *tail = NULL;
    assert_error(buffer_extend(&buffer, LIMIT_MESSAGE + 1, &tail), ERR_MESSAGE_TOO_LARGE);
    cr_assert_null(buffer.data);
}

Test(buffer, keeps_content_while_it_grows)
{
    CLEANUP(buffer_free) struct buffer *buffer = NULL;
    assert_ok(buffer_new(0, &buffer));
    for (unsigned i = 0; i < 5000; i++) {
        assert_ok(buffer_printf(buffer, "%04u", i));
    }
    cr_assert_eq(buffer->len, 20000);
    cr_assert(bytes_equal(bytes_slice(buffer_view(buffer), 4 * 4321, 4), text("4321")));
}

Test(buffer, append_of_nothing_changes_nothing)
{
    CLEANUP(buffer_free) struct buffer *buffer = NULL;
    assert_ok(buffer_new(1, &buffer));
    assert_ok(buffer_append(buffer, BYTES_NONE));
    assert_ok(buffer_append_string(buffer, NULL));
    assert_ok(buffer_printf(buffer, "%s", ""));
    cr_assert_eq(buffer_view(buffer).len, 0);
}

Test(buffer, extend_gives_the_room_behind_the_content)
{
    CLEANUP(buffer_free) struct buffer *buffer = NULL;
    uint8_t *tail = NULL;
    assert_ok(buffer_new(0, &buffer));
    assert_ok(buffer_append_string(buffer, "ab"));
    assert_ok(buffer_extend(buffer, 2, &tail));
    memcpy(tail, "cd", 2);
    cr_assert(bytes_equal(buffer_view(buffer), text("abcd")));
}

Test(buffer, free_takes_null)
{
    buffer_free(NULL);
}

Test(bytes_to_string, ends_with_nul)
{
    CLEANUP(string_free) char *string = NULL;
    assert_ok(bytes_to_string(bytes_slice(text("abcdef"), 1, 2), &string));
    cr_assert_str_eq(string, "bc");
}

Test(bytes_to_string, takes_the_empty_view)
{
    CLEANUP(string_free) char *string = NULL;
    assert_ok(bytes_to_string(BYTES_NONE, &string));
    cr_assert_str_eq(string, "");
}

Test(bytes_to_hex, is_lower_case_and_keeps_leading_zeros)
{
    CLEANUP(string_free) char *hex = NULL;
    assert_ok(bytes_to_hex(BYTES_LITERAL("\x00\x0f\xa5\xff"), &hex));
    cr_assert_str_eq(hex, "000fa5ff");
}

Test(bytes_to_hex, of_nothing_is_the_empty_string)
{
    CLEANUP(string_free) char *hex = NULL;
    assert_ok(bytes_to_hex(BYTES_NONE, &hex));
    cr_assert_str_eq(hex, "");
}
