#include "base/limits.h"
#include "mime/quoted.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

typedef struct error *convert_fn(struct bytes body, struct mapping *target);

static void assert_gives(convert_fn *convert, struct bytes body, struct bytes expected)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    assert_ok(mapping_new(MIB, &mapping));
    assert_ok(convert(body, mapping));
    struct bytes seen = mapping_view(mapping);
    cr_assert(bytes_equal(seen, expected), "'%.*s' came from '%.*s'", (int)seen.len,
              (const char *)seen.data, (int)body.len, (const char *)body.data);
}

#define assert_decodes(body, expected) \
    assert_gives(quoted_decode, BYTES_LITERAL(body), BYTES_LITERAL(expected))
#define assert_encodes(body, expected) \
    assert_gives(quoted_encode, BYTES_LITERAL(body), BYTES_LITERAL(expected))

Test(quoted_decode, refuses_to_write_over_the_limit)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    assert_ok(mapping_new(2, &mapping));
    assert_error(quoted_decode(BYTES_LITERAL("abc"), mapping), ERR_MESSAGE_TOO_LARGE);
}

Test(quoted_decode, keeps_an_equals_sign_that_escapes_nothing)
{
    assert_decodes("a=zz", "a=zz");
    assert_decodes("a=4", "a=4");
    assert_decodes("=4\r\n", "=4\r\n");
    assert_decodes("a==41", "a=A");
}

Test(quoted_decode, reads_escapes_in_either_case)
{
    assert_decodes("=41=c3=BC=00", "A\xc3\xbc\0");
}

Test(quoted_decode, joins_soft_breaks)
{
    assert_decodes("a=\r\nb=\nc= \t\r\nd", "abcd");
    assert_decodes("a=", "a");
}

Test(quoted_decode, drops_blanks_at_line_ends_only)
{
    assert_decodes("a b \t\r\n c=20\r\n", "a b\r\n c \r\n");
    assert_decodes("a \n", "a\n");
    assert_decodes("a ", "a");
}

Test(quoted_decode, keeps_line_ends_and_8_bit_bytes)
{
    assert_decodes("a\nb\r\nc\rd\xff", "a\nb\r\nc\rd\xff");
}

Test(quoted_decode, takes_runs_longer_than_its_chunk)
{
    char text[10000];
    memset(text, 'x', sizeof(text));
    struct bytes body = { (const uint8_t *)text, sizeof(text) };
    assert_gives(quoted_decode, body, body);
}

Test(quoted_encode, escapes_what_gateways_alter)
{
    assert_encodes("From me\r\n", "=46rom me\r\n");
    assert_encodes(".\r\n", "=2E\r\n");
    assert_encodes("a \r\nb\t\n", "a=20\r\nb=09\r\n");
    assert_encodes("a=b", "a=3Db");
    assert_encodes("a\rb\x7f", "a=0Db=7F");
    assert_encodes("\xc3\xbc", "=C3=BC");
    assert_encodes("--b", "=2D-b");
    assert_encodes("", "");
}

Test(quoted_encode, breaks_long_lines_and_is_undone_by_decoding)
{
    char text[4000];
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (char)(i % 3 == 0 ? 'F' : (i % 3 == 1 ? ' ' : '\xe9'));
    }
    struct bytes body = { (const uint8_t *)text, sizeof(text) };
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    assert_ok(mapping_new(MIB, &mapping));
    assert_ok(quoted_encode(body, mapping));
    struct bytes seen = mapping_view(mapping);
    size_t column = 0;
    for (size_t i = 0; i < seen.len; i++) {
        column = seen.data[i] == '\n' ? 0 : column + 1;
        cr_assert_leq(column, 77); /* 76 and the CR */
    }
    assert_gives(quoted_decode, seen, body);
}
