#include "base/limits.h"
#include "mime/canonical.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

static void assert_state(struct bytes text, enum canonical_state expected)
{
    cr_assert_eq(canonical_check(text, 998), expected, "'%.*s'", (int)text.len,
                 (const char *)text.data);
}

#define assert_unsafe(text) assert_state(BYTES_LITERAL(text), CANONICAL_UNSAFE)
#define assert_clean(text) assert_state(BYTES_LITERAL(text), CANONICAL_CLEAN)

static void assert_long_line(size_t len, enum canonical_state expected)
{
    char text[1100];
    memset(text, 'x', len);
    memcpy(text + len, "\r\n", 2);
    assert_state((struct bytes){ (const uint8_t *)text, len + 2 }, expected);
    assert_state((struct bytes){ (const uint8_t *)text, len }, expected);
}

typedef struct error *lines_fn(struct bytes text, struct mapping *target);

static void assert_lines(lines_fn *convert, const char *text, const char *expected)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    assert_ok(mapping_new(KIB, &mapping));
    assert_ok(convert(bytes_of_string(text), mapping));
    cr_assert(bytes_equal(mapping_view(mapping), bytes_of_string(expected)), "%s", text);
}

static void assert_field(const char *text, const char *expected)
{
    CLEANUP(buffer_free) struct buffer *buffer = NULL;
    assert_ok(buffer_new(0, &buffer));
    assert_ok(canonical_field(bytes_of_string(text), buffer));
    cr_assert(bytes_equal(buffer_view(buffer), bytes_of_string(expected)), "%s gave %.*s", text,
              (int)buffer->len, (const char *)buffer->data);
}

Test(canonical_check, finds_what_gateways_alter)
{
    assert_unsafe("\xc3\xbc\r\n");
    assert_unsafe("a\0b\r\n");
    assert_unsafe("a\rb\r\n");
    assert_unsafe("a\r\r\n");
    assert_unsafe("a\r");
    assert_unsafe("a \r\nb");
    assert_unsafe("a\t");
    assert_unsafe("x\r\nFrom y\r\n");
    assert_unsafe("From y");
    assert_unsafe(">From y");
    assert_unsafe(">>From y");
    assert_unsafe("x\r\n.\r\ny");
    assert_unsafe("a \nb\n");
    assert_long_line(999, CANONICAL_UNSAFE);
}

Test(canonical_check, takes_clean_text)
{
    assert_clean("");
    assert_clean("a\r\n\r\n b\r\n");
    assert_clean("a");
    assert_clean("Fromage\r\n>Fromage\r\n..\r\nx From y\r\n");
    assert_long_line(998, CANONICAL_CLEAN);
}

Test(canonical_has_8bit, tells_of_any_byte)
{
    cr_assert(canonical_has_8bit(BYTES_LITERAL("a\xff")));
    cr_assert_not(canonical_has_8bit(BYTES_LITERAL("a\x7f\0")));
    cr_assert_not(canonical_has_8bit(BYTES_NONE));
}

Test(canonical_check, tells_line_ends_from_worse)
{
    assert_state(BYTES_LITERAL("a\nb\r\n"), CANONICAL_LINE_ENDS);
    assert_state(BYTES_LITERAL("\n"), CANONICAL_LINE_ENDS);
}

Test(canonical_lines, alters_line_ends_only)
{
    assert_lines(canonical_lines, "a \nb\r\n\rc\n\n\xff", "a \r\nb\r\n\rc\r\n\r\n\xff");
}

Test(canonical_glue, takes_blanks_at_line_ends_away)
{
    assert_lines(canonical_glue, "\n--b \t\nx y\r\n", "\r\n--b\r\nx y\r\n");
}

/* it became a blank at the end of the line */
Test(canonical_field, drops_a_lone_cr_before_a_line_end)
{
    assert_field("a: b \r\t\r\r\n", "a: b\r\n");
    assert_field("a: b\rc\r\n", "a: b c\r\n");
}

Test(canonical_field, never_makes_an_empty_line)
{
    assert_field("A: b\r\n \r\n\t\n c\n", "A: b\r\n c\r\n");
    assert_field("A: b \t\n", "A: b\r\n");
    assert_field("A:\r\n", "A:\r\n");
}

Test(canonical_field, takes_a_lone_cr_for_a_space_and_ends_the_last_line)
{
    assert_field("A: b\rB: c", "A: b B: c\r\n");
    assert_field("A: \xc3\xbc\n", "A: \xc3\xbc\r\n");
}
