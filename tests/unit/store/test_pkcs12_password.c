#include "base/limits.h"
#include "store/pkcs12_password.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

static void assert_encodes(struct bytes password, enum pkcs12_password_form form,
                           struct bytes expected)
{
    CLEANUP(buffer_free) struct buffer *encoded = NULL;
    assert_ok(pkcs12_password_encode(password, form, &encoded));
    cr_assert(bytes_equal(buffer_view(encoded), expected));
}

static void assert_refuses(struct bytes password)
{
    struct buffer *encoded = NULL;
    assert_error(pkcs12_password_encode(password, PKCS12_PASSWORD_STANDARD, &encoded),
                 ERR_IMPORT_PASSWORD);
    cr_assert_null(encoded);
}

Test(pkcs12_password, refuses_what_is_not_utf8)
{
    assert_refuses(BYTES_LITERAL("gr\xfc\xdf"));
}

Test(pkcs12_password, refuses_a_nul)
{
    assert_refuses(BYTES_LITERAL("a\0b"));
}

Test(pkcs12_password, refuses_one_byte_more_than_the_limit)
{
    static const uint8_t bytes[LIMIT_PIN + 1] = { 0 };
    char text[LIMIT_PIN + 2];
    memset(text, 'x', sizeof(bytes));
    assert_refuses((struct bytes){ (const uint8_t *)text, sizeof(bytes) });
}

Test(pkcs12_password, takes_the_longest_password_in_its_widest_form)
{
    char text[LIMIT_PIN];
    memset(text, 'x', sizeof(text));
    CLEANUP(buffer_free) struct buffer *encoded = NULL;
    assert_ok(pkcs12_password_encode((struct bytes){ (const uint8_t *)text, sizeof(text) },
                                     PKCS12_PASSWORD_WIDENED, &encoded));
    cr_assert_eq(encoded->len, 2 * sizeof(text) + 2);
}

Test(pkcs12_password, widens_ascii)
{
    assert_encodes(BYTES_LITERAL("Beavis"), PKCS12_PASSWORD_STANDARD,
                   BYTES_LITERAL("\0B\0e\0a\0v\0i\0s\0\0")); /* RFC 7292 B.1's example */
}

Test(pkcs12_password, takes_characters_and_not_bytes)
{
    assert_encodes(BYTES_LITERAL("\xc3\xbc\xe2\x82\xac"), PKCS12_PASSWORD_STANDARD,
                   BYTES_LITERAL("\x00\xfc\x20\xac\x00\x00"));
}

Test(pkcs12_password, writes_surrogate_pairs)
{
    assert_encodes(BYTES_LITERAL("\xf0\x9f\x98\x80"), PKCS12_PASSWORD_STANDARD,
                   BYTES_LITERAL("\xd8\x3d\xde\x00\x00\x00"));
}

Test(pkcs12_password, widens_bytes_for_careless_exporters)
{
    assert_encodes(BYTES_LITERAL("\xc3\xbc"), PKCS12_PASSWORD_WIDENED,
                   BYTES_LITERAL("\x00\xc3\x00\xbc\x00\x00"));
}

Test(pkcs12_password, tells_empty_and_absent_apart)
{
    assert_encodes(BYTES_NONE, PKCS12_PASSWORD_STANDARD, BYTES_LITERAL("\0\0"));
    assert_encodes(BYTES_NONE, PKCS12_PASSWORD_ABSENT, BYTES_NONE);
}

Test(pkcs12_password, tries_only_forms_that_differ)
{
    cr_assert(pkcs12_password_applies(BYTES_LITERAL("a"), PKCS12_PASSWORD_STANDARD));
    cr_assert_not(pkcs12_password_applies(BYTES_LITERAL("a"), PKCS12_PASSWORD_ABSENT));
    cr_assert_not(pkcs12_password_applies(BYTES_LITERAL("a"), PKCS12_PASSWORD_WIDENED));
    cr_assert(pkcs12_password_applies(BYTES_LITERAL("\xc3\xbc"), PKCS12_PASSWORD_WIDENED));
    cr_assert(pkcs12_password_applies(BYTES_NONE, PKCS12_PASSWORD_ABSENT));
}
