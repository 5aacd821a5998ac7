#include "base/clock.h"
#include "base/limits.h"
#include "mime/boundary.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

static struct boundary_parts *scan(const char *body, const char *boundary)
{
    struct boundary_parts *parts = NULL;
    assert_ok(boundary_scan(bytes_of_string(body), bytes_of_string(boundary), &parts));
    return parts;
}

static void assert_bytes(struct bytes seen, const char *expected)
{
    cr_assert(bytes_equal(seen, bytes_of_string(expected)), "'%.*s' is not '%s'", (int)seen.len,
              (const char *)seen.data, expected);
}

static void assert_one_part(const char *body, const char *part)
{
    CLEANUP(boundary_parts_free) struct boundary_parts *parts = scan(body, "b");
    cr_assert_eq(parts->count, 1, "%zu parts in '%s'", parts->count, body);
    assert_bytes(parts->items[0], part);
}

Test(boundary_scan, refuses_boundaries_that_are_none)
{
    struct boundary_parts *parts = NULL;
    char text[LIMIT_BOUNDARY + 2] = { 0 };
    memset(text, 'x', LIMIT_BOUNDARY + 1);
    const char *const bad[] = { "", "a ", "a\tb", "a\r", "a\n", "\xc3\xbc", "a\x7f", text };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        assert_error(boundary_scan(BYTES_LITERAL("--a\r\n"), bytes_of_string(bad[i]), &parts),
                     ERR_MESSAGE_MALFORMED);
    }
    text[LIMIT_BOUNDARY] = '\0';
    assert_ok(boundary_scan(BYTES_LITERAL("--a\r\n"), bytes_of_string(text), &parts));
    boundary_parts_free(parts);
}

Test(boundary_scan, refuses_one_part_too_many)
{
    CLEANUP(buffer_free) struct buffer *body = NULL;
    assert_ok(buffer_new(0, &body));
    for (int i = 0; i < LIMIT_MIME_PARTS; i++) {
        assert_ok(buffer_append_string(body, "--b\n\nx\n"));
    }
    CLEANUP(boundary_parts_free) struct boundary_parts *parts = NULL;
    assert_ok(boundary_scan(buffer_view(body), BYTES_LITERAL("b"), &parts));
    cr_assert_eq(parts->count, LIMIT_MIME_PARTS);
    assert_ok(buffer_append_string(body, "--b\n\nx\n"));
    struct boundary_parts *more = NULL;
    assert_error(boundary_scan(buffer_view(body), BYTES_LITERAL("b"), &more),
                 ERR_MESSAGE_MALFORMED);
}

Test(boundary_scan, cuts_parts_without_the_line_break_of_the_delimiter)
{
    CLEANUP(boundary_parts_free)
    struct boundary_parts *parts =
        scan("pre\r\n--b\r\none\r\n\r\n--b\r\ntwo\r\n--b--\r\npost\r\n", "b");
    cr_assert_eq(parts->count, 2);
    assert_bytes(parts->items[0], "one\r\n");
    assert_bytes(parts->items[1], "two");
    assert_bytes(parts->preamble, "pre");
    assert_bytes(parts->epilogue, "post\r\n");
    cr_assert(parts->closed);
    cr_assert_not(parts->near_miss);
}

Test(boundary_scan, takes_lf_and_mixed_line_ends)
{
    assert_one_part("--b\none\n--b--\n", "one");
    assert_one_part("--b\r\none\n--b--\r\n", "one");
    assert_one_part("--b\none\r\n--b--", "one");
    assert_one_part("--b\none\r\r\n--b--", "one\r");
}

Test(boundary_scan, takes_spaces_and_tabs_behind_a_delimiter)
{
    CLEANUP(boundary_parts_free)
    struct boundary_parts *parts = scan("--b \t\r\none\r\n--b-- \t \r\n", "b");
    cr_assert_eq(parts->count, 1);
    assert_bytes(parts->items[0], "one");
    cr_assert(parts->closed);
    cr_assert_not(parts->near_miss);
}

Test(boundary_scan, ends_an_unclosed_multipart_with_the_body)
{
    CLEANUP(boundary_parts_free) struct boundary_parts *parts = scan("--b\r\none\r\n", "b");
    cr_assert_eq(parts->count, 1);
    assert_bytes(parts->items[0], "one\r\n");
    cr_assert_not(parts->closed);
}

Test(boundary_scan, finds_no_delimiter_inside_a_line)
{
    assert_one_part("--b\r\nx--b\r\n --b\r\nQUJD--b--\r\n--b--\r\n", "x--b\r\n --b\r\nQUJD--b--");
}

Test(boundary_scan, does_not_take_a_longer_boundary_for_a_shorter_one)
{
    CLEANUP(boundary_parts_free)
    struct boundary_parts *parts =
        scan("--abc\r\n--abcd\r\ninner\r\n--abcd--\r\n--abc--\r\n", "abc");
    cr_assert_eq(parts->count, 1);
    assert_bytes(parts->items[0], "--abcd\r\ninner\r\n--abcd--");
    cr_assert(parts->near_miss);
}

Test(boundary_scan, does_not_take_a_shorter_boundary_for_a_longer_one)
{
    CLEANUP(boundary_parts_free)
    struct boundary_parts *parts = scan("--abcd\r\n--abc\r\n--abcd--\r\n", "abcd");
    cr_assert_eq(parts->count, 1);
    assert_bytes(parts->items[0], "--abc");
    cr_assert_not(parts->near_miss);
}

Test(boundary_scan, reads_a_boundary_that_ends_in_dashes)
{
    CLEANUP(boundary_parts_free)
    struct boundary_parts *parts = scan("--b--\r\none\r\n--b----\r\n", "b--");
    cr_assert_eq(parts->count, 1);
    assert_bytes(parts->items[0], "one");
    cr_assert(parts->closed);
}

Test(boundary_scan, notes_lines_that_others_could_take_for_delimiters)
{
    const char *const bodies[] = {
        "--b\r\none\r\n--bx\r\n--b--\r\n", /* something behind it */
        "--b\r\none\r\n--b--x\r\n--b--\r\n",
        "--b\r\none\r\n--b\rtwo\r\n--b--\r\n", /* a lone CR as line end */
        "--b\r\none\r--b\r\n--b--\r\n",
        "--b\r\none\r\n--b\r\r\n--b--\r\n",
        "--b\r\none\r\n--b--\r\n--b\r\ntwo\r\n--b--\r\n", /* behind the end */
        "--b\r\none\r\n--b--\r",
    };
    for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
        CLEANUP(boundary_parts_free) struct boundary_parts *parts = scan(bodies[i], "b");
        cr_assert(parts->near_miss, "number %zu", i);
        cr_assert_eq(parts->count, 1, "number %zu", i);
    }
}

Test(boundary_scan, leaves_parts_behind_the_close_delimiter_in_the_epilogue)
{
    CLEANUP(boundary_parts_free)
    struct boundary_parts *parts = scan("--b\r\none\r\n--b--\r\n--b\r\ntwo\r\n--b--\r\n", "b");
    cr_assert_eq(parts->count, 1);
    assert_bytes(parts->epilogue, "--b\r\ntwo\r\n--b--\r\n");
}

Test(boundary_scan, has_no_parts_where_there_is_no_delimiter)
{
    CLEANUP(boundary_parts_free) struct boundary_parts *parts = scan("text\r\n-- b\r\n", "b");
    cr_assert_eq(parts->count, 0);
    assert_bytes(parts->preamble, "text\r\n-- b\r\n");
    cr_assert_eq(parts->epilogue.len, 0);
    cr_assert_not(parts->closed);
}

Test(boundary_scan, has_no_parts_where_the_close_delimiter_comes_first)
{
    CLEANUP(boundary_parts_free) struct boundary_parts *parts = scan("x\n--b--\ny", "b");
    cr_assert_eq(parts->count, 0);
    cr_assert(parts->closed);
    assert_bytes(parts->preamble, "x");
    assert_bytes(parts->epilogue, "y");
}

Test(boundary_scan, gives_empty_parts_their_place_in_the_body)
{
    static const char body[] = "--b\r\n\r\n--b\r\n--b--";
    CLEANUP(boundary_parts_free) struct boundary_parts *parts = scan(body, "b");
    cr_assert_eq(parts->count, 2);
    cr_assert_eq(parts->items[0].len, 0);
    cr_assert_eq((const char *)parts->items[0].data - body, 5);
    cr_assert_eq(parts->items[1].len, 0);
    cr_assert_eq((const char *)parts->items[1].data - body, 12);
}

Test(boundary_scan, reads_an_empty_body)
{
    CLEANUP(boundary_parts_free) struct boundary_parts *parts = NULL;
    assert_ok(boundary_scan(BYTES_NONE, BYTES_LITERAL("b"), &parts));
    cr_assert_eq(parts->count, 0);
}

/* A needle that overlaps itself, in a body made of it: quadratic for a careless search. */
Test(boundary_scan, is_linear_in_a_body_of_dashes)
{
    CLEANUP(buffer_free) struct buffer *body = NULL;
    uint8_t *tail = NULL;
    assert_ok(buffer_new(0, &body));
    assert_ok(buffer_extend(body, 16 * MIB, &tail));
    memset(tail, '-', 16 * MIB);
    CLEANUP(boundary_parts_free) struct boundary_parts *parts = NULL;
    uint64_t before = clock_monotonic_ms();
    assert_ok(boundary_scan(buffer_view(body), BYTES_LITERAL("--------------------"), &parts));
    cr_assert_lt(clock_monotonic_ms() - before, 1000);
    cr_assert_eq(parts->count, 0);
}

Test(boundary_valid, takes_what_real_mail_has)
{
    cr_assert(boundary_valid(BYTES_LITERAL("----=_Part_1_2.3")));
    cr_assert(boundary_valid(BYTES_LITERAL("<a@b> c")));
    cr_assert_not(boundary_valid(BYTES_NONE));
}

Test(boundary_parts_free, takes_null)
{
    boundary_parts_free(NULL);
}

/* Found by messages made by chance: GMime takes the length of the line break before a delimiter
 * from the one behind it. */
Test(boundary_scan, notices_line_breaks_of_two_kinds_around_a_delimiter)
{
    static const char *const mixed[] = {
        "--b\r\n\r\nx\r\n--b--\n",
        "--b\n\nx\n--b--\r\n",
        "--b\r\n\r\nx\n--b\r\n\r\ny\r\n--b--\r\n",
        "--b\r\n\r\nx\r\n--b \n\ny\r\n--b--\r\n",
    };
    for (size_t i = 0; i < ARRAY_SIZE(mixed); i++) {
        CLEANUP(boundary_parts_free) struct boundary_parts *parts = scan(mixed[i], "b");
        cr_assert(parts->near_miss, "number %zu", i);
    }
    static const char *const alike[] = {
        "--b\r\n\r\nx\r\n--b--",
        "--b\n\nx\n--b--",
        "--b\n\nx\n--b--\n",
        "\r\n--b\r\n\r\nx\r\n--b--\r\n",
        "--b\r\n\r\nx\ny\r\n--b--\r\n",
    };
    for (size_t i = 0; i < ARRAY_SIZE(alike); i++) {
        CLEANUP(boundary_parts_free) struct boundary_parts *parts = scan(alike[i], "b");
        cr_assert_not(parts->near_miss, "number %zu", i);
    }
}
