#include "base/limits.h"
#include "mime/header.h"
#include "mime/tree.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct mime_header *parse(const char *text, struct bytes *ret_body)
{
    struct mime_header *header = NULL;
    assert_ok(mime_header_parse(bytes_of_string(text), &header, ret_body));
    return header;
}

static void assert_bytes(struct bytes seen, const char *expected)
{
    cr_assert(bytes_equal(seen, bytes_of_string(expected)), "'%.*s' is not '%s'", (int)seen.len,
              (const char *)seen.data, expected);
}

static void assert_text(const char *value, const char *expected)
{
    const struct mime_field field = { .value = bytes_of_string(value) };
    CLEANUP(string_free) char *text = NULL;
    assert_ok(mime_field_text(&field, &text));
    cr_assert_str_eq(text, expected);
}

/* "X: aaa…" of `len` bytes in all, with its CRLF. */
static struct buffer *long_field(size_t len)
{
    struct buffer *buffer = NULL;
    uint8_t *tail = NULL;
    assert_ok(buffer_new(0, &buffer));
    assert_ok(buffer_append_string(buffer, "X: "));
    assert_ok(buffer_extend(buffer, len - 5, &tail));
    memset(tail, 'a', len - 5);
    assert_ok(buffer_append_string(buffer, "\r\n"));
    return buffer;
}

Test(mime_header_parse, refuses_a_nul_byte_in_the_header)
{
    struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    assert_error(mime_header_parse(BYTES_LITERAL("Subject: a\0b\r\n\r\n"), &header, &body),
                 ERR_MESSAGE_MALFORMED);
    cr_assert_null(header);
}

Test(mime_header_parse, leaves_a_nul_byte_in_the_body_alone)
{
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    assert_ok(mime_header_parse(BYTES_LITERAL("Subject: a\r\n\r\n\0"), &header, &body));
    cr_assert_eq(body.len, 1);
}

Test(mime_header_parse, refuses_a_field_over_the_limit)
{
    CLEANUP(buffer_free) struct buffer *text = long_field(LIMIT_HEADER_BLOCK + 1);
    struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    assert_error(mime_header_parse(buffer_view(text), &header, &body), ERR_MESSAGE_MALFORMED);
}

Test(mime_header_parse, takes_a_field_at_the_limit)
{
    CLEANUP(buffer_free) struct buffer *text = long_field(LIMIT_HEADER_BLOCK);
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    assert_ok(mime_header_parse(buffer_view(text), &header, &body));
    cr_assert_eq(header->count, 1);
}

Test(mime_header_parse, refuses_fields_that_are_over_the_limit_together)
{
    CLEANUP(buffer_free) struct buffer *text = long_field(LIMIT_HEADER_BLOCK - 4);
    assert_ok(buffer_append_string(text, "Y: z\r\n\r\n"));
    struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    assert_error(mime_header_parse(buffer_view(text), &header, &body), ERR_MESSAGE_MALFORMED);
}

Test(mime_header_parse, refuses_one_field_too_many)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    for (int i = 0; i < LIMIT_HEADER_FIELDS; i++) {
        assert_ok(buffer_append_string(text, "A: b\n"));
    }
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    assert_ok(mime_header_parse(buffer_view(text), &header, &body));
    cr_assert_eq(header->count, LIMIT_HEADER_FIELDS);
    assert_ok(buffer_append_string(text, "A: b\n"));
    struct mime_header *more = NULL;
    assert_error(mime_header_parse(buffer_view(text), &more, &body), ERR_MESSAGE_MALFORMED);
}

Test(mime_header_parse, splits_fields_with_either_line_end)
{
    struct bytes body = BYTES_NONE;
    CLEANUP(mime_header_free)
    struct mime_header *header = parse("From: a\r\nTo : b\nSubject:c\r\n\r\nbody\r\n", &body);
    cr_assert_eq(header->count, 3);
    assert_bytes(header->fields[0].name, "From");
    assert_bytes(header->fields[0].value, " a");
    assert_bytes(header->fields[0].raw, "From: a\r\n");
    assert_bytes(header->fields[1].name, "To");
    assert_bytes(header->fields[2].value, "c");
    assert_bytes(header->block, "From: a\r\nTo : b\nSubject:c\r\n");
    assert_bytes(body, "body\r\n");
}

Test(mime_header_parse, keeps_folded_lines_with_their_field)
{
    struct bytes body = BYTES_NONE;
    CLEANUP(mime_header_free)
    struct mime_header *header =
        parse("Subject: one\r\n two\r\n\tthree\r\n \r\nTo: x\r\n\r\n", &body);
    cr_assert_eq(header->count, 2);
    assert_bytes(header->fields[0].value, " one\r\n two\r\n\tthree\r\n ");
    assert_bytes(header->fields[0].raw, "Subject: one\r\n two\r\n\tthree\r\n \r\n");
    cr_assert_eq(body.len, 0);
}

Test(mime_header_parse, ends_the_header_at_a_line_that_is_no_field)
{
    struct bytes body = BYTES_NONE;
    CLEANUP(mime_header_free)
    struct mime_header *header = parse("From: a\r\nno field here\r\nTo: b\r\n\r\nx", &body);
    cr_assert_eq(header->count, 1);
    assert_bytes(body, "no field here\r\nTo: b\r\n\r\nx");
}

Test(mime_header_parse, takes_an_8_bit_value_but_no_8_bit_name)
{
    struct bytes body = BYTES_NONE;
    CLEANUP(mime_header_free)
    struct mime_header *header = parse("Subject: \xff\xfe\r\nS\xc3\xbc: x\r\n\r\n", &body);
    cr_assert_eq(header->count, 1);
    assert_bytes(header->fields[0].value, " \xff\xfe");
}

Test(mime_header_parse, does_not_end_a_line_at_a_lone_cr)
{
    struct bytes body = BYTES_NONE;
    CLEANUP(mime_header_free)
    struct mime_header *header = parse("Subject: a\rFrom: evil\r\n\r\n", &body);
    cr_assert_eq(header->count, 1);
    cr_assert_null(mime_header_find(header, "From"));
}

Test(mime_header_parse, skips_an_mbox_line)
{
    struct bytes body = BYTES_NONE;
    CLEANUP(mime_header_free)
    struct mime_header *header = parse("From me@here Mon Nov 23 2026\nSubject: x\n\nbody", &body);
    cr_assert_eq(header->count, 1);
    assert_bytes(header->block, "Subject: x\n");
}

Test(mime_header_parse, skips_a_byte_order_mark)
{
    struct bytes body = BYTES_NONE;
    CLEANUP(mime_header_free)
    struct mime_header *header = parse("\xef\xbb\xbf"
                                       "Subject: x\n\nbody",
                                       &body);
    assert_bytes(header->block, "Subject: x\n");
    assert_bytes(body, "body");
    CLEANUP(mime_header_free)
    struct mime_header *both = parse("\xef\xbb\xbf"
                                     "From me@here\nSubject: x\n\nbody",
                                     &body);
    assert_bytes(both->block, "Subject: x\n");
    CLEANUP(mime_header_free)
    struct mime_header *none = parse("From me@here\n\xef\xbb\xbf"
                                     "Subject: x\n\nbody",
                                     &body);
    cr_assert_eq(none->count, 0);
}

Test(mime_header_parse, takes_a_field_with_a_blank_before_its_colon_for_no_mbox_line)
{
    struct bytes body = BYTES_NONE;
    CLEANUP(mime_header_free)
    struct mime_header *header = parse("From : a@b\nFrom: c@d\n\nbody", &body);
    cr_assert_eq(mime_header_count(header, "From"), 2);
}

Test(mime_header_parse, reads_a_header_that_ends_with_the_input)
{
    struct bytes body = { (const uint8_t *)"x", 1 };
    CLEANUP(mime_header_free) struct mime_header *header = parse("Subject: x", &body);
    cr_assert_eq(header->count, 1);
    assert_bytes(header->fields[0].raw, "Subject: x");
    cr_assert_eq(body.len, 0);
}

Test(mime_header_parse, reads_nothing_from_nothing)
{
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    assert_ok(mime_header_parse(BYTES_NONE, &header, &body));
    cr_assert_eq(header->count, 0);
    cr_assert_eq(body.len, 0);
}

Test(mime_header_parse, reads_an_empty_header)
{
    struct bytes body = BYTES_NONE;
    CLEANUP(mime_header_free) struct mime_header *header = parse("\r\nFrom: x\r\n", &body);
    cr_assert_eq(header->count, 0);
    assert_bytes(body, "From: x\r\n");
}

Test(mime_header_find, folds_case_and_gives_the_first)
{
    struct bytes body = BYTES_NONE;
    CLEANUP(mime_header_free)
    struct mime_header *header = parse("FROM: one\r\nfrom: two\r\nFromage: x\r\n\r\n", &body);
    cr_assert_eq(mime_header_count(header, "From"), 2);
    assert_bytes(mime_header_find(header, "From")->value, " one");
    cr_assert_null(mime_header_find(header, "To"));
    cr_assert_eq(mime_header_count(header, "To"), 0);
}

Test(mime_field_text, unfolds_and_trims)
{
    assert_text("  one\r\n two \r\n", "one two");
    assert_text("", "");
    assert_text("a\rb", "a\xef\xbf\xbd"
                        "b");
}

Test(mime_field_text, decodes_encoded_words)
{
    mime_tree_start();
    assert_text(" =?utf-8?q?J=C3=B6rg?= =?iso-8859-1?b?5A==?= x", "J\xc3\xb6rg\xc3\xa4 x");
}

Test(mime_field_text, keeps_raw_utf_8_and_replaces_what_is_none)
{
    assert_text("J\xc3\xb6rg", "J\xc3\xb6rg");
    assert_text("J\xf6rg", "J\xef\xbf\xbdrg");
}

Test(mime_field_text, lets_no_control_character_out_of_an_encoded_word)
{
    mime_tree_start();
    assert_text("=?utf-8?q?a=0D=0Ab=1B?=", "a\xef\xbf\xbd\xef\xbf\xbd"
                                           "b\xef\xbf\xbd");
}

Test(mime_header_free, takes_null)
{
    mime_header_free(NULL);
}
