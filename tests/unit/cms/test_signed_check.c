#include "cms/capabilities.h"
#include "cms/der.h"
#include "cms/signed_message.h"
#include "cms/signed_signature.h"
#include "nss/item.h"
#include "signed_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <stdio.h>

#define CONTENT BYTES_LITERAL("Content-Type: text/plain\r\n\r\nhello\r\n")
#define OID_DATA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define OID_SIGNED "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define OID_TST "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04"
#define SHA256 "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define RSA "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"
#define ATTRIBUTE(last) "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09" last

ReportHook(PRE_ALL)(struct criterion_test_set *tests)
{
    static const char *const names[] = { "rsa",  "rsa512", "pss", "pss256",  "p256",
                                         "p384", "p521",   "dsa", "koblitz", "ed25519" };
    (void)tests;
    signed_fixture_make(names, ARRAY_SIZE(names));
    signed_fixture_write("content", CONTENT);
}

ReportHook(POST_ALL)(struct criterion_global_stats *statistics)
{
    (void)statistics;
    signed_fixture_remove();
}

static void assert_openssl(const char *signer, const char *options, const struct bytes *detached,
                           word_set problems)
{
    CLEANUP(mapping_unref) struct mapping *message = signed_fixture_sign(signer, options);
    CLEANUP(nss_cert_free) CERTCertificate *certificate = signed_fixture_certificate(signer);
    signed_fixture_assert(mapping_view(message), detached, certificate, problems);
}

TestSuite(cms_signed_check, .init = signed_fixture_start);

/* A SignerInfo made by hand. */
struct forge {
    struct bytes content_type; /* OBJECT IDENTIFIER, of eContentType */
    struct bytes content;
    struct bytes attributes; /* contents of [0]; none where empty */
    struct bytes digest_algorithm;
    struct bytes signature_algorithm;
    struct bytes to_sign; /* what is signed in place of attributes or content */
    struct bytes unsigned_attributes; /* [1], whole; none where empty */
};

static void write_forged_signer(const struct forge *forge, struct buffer *out)
{
    CLEANUP(nss_private_key_free) SECKEYPrivateKey *key = signed_fixture_key("rsa");
    CLEANUP(nss_cert_free) CERTCertificate *certificate = signed_fixture_certificate("rsa");
    uint8_t value[SIGNED_DIGEST_MAX] = { 0 };
    struct signed_hash hash = { cms_digest_info(CMS_SHA256), { value, 32 } };
    struct signed_algorithm algorithm = { .scheme = SIGNED_SCHEME_RSA };
    size_t start = out->len;
    assert_ok(der_small_integer(out, 1));
    size_t identifier = out->len;
    assert_ok(buffer_append(out, item_bytes(&certificate->derIssuer)));
    assert_ok(der_value(out, BER_INTEGER, item_bytes(&certificate->serialNumber)));
    assert_ok(der_wrap(out, identifier, BER_SEQUENCE));
    assert_ok(buffer_append(out, forge->digest_algorithm));
    if (forge->attributes.len > 0) {
        assert_ok(der_value(out, BER_CONTEXT_CONSTRUCTED, forge->attributes));
    }
    assert_ok(buffer_append(out, forge->signature_algorithm));
    assert_ok(signed_digest_hash(CMS_SHA256, forge->to_sign, value));
    size_t signature = out->len;
    assert_ok(signed_signature_make(&algorithm, key, &hash, out));
    assert_ok(der_wrap(out, signature, BER_OCTET_STRING));
    assert_ok(buffer_append(out, forge->unsigned_attributes));
    assert_ok(der_wrap(out, start, BER_SEQUENCE));
    assert_ok(der_wrap(out, start, BER_SET));
}

static struct buffer *forge_message(const struct forge *forge)
{
    struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_ok(der_small_integer(out, 1));
    assert_ok(der_value(out, BER_SET, BYTES_LITERAL(SHA256)));
    size_t encapsulated = out->len;
    assert_ok(buffer_append(out, forge->content_type));
    size_t content = out->len;
    assert_ok(der_value(out, BER_OCTET_STRING, forge->content));
    assert_ok(der_wrap(out, content, BER_CONTEXT_CONSTRUCTED));
    assert_ok(der_wrap(out, encapsulated, BER_SEQUENCE));
    write_forged_signer(forge, out);
    assert_ok(der_wrap(out, 0, BER_SEQUENCE));
    assert_ok(der_wrap(out, 0, BER_CONTEXT_CONSTRUCTED));
    CLEANUP(buffer_free) struct buffer *inner = out;
    struct buffer *message = NULL;
    assert_ok(buffer_new(0, &message));
    assert_ok(buffer_append(message, BYTES_LITERAL(OID_SIGNED)));
    assert_ok(buffer_append(message, buffer_view(inner)));
    assert_ok(der_wrap(message, 0, BER_SEQUENCE));
    return message;
}

static void write_attribute(struct buffer *out, struct bytes oid, struct bytes values)
{
    size_t start = out->len;
    assert_ok(buffer_append(out, oid));
    assert_ok(der_value(out, BER_SET, values));
    assert_ok(der_wrap(out, start, BER_SEQUENCE));
}

/* contentType, and messageDigest of CONTENT. */
static struct buffer *plain_attributes(void)
{
    struct buffer *out = NULL;
    uint8_t value[2 + SIGNED_DIGEST_MAX] = { BER_OCTET_STRING, 32 };
    assert_ok(buffer_new(0, &out));
    assert_ok(signed_digest_hash(CMS_SHA256, CONTENT, value + 2));
    write_attribute(out, BYTES_LITERAL(ATTRIBUTE("\x03")), BYTES_LITERAL(OID_DATA));
    write_attribute(out, BYTES_LITERAL(ATTRIBUTE("\x04")), (struct bytes){ value, 34 });
    return out;
}

static void assert_forged(struct forge forge, word_set problems)
{
    CLEANUP(nss_cert_free) CERTCertificate *certificate = signed_fixture_certificate("rsa");
    CLEANUP(buffer_free) struct buffer *set = NULL;
    assert_ok(buffer_new(0, &set));
    if (forge.content_type.len == 0) {
        forge.content_type = BYTES_LITERAL(OID_DATA);
    }
    if (forge.digest_algorithm.len == 0) {
        forge.digest_algorithm = BYTES_LITERAL(SHA256);
    }
    if (forge.signature_algorithm.len == 0) {
        forge.signature_algorithm = BYTES_LITERAL(RSA);
    }
    if (forge.to_sign.len == 0) {
        assert_ok(der_value(set, BER_SET, forge.attributes));
        forge.to_sign = forge.attributes.len > 0 ? buffer_view(set) : forge.content;
    }
    CLEANUP(buffer_free) struct buffer *message = forge_message(&forge);
    signed_fixture_assert(buffer_view(message), NULL, certificate, problems);
}

Test(cms_signed_check, signed_attributes_passed_off_as_content_are_malformed)
{
    CLEANUP(buffer_free) struct buffer *attributes = plain_attributes();
    CLEANUP(buffer_free) struct buffer *set = NULL;
    assert_ok(buffer_new(0, &set));
    assert_ok(der_value(set, BER_SET, buffer_view(attributes)));
    assert_forged((struct forge){ .content = buffer_view(set) },
                  WORD_BIT(WORD_ATTRIBUTES_MALFORMED));
}

Test(cms_signed_check, other_content_without_signed_attributes_is_malformed)
{
    assert_forged((struct forge){ .content_type = BYTES_LITERAL(OID_TST), .content = CONTENT },
                  WORD_BIT(WORD_ATTRIBUTES_MALFORMED));
}

Test(cms_signed_check, another_content_type_than_the_attribute_is_malformed)
{
    CLEANUP(buffer_free) struct buffer *attributes = plain_attributes();
    assert_forged((struct forge){ .content_type = BYTES_LITERAL(OID_TST),
                                  .content = CONTENT,
                                  .attributes = buffer_view(attributes) },
                  WORD_BIT(WORD_ATTRIBUTES_MALFORMED));
}

Test(cms_signed_check, an_attribute_twice_is_malformed)
{
    CLEANUP(buffer_free) struct buffer *attributes = plain_attributes();
    write_attribute(attributes, BYTES_LITERAL("\x06\x01\x2a"), BYTES_LITERAL("\x05\x00"));
    assert_forged((struct forge){ .content = CONTENT, .attributes = buffer_view(attributes) },
                  WORDS_NONE);
    write_attribute(attributes, BYTES_LITERAL("\x06\x01\x2a"), BYTES_LITERAL("\x05\x00"));
    assert_forged((struct forge){ .content = CONTENT, .attributes = buffer_view(attributes) },
                  WORD_BIT(WORD_ATTRIBUTES_MALFORMED));
}

Test(cms_signed_check, another_certificate_than_the_signing_certificate_is_malformed)
{
    CLEANUP(nss_cert_free) CERTCertificate *certificate = signed_fixture_certificate("rsa");
    uint8_t value[8 + SIGNED_DIGEST_MAX] = { 0x30, 0x26, 0x30, 0x24, 0x30, 0x22, 0x04, 0x20 };
    struct bytes oid = BYTES_LITERAL("\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f");
    assert_ok(signed_digest_hash(CMS_SHA256, item_bytes(&certificate->derCert), value + 8));
    for (int wrong = 0; wrong <= 1; wrong++) {
        CLEANUP(buffer_free) struct buffer *attributes = plain_attributes();
        value[8] ^= (uint8_t)wrong;
        write_attribute(attributes, oid, (struct bytes){ value, 40 });
        assert_forged((struct forge){ .content = CONTENT, .attributes = buffer_view(attributes) },
                      wrong ? WORD_BIT(WORD_ATTRIBUTES_MALFORMED) : WORDS_NONE);
    }
}

Test(cms_signed_check, a_wrong_digest_and_a_wrong_signature_are_two_words)
{
    CLEANUP(buffer_free) struct buffer *attributes = plain_attributes();
    assert_forged(
        (struct forge){ .content = BYTES_LITERAL("other"), .attributes = buffer_view(attributes) },
        WORD_BIT(WORD_DIGEST_MISMATCH));
    assert_forged((struct forge){ .content = CONTENT,
                                  .attributes = buffer_view(attributes),
                                  .to_sign = BYTES_LITERAL("x") },
                  WORD_BIT(WORD_SIGNATURE_MISMATCH));
}

/* RFC 6211: SHA-256 and rsaEncryption, as they are used; then with SHA-512, then with RSA-PSS. */
Test(cms_signed_check, algorithms_other_than_the_protected_ones_are_malformed)
{
#define PROTECTION(len, digest, signature) \
    "\x30" len "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02" digest \
    "\xa1\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01" signature
    static const struct {
        struct bytes value;
        word_set problems;
    } cases[] = {
        { { (const uint8_t *)PROTECTION("\x1a", "\x01", "\x01"), 28 }, WORDS_NONE },
        { { (const uint8_t *)PROTECTION("\x1a", "\x03", "\x01"), 28 },
          WORD_BIT(WORD_ATTRIBUTES_MALFORMED) },
        { { (const uint8_t *)PROTECTION("\x1a", "\x01", "\x0a"), 28 },
          WORD_BIT(WORD_ATTRIBUTES_MALFORMED) },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        CLEANUP(buffer_free) struct buffer *attributes = plain_attributes();
        write_attribute(attributes, BYTES_LITERAL(ATTRIBUTE("\x34")), cases[i].value);
        assert_forged((struct forge){ .content = CONTENT, .attributes = buffer_view(attributes) },
                      cases[i].problems);
    }
}

/* RFC 5652 5.3: unsignedAttrs; even nonsense there changes nothing. */
Test(cms_signed_check, unsigned_attributes_have_no_say)
{
    static const struct bytes cases[] = {
        { (const uint8_t *)"\xa1\x00", 2 },
        { (const uint8_t *)"\xa1\x02\x05\x00", 4 },
        /* another messageDigest; a countersignature that is none */
        { (const uint8_t *)"\xa1\x11\x30\x0f" ATTRIBUTE("\x04") "\x31\x02\x04\x00", 19 },
        { (const uint8_t *)"\xa1\x11\x30\x0f" ATTRIBUTE("\x06") "\x31\x02\x30\x00", 19 },
    };
    CLEANUP(buffer_free) struct buffer *attributes = plain_attributes();
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_forged((struct forge){ .content = CONTENT,
                                      .attributes = buffer_view(attributes),
                                      .unsigned_attributes = cases[i] },
                      WORDS_NONE);
        assert_forged((struct forge){ .content = BYTES_LITERAL("other"),
                                      .attributes = buffer_view(attributes),
                                      .unsigned_attributes = cases[i] },
                      WORD_BIT(WORD_DIGEST_MISMATCH));
    }
}

Test(cms_signed_check, the_tag_that_is_sent_is_not_what_is_signed)
{
    CLEANUP(buffer_free) struct buffer *attributes = plain_attributes();
    CLEANUP(buffer_free) struct buffer *tagged = NULL;
    assert_ok(buffer_new(0, &tagged));
    assert_ok(der_value(tagged, BER_CONTEXT_CONSTRUCTED, buffer_view(attributes)));
    assert_forged((struct forge){ .content = CONTENT,
                                  .attributes = buffer_view(attributes),
                                  .to_sign = buffer_view(tagged) },
                  WORD_BIT(WORD_SIGNATURE_MISMATCH));
}

Test(cms_signed_check, a_signature_algorithm_with_another_digest_is_wrong)
{
    CLEANUP(buffer_free) struct buffer *attributes = plain_attributes();
    assert_forged(
        (struct forge){ .content = CONTENT,
                        .attributes = buffer_view(attributes),
                        .signature_algorithm = BYTES_LITERAL(
                            "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00") },
        WORD_BIT(WORD_SIGNATURE_MISMATCH));
    assert_forged(
        (struct forge){ .content = CONTENT,
                        .attributes = buffer_view(attributes),
                        .signature_algorithm = BYTES_LITERAL(
                            "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00") },
        WORDS_NONE);
}

Test(cms_signed_check, unknown_algorithms_are_unsupported_and_unchecked)
{
    CLEANUP(buffer_free) struct buffer *attributes = plain_attributes();
    static const struct bytes signature_algorithms[] = {
        { (const uint8_t *)"\x30\x05\x06\x03\x2b\x65\x71", 7 }, /* Ed448 */
        { (const uint8_t *)"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x12",
          13 }, /* ML-DSA */
    };
    for (size_t i = 0; i < ARRAY_SIZE(signature_algorithms); i++) {
        assert_forged((struct forge){ .content = CONTENT,
                                      .attributes = buffer_view(attributes),
                                      .signature_algorithm = signature_algorithms[i] },
                      WORD_BIT(WORD_ALGORITHM_UNSUPPORTED));
    }
    assert_forged((struct forge){ .content = CONTENT,
                                  .attributes = buffer_view(attributes),
                                  .digest_algorithm = BYTES_LITERAL(
                                      "\x30\x0a\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x04") },
                  WORD_BIT(WORD_ALGORITHM_UNSUPPORTED));
}

Test(cms_signed_check, ed25519_with_another_key_is_never_right)
{
    CLEANUP(buffer_free) struct buffer *attributes = plain_attributes();
    struct forge forge = { .content = CONTENT, .attributes = buffer_view(attributes) };
    forge.signature_algorithm = BYTES_LITERAL("\x30\x05\x06\x03\x2b\x65\x70");
    assert_forged(forge, capabilities_ed25519() ? WORD_BIT(WORD_SIGNATURE_MISMATCH)
                                                : WORD_BIT(WORD_ALGORITHM_UNSUPPORTED));
}

Test(cms_signed_check, a_detached_signature_without_content_is_a_mismatch)
{
    assert_openssl("rsa", "", NULL, WORD_BIT(WORD_DIGEST_MISMATCH));
    assert_openssl("rsa", "-noattr", NULL,
                   WORD_BIT(WORD_DIGEST_MISMATCH) | WORD_BIT(WORD_SIGNATURE_MISMATCH));
}

Test(cms_signed_check, another_certificates_key_is_wrong)
{
    CLEANUP(mapping_unref) struct mapping *message = signed_fixture_sign("rsa", "-nodetach");
    CLEANUP(nss_cert_free) CERTCertificate *pss = signed_fixture_certificate("pss");
    CLEANUP(nss_cert_free) CERTCertificate *ec = signed_fixture_certificate("p256");
    CLEANUP(nss_cert_free) CERTCertificate *edwards = signed_fixture_certificate("ed25519");
    signed_fixture_assert(mapping_view(message), NULL, pss, WORD_BIT(WORD_SIGNATURE_MISMATCH));
    signed_fixture_assert(mapping_view(message), NULL, ec, WORD_BIT(WORD_SIGNATURE_MISMATCH));
    signed_fixture_assert(mapping_view(message), NULL, edwards, WORD_BIT(WORD_SIGNATURE_MISMATCH));
}

Test(cms_signed_check, a_curve_that_nss_has_not_is_unsupported)
{
    assert_openssl("koblitz", "-nodetach -md sha256", NULL, WORD_BIT(WORD_ALGORITHM_UNSUPPORTED));
}

Test(cms_signed_check, accepts_rsa_of_openssl_with_every_digest)
{
    static const char *const digests[] = { "sha224", "sha256", "sha384", "sha512" };
    struct bytes content = CONTENT;
    for (size_t i = 0; i < ARRAY_SIZE(digests); i++) {
        char options[64] = "";
        (void)snprintf(options, sizeof(options), "-md %s", digests[i]);
        assert_openssl("rsa", options, &content, WORDS_NONE);
    }
}

Test(cms_signed_check, weak_digests_are_right_and_weak)
{
    assert_openssl("rsa", "-nodetach -md sha1", NULL, WORD_BIT(WORD_WEAK_DIGEST));
    assert_openssl("rsa", "-nodetach -md md5", NULL, WORD_BIT(WORD_WEAK_DIGEST));
    assert_openssl("rsa", "-nodetach -md md5 -noattr", NULL, WORD_BIT(WORD_WEAK_DIGEST));
    struct bytes other = BYTES_LITERAL("other");
    assert_openssl("rsa", "-md md5", &other,
                   WORD_BIT(WORD_WEAK_DIGEST) | WORD_BIT(WORD_DIGEST_MISMATCH));
    assert_openssl("rsa", "-md md5 -noattr", &other,
                   WORD_BIT(WORD_WEAK_DIGEST) | WORD_BIT(WORD_SIGNATURE_MISMATCH));
}

Test(cms_signed_check, short_keys_are_told_right)
{
    assert_openssl("rsa512", "-nodetach -md sha256", NULL, WORDS_NONE);
}

Test(cms_signed_check, accepts_other_keys_of_openssl)
{
    assert_openssl("p256", "-nodetach -md sha256", NULL, WORDS_NONE);
    assert_openssl("p256", "-nodetach -md sha512", NULL, WORDS_NONE);
    assert_openssl("p384", "-nodetach -md sha384 -keyid", NULL, WORDS_NONE);
    assert_openssl("p521", "-nodetach -md sha512", NULL, WORDS_NONE);
    assert_openssl("p256", "-nodetach -md sha1", NULL, WORD_BIT(WORD_WEAK_DIGEST));
    assert_openssl("dsa", "-nodetach -md sha256", NULL, WORDS_NONE);
    assert_openssl("dsa", "-nodetach -md sha1", NULL, WORD_BIT(WORD_WEAK_DIGEST));
}

Test(cms_signed_check, accepts_other_encodings_of_openssl)
{
    struct bytes content = CONTENT;
    assert_openssl("rsa", "-nodetach -stream -indef", NULL, WORDS_NONE);
    assert_openssl("rsa", "-noattr -nodetach", NULL, WORDS_NONE);
    assert_openssl("rsa", "-noattr -nocerts", &content, WORDS_NONE);
    assert_openssl("rsa", "-nosmimecap -keyid -cades", &content, WORDS_NONE);
}

/* What a person is shown, if a flipped bit leaves a signature right. */
static void assert_flip_is_harmless(struct bytes message, CERTCertificate *certificate,
                                    int64_t signing_time)
{
    CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
    CLEANUP(error_free) struct error *error = cms_signed_parse(message, &parsed);
    if (error || cms_signed_signer_count(parsed) != 1) {
        return;
    }
    word_set problems = WORDS_NONE;
    bool checked = false;
    assert_ok(cms_signed_digest(parsed, NULL, NULL));
    assert_ok(cms_signed_check(parsed, 0, certificate, &problems, &checked));
    if (problems != WORDS_NONE || !checked) {
        return;
    }
    const struct cms_signer *signer = cms_signed_signer(parsed, 0);
    cr_assert_not_null(cms_signed_content(parsed));
    cr_assert(bytes_equal(cms_signed_content(parsed)->first, CONTENT));
    cr_assert(cms_signed_content_is_data(parsed));
    cr_assert_eq(signer->digest, CMS_SHA256);
    cr_assert_eq(signer->signing_time, signing_time);
}

static void assert_flips_are_harmless(const char *signer, const char *options, size_t step)
{
    CLEANUP(mapping_unref) struct mapping *message = signed_fixture_sign(signer, options);
    CLEANUP(nss_cert_free) CERTCertificate *certificate = signed_fixture_certificate(signer);
    CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
    assert_ok(cms_signed_parse(mapping_view(message), &parsed));
    int64_t time = cms_signed_signer(parsed, 0)->signing_time;
    for (size_t bit = 0; bit < 8 * mapping_len(message); bit += step) {
        mapping_data(message)[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_flip_is_harmless(mapping_view(message), certificate, time);
        mapping_data(message)[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    signed_fixture_assert(mapping_view(message), NULL, certificate, WORDS_NONE);
}

Test(cms_signed_check, no_flipped_bit_changes_what_is_shown_as_right)
{
    assert_flips_are_harmless("rsa", "-nodetach -nocerts -md sha256", 1);
    assert_flips_are_harmless("rsa", "-nodetach -nocerts -md sha256 -noattr", 3);
    assert_flips_are_harmless("p256", "-nodetach -nocerts -md sha256 -nosmimecap", 5);
    assert_flips_are_harmless(
        "pss", "-nodetach -nocerts -md sha256 -nosmimecap -keyopt rsa_pss_saltlen:32", 3);
}

static void assert_signature_counts(const char *signer, const char *options, size_t step)
{
    CLEANUP(mapping_unref) struct mapping *message = signed_fixture_sign(signer, options);
    CLEANUP(nss_cert_free) CERTCertificate *certificate = signed_fixture_certificate(signer);
    CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
    signed_fixture_assert(mapping_view(message), NULL, certificate, WORDS_NONE);
    assert_ok(cms_signed_parse(mapping_view(message), &parsed));
    assert_ok(cms_signed_digest(parsed, NULL, NULL));
    struct bytes signature = parsed->signers[0].signature;
    uint8_t *octets = mapping_data(message) + (signature.data - mapping_data(message));
    for (size_t bit = 0; bit < 8 * signature.len; bit += step) {
        word_set problems = WORDS_NONE;
        bool checked = false;
        octets[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_ok(cms_signed_check(parsed, 0, certificate, &problems, &checked));
        cr_assert_eq(problems, WORD_BIT(WORD_SIGNATURE_MISMATCH),
                     "%s bit %zu of %zu bytes, openssl %s: problems %#llx, checked %d", signer, bit,
                     signature.len, options, (unsigned long long)problems, checked);
        octets[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

Test(cms_signed_check, every_bit_of_the_signature_counts)
{
    assert_signature_counts("rsa", "-nodetach -md sha256", 1);
    /* without the option openssl calls an RSA-PSS signature rsaEncryption */
    assert_signature_counts("pss", "-nodetach -md sha256 -keyopt rsa_pss_saltlen:32", 3);
    assert_signature_counts("p256", "-nodetach -md sha256", 3);
    assert_signature_counts("p521", "-nodetach -md sha256", 31);
    assert_signature_counts("dsa", "-nodetach -md sha256", 3);
}
