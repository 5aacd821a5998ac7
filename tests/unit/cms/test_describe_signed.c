#include "base/limits.h"
#include "cms/der.h"
#include "cms/describe_signed.h"
#include "describe_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

#define OID_DATA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define DATA "\x30\x0b" OID_DATA
#define PKCS9(last) "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09" last
#define SHA256 "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define RSA "\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define SIGNER_START "\x02\x01\x03\x80\x02id" SHA256
#define SIGNER_END RSA "\x04\x01s"
#define SIGNER "\x30\x24" SIGNER_START SIGNER_END
#define TIME \
    "\x30\x1c" PKCS9("\x05") "\x31\x0f\x17\x0d" \
                             "700101000001Z"
#define COUNTERSIGNATURE "\x30\x0f" PKCS9("\x06") "\x31\x02\x30\x00"
#define TYPE_DATA "type:{oid:1.2.840.113549.1.7.1,name:data}"
#define TOLD_SHA256 "{oid:2.16.840.1.101.3.4.2.1,name:sha256}"
#define TOLD_RSA "{oid:1.2.840.113549.1.1.1,name:rsa}"

/* SignedData around what follows digestAlgorithms. */
static struct buffer *data_of(struct bytes digests, struct bytes parts)
{
    struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_ok(buffer_append(out, BYTES_LITERAL("\x02\x01\x01")));
    assert_ok(der_value(out, BER_SET, digests));
    assert_ok(buffer_append(out, parts));
    assert_ok(der_wrap(out, 0, BER_SEQUENCE));
    return out;
}

static struct error *describe(struct bytes digests, struct bytes parts, struct buffer *out)
{
    CLEANUP(buffer_free) struct buffer *data = data_of(digests, parts);
    struct describe_sink sink = describe_fixture_sink(out);
    struct ber_reader reader = ber_reader_of(buffer_view(data));
    return describe_signed(&sink, &reader);
}

static void assert_told(struct bytes digests, struct bytes parts, const char *expected)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_ok(describe(digests, parts, out));
    describe_fixture_assert(out, expected);
}

static void assert_malformed(struct bytes digests, struct bytes parts)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_error(describe(digests, parts, out), ERR_CMS_MALFORMED);
}

Test(describe_signed, refuses_what_cannot_be_read)
{
    assert_malformed(BYTES_NONE, BYTES_NONE);
    assert_malformed(BYTES_NONE, BYTES_LITERAL(DATA)); /* no signerInfos */
    assert_malformed(BYTES_NONE, BYTES_LITERAL(DATA "\x31\x02\x05\x00"));
    assert_malformed(BYTES_NONE, BYTES_LITERAL(DATA "\x31\x16\x30\x14" SIGNER_START));
    assert_malformed(BYTES_NONE, BYTES_LITERAL(DATA "\xa0\x01\x30\x31\x00"));
    assert_malformed(BYTES_LITERAL("\x05\x00"), BYTES_LITERAL(DATA "\x31\x00"));
}

Test(describe_signed, tells_certificates_only)
{
    assert_told(BYTES_NONE,
                BYTES_LITERAL(DATA "\xa0\x06\x30\x00\x30\x00\xa1\x00\xa1\x02\x30\x00\x31\x00"),
                "version:1,digestAlgorithms:[],content:{" TYPE_DATA ",present:false},"
                "certificates:3,crls:1,signers:[],signerCount:0");
}

Test(describe_signed, tells_a_signer)
{
    assert_told(BYTES_LITERAL(SHA256),
                BYTES_LITERAL("\x30\x12" OID_DATA "\xa0\x05\x04\x03"
                              "abc"
                              "\x31\x26" SIGNER),
                "version:1,digestAlgorithms:[" TOLD_SHA256 "],content:{" TYPE_DATA
                ",present:true,size:3},"
                "certificates:0,crls:0,signers:[{version:3,keyId:6964,digest:" TOLD_SHA256
                ",signature:" TOLD_RSA ",signatureSize:1}],signerCount:1");
}

Test(describe_signed, tells_attributes_both_signed_and_not)
{
    assert_told(
        BYTES_NONE,
        BYTES_LITERAL(DATA "\x31\x59\x30\x57" SIGNER_START "\xa0\x1e" TIME SIGNER_END
                           "\xa1\x11" COUNTERSIGNATURE),
        "version:1,digestAlgorithms:[],content:{" TYPE_DATA ",present:false},certificates:0,crls:0,"
        "signers:[{version:3,keyId:6964,digest:" TOLD_SHA256
        ",signedAttributes:[{oid:1.2.840.113549.1.9.5,name:signingTime,values:1}],signingTime:1,"
        "signature:" TOLD_RSA ",signatureSize:1,"
        "unsignedAttributes:[{oid:1.2.840.113549.1.9.6,name:countersignature,values:1}],"
        "countersignatures:1}],signerCount:1");
}

/* RFC 5652 5.2.1: PKCS #7 has any type as content. */
Test(describe_signed, measures_content_of_every_kind)
{
    assert_told(BYTES_NONE,
                BYTES_LITERAL("\x30\x0c\x06\x02\x2a\x03\xa0\x06\x30\x04\x02\x02\x01\x00\x31\x00"),
                "version:1,digestAlgorithms:[],content:{type:{oid:1.2.3},present:true,size:4},"
                "certificates:0,crls:0,signers:[],signerCount:0");
    assert_told(BYTES_NONE,
                BYTES_LITERAL("\x30\x80\x06\x02\x2a\x03\xa0\x80\x24\x80\x04\x01x\x04\x02yz"
                              "\x00\x00\x00\x00\x00\x00\x31\x00"),
                "version:1,digestAlgorithms:[],content:{type:{oid:1.2.3},present:true,size:3},"
                "certificates:0,crls:0,signers:[],signerCount:0");
}

Test(describe_signed, lists_few_and_counts_all)
{
    CLEANUP(buffer_free) struct buffer *digests = NULL;
    CLEANUP(buffer_free) struct buffer *parts = NULL;
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &digests));
    assert_ok(buffer_new(0, &parts));
    assert_ok(buffer_new(0, &out));
    assert_ok(buffer_append(parts, BYTES_LITERAL(DATA)));
    size_t signers = parts->len;
    for (size_t i = 0; i < LIMIT_DESCRIBED + 11; i++) {
        assert_ok(buffer_append(digests, BYTES_LITERAL(SHA256)));
        assert_ok(buffer_append(parts, BYTES_LITERAL(SIGNER)));
    }
    assert_ok(der_wrap(parts, signers, BER_SET));
    assert_ok(describe(buffer_view(digests), buffer_view(parts), out));
    size_t told = 0;
    struct bytes rest = buffer_view(out);
    for (size_t at = 0; (at = bytes_find(rest, BYTES_LITERAL("sha256"))) != SIZE_MAX; told++) {
        rest = bytes_slice(rest, at + 1, rest.len);
    }
    cr_assert_eq(told, 2 * LIMIT_DESCRIBED);
    cr_assert_neq(bytes_find(buffer_view(out), BYTES_LITERAL("signerCount:111")), SIZE_MAX);
}
