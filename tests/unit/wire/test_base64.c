#include "base/limits.h"
#include "support/support.h"
#include "wire/base64.h"

#include <criterion/criterion.h>
#include <string.h>

static struct mapping *new_mapping(void)
{
    struct mapping *mapping = NULL;
    assert_ok(mapping_new(MIB, &mapping));
    return mapping;
}

Test(base64, refuses_what_is_not_base64)
{
    static const char *const texts[] = {
        "A",
        "AA",
        "AAA",
        "AA=",
        "A===",
        "====",
        "AA==AA==",
        "AAA=AAAA",
        "A=AA",
        "AA A",
        "AAAA\n",
        "AAA.",
        "AAA-",
        "AAA_",
        ("\xc3\xa9"
         "AA"), /* apart: the hex escape would go on */
        "AAAAA",
        "=AAA",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        CLEANUP(mapping_unref) struct mapping *mapping = new_mapping();
        assert_ok(mapping_append(mapping, BYTES_LITERAL("before")));
        assert_error(base64_decode(mapping, bytes_of_string(texts[i]), MIB), ERR_PARAMS);
        cr_assert(bytes_equal(mapping_view(mapping), BYTES_LITERAL("before")), "%s", texts[i]);
    }
}

Test(base64, decodes_to_the_end_of_a_mapping)
{
    CLEANUP(mapping_unref) struct mapping *mapping = new_mapping();
    assert_ok(base64_decode(mapping, BYTES_LITERAL("Zg=="), MIB));
    assert_ok(base64_decode(mapping, BYTES_LITERAL("b28="), MIB));
    assert_ok(base64_decode(mapping, BYTES_LITERAL(""), MIB));
    assert_ok(base64_decode(mapping, BYTES_LITERAL("YmFy"), MIB));
    cr_assert(bytes_equal(mapping_view(mapping), BYTES_LITERAL("foobar")));
}

Test(base64, keeps_to_its_limit)
{
    CLEANUP(mapping_unref) struct mapping *mapping = new_mapping();
    assert_ok(base64_decode(mapping, BYTES_LITERAL("AAAAAAA="), 5));
    assert_error(base64_decode(mapping, BYTES_LITERAL("AA=="), 5), ERR_MESSAGE_TOO_LARGE);
    assert_error(base64_decode_url(mapping, BYTES_LITERAL("AA"), 5), ERR_MESSAGE_TOO_LARGE);
    cr_assert_eq(mapping_len(mapping), 5);
}

Test(base64, decodes_the_alphabet_for_urls_with_and_without_padding)
{
    static const char *const texts[] = { "-_-_-w", "-_-_-w==" };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        CLEANUP(mapping_unref) struct mapping *mapping = new_mapping();
        assert_ok(base64_decode_url(mapping, bytes_of_string(texts[i]), MIB));
        cr_assert(bytes_equal(mapping_view(mapping), BYTES_LITERAL("\xfb\xff\xbf\xfb")));
    }
}

Test(base64, refuses_what_is_not_base64url)
{
    static const char *const texts[] = { "A", "AAAAA", "+A", "/A", "A=", "AA=", "A=A", "A B" };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        CLEANUP(mapping_unref) struct mapping *mapping = new_mapping();
        assert_error(base64_decode_url(mapping, bytes_of_string(texts[i]), MIB), ERR_PARAMS);
        cr_assert_eq(mapping_len(mapping), 0);
    }
}

Test(base64, undoes_the_pieces_before_a_bad_one)
{
    char text[10001];
    memset(text, 'A', sizeof(text) - 1);
    text[9000] = '+';
    text[sizeof(text) - 1] = '\0';
    CLEANUP(mapping_unref) struct mapping *mapping = new_mapping();
    assert_error(base64_decode_url(mapping, bytes_of_string(text), MIB), ERR_PARAMS);
    cr_assert_eq(mapping_len(mapping), 0);
}

Test(base64, encodes_pieces_that_fit_together)
{
    CLEANUP(mapping_unref) struct mapping *mapping = new_mapping();
    CLEANUP(content_unref) struct content *content = NULL;
    uint8_t raw[20000];
    for (size_t i = 0; i < sizeof(raw); i++) {
        raw[i] = (uint8_t)(i * 7);
    }
    assert_ok(content_new(&content));
    assert_ok(content_append_copy(content, (struct bytes){ raw, sizeof(raw) }));
    char text[BASE64_PIECE_TEXT];
    for (size_t at = 0; at < sizeof(raw); at += BASE64_PIECE) {
        size_t len = base64_encode_piece(content, at, sizeof(raw) - at, text);
        assert_ok(base64_decode(mapping, (struct bytes){ (uint8_t *)text, len }, MIB));
    }
    cr_assert(bytes_equal(mapping_view(mapping), (struct bytes){ raw, sizeof(raw) }));
    cr_assert_eq(base64_encode_piece(content, sizeof(raw), 10, text), 0);
}
