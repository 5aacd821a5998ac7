#include "mime/restore.h"
#include "support/support.h"

#include <criterion/criterion.h>

static void assert_restored(enum restore restore, const char *text, const char *expected)
{
    CLEANUP(mapping_unref) struct mapping *target = NULL;
    assert_ok(mapping_new(1000, &target));
    assert_ok(restore_text(bytes_of_string(text), restore, target));
    struct bytes found = mapping_view(target);
    cr_assert(bytes_equal(found, bytes_of_string(expected)), "%d: %.*s", (int)restore,
              (int)found.len, (const char *)found.data);
}

Test(restore_text, makes_every_line_end_crlf)
{
    assert_restored(RESTORE_LINE_ENDS, "", "");
    assert_restored(RESTORE_LINE_ENDS, "a", "a");
    assert_restored(RESTORE_LINE_ENDS, "a\nb\rc\r\nd\r\r\ne", "a\r\nb\r\nc\r\nd\r\ne");
    assert_restored(RESTORE_LINE_ENDS, "a \r\n\r\n", "a \r\n\r\n");
    assert_restored(RESTORE_LINE_ENDS, "\r\rb", "\r\n\r\nb");
}

Test(restore_text, makes_every_line_end_lf)
{
    assert_restored(RESTORE_UNIX, "a\r\nb\n\rc", "a\nb\n\nc");
}

Test(restore_text, makes_the_end_of_the_text_one_of_three)
{
    assert_restored(RESTORE_END_NONE, "a\n\r\n\r\n", "a");
    assert_restored(RESTORE_END_NONE, "\n", "");
    assert_restored(RESTORE_END_ONE, "a\nb", "a\r\nb\r\n");
    assert_restored(RESTORE_END_ONE, "a\r\n\r\n\r\n", "a\r\n");
    assert_restored(RESTORE_END_TWO, "a\r\n", "a\r\n\r\n");
}

Test(restore_text, takes_blanks_off_line_ends)
{
    assert_restored(RESTORE_BLANKS, "a \t\r\n \n  b ", "a\r\n\r\n  b");
}

Test(restore_text, gives_the_dashes_of_a_signature_their_blank)
{
    assert_restored(RESTORE_DASHES, "a\r\n--\r\n--b\r\n---\r\n--", "a\r\n-- \r\n--b\r\n---\r\n-- ");
}

Test(restore_text, takes_the_angle_off_from_lines)
{
    assert_restored(RESTORE_FROM, ">From a\r\n>from\r\n>>From b\r\nx >From c",
                    "From a\r\n>from\r\n>>From b\r\nx >From c");
}

Test(restore_text, passes_on_that_there_is_no_room)
{
    CLEANUP(mapping_unref) struct mapping *target = NULL;
    assert_ok(mapping_new(3, &target));
    assert_error(restore_text(BYTES_LITERAL("a\nb\n"), RESTORE_LINE_ENDS, target),
                 ERR_MESSAGE_TOO_LARGE);
}
