#include "base/limits.h"
#include "cms/ber.h"
#include "cms/der.h"
#include "cms/smime_capabilities.h"
#include "mail/fixture.h"
#include "nss/item.h"
#include "nss/nss_scope.h"
#include "store/fixture.h"
#include "support/support.h"

#include <cert.h>
#include <criterion/criterion.h>
#include <string.h>

TestSuite(smime_capabilities, .fini = fixture_remove, .timeout = 60);

#define BIT(what) (1U << (what))
#define AES "\x60\x86\x48\x01\x65\x03\x04\x01"
#define CAPABILITY(last) "\x30\x0b\x06\x09" AES last
#define AES_128_CBC CAPABILITY("\x02")
#define AES_256_GCM CAPABILITY("\x2e")
#define RC2 "\x30\x0e\x06\x08\x2a\x86\x48\x86\xf7\x0d\x03\x02\x02\x02\x00\x80"
#define OAEP "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07"
#define SHA256 "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define SHA512 "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03"
#define MGF1 "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"

static const struct smime_capabilities nothing;

static void assert_capabilities(struct smime_capabilities seen, struct smime_capabilities expected)
{
    cr_assert_eq(seen.known, expected.known);
    cr_assert_eq(seen.ciphers, expected.ciphers);
    cr_assert_eq(seen.oaep, expected.oaep);
}

#define ASSERT_READ(der, ...) \
    assert_capabilities(smime_capabilities_read(BYTES_LITERAL(der)), \
                        (struct smime_capabilities){ __VA_ARGS__ })
#define ASSERT_NOTHING(der) \
    assert_capabilities(smime_capabilities_read(BYTES_LITERAL(der)), nothing)

Test(smime_capabilities, knows_nothing_of_what_it_cannot_read)
{
    ASSERT_NOTHING("");
    ASSERT_NOTHING("\x30\x00");
    ASSERT_NOTHING("\x31\x0d" AES_128_CBC);
    ASSERT_NOTHING("\x30\x02\x30\x00"); /* a capability without a name */
    ASSERT_NOTHING("\x30\x02\x05\x00");
    ASSERT_NOTHING("\x30\x0d" AES_128_CBC "\x00"); /* something behind */
    ASSERT_NOTHING("\x30\x0f" AES_128_CBC "\x05\x00"); /* one right, one not */
    ASSERT_NOTHING("\x30\x84\xff\xff\xff\xff" AES_128_CBC);
}

Test(smime_capabilities, knows_nothing_of_any_cut)
{
    struct bytes whole = BYTES_LITERAL("\x30\x1a" AES_128_CBC AES_256_GCM);
    for (size_t len = 0; len < whole.len; len++) {
        assert_capabilities(smime_capabilities_read(bytes_slice(whole, 0, len)), nothing);
    }
    cr_assert(smime_capabilities_read(whole).known);
}

Test(smime_capabilities, reads_ciphers_and_passes_over_the_rest)
{
    ASSERT_READ("\x30\x1a" AES_256_GCM AES_128_CBC, true,
                BIT(CMS_AES_256_GCM) | BIT(CMS_AES_128_CBC), 0);
    ASSERT_READ("\x30\x10" RC2, true, BIT(CMS_RC2_CBC), 0);
    ASSERT_READ("\x30\x07\x30\x05\x06\x03\x2a\x03\x04", true, 0, 0);
}

Test(smime_capabilities, reads_oaep_only_with_one_digest_in_both_places)
{
    /* without parameters nothing is said; with empty ones it is SHA-1 */
    ASSERT_READ("\x30\x0d\x30\x0b" OAEP, true, 0, 0);
    ASSERT_READ("\x30\x0f\x30\x0d" OAEP "\x30\x00", true, 0, BIT(CMS_SHA1));
    ASSERT_READ("\x30\x3a\x30\x38" OAEP "\x30\x2b\xa0\x0d" SHA256 "\xa1\x1a\x30\x18" MGF1 SHA256,
                true, 0, BIT(CMS_SHA256));
    /* RFC 8017 lets them differ; that is not what we send */
    ASSERT_READ("\x30\x3a\x30\x38" OAEP "\x30\x2b\xa0\x0d" SHA256 "\xa1\x1a\x30\x18" MGF1 SHA512,
                true, 0, 0);
    ASSERT_READ("\x30\x1e\x30\x1c" OAEP "\x30\x0f\xa0\x0d" SHA256, true, 0, 0);
    ASSERT_READ("\x30\x12\x30\x10" OAEP "\x30\x03\xa0\x01\x05", true, 0, 0); /* damaged inside */
}

static struct smime_capabilities read_many(size_t count)
{
    CLEANUP(buffer_free) struct buffer *list = NULL;
    assert_ok(buffer_new(0, &list));
    for (size_t i = 0; i < count; i++) {
        assert_ok(buffer_append(list, BYTES_LITERAL(AES_128_CBC)));
    }
    assert_ok(der_wrap(list, 0, BER_SEQUENCE));
    return smime_capabilities_read(buffer_view(list));
}

Test(smime_capabilities, are_bounded_in_number)
{
    cr_assert(read_many(LIMIT_CAPABILITIES).known);
    assert_capabilities(read_many(LIMIT_CAPABILITIES + 1), nothing);
}

/* One cipher with parameters of this many bytes, which nobody looks into. */
static struct smime_capabilities read_long(size_t len)
{
    CLEANUP(buffer_free) struct buffer *list = NULL;
    uint8_t *space = NULL;
    assert_ok(buffer_new(0, &list));
    assert_ok(buffer_append(list, BYTES_LITERAL("\x06\x09" AES "\x02")));
    size_t start = list->len;
    assert_ok(buffer_extend(list, len, &space));
    memset(space, 0, len);
    assert_ok(der_wrap(list, start, BER_OCTET_STRING));
    assert_ok(der_wrap(list, 0, BER_SEQUENCE));
    assert_ok(der_wrap(list, 0, BER_SEQUENCE));
    return smime_capabilities_read(buffer_view(list));
}

Test(smime_capabilities, are_bounded_in_size)
{
    cr_assert(read_long(LIMIT_CAPABILITIES_SIZE - 32).known);
    assert_capabilities(read_long(LIMIT_CAPABILITIES_SIZE), nothing);
}

static struct cert *certificate_with(struct mail_fixture *fixture, const char *extension)
{
    struct cert *cert = NULL;
    fixture_run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-keyout", "x.key", "-out", "x.crt", "-subj", "/CN=X", "-addext",
                extension, NULL);
    fixture_run("openssl", "x509", "-in", "x.crt", "-outform", "DER", "-out", "x.der", NULL);
    assert_ok(cert_from_der(mail_keep_file(fixture, "x.der"), &cert));
    return cert;
}

Test(smime_capabilities_of, are_found_in_the_certificates_extension, .fini = fixture_remove)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(cert_unref)
    struct cert *cert =
        certificate_with(fixture, "1.2.840.113549.1.9.15=DER:300d300b060960864801650304012e");
    assert_capabilities(smime_capabilities_of(cert, NULL),
                        (struct smime_capabilities){ true, BIT(CMS_AES_256_GCM), 0 });
    assert_capabilities(smime_capabilities_of(fixture->bob, NULL), nothing);
}

Test(smime_capabilities_of, are_not_found_in_a_damaged_extension, .fini = fixture_remove)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(cert_unref)
    struct cert *cert =
        certificate_with(fixture, "1.2.840.113549.1.9.15=DER:300d300b0609608648016503040100ff");
    assert_capabilities(smime_capabilities_of(cert, NULL), nothing);
}
