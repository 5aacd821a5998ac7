#include "cms/ber.h"
#include "cms/der.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct error *read_time(unsigned tag, const char *text, int64_t *ret_seconds)
{
    CLEANUP(buffer_free) struct buffer *buffer = NULL;
    TRY(buffer_new(0, &buffer));
    TRY(der_value(buffer, tag, bytes_of_string(text)));
    struct ber_reader reader = ber_reader_of(buffer_view(buffer));
    return ber_time(&reader, ret_seconds);
}

static void expect_time(unsigned tag, const char *text, int64_t expected)
{
    int64_t seconds = -1;
    assert_ok(read_time(tag, text, &seconds));
    cr_expect_eq(seconds, expected, "%s gave %lld", text, (long long)seconds);
}

Test(ber_time, reads_both_forms)
{
    expect_time(BER_UTC_TIME, "700101000000Z", 0);
    expect_time(BER_UTC_TIME, "260101000000Z", 1767225600);
    expect_time(BER_GENERALIZED_TIME, "20260101000000Z", 1767225600);
}

Test(ber_time, two_digits_mean_1950_to_2049)
{
    /* RFC 5280 4.1.2.5.1 */
    expect_time(BER_UTC_TIME, "491231235959Z", 2524607999);
    expect_time(BER_UTC_TIME, "500101000000Z", -631152000);
}

Test(ber_time, refuses_what_is_no_time)
{
    static const char *const texts[] = {
        "",
        "2",
        "260101",
        "261301000000Z",
        "260132000000Z",
        "260101240000Z",
        "26010100000xZ",
        "260229000000Z",
        "260101006000Z",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        int64_t seconds = 0;
        assert_error(read_time(BER_UTC_TIME, texts[i], &seconds), ERR_CMS_MALFORMED);
    }
}

Test(ber_time, refuses_another_type)
{
    int64_t seconds = 0;
    assert_error(read_time(BER_OCTET_STRING, "260101000000Z", &seconds), ERR_CMS_MALFORMED);
}
