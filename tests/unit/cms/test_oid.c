#include "base/limits.h"
#include "cms/ber.h"
#include "cms/oid.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

static void assert_text(struct bytes oid, const char *expected)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_ok(buffer_append_string(out, "<"));
    assert_ok(oid_text(oid, out));
    cr_assert(bytes_equal(bytes_slice(buffer_view(out), 1, out->len), bytes_of_string(expected)),
              "%.*s", (int)out->len, (const char *)out->data);
}

static void assert_no_text(struct bytes oid)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_error(oid_text(oid, out), ERR_CMS_MALFORMED);
    cr_assert_eq(out->len, 0);
}

Test(oid_text, refuses_what_is_no_oid)
{
    assert_no_text(BYTES_NONE);
    assert_no_text(BYTES_LITERAL("\x80"));
    assert_no_text(BYTES_LITERAL("\x2a\x86"));
}

Test(oid_text, refuses_numbers_over_64_bits)
{
    assert_text(BYTES_LITERAL("\x2a\x81\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
                "1.2.18446744073709551615");
    assert_no_text(BYTES_LITERAL("\x2a\x82\x80\x80\x80\x80\x80\x80\x80\x80\x00"));
}

Test(oid_text, limits_the_length)
{
    uint8_t octets[LIMIT_OID + 1];
    CLEANUP(buffer_free) struct buffer *out = NULL;
    memset(octets, 1, sizeof(octets));
    assert_ok(buffer_new(0, &out));
    assert_ok(oid_text((struct bytes){ octets, LIMIT_OID }, out));
    cr_assert_eq(out->len, 2 * (LIMIT_OID + 1) - 1);
    assert_no_text((struct bytes){ octets, LIMIT_OID + 1 });
}

/* X.690 8.19: the first two numbers are one. */
Test(oid_text, knows_the_first_two_numbers)
{
    assert_text(BYTES_LITERAL("\x00"), "0.0");
    assert_text(BYTES_LITERAL("\x27"), "0.39");
    assert_text(BYTES_LITERAL("\x28"), "1.0");
    assert_text(BYTES_LITERAL("\x4f"), "1.39");
    assert_text(BYTES_LITERAL("\x50"), "2.0");
    assert_text(BYTES_LITERAL("\x88\x37\x03"), "2.999.3");
    assert_text(BYTES_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), "1.2.840.113549.1.7.2");
}

Test(oid_name, names_what_it_knows_and_nothing_else)
{
    cr_assert_str_eq(oid_name(BYTES_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")),
                     "signed-data");
    cr_assert_str_eq(oid_name(BYTES_LITERAL("\x60\x86\x48\x01\x65\x03\x04\x02\x01")), "sha256");
    cr_assert_str_eq(oid_name(BYTES_LITERAL("\x60\x86\x48\x01\x65\x03\x04\x01\x2e")),
                     "aes-256-gcm");
    cr_assert_str_eq(oid_name(BYTES_LITERAL("\x2b\x65\x70")), "ed25519");
    cr_assert_null(oid_name(BYTES_LITERAL("\x2b\x65\x7f")));
    cr_assert_null(oid_name(BYTES_NONE));
}
