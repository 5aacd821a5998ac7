#include "base/clock.h"
#include "base/limits.h"
#include "support/support.h"
#include "wire/scan.h"

#include <criterion/criterion.h>
#include <string.h>

static struct error *scan(const char *text)
{
    return scan_json(bytes_of_string(text), NULL);
}

static const char *const horrors[] = {
    "",
    "   ",
    "{'a':1}",
    "{\"a\":1,}",
    "[1,]",
    "[,1]",
    "[1 2]",
    "{\"a\" 1}",
    "{\"a\":1 \"b\":2}",
    "{a:1}",
    "{1:1}",
    "{\"a\":}",
    "{\"a\"}",
    "{,}",
    "{",
    "[",
    "]",
    "}",
    "[}",
    "{]",
    "[1}",
    "1 1",
    "{} {}",
    "{}x",
    "NaN",
    "[NaN]",
    "Infinity",
    "-Infinity",
    "[-Infinity]",
    "nan",
    "True",
    "tru",
    "truex",
    "nul",
    "undefined",
    "// comment\n1",
    "/* comment */ 1",
    "1.",
    "[1.]",
    ".5",
    "-",
    "+1",
    "01",
    "-01",
    "1e",
    "1e+",
    "1.e5",
    "0x10",
    "1_000",
    "1e999",
    "-1e999",
    "[1e309]",
    "9223372036854775808",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "\"a",
    "\"a\\",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\x41\"",
    "\"\\'\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\udc00\"",
    "\"\\ud800\\ud800\"",
    "\"\\ud800x\"",
    "\"\\ud800\\n\"",
    "\"\\udbff\\u0041\"",
    "\"tab\there\"",
    "\"line\nbreak\"",
    "\"\x01\"",
    "\"\x1f\"",
    "\x01",
    "\"\x80\"",
    "\"\xc0\x80\"", /* overlong NUL */
    "\"\xc1\xbf\"", /* overlong */
    "\"\xe0\x80\xaf\"", /* overlong */
    "\"\xf0\x80\x80\xaf\"", /* overlong */
    "\"\xed\xa0\x80\"", /* surrogate */
    "\"\xed\xbf\xbf\"", /* surrogate */
    "\"\xf4\x90\x80\x80\"", /* above U+10FFFF */
    "\"\xf8\x88\x80\x80\x80\"",
    "\"\xff\"",
    "\"\xe2\x82\"", /* cut off by the quote */
    "\xef\xbb\xbf{}", /* byte order mark */
    "{\"\xc0\x80\":1}",
    "{\"a\":1,\"a\":2}",
    "{\"a\":1,\"b\":3,\"a\":1}",
    "{\"a\":1,\"\\u0061\":2}",
    "{\"\\u00e9\":1,\"\xc3\xa9\":2}",
    "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}",
    "{\"\\n\":1,\"\\u000A\":2}",
    "{\"\\/\":1,\"/\":2}",
    "{\"\":1,\"\":2}",
    "[{\"x\":{\"a\":1,\"a\":1}}]",
    "{\"a\":{},\"b\":[],\"a\":{}}",
};

Test(scan, refuses_what_is_not_strict_json)
{
    for (size_t i = 0; i < ARRAY_SIZE(horrors); i++) {
        struct error *error = scan(horrors[i]);
        cr_assert_not_null(error, "let pass: %s", horrors[i]);
        cr_assert_eq(error_get_code(error), ERR_JSON, "%s", horrors[i]);
        error_free(error);
    }
}

Test(scan, refuses_a_raw_nul)
{
    static const char *const texts[] = { "\"a\0b\"", "{}\0", "\0{}" };
    static const size_t lengths[] = { 5, 3, 3 };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        const struct bytes text = { (const uint8_t *)texts[i], lengths[i] };
        assert_error(scan_json(text, NULL), ERR_JSON);
    }
}

static const char *const fine[] = {
    "{}",
    "[]",
    " \t\r\n[ ] \n",
    "0",
    "-0",
    "-0.0",
    "1e5",
    "1E+5",
    "1.5e-300",
    "1e-999", /* to zero, not out of range */
    "1.7976931348623157e308",
    "9223372036854775807",
    "-9223372036854775808",
    "true",
    "false",
    "null",
    "\"\"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"",
    "\"\\ud83d\\ude00\"",
    "\"\\u0001\\uFFFF\"",
    "\"\x7f\"",
    "\"\xf4\x8f\xbf\xbf\"",
    "\"\xed\x9f\xbf\xee\x80\x80\"",
    "{\"a\":1,\"A\":1,\"\":1,\"aa\":1}",
    "{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}",
    "[{\"a\":1},{\"a\":1}]",
    "{\"\\u00e9\":1,\"e\":2,\"\\u0065\\u0065\":3}",
};

Test(scan, lets_strict_json_pass)
{
    for (size_t i = 0; i < ARRAY_SIZE(fine); i++) {
        struct error *error = scan(fine[i]);
        cr_assert_null(error, "refused: %s: %s", fine[i], error ? error_get_message(error) : "");
    }
}

/* `depth` times the opening, then the closing characters. */
static struct error *scan_nested(const char *opening, const char *closing, size_t depth)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    for (size_t i = 0; i < depth; i++) {
        assert_ok(buffer_append_string(text, opening));
    }
    assert_ok(buffer_append_string(text, "1"));
    for (size_t i = 0; i < depth; i++) {
        assert_ok(buffer_append_string(text, closing));
    }
    return scan_json(buffer_view(text), NULL);
}

Test(scan, bounds_nesting)
{
    assert_ok(scan_nested("[", "]", LIMIT_JSON_DEPTH));
    assert_ok(scan_nested("{\"a\":", "}", LIMIT_JSON_DEPTH));
    assert_error(scan_nested("[", "]", LIMIT_JSON_DEPTH + 1), ERR_JSON);
    assert_error(scan_nested("{\"a\":", "}", LIMIT_JSON_DEPTH + 1), ERR_JSON);
    assert_error(scan_nested("[", "", 1000000), ERR_JSON);
}

static struct error *scan_members(size_t count)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    for (size_t i = 0; i < count; i++) {
        assert_ok(buffer_printf(text, "%c\"k%zu\":1", i == 0 ? '{' : ',', i));
    }
    assert_ok(buffer_append_string(text, "}"));
    return scan_json(buffer_view(text), NULL);
}

Test(scan, bounds_the_members_of_an_object)
{
    assert_ok(scan_members(LIMIT_JSON_KEYS));
    assert_error(scan_members(LIMIT_JSON_KEYS + 1), ERR_JSON);
}

static struct error *scan_values(size_t count)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, "["));
    for (size_t i = 2; i < count; i++) {
        assert_ok(buffer_append_string(text, "0,"));
    }
    assert_ok(buffer_append_string(text, "0]"));
    return scan_json(buffer_view(text), NULL);
}

Test(scan, bounds_the_values_of_a_text)
{
    assert_ok(scan_values(LIMIT_JSON_VALUES));
    assert_error(scan_values(LIMIT_JSON_VALUES + 1), ERR_JSON);
}

Test(scan, bounds_the_length_of_a_number)
{
    char text[LIMIT_JSON_NUMBER + 3] = "0.";
    memset(text + 2, '1', LIMIT_JSON_NUMBER - 2);
    assert_ok(scan(text));
    text[LIMIT_JSON_NUMBER] = '1';
    assert_error(scan(text), ERR_JSON);
}

/* Many objects full of long keys that differ at their end only. */
Test(scan, finds_duplicates_in_linear_time)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    for (size_t object = 0; object < 20; object++) {
        assert_ok(buffer_append_string(text, object == 0 ? "[{" : "},{"));
        for (size_t i = 0; i < LIMIT_JSON_KEYS; i++) {
            assert_ok(buffer_printf(text, "%s\"%0200zu\":1", i == 0 ? "" : ",", i));
        }
    }
    assert_ok(buffer_append_string(text, "}]"));
    uint64_t start = clock_monotonic_ms();
    assert_ok(scan_json(buffer_view(text), NULL));
    cr_assert_lt(clock_monotonic_ms() - start, 2000);
}

Test(scan, finds_every_special_byte_wherever_it_stands)
{
    static const uint8_t specials[] = { 0x00, 0x1f, 0x80, 0xff, '"' };
    for (size_t at = 1; at < 40; at++) {
        for (size_t i = 0; i < ARRAY_SIZE(specials); i++) {
            uint8_t text[42];
            memset(text, 'A', sizeof(text));
            text[0] = '"';
            text[sizeof(text) - 1] = '"';
            text[at] = specials[i];
            assert_error(scan_json((struct bytes){ text, sizeof(text) }, NULL), ERR_JSON);
        }
    }
}

Test(scan, notes_where_members_lie)
{
    struct scan_outline outline;
    assert_ok(
        scan_json(bytes_of_string("{\"id\" : 12 , \"params\":{\"blob\":\"b1\",\"base64\":\"QUJD\"},"
                                  "\"method\":\"m\\u0041\"}"),
                  &outline));
    cr_assert_eq(outline.top.count, 3);
    cr_assert_eq(outline.params.count, 2);
    const struct scan_member *id = scan_find(&outline.top, "id");
    cr_assert(id && !id->string && bytes_equal(id->value, BYTES_LITERAL("12")));
    const struct scan_member *base64 = scan_find(&outline.params, "base64");
    cr_assert(base64 && base64->string && bytes_equal(base64->value, BYTES_LITERAL("QUJD")));
    cr_assert_null(scan_find(&outline.top, "method"), "an escaped value is not plain");
}

Test(scan, notes_only_the_outer_params)
{
    struct scan_outline outline;
    assert_ok(scan_json(
        bytes_of_string("{\"x\":{\"params\":{\"blob\":\"no\"}},\"params\":[\"blob\"]}"), &outline));
    cr_assert_eq(outline.params.count, 0);
    assert_ok(scan_json(bytes_of_string("[{\"params\":{\"blob\":\"no\"}}]"), &outline));
    cr_assert_eq(outline.top.count, 0);
    cr_assert_eq(outline.params.count, 0);
}

Test(scan, counts_members_that_it_does_not_keep)
{
    struct scan_outline outline;
    assert_ok(scan_json(bytes_of_string("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1}"), &outline));
    cr_assert_eq(outline.top.count, 5);
    cr_assert_null(scan_find(&outline.top, "e"));
}
