#include "base/limits.h"
#include "cms/der.h"
#include "cms/signed.h"
#include "signed_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <stdio.h>
#include <unistd.h>

#define OID_DATA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define OID_SIGNED "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define OID_ENVELOPED "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"
#define DATA "\x30\x0b" OID_DATA
/* version, sid by key identifier, SHA-256, rsaEncryption, signature "s" */
#define SIGNER_START "\x02\x01\x03\x80\x02id\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define SIGNER_END "\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x04\x01s"
#define SIGNER "\x30\x24" SIGNER_START SIGNER_END

ReportHook(PRE_ALL)(struct criterion_test_set *tests)
{
    static const char *const names[] = { "p256" };
    (void)tests;
    signed_fixture_make(names, ARRAY_SIZE(names));
    signed_fixture_write("content", BYTES_LITERAL("hello\r\n"));
}

ReportHook(POST_ALL)(struct criterion_global_stats *statistics)
{
    (void)statistics;
    signed_fixture_remove();
}

/* SignedData around these parts: what follows digestAlgorithms. */
static struct buffer *message_of(struct bytes parts)
{
    struct buffer *out = NULL;
    CLEANUP(buffer_free) struct buffer *data = NULL;
    assert_ok(buffer_new(0, &data));
    assert_ok(buffer_append(data, BYTES_LITERAL("\x02\x01\x01\x31\x00")));
    assert_ok(buffer_append(data, parts));
    assert_ok(der_wrap(data, 0, BER_SEQUENCE));
    assert_ok(der_wrap(data, 0, BER_CONTEXT_CONSTRUCTED));
    assert_ok(buffer_new(0, &out));
    assert_ok(buffer_append(out, BYTES_LITERAL(OID_SIGNED)));
    assert_ok(buffer_append(out, buffer_view(data)));
    assert_ok(der_wrap(out, 0, BER_SEQUENCE));
    return out;
}

static void assert_malformed(struct bytes parts)
{
    CLEANUP(buffer_free) struct buffer *message = message_of(parts);
    struct cms_signed *parsed = NULL;
    assert_error(cms_signed_parse(buffer_view(message), &parsed), ERR_CMS_MALFORMED);
    cr_assert_null(parsed);
}

/* `before`, a value with `tag` that holds `count` times `unit`, `after`. */
static struct buffer *many(struct bytes before, unsigned tag, struct bytes unit, size_t count,
                           struct bytes after)
{
    struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_ok(buffer_append(out, before));
    size_t start = out->len;
    for (size_t i = 0; i < count; i++) {
        assert_ok(buffer_append(out, unit));
    }
    assert_ok(der_wrap(out, start, tag));
    assert_ok(buffer_append(out, after));
    return out;
}

Test(cms_signed_parse, refuses_other_types)
{
    struct cms_signed *parsed = NULL;
    assert_error(
        cms_signed_parse(BYTES_LITERAL("\x30\x0f" OID_ENVELOPED "\xa0\x02\x30\x00"), &parsed),
        ERR_CMS_UNSUPPORTED);
}

Test(cms_signed_parse, refuses_every_cut)
{
    static const char *const options[] = { "-nodetach", "-nodetach -stream -indef", "-noattr" };
    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        char name[32] = "";
        (void)snprintf(name, sizeof(name), "message.%d", (int)getpid());
        signed_fixture_run("openssl cms -sign -binary -in content -signer p256.crt -inkey p256.key "
                           "-outform DER -out %s %s",
                           name, options[i]);
        CLEANUP(mapping_unref) struct mapping *message = signed_fixture_read(name);
        for (size_t len = 0; len < mapping_len(message); len++) {
            struct cms_signed *parsed = NULL;
            assert_error(cms_signed_parse(bytes_slice(mapping_view(message), 0, len), &parsed),
                         ERR_CMS_MALFORMED);
        }
    }
}

Test(cms_signed_parse, refuses_what_does_not_belong)
{
    assert_malformed(BYTES_NONE);
    assert_malformed(BYTES_LITERAL(DATA)); /* no signerInfos */
    assert_malformed(BYTES_LITERAL(DATA "\x31\x00\x05\x00"));
    assert_malformed(BYTES_LITERAL(DATA "\x31\x02\x05\x00")); /* a signer that is none */
    assert_malformed(BYTES_LITERAL(DATA "\xa1\x00\xa0\x00\x31\x00")); /* out of order */
    /* id-data that is no OCTET STRING, and two contents */
    assert_malformed(BYTES_LITERAL("\x30\x0f" OID_DATA "\xa0\x02\x30\x00\x31\x00"));
    assert_malformed(BYTES_LITERAL("\x30\x11" OID_DATA "\xa0\x04\x04\x00\x04\x00\x31\x00"));
}

Test(cms_signed_parse, refuses_signers_that_are_not_whole)
{
    /* no signature, something behind it, a padded version, a key identifier and a signature in
     * pieces */
    assert_malformed(BYTES_LITERAL(DATA "\x31\x16\x30\x14" SIGNER_START));
    assert_malformed(BYTES_LITERAL(DATA "\x31\x28\x30\x26" SIGNER_START SIGNER_END "\x05\x00"));
    assert_malformed(BYTES_LITERAL(DATA "\x31\x04\x30\x02\x02\x00"));
    assert_malformed(BYTES_LITERAL(DATA "\x31\x0d\x30\x0b\x02\x01\x03\xa0\x06\x04\x01i\x04\x01"
                                        "d"));
}

Test(cms_signed_parse, limits_signers)
{
    for (size_t over = 0; over <= 1; over++) {
        CLEANUP(buffer_free)
        struct buffer *parts = many(BYTES_LITERAL(DATA), BER_SET, BYTES_LITERAL(SIGNER),
                                    LIMIT_SIGNERS + over, BYTES_NONE);
        if (over) {
            assert_malformed(buffer_view(parts));
            continue;
        }
        CLEANUP(buffer_free) struct buffer *message = message_of(buffer_view(parts));
        CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
        assert_ok(cms_signed_parse(buffer_view(message), &parsed));
        cr_assert_eq(cms_signed_signer_count(parsed), LIMIT_SIGNERS);
    }
}

static void assert_limits(unsigned tag, size_t limit, bool of_certificates)
{
    CLEANUP(buffer_free)
    struct buffer *most =
        many(BYTES_LITERAL(DATA), tag, BYTES_LITERAL("\x30\x00"), limit, BYTES_LITERAL("\x31\x00"));
    CLEANUP(buffer_free)
    struct buffer *more = many(BYTES_LITERAL(DATA), tag, BYTES_LITERAL("\x30\x00"), limit + 1,
                               BYTES_LITERAL("\x31\x00"));
    CLEANUP(buffer_free)
    struct buffer *others = many(BYTES_LITERAL(DATA), tag, BYTES_LITERAL("\xa1\x00"), limit + 1,
                                 BYTES_LITERAL("\x31\x00"));
    CLEANUP(buffer_free) struct buffer *message = message_of(buffer_view(most));
    CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
    assert_malformed(buffer_view(more));
    assert_malformed(buffer_view(others));
    assert_ok(cms_signed_parse(buffer_view(message), &parsed));
    cr_assert_eq(cms_signed_certificate_count(parsed), of_certificates ? limit : 0);
    cr_assert_eq(cms_signed_crl_count(parsed), of_certificates ? 0 : limit);
}

Test(cms_signed_parse, limits_certificates_and_crls)
{
    assert_limits(BER_CONTEXT_CONSTRUCTED, LIMIT_CERTIFICATES, true);
    assert_limits(BER_CONTEXT_CONSTRUCTED + 1, LIMIT_CRLS, false);
}

Test(cms_signed_parse, limits_the_size_of_a_certificate)
{
    CLEANUP(buffer_free) struct buffer *large = NULL;
    uint8_t *octets = NULL;
    assert_ok(buffer_new(0, &large));
    assert_ok(buffer_extend(large, LIMIT_CERTIFICATE - 4, &octets));
    assert_ok(der_wrap(large, 0, BER_SEQUENCE));
    CLEANUP(buffer_free)
    struct buffer *parts = many(BYTES_LITERAL(DATA), BER_CONTEXT_CONSTRUCTED, buffer_view(large), 1,
                                BYTES_LITERAL("\x31\x00"));
    cr_assert_gt(large->len, LIMIT_CERTIFICATE);
    assert_malformed(buffer_view(parts));
}

Test(cms_signed_parse, passes_over_certificates_and_crls_of_other_kinds)
{
    CLEANUP(buffer_free)
    struct buffer *message = message_of(BYTES_LITERAL(
        DATA "\xa0\x0a\x30\x02\x05\x00\xa1\x00\xa3\x00\x30\x00\xa1\x06\xa1\x00\x30\x02\x05\x00"
             "\x31\x00"));
    CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
    assert_ok(cms_signed_parse(buffer_view(message), &parsed));
    cr_assert_eq(cms_signed_certificate_count(parsed), 2);
    cr_assert(bytes_equal(cms_signed_certificate(parsed, 0), BYTES_LITERAL("\x30\x02\x05\x00")));
    cr_assert(bytes_equal(cms_signed_certificate(parsed, 1), BYTES_LITERAL("\x30\x00")));
    cr_assert_eq(cms_signed_crl_count(parsed), 1);
    cr_assert_eq(cms_signed_signer_count(parsed), 0);
    cr_assert_null(cms_signed_content(parsed));
}

Test(cms_signed_parse, reads_a_signer_by_key_identifier)
{
    CLEANUP(buffer_free)
    struct buffer *message = message_of(BYTES_LITERAL(DATA "\x31\x26" SIGNER));
    CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
    assert_ok(cms_signed_parse(buffer_view(message), &parsed));
    cr_assert_eq(cms_signed_signer_count(parsed), 1);
    const struct cms_signer *signer = cms_signed_signer(parsed, 0);
    cr_assert(bytes_equal(signer->ref.key_id, BYTES_LITERAL("id")));
    cr_assert_eq(signer->ref.issuer.len, 0);
    cr_assert_eq(signer->digest, CMS_SHA256);
    cr_assert_str_eq(signer->signature_name, "rsa");
    cr_assert_not(signer->has_signing_time);
}

/* RFC 5652 5.2.1: what is digested of PKCS #7 content are the contents octets. */
Test(cms_signed_parse, reads_any_content_of_pkcs7)
{
    CLEANUP(buffer_free)
    struct buffer *message = message_of(
        BYTES_LITERAL("\x30\x0c\x06\x02\x2a\x03\xa0\x06\x30\x04\x02\x02\x01\x00\x31\x00"));
    CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
    assert_ok(cms_signed_parse(buffer_view(message), &parsed));
    cr_assert_not(cms_signed_content_is_data(parsed));
    cr_assert(bytes_equal(cms_signed_content(parsed)->first, BYTES_LITERAL("\x02\x02\x01\x00")));
}
