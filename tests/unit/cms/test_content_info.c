#include "cms/content_info.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

#define SIGNED_OID "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"

static void assert_malformed(struct bytes input)
{
    enum cms_type type = CMS_TYPE_OTHER;
    struct ber_reader content = { 0 };
    assert_error(content_info_read(input, &type, &content), ERR_CMS_MALFORMED);
}

Test(content_info_read, refuses_what_is_none)
{
    assert_malformed(BYTES_NONE);
    assert_malformed(BYTES_LITERAL("\x30\x00"));
    assert_malformed(BYTES_LITERAL("\x31\x0b" SIGNED_OID));
    assert_malformed(BYTES_LITERAL("\x30\x0b" SIGNED_OID)); /* no content */
    assert_malformed(BYTES_LITERAL("\x30\x0d" SIGNED_OID "\x30\x00"));
    assert_malformed(BYTES_LITERAL("\x30\x0f" SIGNED_OID "\xa0\x00\x05\x00"));
}

Test(content_info_read, refuses_every_cut)
{
    struct bytes whole = BYTES_LITERAL("\x30\x80" SIGNED_OID "\xa0\x80\x05\x00\x00\x00\x00\x00");
    for (size_t len = 0; len < whole.len; len++) {
        assert_malformed(bytes_slice(whole, 0, len));
    }
}

Test(content_info_read, tells_the_type_and_ignores_line_breaks_behind)
{
    enum cms_type type = CMS_TYPE_OTHER;
    struct ber_reader content = { 0 };
    assert_ok(content_info_read(BYTES_LITERAL("\x30\x0f" SIGNED_OID "\xa0\x02\x05\x00\r\n"), &type,
                                &content));
    cr_assert_eq(type, CMS_TYPE_SIGNED);
    cr_assert_eq(ber_peek(&content), BER_NULL);
}

Test(content_info_type_of_oid, knows_the_types)
{
    struct bytes pkcs7 = BYTES_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03");
    struct bytes smime = BYTES_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17");
    cr_assert_eq(content_info_type_of_oid(pkcs7), CMS_TYPE_ENVELOPED);
    cr_assert_eq(content_info_type_of_oid(smime), CMS_TYPE_AUTH_ENVELOPED);
    cr_assert_eq(content_info_type_of_oid(BYTES_LITERAL("\x2a")), CMS_TYPE_OTHER);
    cr_assert_eq(content_info_type_of_oid(BYTES_NONE), CMS_TYPE_OTHER);
}

static void assert_no_armour(const char *text)
{
    struct mapping *mapping = NULL;
    struct bytes ber = BYTES_NONE;
    assert_error(content_info_unarmour(bytes_of_string(text), &mapping, &ber), ERR_CMS_MALFORMED);
    cr_assert_null(mapping);
}

Test(content_info_unarmour, refuses_what_is_neither)
{
    assert_no_armour("");
    assert_no_armour("hello");
    assert_no_armour("MAAA*");
    assert_no_armour("MAA"); /* a group that is not whole */
    assert_no_armour("MA=A");
    assert_no_armour("MA==MAAA");
    assert_no_armour("M===");
    assert_no_armour("AAAA"); /* base64, but of no SEQUENCE */
    assert_no_armour("-----BEGIN CMS-----");
    assert_no_armour("-----BEGIN CMS-----\nMAA=\n"); /* without an end */
    assert_no_armour("-----BEGIN CMS-----\nAAAA\n-----END CMS-----\n");
    assert_no_armour("-----BEGIN CMS-----\n-----END CMS-----\n");
    assert_no_armour("x -----BEGIN CMS-----\nMAA=\n-----END CMS-----\n");
}

static void assert_armour(const char *text)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    struct bytes ber = BYTES_NONE;
    assert_ok(content_info_unarmour(bytes_of_string(text), &mapping, &ber));
    cr_assert_not_null(mapping);
    cr_assert(bytes_equal(ber, BYTES_LITERAL("\x30\x03\x02\x01\x05")), "%s", text);
}

Test(content_info_unarmour, decodes_base64_and_pem)
{
    assert_armour("MAMCAQU=");
    assert_armour("\r\n MAMC\r\nAQU=\r\n");
    assert_armour("-----BEGIN CMS-----\nMAMCAQU=\n-----END CMS-----\n");
    assert_armour("-----BEGIN PKCS7-----\r\nMAMC\r\nAQU=\r\n-----END PKCS7-----");
    assert_armour("Message from me\n-----BEGIN ANY LABEL-----\nMAMCAQU=\n-----END X-----\nmore");
}

Test(content_info_unarmour, gives_ber_back_untouched)
{
    struct bytes input = BYTES_LITERAL("\x30\x80\x00\x00");
    struct mapping *mapping = NULL;
    struct bytes ber = BYTES_NONE;
    assert_ok(content_info_unarmour(input, &mapping, &ber));
    cr_assert_null(mapping);
    cr_assert_eq(ber.data, input.data);
}
