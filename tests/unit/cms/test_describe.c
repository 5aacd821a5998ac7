#include "cms/describe.h"
#include "describe_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

#define PKCS7(last) "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07" last
#define SMIME(last) "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10" last
#define CERTIFICATES \
    "\x30\x23" PKCS7("\x02") "\xa0\x16\x30\x14\x02\x01\x01\x31\x00\x30\x0b" PKCS7("\x01") "\x31\x00"
#define COMPRESSED \
    "\x30\x3b" SMIME("\x01\x09") "\xa0\x2c\x30\x2a\x02\x01\x00\x30\x0d" SMIME( \
        "\x03\x08") "\x30\x16" PKCS7("\x01") "\xa0\x09\x04\x07" \
                                             "zlibbed"

static void assert_told(struct bytes input, const char *expected)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    struct describe_sink sink = describe_fixture_sink(out);
    assert_ok(describe_message(input, &sink));
    describe_fixture_assert(out, expected);
}

Test(describe_message, refuses_what_is_no_cms)
{
    static const struct bytes bad[] = {
        { NULL, 0 },
        { (const uint8_t *)"\x30\x00", 2 },
        { (const uint8_t *)"\x31\x03\x06\x01\x2a", 5 },
        { (const uint8_t *)"\x30\x0b" PKCS7("\x02"), 13 },
        { (const uint8_t *)"\x30\x0d" SMIME("\x01\x09"), 15 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        CLEANUP(buffer_free) struct buffer *out = NULL;
        assert_ok(buffer_new(0, &out));
        struct describe_sink sink = describe_fixture_sink(out);
        assert_error(describe_message(bad[i], &sink), ERR_CMS_MALFORMED);
    }
}

Test(describe_message, refuses_every_cut)
{
    static const struct bytes whole[] = {
        { (const uint8_t *)CERTIFICATES, sizeof(CERTIFICATES) - 1 },
        { (const uint8_t *)COMPRESSED, sizeof(COMPRESSED) - 1 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(whole); i++) {
        for (size_t len = 0; len < whole[i].len; len++) {
            CLEANUP(buffer_free) struct buffer *out = NULL;
            assert_ok(buffer_new(0, &out));
            struct describe_sink sink = describe_fixture_sink(out);
            assert_error(describe_message(bytes_slice(whole[i], 0, len), &sink), ERR_CMS_MALFORMED);
        }
    }
}

/* Whichever call of the sink fails, its error comes back and no other call follows. */
Test(describe_message, hands_on_the_errors_of_the_sink)
{
    struct describe_failing counter;
    describe_fixture_failing(&counter, SIZE_MAX);
    assert_ok(describe_message(BYTES_LITERAL(CERTIFICATES), &counter.sink));
    cr_assert_gt(counter.calls, 10);
    for (size_t i = 0; i < counter.calls; i++) {
        struct describe_failing failing;
        describe_fixture_failing(&failing, i);
        assert_error(describe_message(BYTES_LITERAL(CERTIFICATES), &failing.sink), ERR_NO_MEMORY);
        cr_assert_eq(failing.calls, i + 1);
    }
}

Test(describe_message, names_other_types_and_reads_no_further)
{
    assert_told(BYTES_LITERAL("\x30\x0d" PKCS7("\x05") "\xa0\x00"),
                "contentType:{oid:1.2.840.113549.1.7.5,name:digested-data}");
    assert_told(BYTES_LITERAL("\x30\x06\x06\x01\x2a\x04\x01x"), "contentType:{oid:1.2}");
}

Test(describe_message, tells_compressed_content)
{
    assert_told(BYTES_LITERAL(COMPRESSED),
                "contentType:{oid:1.2.840.113549.1.9.16.1.9,name:compressed-data},version:0,"
                "compression:{oid:1.2.840.113549.1.9.16.3.8,name:zlib},"
                "content:{type:{oid:1.2.840.113549.1.7.1,name:data},present:true,size:7}");
}

Test(describe_message, tells_signed_content)
{
    assert_told(BYTES_LITERAL(CERTIFICATES),
                "contentType:{oid:1.2.840.113549.1.7.2,name:signed-data},version:1,"
                "digestAlgorithms:[],content:{type:{oid:1.2.840.113549.1.7.1,name:data},"
                "present:false},certificates:0,crls:0,signers:[],signerCount:0");
}
