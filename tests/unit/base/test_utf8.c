#include "base/utf8.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct sample {
    const char *bytes;
    size_t len;
};

#define SAMPLE(text) \
    { \
        (text), sizeof(text) - 1 \
    }

/* RFC 3629 section 3 and 10 */
static const struct sample ill_formed[] = {
    SAMPLE("\x80"), /* continuation alone */
    SAMPLE("\xbf"),
    SAMPLE("\xc0\x80"), /* overlong NUL */
    SAMPLE("\xc1\xbf"),
    SAMPLE("\xe0\x9f\xbf"), /* overlong */
    SAMPLE("\xf0\x8f\xbf\xbf"),
    SAMPLE("\xed\xa0\x80"), /* surrogates */
    SAMPLE("\xed\xbf\xbf"),
    SAMPLE("\xf4\x90\x80\x80"), /* above U+10FFFF */
    SAMPLE("\xf5\x80\x80\x80"),
    SAMPLE("\xff"),
    SAMPLE("\xfe"),
    SAMPLE("\xc3"), /* cut */
    SAMPLE("\xe2\x82"),
    SAMPLE("\xf0\x9f\x98"),
    SAMPLE("\xc3\x28"), /* no continuation */
    SAMPLE("\xe2\x28\xa1"),
    SAMPLE("\xe2\x82\x28"),
    SAMPLE("\xf0\x9f\x98\x28"),
};

static const struct sample well_formed[] = {
    SAMPLE("\x00"),
    SAMPLE("a"),
    SAMPLE("\x7f"),
    SAMPLE("\xc2\x80"),
    SAMPLE("\xdf\xbf"),
    SAMPLE("\xe0\xa0\x80"),
    SAMPLE("\xed\x9f\xbf"),
    SAMPLE("\xee\x80\x80"),
    SAMPLE("\xef\xbf\xbf"),
    SAMPLE("\xf0\x90\x80\x80"),
    SAMPLE("\xf4\x8f\xbf\xbf"),
};

/* On the heap with the exact size, so that a read one byte off is seen by the sanitizer. */
static void with_exact_copy(struct sample sample, size_t expected)
{
    uint8_t *copy = malloc(sample.len ? sample.len : 1);
    cr_assert_not_null(copy);
    memcpy(copy, sample.bytes, sample.len);
    struct bytes view = { copy, sample.len };
    cr_assert_eq(utf8_character(view), expected, "%02x, %zu", copy[0], sample.len);
    cr_assert_eq(utf8_valid(view), expected == sample.len, "%02x, %zu", copy[0], sample.len);
    free(copy);
}

Test(utf8, refuses_what_rfc_3629_forbids)
{
    for (size_t i = 0; i < ARRAY_SIZE(ill_formed); i++) {
        with_exact_copy(ill_formed[i], 0);
    }
}

Test(utf8, takes_the_first_and_last_of_each_length)
{
    for (size_t i = 0; i < ARRAY_SIZE(well_formed); i++) {
        with_exact_copy(well_formed[i], well_formed[i].len);
    }
}

Test(utf8_character, of_nothing_is_none)
{
    cr_assert_eq(utf8_character(BYTES_NONE), 0);
    cr_assert(utf8_valid(BYTES_NONE));
}

Test(utf8_valid, finds_a_bad_byte_anywhere)
{
    char text[] = "gr\xc3\xbc\xc3\x9f dich, \xf0\x9f\x98\x80!";
    struct bytes view = { (const uint8_t *)text, sizeof(text) - 1 };
    cr_assert(utf8_valid(view));
    for (size_t i = 0; i < view.len; i++) {
        char kept = text[i];
        text[i] = '\xff';
        cr_assert_not(utf8_valid(view), "%zu", i);
        text[i] = kept;
    }
}

static void assert_sanitised(struct bytes from, const char *expected)
{
    CLEANUP(string_free) char *text = NULL;
    assert_ok(utf8_sanitise(from, &text));
    cr_assert_str_eq(text, expected);
}

Test(utf8_sanitise, replaces_controls_and_keeps_tab)
{
    assert_sanitised(BYTES_LITERAL("a\tb\r\nc"), "a\tb\xef\xbf\xbd\xef\xbf\xbd"
                                                 "c");
    assert_sanitised(BYTES_LITERAL("\x1b[31m"), "\xef\xbf\xbd[31m");
    assert_sanitised(BYTES_LITERAL("a\0b"), "a\xef\xbf\xbd"
                                            "b");
    assert_sanitised(BYTES_LITERAL("\x7f"), "\xef\xbf\xbd");
    assert_sanitised(BYTES_LITERAL("\xc2\x9b"), "\xef\xbf\xbd");
    assert_sanitised(BYTES_LITERAL("\xc2\xa0"), "\xc2\xa0");
}

Test(utf8_sanitise, replaces_each_ill_formed_byte)
{
    assert_sanitised(BYTES_LITERAL("\xff"), "\xef\xbf\xbd");
    assert_sanitised(BYTES_LITERAL("x\xe2\x82"), "x\xef\xbf\xbd\xef\xbf\xbd");
    assert_sanitised(BYTES_LITERAL("\xc3\xbc\xc3"), "\xc3\xbc\xef\xbf\xbd");
}

Test(utf8_sanitise, of_nothing_is_the_empty_string)
{
    assert_sanitised(BYTES_NONE, "");
}

Test(utf8_sanitise, always_gives_valid_utf8)
{
    uint8_t noise[3000];
    uint32_t state = 1;
    for (size_t i = 0; i < sizeof(noise); i++) {
        state = state * 1664525U + 1013904223U;
        noise[i] = (uint8_t)(state >> 24);
    }
    CLEANUP(string_free) char *text = NULL;
    assert_ok(utf8_sanitise((struct bytes){ noise, sizeof(noise) }, &text));
    cr_assert(utf8_valid(bytes_of_string(text)));
    cr_assert_leq(strlen(text), 3 * sizeof(noise));
}
