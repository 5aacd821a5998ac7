#include "base/limits.h"
#include "cms/der.h"
#include "cms/signed_attributes.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <nss.h>
#include <string.h>

#define OID_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define PKCS9(last) "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09" last
#define CONTENT_TYPE "\x30\x18" PKCS9("\x03") "\x31\x0b\x06\x09" OID_DATA
#define MESSAGE_DIGEST "\x30\x11" PKCS9("\x04") "\x31\x04\x04\x02xy"
#define SIGNING_TIME \
    "\x30\x1c" PKCS9("\x05") "\x31\x0f\x17\x0d" \
                             "700101000001Z"
#define BOTH CONTENT_TYPE MESSAGE_DIGEST

static struct error *read(struct bytes contents, struct signed_attributes *ret_attributes)
{
    CLEANUP(buffer_free) struct buffer *all = NULL;
    struct ber_value value = { 0 };
    assert_ok(buffer_new(0, &all));
    assert_ok(der_value(all, BER_CONTEXT_CONSTRUCTED, contents));
    struct ber_reader reader = ber_reader_of(buffer_view(all));
    assert_ok(ber_next(&reader, &value));
    struct error *error = signed_attributes_read(&value, BYTES_LITERAL(OID_DATA), ret_attributes);
    ret_attributes->contents = contents; /* the buffer goes */
    return error;
}

static void assert_rules(struct bytes contents, bool malformed)
{
    struct signed_attributes attributes = { 0 };
    assert_ok(read(contents, &attributes));
    cr_assert(attributes.present);
    cr_assert_eq(attributes.malformed, malformed);
}

static void assert_unreadable(struct bytes contents)
{
    struct signed_attributes attributes = { 0 };
    assert_error(read(contents, &attributes), ERR_CMS_MALFORMED);
}

Test(signed_attributes_read, refuses_what_cannot_be_read)
{
    assert_unreadable(BYTES_LITERAL("\x05\x00"));
    assert_unreadable(BYTES_LITERAL("\x30\x00"));
    assert_unreadable(BYTES_LITERAL("\x30\x03\x06\x01\x2a")); /* no set of values */
    assert_unreadable(BYTES_LITERAL("\x30\x07\x06\x01\x2a\x31\x00\x31\x00"));
}

Test(signed_attributes_read, limits_attributes)
{
    CLEANUP(buffer_free) struct buffer *all = NULL;
    assert_ok(buffer_new(0, &all));
    for (size_t i = 0; i <= LIMIT_ATTRIBUTES; i++) {
        uint8_t attribute[] = { 0x30, 8, 0x06, 2, 0x2a, (uint8_t)(i & 0x7f), 0x31, 2, 0x05, 0 };
        assert_ok(buffer_append(all, (struct bytes){ attribute, sizeof(attribute) }));
    }
    assert_unreadable(buffer_view(all));
}

Test(signed_attributes_read, finds_broken_rules)
{
    assert_rules(BYTES_NONE, true);
    assert_rules(BYTES_LITERAL(CONTENT_TYPE), true);
    assert_rules(BYTES_LITERAL(MESSAGE_DIGEST), true);
    assert_rules(BYTES_LITERAL(BOTH CONTENT_TYPE), true);
    assert_rules(BYTES_LITERAL(BOTH MESSAGE_DIGEST), true);
    assert_rules(BYTES_LITERAL(BOTH SIGNING_TIME SIGNING_TIME), true);
    /* two values, none, and one of another type */
    assert_rules(
        BYTES_LITERAL(CONTENT_TYPE "\x30\x15" PKCS9("\x04") "\x31\x08\x04\x02xy\x04\x02xy"), true);
    assert_rules(BYTES_LITERAL(CONTENT_TYPE "\x30\x0d" PKCS9("\x04") "\x31\x00"), true);
    assert_rules(BYTES_LITERAL(CONTENT_TYPE "\x30\x11" PKCS9("\x04") "\x31\x04\x0c\x02xy"), true);
    assert_rules(BYTES_LITERAL(MESSAGE_DIGEST "\x30\x10" PKCS9("\x03") "\x31\x03\x06\x01\x2a"),
                 true);
    assert_rules(BYTES_LITERAL(BOTH "\x30\x11" PKCS9("\x05") "\x31\x04\x17\x02"
                                                             "xy"),
                 true);
    assert_rules(BYTES_LITERAL(BOTH "\x30\x05\x06\x01\x2a\x31\x00"), true);
    /* indefinite lengths */
    assert_rules(BYTES_LITERAL(CONTENT_TYPE "\x30\x80" PKCS9("\x04") "\x31\x04\x04\x02xy\x00\x00"),
                 true);
}

Test(signed_attributes_read, reads_right_ones)
{
    struct signed_attributes attributes = { 0 };
    assert_rules(BYTES_LITERAL(BOTH), false);
    assert_rules(BYTES_LITERAL(MESSAGE_DIGEST CONTENT_TYPE), false); /* in any order */
    assert_ok(read(BYTES_LITERAL(BOTH SIGNING_TIME), &attributes));
    cr_assert_not(attributes.malformed);
    cr_assert(attributes.has_signing_time);
    cr_assert_eq(attributes.signing_time, 1);
}

static size_t countersignatures(struct bytes contents)
{
    CLEANUP(buffer_free) struct buffer *all = NULL;
    struct ber_value value = { 0 };
    assert_ok(buffer_new(0, &all));
    assert_ok(der_value(all, BER_CONTEXT_CONSTRUCTED + 1, contents));
    struct ber_reader reader = ber_reader_of(buffer_view(all));
    assert_ok(ber_next(&reader, &value));
    return signed_attributes_countersignatures(&value);
}

/* RFC 5652 11.4: one attribute with several values, several attributes, or both. */
Test(signed_attributes_countersignatures, counts_what_it_can_read)
{
#define COUNTERSIGNATURE(len, set_len, values) "\x30" len PKCS9("\x06") "\x31" set_len values
    cr_assert_eq(countersignatures(BYTES_NONE), 0);
    cr_assert_eq(countersignatures(BYTES_LITERAL(BOTH)), 0);
    cr_assert_eq(countersignatures(BYTES_LITERAL(COUNTERSIGNATURE("\x0d", "\x00", ""))), 0);
    cr_assert_eq(countersignatures(BYTES_LITERAL(COUNTERSIGNATURE("\x0f", "\x02", "\x30\x00"))), 1);
    cr_assert_eq(
        countersignatures(BYTES_LITERAL(BOTH COUNTERSIGNATURE("\x11", "\x04", "\x30\x00\x30\x00")
                                            COUNTERSIGNATURE("\x0f", "\x02", "\x30\x00"))),
        3);
    /* what is no SignerInfo, and what cannot be read at all */
    cr_assert_eq(countersignatures(BYTES_LITERAL(COUNTERSIGNATURE("\x0f", "\x02", "\x05\x00"))), 0);
    cr_assert_eq(countersignatures(
                     BYTES_LITERAL(COUNTERSIGNATURE("\x0f", "\x02", "\x30\x00") "\x30\x05\x00")),
                 1);
}

Test(signed_attributes_countersignatures, looks_at_a_bounded_number_of_attributes)
{
    CLEANUP(buffer_free) struct buffer *all = NULL;
    assert_ok(buffer_new(0, &all));
    for (size_t i = 0; i <= LIMIT_ATTRIBUTES; i++) {
        assert_ok(buffer_append(all, BYTES_LITERAL(COUNTERSIGNATURE("\x0f", "\x02", "\x30\x00"))));
    }
    cr_assert_eq(countersignatures(buffer_view(all)), LIMIT_ATTRIBUTES);
}

Test(signed_attributes_are, knows_the_encoding_of_attributes)
{
    cr_assert(signed_attributes_are(BYTES_LITERAL("\x31\x2d" BOTH)));
    cr_assert_not(signed_attributes_are(BYTES_LITERAL("\x31\x1a" CONTENT_TYPE)));
    cr_assert_not(signed_attributes_are(BYTES_LITERAL("1 + 1 = 2, and nothing else here")));
    cr_assert_not(signed_attributes_are(BYTES_LITERAL("Content-Type: text/plain\r\n\r\n")));
    cr_assert_not(signed_attributes_are(BYTES_NONE));
}

Test(signed_attributes_hash, is_that_of_a_set)
{
    struct signed_attributes attributes = { .contents = BYTES_LITERAL(BOTH) };
    uint8_t hash[SIGNED_DIGEST_MAX] = { 0 };
    uint8_t expected[SIGNED_DIGEST_MAX] = { 0 };
    cr_assert_eq(NSS_NoDB_Init(NULL), SECSuccess);
    assert_ok(signed_attributes_hash(&attributes, CMS_SHA256, hash));
    assert_ok(signed_digest_hash(CMS_SHA256, BYTES_LITERAL("\x31\x2d" BOTH), expected));
    cr_assert_arr_eq(hash, expected, sizeof(hash));
}

Test(signed_attributes_name, passes_what_it_cannot_judge)
{
    struct signed_attributes none = { 0 };
    struct signed_attributes unknown = { .certificate_hash = BYTES_LITERAL("x") };
    struct signed_attributes wrong = { .certificate_hash = BYTES_LITERAL("x"),
                                       .certificate_digest = CMS_SHA1 };
    bool named = false;
    cr_assert_eq(NSS_NoDB_Init(NULL), SECSuccess);
    assert_ok(signed_attributes_name(&none, BYTES_LITERAL("c"), &named));
    cr_assert(named);
    assert_ok(signed_attributes_name(&unknown, BYTES_LITERAL("c"), &named));
    cr_assert(named);
    assert_ok(signed_attributes_name(&wrong, BYTES_LITERAL("c"), &named));
    cr_assert_not(named);
}
