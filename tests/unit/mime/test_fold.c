#include "mime/fold.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

#define TEN "123456789 "
#define SIXTY TEN TEN TEN TEN TEN TEN

static void assert_folds(const char *text, enum fold_kind kind, const char *expected)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_ok(fold_field(bytes_of_string(text), kind, out));
    cr_assert(bytes_equal(buffer_view(out), bytes_of_string(expected)), "%s\ngave\n%.*s", text,
              (int)out->len, (const char *)out->data);
}

static void assert_stays(const char *text, enum fold_kind kind)
{
    assert_folds(text, kind, text);
}

Test(fold_field, leaves_short_lines)
{
    assert_stays("Subject: short\r\n", FOLD_TEXT);
    assert_stays("Subject: " SIXTY "1234567\r\n", FOLD_TEXT);
    assert_stays("To: a@b,\r\n c@d\r\n", FOLD_STRUCTURED);
}

Test(fold_field, breaks_long_lines_before_the_last_blank_that_fits)
{
    assert_folds("Subject: " SIXTY TEN "end\r\n", FOLD_TEXT,
                 "Subject: " TEN TEN TEN TEN TEN "123456789\r\n 123456789 end\r\n");
}

/* the name stood alone then, which is no field */
Test(fold_field, leaves_the_name_whole)
{
    assert_stays(
        "Name :1234567890123456789012345678901234567890123456789012345678901234567890123456"
        "\r\n",
        FOLD_TEXT);
    assert_stays(
        "Name: 1234567890123456789012345678901234567890123456789012345678901234567890123456"
        "\r\n",
        FOLD_TEXT);
}

Test(fold_field, loses_no_blank)
{
    assert_folds("Subject: " SIXTY "  two   three and more\r\n", FOLD_TEXT,
                 "Subject: " SIXTY "  two\r\n   three and more\r\n");
}

Test(fold_field, leaves_what_has_no_blank)
{
    assert_stays("Subject: 12345678901234567890123456789012345678901234567890123456789012345678901"
                 "23456789\r\n",
                 FOLD_TEXT);
}

Test(fold_field, breaks_structured_fields_behind_commas_and_semicolons)
{
    assert_folds("To: 12345678901234567890@example.org,12345678901234567890@example.org,"
                 "12345678901234567890@example.org\r\n",
                 FOLD_STRUCTURED,
                 "To: 12345678901234567890@example.org,12345678901234567890@example.org,\r\n"
                 " 12345678901234567890@example.org\r\n");
    assert_stays(
        "X: 123456789012345678901234567890123456789012345678901,234567890123456789012345678"
        "90\r\n",
        FOLD_TEXT);
}

Test(fold_field, leaves_quoted_strings_whole)
{
    assert_folds("To: \"" SIXTY TEN "\\\" " TEN "\" <a@b>\r\n", FOLD_STRUCTURED,
                 "To: \"" SIXTY TEN "\\\" " TEN "\"\r\n <a@b>\r\n");
}

Test(fold_field, leaves_quoted_strings_whole_that_are_folded)
{
    assert_stays("To: \"one\r\n " SIXTY TEN TEN "two\"\r\n <a@b>\r\n", FOLD_STRUCTURED);
}

#define WIDE "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"

/* a blank put in there would make another address of it */
Test(fold_field, finds_the_ends_of_quoted_strings)
{
    assert_folds("To: \"back\\\\\" <a@b.c>, \"" WIDE ",bbbbbbbbbbbbbbbb\"@example.org\r\n",
                 FOLD_STRUCTURED,
                 "To: \"back\\\\\" <a@b.c>,\r\n \"" WIDE ",bbbbbbbbbbbbbbbb\"@example.org\r\n");
    assert_folds("To: Bob (5\" disk) <a@b.c>, \"" WIDE ",bbbbbbbbbbbb\"@example.org\r\n",
                 FOLD_STRUCTURED,
                 "To: Bob (5\" disk) <a@b.c>,\r\n \"" WIDE ",bbbbbbbbbbbb\"@example.org\r\n");
    assert_folds("To: \"" WIDE "wwwwwwwwwwwwww,\"@example.org,bob@example.org\r\n", FOLD_STRUCTURED,
                 "To: \"" WIDE "wwwwwwwwwwwwww,\"@example.org,\r\n bob@example.org\r\n");
}

Test(fold_too_long, tells_of_any_line)
{
    cr_assert(fold_too_long(BYTES_LITERAL("a\r\n12345\r\n"), 4));
    cr_assert_not(fold_too_long(BYTES_LITERAL("a\r\n1234\r\n"), 4));
    cr_assert_not(fold_too_long(BYTES_NONE, 0));
}
