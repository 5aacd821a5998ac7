#include "base/clock.h"
#include "base/limits.h"
#include "mime/address.h"
#include "mime/tree.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct address_list *read_header(const char *text, const char *name)
{
    mime_tree_start();
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    assert_ok(mime_header_parse(bytes_of_string(text), &header, &body));
    struct address_list *list = NULL;
    assert_ok(address_list_read(header, name, &list));
    return list;
}

static struct address_list *read_value(const char *value)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_printf(text, "From: %s\r\n\r\n", value));
    assert_ok(buffer_append_byte(text, '\0'));
    return read_header((const char *)text->data, "From");
}

static void assert_one(const char *value, const char *address, const char *name)
{
    CLEANUP(address_list_free) struct address_list *list = read_value(value);
    cr_assert_not(list->malformed, "%s", value);
    cr_assert_eq(list->count, 1, "%s", value);
    cr_assert_str_eq(list->addresses[0], address);
    if (name) {
        cr_assert_not_null(list->names[0], "%s", value);
        cr_assert_str_eq(list->names[0], name);
    } else {
        cr_assert_null(list->names[0], "%s", value);
    }
}

static void assert_malformed(const char *value, size_t count)
{
    CLEANUP(address_list_free) struct address_list *list = read_value(value);
    cr_assert(list->malformed, "%s", value);
    cr_assert_eq(list->count, count, "%zu in %s", list->count, value);
}

/* `unit` `count` times behind "From: ". */
static struct address_list *read_repeated(const char *unit, size_t count)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    for (size_t i = 0; i < count; i++) {
        assert_ok(buffer_append_string(text, unit));
    }
    assert_ok(buffer_append_byte(text, '\0'));
    return read_value((const char *)text->data);
}

Test(address_list_read, finds_nothing_that_can_be_read_two_ways)
{
    assert_malformed("a@b <c@d>", 0);
    assert_malformed("<a@b> <c@d>", 0);
    assert_malformed("<a@b> x", 0);
    assert_malformed("a@b x", 0);
    assert_malformed("a@b@c", 0);
    assert_malformed("<a@b@c>", 0);
    assert_malformed("a b@c", 0);
    assert_malformed("<a@b", 0);
    assert_malformed("a@b>", 0);
    assert_malformed("<<a@b>>", 0);
    assert_malformed("<@route:a@b>", 0);
    assert_malformed("<>", 0);
    assert_malformed("a", 0);
    assert_malformed("@b", 0);
    assert_malformed("a@", 0);
    assert_malformed("a..b@c", 0);
    assert_malformed(".a@c", 0);
    assert_malformed("a@c.", 0);
    assert_malformed("\"a@b", 0);
    assert_malformed("(a@b", 0);
    assert_malformed("a@[b", 0);
    assert_malformed("a;", 0);
}

Test(address_list_read, refuses_encoded_words_in_an_address)
{
    assert_malformed("=?utf-8?q?a=40b?=@x", 0);
    assert_malformed("<a@=?utf-8?q?b?=>", 0);
    assert_malformed("=?utf-8?q?a=40b?=", 0);
}

/* Names in an encoding that is not told are common in old mail. */
Test(address_list_read, lets_bytes_that_are_no_utf8_stand_in_names_alone)
{
    assert_one("J\xfcrgen <a@b>", "a@b", "J\xef\xbf\xbdrgen");
    assert_one("\"J\xfcrgen\" <a@b>", "a@b", "J\xef\xbf\xbdrgen");
    assert_one("a@b (J\xfcrgen)", "a@b", "J\xef\xbf\xbdrgen");
    assert_malformed("j\xfcrgen@b", 1);
    assert_malformed("<a@m\xfcller>", 1);
    assert_malformed("\"\xfc\"@b", 1);
    assert_malformed("J\x01 <a@b>", 1);
    assert_malformed("J\xc2\x85 <a@b>", 1);
    assert_malformed("J\x7f <a@b>", 1);
}

Test(address_list_read, reads_on_behind_what_is_malformed)
{
    CLEANUP(address_list_free)
    struct address_list *list = read_value("a b c, x@y, \"q, r\" s, <z@z>");
    cr_assert(list->malformed);
    cr_assert_eq(list->count, 2);
    cr_assert_str_eq(list->addresses[0], "x@y");
    cr_assert_str_eq(list->addresses[1], "z@z");
}

Test(address_list_read, refuses_one_address_too_many)
{
    CLEANUP(address_list_free) struct address_list *list = read_repeated("a@b,", LIMIT_ADDRESSES);
    cr_assert_eq(list->count, LIMIT_ADDRESSES);
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, "To: "));
    for (int i = 0; i < LIMIT_ADDRESSES + 1; i++) {
        assert_ok(buffer_append_string(text, "a@b,"));
    }
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    assert_ok(mime_header_parse(buffer_view(text), &header, &body));
    struct address_list *more = NULL;
    assert_error(address_list_read(header, "To", &more), ERR_MESSAGE_MALFORMED);
}

Test(address_list_read, bounds_nested_comments)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    for (int i = 0; i < LIMIT_COMMENT_DEPTH; i++) {
        assert_ok(buffer_append_string(text, "("));
    }
    for (int i = 0; i < LIMIT_COMMENT_DEPTH; i++) {
        assert_ok(buffer_append_string(text, ")"));
    }
    assert_ok(buffer_append_string(text, " a@b"));
    assert_ok(buffer_append_byte(text, '\0'));
    CLEANUP(address_list_free) struct address_list *list = read_value((const char *)text->data);
    cr_assert_not(list->malformed);
    cr_assert_eq(list->count, 1);
    CLEANUP(address_list_free)
    struct address_list *deep = read_repeated("(", LIMIT_COMMENT_DEPTH + 1);
    cr_assert(deep->malformed);
}

/* GMime 3.2 goes one level down for each of these. */
Test(address_list_read, survives_a_hundred_thousand_groups_in_each_other)
{
    CLEANUP(address_list_free) struct address_list *list = read_repeated("a:", 100000);
    cr_assert(list->malformed);
    cr_assert_eq(list->count, 0);
}

Test(address_list_read, is_linear_in_open_quotes_and_comments)
{
    const char *const units[] = { "\\\"", "\"", "(,", ",(", "a(", "<", ":", "\"\\\"," };
    uint64_t before = clock_monotonic_ms();
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        CLEANUP(address_list_free) struct address_list *list = read_repeated(units[i], 200000);
        cr_assert_eq(list->count, 0);
    }
    cr_assert_lt(clock_monotonic_ms() - before, 3000);
}

Test(address_list_read, refuses_control_characters_and_a_lone_cr)
{
    assert_malformed("a@b\x01", 1);
    assert_malformed("a@b\rc", 1);
    assert_malformed("a@b, \r x@y", 1);
}

Test(address_list_read, reads_the_usual_forms)
{
    assert_one("a@b.example", "a@b.example", NULL);
    assert_one("<a@b>", "a@b", NULL);
    assert_one("A B <a@b>", "a@b", "A B");
    assert_one("J. Q. Public <a@b>", "a@b", "J. Q. Public");
    assert_one("\"B, A\" <a@b>", "a@b", "B, A");
    assert_one("\"c@d\" <a@b>", "a@b", "c@d");
    assert_one("a@b (Name)", "a@b", "Name");
    assert_one("(x(y)z) a@b (\\))", "a@b", ")");
    assert_one(" (x) < (y) a (z) @ b > ", "a@b", "z");
    assert_one("a@[127.0.0.1]", "a@[127.0.0.1]", NULL);
    assert_one("\"a b\"@c", "\"a b\"@c", NULL);
    assert_one("\"a@b\"@c", "\"a@b\"@c", NULL);
    assert_one("a+b=c/d@e", "a+b=c/d@e", NULL);
    assert_one("\r\n a\r\n @\r\n b", "a@b", NULL);
}

Test(address_list_read, takes_an_unquoted_name_that_is_the_address)
{
    assert_one("a@b <A@B>", "A@B", "a@b");
    assert_one("a.x@b <a.x@b>", "a.x@b", "a.x@b");
    assert_malformed("a@b <a@b> <a@b>", 0);
    assert_malformed("a@b <a@bc>", 0);
    assert_malformed("a@b x <a@b>", 0);
}

Test(address_list_read, keeps_international_addresses_as_written)
{
    assert_one("\xc3\xbc@b\xc3\xbc.example", "\xc3\xbc@b\xc3\xbc.example", NULL);
    assert_one("a@xn--bcher-kva.example", "a@xn--bcher-kva.example", NULL);
}

Test(address_list_read, decodes_display_names)
{
    assert_one("=?utf-8?q?J=C3=B6rg?= <a@b>", "a@b", "J\xc3\xb6rg");
    assert_one("\"=?utf-8?q?J=C3=B6rg?=\" <a@b>", "a@b", "J\xc3\xb6rg");
    assert_one("=?utf-8?q?c=40d_=3Cc=40d=3E?= <a@b>", "a@b", "c@d <c@d>");
}

Test(address_list_read, drops_a_display_name_over_the_limit)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    for (size_t i = 0; i < LIMIT_DISPLAY_NAME + 1; i++) {
        assert_ok(buffer_append_byte(text, 'n'));
    }
    assert_ok(buffer_append_string(text, " <a@b>"));
    assert_ok(buffer_append_byte(text, '\0'));
    assert_one((const char *)text->data, "a@b", NULL);
}

Test(address_list_read, flattens_groups)
{
    CLEANUP(address_list_free)
    struct address_list *list = read_value("x@y, G r: a@b, C <c@d>; , \"H\":;, e@f");
    cr_assert_not(list->malformed);
    cr_assert_eq(list->count, 4);
    cr_assert_str_eq(list->addresses[1], "a@b");
    cr_assert_str_eq(list->addresses[3], "e@f");
    CLEANUP(address_list_free) struct address_list *none = read_value("undisclosed-recipients:;");
    cr_assert_not(none->malformed);
    cr_assert_eq(none->count, 0);
}

Test(address_list_read, refuses_groups_that_are_broken)
{
    assert_malformed("g: a@b", 1);
    assert_malformed("g: h: a@b;;", 0);
    assert_malformed("g: a@b; c@d", 1);
    assert_malformed(": a@b;", 0);
}

Test(address_list_read, joins_all_fields_of_the_name)
{
    CLEANUP(address_list_free)
    struct address_list *list = read_header("To: a@b\r\nFrom: x@y\r\ntO: c@d\r\n\r\n", "To");
    cr_assert_eq(list->count, 2);
    cr_assert_str_eq(list->addresses[1], "c@d");
}

Test(address_list_read, gives_an_empty_list_without_a_field)
{
    CLEANUP(address_list_free) struct address_list *list = read_header("A: b\r\n\r\n", "From");
    cr_assert_eq(list->count, 0);
    cr_assert_not(list->malformed);
}

Test(address_list_free, takes_null)
{
    address_list_free(NULL);
}
