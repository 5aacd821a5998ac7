#include "base/limits.h"
#include "cms/der.h"
#include "cms/describe_value.h"
#include "describe_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <nss.h>
#include <stdlib.h>
#include <string.h>

#define SHA256 "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
/* CN=x */
#define NAME "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01x"

static struct ber_value value_of(struct bytes input)
{
    struct ber_reader reader = ber_reader_of(input);
    struct ber_value value = { 0 };
    assert_ok(ber_next(&reader, &value));
    return value;
}

Test(describe_value_algorithm, refuses_what_is_none)
{
    static const struct bytes bad[] = {
        { (const uint8_t *)"\x30\x00", 2 },
        { (const uint8_t *)"\x05\x00", 2 },
        { (const uint8_t *)"\x30\x02\x06\x00", 4 },
    };
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    struct describe_sink sink = describe_fixture_sink(out);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct ber_reader reader = ber_reader_of(bad[i]);
        assert_error(describe_value_algorithm(&sink, "a", &reader), ERR_CMS_MALFORMED);
    }
}

Test(describe_value_algorithm, tells_names_where_there_are_some)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    struct describe_sink sink = describe_fixture_sink(out);
    struct ber_reader reader =
        ber_reader_of(BYTES_LITERAL("\x30\x0d" SHA256 "\x05\x00\x30\x03\x06\x01\x2a"));
    assert_ok(describe_value_algorithm(&sink, "a", &reader));
    assert_ok(describe_value_algorithm(&sink, "b", &reader));
    describe_fixture_assert(out, "a:{oid:2.16.840.1.101.3.4.2.1,name:sha256},b:{oid:1.2}");
    cr_assert(ber_at_end(&reader));
}

Test(describe_value_attributes, refuses_what_cannot_be_read)
{
    static const struct bytes bad[] = {
        { (const uint8_t *)"\xa0\x02\x05\x00", 4 },
        { (const uint8_t *)"\xa0\x05\x30\x03\x06\x01\x2a", 7 },
        { (const uint8_t *)"\xa0\x08\x30\x06\x06\x01\x2a\x31\x01\x05", 10 },
    };
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    struct describe_sink sink = describe_fixture_sink(out);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct ber_value set = value_of(bad[i]);
        assert_error(describe_value_attributes(&sink, "a", &set), ERR_CMS_MALFORMED);
    }
}

Test(describe_value_attributes, limits_attributes)
{
    for (size_t over = 0; over <= 1; over++) {
        CLEANUP(buffer_free) struct buffer *all = NULL;
        CLEANUP(buffer_free) struct buffer *out = NULL;
        assert_ok(buffer_new(0, &all));
        assert_ok(buffer_new(0, &out));
        for (size_t i = 0; i < LIMIT_ATTRIBUTES + over; i++) {
            assert_ok(buffer_append(all, BYTES_LITERAL("\x30\x05\x06\x01\x2a\x31\x00")));
        }
        assert_ok(der_wrap(all, 0, BER_SET));
        struct describe_sink sink = describe_fixture_sink(out);
        struct ber_value set = value_of(buffer_view(all));
        if (over) {
            assert_error(describe_value_attributes(&sink, "a", &set), ERR_CMS_MALFORMED);
        } else {
            assert_ok(describe_value_attributes(&sink, "a", &set));
        }
    }
}

Test(describe_value_attributes, counts_values)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    struct describe_sink sink = describe_fixture_sink(out);
    struct ber_value set = value_of(BYTES_LITERAL(
        "\xa0\x12\x30\x05\x06\x01\x2a\x31\x00\x30\x09\x06\x01\x2b\x31\x04\x05\x00\x05\x00"));
    assert_ok(describe_value_attributes(&sink, "a", &set));
    describe_fixture_assert(out, "a:[{oid:1.2,values:0},{oid:1.3,values:2}]");
}

Test(describe_value_ref, tells_what_is_there)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    const struct cms_cert_ref name = { .issuer = BYTES_LITERAL(NAME),
                                       .serial = BYTES_LITERAL("\x01\x02") };
    const struct cms_cert_ref key = { .key_id = BYTES_LITERAL("\xab") };
    cr_assert_eq(NSS_NoDB_Init(NULL), SECSuccess);
    assert_ok(buffer_new(0, &out));
    struct describe_sink sink = describe_fixture_sink(out);
    assert_ok(describe_value_ref(&sink, &name));
    assert_ok(describe_value_ref(&sink, &key));
    assert_ok(describe_value_ref(&sink, &(struct cms_cert_ref){ 0 }));
    describe_fixture_assert(out, "issuer:CN=x,serial:0102,keyId:ab");
}

Test(describe_value_ref, is_short_whatever_the_message_says)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    uint8_t *octets = calloc(1, LIMIT_NAME + 1);
    cr_assert_not_null(octets);
    const struct bytes long_one = { octets, LIMIT_NAME + 1 };
    const struct cms_cert_ref name = { .issuer = long_one, .serial = long_one };
    const struct cms_cert_ref key = { .key_id = long_one };
    assert_ok(buffer_new(0, &out));
    struct describe_sink sink = describe_fixture_sink(out);
    assert_ok(describe_value_ref(&sink, &name));
    cr_assert_eq(out->len, strlen("serial:") + 2 * LIMIT_OID);
    assert_ok(describe_value_ref(&sink, &key));
    cr_assert_eq(out->len, strlen("serial:,keyId:") + 4 * LIMIT_OID);
    free(octets);
}
