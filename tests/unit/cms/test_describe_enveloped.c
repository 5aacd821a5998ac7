#include "base/limits.h"
#include "cms/ber.h"
#include "cms/der.h"
#include "cms/describe_enveloped.h"
#include "describe_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

#define PKCS7(last) "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07" last
#define SMIME_TYPE(last) "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01" last
#define ENVELOPED PKCS7("\x03")
#define AUTH_ENVELOPED SMIME_TYPE("\x17")
#define CBC \
    "\x30\x1d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x02\x04\x10" \
    "0123456789abcdef"
#define GCM \
    "\x30\x1e\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2e\x30\x11\x04\x0c" \
    "0123456789ab" \
    "\x02\x01\x10"
#define CONTENT_CBC \
    "\x30\x3c" PKCS7("\x01") CBC "\x80\x10" \
                                 "0123456789abcdef"
#define CONTENT_GCM \
    "\x30\x2f" PKCS7("\x01") GCM "\x80\x02" \
                                 "xy"
#define OTHER "\xa4\x05\x06\x01\x2a\x05\x00"
#define ATTRIBUTE "\x30\x07\x06\x01\x2a\x31\x02\x05\x00"
#define TOLD_DATA "type:{oid:1.2.840.113549.1.7.1,name:data}"

static struct error *describe(struct bytes type, struct bytes parts, struct buffer *out)
{
    CLEANUP(buffer_free) struct buffer *message = NULL;
    struct describe_sink sink = describe_fixture_sink(out);
    assert_ok(buffer_new(0, &message));
    assert_ok(buffer_append(message, type));
    size_t start = message->len;
    assert_ok(buffer_append(message, BYTES_LITERAL("\x02\x01\x00")));
    assert_ok(buffer_append(message, parts));
    assert_ok(der_wrap(message, start, BER_SEQUENCE));
    assert_ok(der_wrap(message, start, BER_CONTEXT_CONSTRUCTED));
    assert_ok(der_wrap(message, 0, BER_SEQUENCE));
    return describe_enveloped(&sink, buffer_view(message));
}

static void assert_told(struct bytes type, struct bytes parts, const char *expected)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_ok(describe(type, parts, out));
    describe_fixture_assert(out, expected);
}

static void assert_refused(struct bytes type, struct bytes parts, enum error_code code)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_error(describe(type, parts, out), code);
}

Test(describe_enveloped, refuses_what_cannot_be_read)
{
    assert_refused(BYTES_LITERAL(PKCS7("\x02")), BYTES_NONE, ERR_CMS_UNSUPPORTED);
    assert_refused(BYTES_LITERAL(ENVELOPED), BYTES_NONE, ERR_CMS_MALFORMED);
    assert_refused(BYTES_LITERAL(ENVELOPED), BYTES_LITERAL("\x31\x00"), ERR_CMS_MALFORMED);
    /* a tag without which there is no AuthEnvelopedData, attributes that are none */
    assert_refused(BYTES_LITERAL(AUTH_ENVELOPED), BYTES_LITERAL("\x31\x00" CONTENT_GCM),
                   ERR_CMS_MALFORMED);
    assert_refused(BYTES_LITERAL(ENVELOPED),
                   BYTES_LITERAL("\x31\x00" CONTENT_CBC "\xa1\x02\x05\x00"), ERR_CMS_MALFORMED);
}

Test(describe_enveloped, tells_recipients_and_cipher)
{
    assert_told(BYTES_LITERAL(ENVELOPED),
                BYTES_LITERAL("\xa0\x00\x31\x07" OTHER CONTENT_CBC "\xa1\x09" ATTRIBUTE),
                "version:0,originatorInfo:true,recipients:[{type:other,algorithm:unknown}],"
                "recipientCount:1,content:{" TOLD_DATA
                ",cipher:{oid:2.16.840.1.101.3.4.1.2,name:aes-128-cbc},size:16},"
                "unprotectedAttributes:[{oid:1.2,values:1}]");
}

Test(describe_enveloped, tells_attributes_and_tag_of_the_authenticated_kind)
{
    assert_told(BYTES_LITERAL(AUTH_ENVELOPED),
                BYTES_LITERAL("\x31\x00" CONTENT_GCM "\xa1\x09" ATTRIBUTE "\x04\x10"
                              "0123456789abcdef"
                              "\xa2\x09" ATTRIBUTE),
                "version:0,originatorInfo:false,recipients:[],recipientCount:0,content:{" TOLD_DATA
                ",cipher:{oid:2.16.840.1.101.3.4.1.46,name:aes-256-gcm},size:2},"
                "authenticatedAttributes:[{oid:1.2,values:1}],macSize:16,"
                "unauthenticatedAttributes:[{oid:1.2,values:1}]");
}

Test(describe_enveloped, lists_few_and_counts_all)
{
    CLEANUP(buffer_free) struct buffer *parts = NULL;
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &parts));
    assert_ok(buffer_new(0, &out));
    for (size_t i = 0; i < LIMIT_DESCRIBED + 11; i++) {
        assert_ok(buffer_append(parts, BYTES_LITERAL(OTHER)));
    }
    assert_ok(der_wrap(parts, 0, BER_SET));
    assert_ok(buffer_append(parts, BYTES_LITERAL(CONTENT_CBC)));
    assert_ok(describe(BYTES_LITERAL(ENVELOPED), buffer_view(parts), out));
    size_t told = 0;
    struct bytes rest = buffer_view(out);
    for (size_t at = 0; (at = bytes_find(rest, BYTES_LITERAL("type:other"))) != SIZE_MAX; told++) {
        rest = bytes_slice(rest, at + 1, rest.len);
    }
    cr_assert_eq(told, LIMIT_DESCRIBED);
    cr_assert_neq(bytes_find(buffer_view(out), BYTES_LITERAL("recipientCount:111")), SIZE_MAX);
}
