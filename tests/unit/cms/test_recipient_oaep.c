#include "cms/recipient_oaep.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <pkcs11t.h>

#define SHA1 "\x30\x07\x06\x05\x2b\x0e\x03\x02\x1a"
#define SHA2(n) "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02" n "\x05\x00"
#define MD5 "\x30\x0a\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05"
#define MGF1 "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"
#define SPECIFIED "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x09"

static struct error *read_parameters(struct bytes input, struct recipient_oaep *ret_parameters)
{
    struct ber_reader reader = ber_reader_of(input);
    return recipient_oaep_read(&reader, ret_parameters);
}

static void assert_refused(struct bytes input, enum error_code code)
{
    struct recipient_oaep parameters;
    assert_error(read_parameters(input, &parameters), code);
}

Test(recipient_oaep, refuses_parameters_that_cannot_be_read)
{
    assert_refused(BYTES_LITERAL("\x30\x05"), ERR_CMS_MALFORMED);
    assert_refused(BYTES_LITERAL("\x30\x02\xa0\x00"), ERR_CMS_MALFORMED);
    assert_refused(BYTES_LITERAL("\x30\x02\xa3\x00"), ERR_CMS_MALFORMED);
    assert_refused(BYTES_LITERAL("\x30\x04\xa0\x02\x30\x00"), ERR_CMS_MALFORMED);
    /* the wrong order */
    assert_refused(BYTES_LITERAL("\x30\x1c\xa2\x0f\x30\x0d" SPECIFIED "\x04\x00\xa0\x09" SHA1),
                   ERR_CMS_MALFORMED);
    /* a label that is no OCTET STRING */
    assert_refused(BYTES_LITERAL("\x30\x11\xa2\x0f\x30\x0d" SPECIFIED "\x05\x00"),
                   ERR_CMS_MALFORMED);
    /* a mask function without its digest */
    assert_refused(BYTES_LITERAL("\x30\x0f\xa1\x0d\x30\x0b" MGF1), ERR_CMS_MALFORMED);
}

Test(recipient_oaep, refuses_algorithms_it_does_not_know)
{
    assert_refused(BYTES_LITERAL("\x30\x0e\xa0\x0c" MD5), ERR_CMS_UNSUPPORTED);
    assert_refused(BYTES_LITERAL("\x30\x07\xa0\x05\x30\x03\x06\x01\x2a"), ERR_CMS_UNSUPPORTED);
    assert_refused(BYTES_LITERAL("\x30\x07\xa1\x05\x30\x03\x06\x01\x2a"), ERR_CMS_UNSUPPORTED);
    assert_refused(BYTES_LITERAL("\x30\x07\xa2\x05\x30\x03\x06\x01\x2a"), ERR_CMS_UNSUPPORTED);
    assert_refused(BYTES_LITERAL("\x30\x1b\xa1\x19\x30\x17" MGF1 MD5), ERR_CMS_UNSUPPORTED);
}

Test(recipient_oaep, takes_sha1_where_nothing_is_said)
{
    static const char *const inputs[] = { "", "\x30\x00" };
    for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
        struct recipient_oaep parameters;
        struct bytes input = { (const uint8_t *)inputs[i], i == 0 ? 0 : 2 };
        assert_ok(read_parameters(input, &parameters));
        cr_assert_eq(parameters.hash, CKM_SHA_1);
        cr_assert_eq(parameters.mgf, CKG_MGF1_SHA1);
        cr_assert_eq(parameters.label.len, 0);
    }
}

#define ALL(n) \
    BYTES_LITERAL("\x30\x43\xa0\x0f" SHA2(n) "\xa1\x1c\x30\x1a" MGF1 SHA2( \
        n) "\xa2\x12\x30\x10" SPECIFIED "\x04\x03lbl")

Test(recipient_oaep, reads_every_digest_and_the_label)
{
    const struct {
        struct bytes input;
        unsigned long hash;
        unsigned long mgf;
    } cases[] = {
        { ALL("\x01"), CKM_SHA256, CKG_MGF1_SHA256 },
        { ALL("\x02"), CKM_SHA384, CKG_MGF1_SHA384 },
        { ALL("\x03"), CKM_SHA512, CKG_MGF1_SHA512 },
        { ALL("\x04"), CKM_SHA224, CKG_MGF1_SHA224 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct recipient_oaep parameters;
        assert_ok(read_parameters(cases[i].input, &parameters));
        cr_assert_eq(parameters.hash, cases[i].hash);
        cr_assert_eq(parameters.mgf, cases[i].mgf);
        cr_assert(bytes_equal(parameters.label, BYTES_LITERAL("lbl")));
    }
}

Test(recipient_oaep, chooses_no_sha1)
{
    struct recipient_oaep parameters = { .hash = 1 };
    assert_error(recipient_oaep_choose(CMS_SHA1, &parameters), ERR_ALGORITHM_FORBIDDEN);
    assert_error(recipient_oaep_choose(CMS_MD5, &parameters), ERR_ALGORITHM_FORBIDDEN);
    const struct recipient_oaep weak[] = { { CKM_SHA_1, CKG_MGF1_SHA256, BYTES_NONE },
                                           { CKM_SHA256, CKG_MGF1_SHA1, BYTES_NONE } };
    cr_assert_not(recipient_oaep_is_strong(&weak[0]));
    cr_assert_not(recipient_oaep_is_strong(&weak[1]));
}

Test(recipient_oaep, reads_what_it_writes)
{
    static const enum cms_digest digests[] = { CMS_DIGEST_UNKNOWN, CMS_SHA224, CMS_SHA256,
                                               CMS_SHA384, CMS_SHA512 };
    for (size_t i = 0; i < 2 * ARRAY_SIZE(digests); i++) {
        CLEANUP(buffer_free) struct buffer *der = NULL;
        struct recipient_oaep chosen;
        struct recipient_oaep seen;
        struct ber_value algorithm;
        struct bytes oid;
        assert_ok(buffer_new(0, &der));
        assert_ok(recipient_oaep_choose(digests[i / 2], &chosen));
        cr_assert(recipient_oaep_is_strong(&chosen));
        chosen.label = i % 2 ? BYTES_LITERAL("label") : BYTES_NONE;
        assert_ok(recipient_oaep_write(&chosen, der));
        struct ber_reader reader = ber_reader_of(buffer_view(der));
        assert_ok(ber_expect(&reader, BER_SEQUENCE, &algorithm));
        assert_ok(ber_expect_end(&reader));
        struct ber_reader inner = ber_reader_in(&algorithm);
        assert_ok(ber_oid(&inner, &oid));
        assert_ok(recipient_oaep_read(&inner, &seen));
        cr_assert_eq(seen.hash, chosen.hash);
        cr_assert_eq(seen.mgf, chosen.mgf);
        cr_assert(bytes_equal(seen.label, chosen.label));
    }
}
