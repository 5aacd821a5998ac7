#include "mime/encoded_word.h"
#include "mime/header.h"
#include "mime/tree.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

static void assert_encodes(const char *text, size_t column, const char *expected)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_ok(encoded_word_append(bytes_of_string(text), column, out));
    cr_assert(bytes_equal(buffer_view(out), bytes_of_string(expected)), "%.*s", (int)out->len,
              (const char *)out->data);
}

Test(encoded_word, is_base64_of_utf_8)
{
    assert_encodes("", 0, "");
    assert_encodes("\xc3\xbc", 9, "=?utf-8?B?w7w=?=");
}

Test(encoded_word, fits_in_the_line_where_that_is_possible)
{
    assert_encodes("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", 56, "=?utf-8?B?w7zDvMO8?= =?utf-8?B?w7w=?=");
    assert_encodes("\xc3\xbc\xc3\xbc", 70, "=?utf-8?B?w7zDvA==?=");
}

Test(encoded_word, divides_no_character)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_new(0, &out));
    mime_tree_start();
    for (size_t i = 0; i < 40; i++) {
        assert_ok(buffer_append_string(text, i % 3 ? "\xf0\x9f\x98\x80" : "\xe2\x82\xac"));
    }
    assert_ok(encoded_word_append(buffer_view(text), 9, out));
    CLEANUP(string_free) char *value = NULL;
    assert_ok(bytes_to_string(buffer_view(out), &value));
    for (char *word = value; word; word = strchr(word, ' ') ? strchr(word, ' ') + 1 : NULL) {
        cr_assert_leq(strcspn(word, " "), 75);
        struct mime_field one = { .value = { (const uint8_t *)word, strcspn(word, " ") } };
        CLEANUP(string_free) char *decoded = NULL;
        assert_ok(mime_field_text(&one, &decoded));
        cr_assert_null(strstr(decoded, "\xef\xbf\xbd"), "half a character: %s", word);
    }
    struct mime_field field = { .value = bytes_of_string(value) };
    CLEANUP(string_free) char *decoded = NULL;
    assert_ok(mime_field_text(&field, &decoded));
    cr_assert(bytes_equal(bytes_of_string(decoded), buffer_view(text)), "%s gave %s", value,
              decoded);
}
