#include "cms/signed_algorithm.h"
#include "support/support.h"

#include <criterion/criterion.h>

#define SHA256 "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define PSS "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
#define MGF1 "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"

static struct signed_algorithm read(struct bytes input)
{
    struct ber_reader reader = ber_reader_of(input);
    struct signed_algorithm algorithm = { 0 };
    assert_ok(signed_algorithm_read(&reader, &algorithm));
    assert_ok(ber_expect_end(&reader));
    return algorithm;
}

Test(signed_algorithm_read, refuses_what_is_none)
{
    static const struct bytes bad[] = {
        { (const uint8_t *)"\x30\x00", 2 },
        { (const uint8_t *)"\x31\x03\x06\x01\x2a", 5 },
        { (const uint8_t *)"\x30\x07\x06\x01\x2a\x05\x00\x05\x00", 9 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct ber_reader reader = ber_reader_of(bad[i]);
        struct signed_algorithm algorithm = { 0 };
        assert_error(signed_algorithm_read(&reader, &algorithm), ERR_CMS_MALFORMED);
    }
}

Test(signed_algorithm_read, names_unknown_ones_unknown)
{
    struct signed_algorithm algorithm = read(BYTES_LITERAL("\x30\x03\x06\x01\x2a"));
    cr_assert_eq(algorithm.scheme, SIGNED_SCHEME_UNKNOWN);
    cr_assert_str_eq(algorithm.name, "unknown");
}

Test(signed_algorithm_read, knows_digests_that_algorithms_name)
{
    struct signed_algorithm ecdsa =
        read(BYTES_LITERAL("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"));
    struct signed_algorithm edwards = read(BYTES_LITERAL("\x30\x05\x06\x03\x2b\x65\x70"));
    cr_assert_eq(ecdsa.scheme, SIGNED_SCHEME_ECDSA);
    cr_assert_eq(ecdsa.digest, CMS_SHA384);
    cr_assert_str_eq(edwards.name, "ed25519");
    /* RFC 8419 2.2: the parameters MUST be absent */
    cr_assert_eq(read(BYTES_LITERAL("\x30\x07\x06\x03\x2b\x65\x70\x05\x00")).scheme,
                 SIGNED_SCHEME_UNKNOWN);
}

Test(signed_algorithm_read, finds_broken_pss_parameters)
{
    cr_assert(read(BYTES_LITERAL("\x30\x0b" PSS)).pss.broken); /* none */
    cr_assert(read(BYTES_LITERAL("\x30\x0d" PSS "\x05\x00")).pss.broken);
    cr_assert(read(BYTES_LITERAL("\x30\x12" PSS "\x30\x05\xa3\x03\x02\x01\x02")).pss.broken);
    cr_assert(read(BYTES_LITERAL("\x30\x12" PSS "\x30\x05\xa2\x03\x02\x01\xff")).pss.broken);
    cr_assert(read(BYTES_LITERAL("\x30\x0f" PSS "\x30\x02\x05\x00")).pss.broken);
    cr_assert(read(BYTES_LITERAL("\x30\x0f" PSS "\x30\x02\xa0\x00")).pss.broken);
}

Test(signed_algorithm_read, knows_the_defaults_of_pss)
{
    struct signed_pss pss = read(BYTES_LITERAL("\x30\x0d" PSS "\x30\x00")).pss;
    cr_assert(pss.present);
    cr_assert_not(pss.broken);
    cr_assert_eq(pss.digest, CMS_SHA1);
    cr_assert_eq(pss.mask_digest, CMS_SHA1);
    cr_assert_eq(pss.salt_len, 20);
}

Test(signed_algorithm_read, reads_pss_parameters)
{
    struct signed_algorithm algorithm =
        read(BYTES_LITERAL("\x30\x3d" PSS "\x30\x30\xa0\x0d" SHA256 "\xa1\x1a\x30\x18" MGF1 SHA256
                           "\xa2\x03\x02\x01\x20"));
    cr_assert_not(algorithm.pss.broken);
    cr_assert_eq(algorithm.digest, CMS_SHA256);
    cr_assert_eq(algorithm.pss.mask_digest, CMS_SHA256);
    cr_assert_eq(algorithm.pss.salt_len, 32);
}
