#include "helper/escape.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect_escaped(const char *foreign, size_t budget, const char *expected)
{
    CLEANUP(buffer_free) struct buffer *line = NULL;
    assert_ok(buffer_new(0, &line));
    assert_ok(escape_append_foreign(line, bytes_of_string(foreign), budget));
    cr_expect(bytes_equal(buffer_view(line), bytes_of_string(expected)), "%s: %.*s", expected,
              (int)line->len, (const char *)line->data);
}

Test(escape_append_foreign, leaves_out_what_commands_a_terminal)
{
    expect_escaped("a\x1b[31mb\x7f\x01", 100, "a[31mb");
    expect_escaped("c1 \xc2\x9b"
                   "31m",
                   100, "c1 31m");
}

Test(escape_append_foreign, leaves_out_what_hides_or_turns_text)
{
    expect_escaped("\xe2\x80\xae"
                   "gpj\xe2\x81\xa6 \xe2\x80\x8b\xef\xbb\xbf",
                   100, "gpj ");
    expect_escaped("a\xe2\x80\xa9"
                   "b\xc2\xad"
                   "c",
                   100, "abc");
    expect_escaped("tag\xf3\xa0\x81\x81", 100, "tag");
}

Test(escape_append_foreign, leaves_out_ill_formed_bytes)
{
    expect_escaped("a\xff\xc0\x80\xed\xa0\x80z\xe2\x82", 100, "az");
}

Test(escape_append_foreign, makes_one_line_of_several)
{
    expect_escaped("one\r\ntwo\tthree", 100, "one  two three");
}

Test(escape_append_foreign, escapes_percent_signs)
{
    expect_escaped("100%0A", 100, "100%250A");
}

Test(escape_append_foreign, shows_no_markup)
{
    expect_escaped("<b>", 100,
                   "\xe2\x80\xb9"
                   "b\xe2\x80\xba");
}

Test(escape_append_foreign, keeps_other_scripts)
{
    expect_escaped("Grüße, 你好, 🔑", 100, "Grüße, 你好, 🔑");
}

Test(escape_append_foreign, cuts_at_the_budget_between_characters)
{
    expect_escaped("abcdef", 9, "abcdef");
    expect_escaped("abcdef", 8, "abcde\xe2\x80\xa6");
    expect_escaped("ab%cd", 7, "ab\xe2\x80\xa6");
    expect_escaped("äöü", 8, "äö\xe2\x80\xa6");
}

Test(escape_append_foreign, passes_on_the_limit_of_the_line)
{
    CLEANUP(buffer_free) struct buffer *line = NULL;
    assert_ok(buffer_new(4, &line));
    assert_error(escape_append_foreign(line, BYTES_LITERAL("abcdef"), 100), ERR_MESSAGE_TOO_LARGE);
}

Test(escape_append_own, keeps_line_ends)
{
    CLEANUP(buffer_free) struct buffer *line = NULL;
    assert_ok(buffer_new(0, &line));
    assert_ok(escape_append_own(line, "a\nb%"));
    cr_assert(bytes_equal(buffer_view(line), BYTES_LITERAL("a%0Ab%25")));
}
