#include "cms/capabilities.h"
#include "cms/der.h"
#include "cms/signed_message.h"
#include "nss/item.h"
#include "signed_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <string.h>
#include <unistd.h>

#define CONTENT BYTES_LITERAL("Content-Type: text/plain\r\n\r\nhello\r\n")

enum { SIGNING_TIME = 1795474800 };

ReportHook(PRE_ALL)(struct criterion_test_set *tests)
{
    static const char *const names[] = { "rsa",  "rsa512", "pss",  "pss256", "pssmix",
                                         "p256", "p384",   "p521", "dsa",    "ed25519" };
    (void)tests;
    signed_fixture_make(names, ARRAY_SIZE(names));
    signed_fixture_write("content", CONTENT);
}

ReportHook(POST_ALL)(struct criterion_global_stats *statistics)
{
    (void)statistics;
    signed_fixture_remove();
}

TestSuite(cms_signed_make, .init = signed_fixture_start);

static struct error *make(const char *signer, const char *key_name, struct cms_sign_request request,
                          struct content *content, struct mapping **ret_der)
{
    CLEANUP(nss_cert_free) CERTCertificate *certificate = signed_fixture_certificate(signer);
    CLEANUP(nss_private_key_free) SECKEYPrivateKey *key = signed_fixture_key(key_name);
    request.certificate = certificate;
    request.key = key;
    request.signing_time = SIGNING_TIME;
    return cms_signed_make(&request, content, ret_der);
}

static void assert_scheme_refused(const char *signer, const char *key,
                                  struct cms_sign_request request, enum error_code code)
{
    CLEANUP(content_unref) struct content *content = signed_fixture_content(CONTENT);
    struct mapping *der = NULL;
    assert_error(make(signer, key, request, content, &der), code);
    cr_assert_null(der);
}

static void assert_refused(const char *signer, const char *key, enum cms_digest digest,
                           enum error_code code)
{
    assert_scheme_refused(signer, key, (struct cms_sign_request){ .digest = digest }, code);
}

Test(cms_signed_make, refuses_weak_digests)
{
    assert_refused("rsa", "rsa", CMS_MD5, ERR_ALGORITHM_FORBIDDEN);
    assert_refused("rsa", "rsa", CMS_SHA1, ERR_ALGORITHM_FORBIDDEN);
}

Test(cms_signed_make, refuses_certificates_whose_keys_do_not_sign)
{
    assert_refused("dsa", "rsa", CMS_DIGEST_UNKNOWN, ERR_CERTIFICATE_UNUSABLE);
    assert_refused("ed25519", "rsa", CMS_SHA256, ERR_CERTIFICATE_UNUSABLE);
    if (!capabilities_ed25519()) {
        assert_refused("ed25519", "rsa", CMS_DIGEST_UNKNOWN, ERR_CERTIFICATE_UNUSABLE);
    }
    assert_refused("pss256", "pss256", CMS_SHA512, ERR_CERTIFICATE_UNUSABLE);
}

/* RFC 4055 1.2: a key that is for RSA-PSS signs in no other way; other keys know no padding. */
Test(cms_signed_make, refuses_schemes_that_the_key_has_not)
{
    const struct cms_sign_request rsa = { .scheme = CMS_SIGN_RSA };
    const struct cms_sign_request pss = { .scheme = CMS_SIGN_RSA_PSS };
    assert_scheme_refused("pss", "pss", rsa, ERR_CERTIFICATE_UNUSABLE);
    assert_scheme_refused("p256", "p256", rsa, ERR_CERTIFICATE_UNUSABLE);
    assert_scheme_refused("p256", "p256", pss, ERR_CERTIFICATE_UNUSABLE);
    assert_scheme_refused("ed25519", "rsa", pss, ERR_CERTIFICATE_UNUSABLE);
}

/* 512 bits have room for a SHA-256 digest and a salt of 30 bytes, for SHA-512 there is none. */
Test(cms_signed_make, refuses_pss_where_the_key_is_too_short)
{
    const struct cms_sign_request pss = { .scheme = CMS_SIGN_RSA_PSS, .digest = CMS_SHA512 };
    assert_scheme_refused("rsa512", "rsa512", pss, ERR_CERTIFICATE_UNUSABLE);
}

Test(cms_signed_make, never_hands_out_a_signature_of_another_key)
{
    assert_refused("rsa", "rsa512", CMS_DIGEST_UNKNOWN, ERR_INTERNAL);
    assert_refused("p256", "p384", CMS_DIGEST_UNKNOWN, ERR_INTERNAL);
    assert_refused("p256", "rsa", CMS_DIGEST_UNKNOWN, ERR_INTERNAL);
}

Test(cms_signed_make, stops_when_cancelled)
{
    CLEANUP(content_unref) struct content *content = signed_fixture_content(CONTENT);
    CLEANUP(task_unref) struct task *task = NULL;
    struct mapping *der = NULL;
    assert_ok(task_new(NULL, NULL, &task));
    cr_assert(task_cancel(task));
    struct cms_sign_request request = { .task = task };
    assert_error(make("rsa", "rsa", request, content, &der), ERR_CANCELLED);
}

Test(cms_signed_default_digest, follows_the_strength_of_the_key)
{
    static const struct {
        const char *name;
        enum cms_digest digest;
    } cases[] = { { "rsa", CMS_SHA256 },        { "pss", CMS_SHA256 },  { "pss256", CMS_SHA256 },
                  { "p256", CMS_SHA256 },       { "p384", CMS_SHA384 }, { "p521", CMS_SHA512 },
                  { "dsa", CMS_DIGEST_UNKNOWN } };
    signed_fixture_start();
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        CLEANUP(nss_cert_free)
        CERTCertificate *certificate = signed_fixture_certificate(cases[i].name);
        cr_assert_eq(cms_signed_default_digest(certificate), cases[i].digest, "%s", cases[i].name);
    }
    CLEANUP(nss_cert_free) CERTCertificate *edwards = signed_fixture_certificate("ed25519");
    cr_assert_eq(cms_signed_default_digest(edwards),
                 capabilities_ed25519() ? CMS_SHA512 : CMS_DIGEST_UNKNOWN);
}

/* That openssl verifies it, and we do. */
static void assert_request_right(const char *signer, struct cms_sign_request request)
{
    bool detached = request.detached;
    CLEANUP(content_unref) struct content *content = signed_fixture_content(CONTENT);
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    CLEANUP(nss_cert_free) CERTCertificate *certificate = signed_fixture_certificate(signer);
    struct bytes of_content = CONTENT;
    assert_ok(make(signer, signer, request, content, &der));
    signed_fixture_assert(mapping_view(der), detached ? &of_content : NULL, certificate,
                          WORDS_NONE);
    char name[32] = "";
    (void)snprintf(name, sizeof(name), "made.%d", (int)getpid());
    signed_fixture_write(name, mapping_view(der));
    signed_fixture_run("openssl cms -verify -cades -binary -inform DER -in %s -CAfile %s.crt %s "
                       "-out %s.out && cmp %s.out content",
                       name, signer, detached ? "-content content" : "", name, name);
    if (detached) {
        cr_assert_not(signed_fixture_try("openssl cms -verify -noverify -binary -inform DER -in %s "
                                         "-content %s.crt -out %s.out",
                                         name, signer, name));
    }
}

static void assert_right(const char *signer, enum cms_digest digest, bool detached)
{
    assert_request_right(signer,
                         (struct cms_sign_request){ .digest = digest, .detached = detached });
}

Test(cms_signed_make, makes_what_openssl_accepts)
{
    static const char *const signers[] = { "rsa", "p256", "p384", "p521" };
    for (size_t i = 0; i < ARRAY_SIZE(signers); i++) {
        assert_right(signers[i], CMS_DIGEST_UNKNOWN, true);
        assert_right(signers[i], CMS_SHA512, false);
    }
    assert_right("rsa", CMS_SHA384, true);
    assert_right("rsa", CMS_SHA224, true);
}

/* OpenSSL 3.0 has no Ed25519 in CMS, but in itself: it is asked about the signed attributes. */
static void assert_ed25519(bool detached)
{
    CLEANUP(content_unref) struct content *content = signed_fixture_content(CONTENT);
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    CLEANUP(nss_cert_free) CERTCertificate *certificate = signed_fixture_certificate("ed25519");
    CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
    CLEANUP(buffer_free) struct buffer *attributes = NULL;
    struct bytes of_content = CONTENT;
    assert_ok(make("ed25519", "ed25519", (struct cms_sign_request){ .detached = detached }, content,
                   &der));
    signed_fixture_assert(mapping_view(der), detached ? &of_content : NULL, certificate,
                          WORDS_NONE);
    CLEANUP(buffer_free) struct buffer *altered = NULL;
    assert_ok(buffer_new(0, &altered));
    assert_ok(buffer_append(altered, mapping_view(der)));
    altered->data[altered->len - 1] ^= 1; /* of the signature */
    signed_fixture_assert(buffer_view(altered), detached ? &of_content : NULL, certificate,
                          WORD_BIT(WORD_SIGNATURE_MISMATCH));
    assert_ok(cms_signed_parse(mapping_view(der), &parsed));
    assert_ok(buffer_new(0, &attributes));
    assert_ok(signed_attributes_encode(&parsed->signers[0].attributes, attributes));
    cr_assert_eq(parsed->signers[0].view.digest, CMS_SHA512);
    cr_assert_eq(parsed->signers[0].signature.len, 64);
    signed_fixture_write("signed", buffer_view(attributes));
    signed_fixture_write("signature", parsed->signers[0].signature);
    signed_fixture_run("openssl pkeyutl -verify -rawin -certin -inkey ed25519.crt -in signed "
                       "-sigfile signature");
    attributes->data[attributes->len - 1] ^= 1;
    signed_fixture_write("signed", buffer_view(attributes));
    cr_assert_not(signed_fixture_try("openssl pkeyutl -verify -rawin -certin -inkey ed25519.crt "
                                     "-in signed -sigfile signature"));
}

Test(cms_signed_make, makes_ed25519_where_nss_has_it)
{
    if (capabilities_ed25519()) {
        assert_ed25519(true);
        assert_ed25519(false);
    }
}

Test(cms_signed_make, makes_pss_where_the_key_says_so)
{
    assert_right("pss", CMS_SHA384, true);
    assert_right("pss256", CMS_DIGEST_UNKNOWN, false);
}

Test(cms_signed_make, keeps_to_what_a_pss_key_is_bound_to)
{
    assert_right("pssmix", CMS_DIGEST_UNKNOWN, true); /* MGF1 with SHA-384, 40 bytes of salt */
    assert_refused("pssmix", "pssmix", CMS_SHA384, ERR_CERTIFICATE_UNUSABLE);
}

Test(cms_signed_make, makes_pss_with_plain_keys_on_request)
{
    static const enum cms_digest digests[] = { CMS_SHA224, CMS_SHA256, CMS_SHA384, CMS_SHA512 };
    for (size_t i = 0; i < ARRAY_SIZE(digests); i++) {
        assert_request_right(
            "rsa", (struct cms_sign_request){ .digest = digests[i], .scheme = CMS_SIGN_RSA_PSS });
    }
    assert_request_right("pss", (struct cms_sign_request){ .scheme = CMS_SIGN_RSA_PSS });
    assert_request_right("rsa", (struct cms_sign_request){ .scheme = CMS_SIGN_RSA });
    assert_request_right("rsa512", (struct cms_sign_request){ .scheme = CMS_SIGN_RSA_PSS });
}

Test(cms_signed_make, names_the_scheme_that_was_made)
{
    CLEANUP(content_unref) struct content *content = signed_fixture_content(CONTENT);
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
    struct cms_sign_request request = { .scheme = CMS_SIGN_RSA_PSS };
    assert_ok(make("rsa", "rsa", request, content, &der));
    assert_ok(cms_signed_parse(mapping_view(der), &parsed));
    cr_assert_str_eq(cms_signed_signer(parsed, 0)->signature_name, "rsa-pss");
}

/* SET OF in ascending order, the encodings compared as octets (X.690 11.6). */
static void assert_sorted(struct bytes attributes, size_t expected)
{
    struct ber_reader reader = ber_reader_of(attributes);
    struct bytes last = BYTES_NONE;
    size_t count = 0;
    for (; !ber_at_end(&reader); count++) {
        struct ber_value value = { 0 };
        assert_ok(ber_next(&reader, &value));
        size_t common = last.len < value.whole.len ? last.len : value.whole.len;
        cr_assert(common == 0 || memcmp(last.data, value.whole.data, common) < 0);
        last = value.whole;
    }
    cr_assert_eq(count, expected);
}

Test(cms_signed_make, writes_sorted_attributes_and_the_signer_first)
{
    CLEANUP(content_unref) struct content *content = signed_fixture_content(CONTENT);
    CLEANUP(nss_cert_free) CERTCertificate *signer = signed_fixture_certificate("rsa");
    CLEANUP(nss_cert_free) CERTCertificate *issuer = signed_fixture_certificate("p256");
    CERTCertificate *const chain[] = { issuer, signer };
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
    struct cms_sign_request request = { .chain = chain, .chain_count = ARRAY_SIZE(chain) };
    assert_ok(make("rsa", "rsa", request, content, &der));
    assert_ok(cms_signed_parse(mapping_view(der), &parsed));
    cr_assert_eq(cms_signed_certificate_count(parsed), 2);
    cr_assert(bytes_equal(cms_signed_certificate(parsed, 0), item_bytes(&signer->derCert)));
    cr_assert(bytes_equal(cms_signed_certificate(parsed, 1), item_bytes(&issuer->derCert)));
    const struct cms_signer *shown = cms_signed_signer(parsed, 0);
    cr_assert(bytes_equal(shown->ref.serial, item_bytes(&signer->serialNumber)));
    cr_assert(bytes_equal(shown->ref.issuer, item_bytes(&signer->derIssuer)));
    cr_assert(shown->has_signing_time);
    cr_assert_eq(shown->signing_time, SIGNING_TIME);
    cr_assert_str_eq(shown->signature_name, "rsa");
    cr_assert_str_eq(shown->digest_name, "sha256");
    assert_sorted(parsed->signers[0].attributes.contents, 5);
}

/* The signed attributes of a message made with this request. */
static struct bytes made_attributes(struct cms_sign_request request, struct mapping **ret_der,
                                    struct cms_signed **ret_parsed)
{
    CLEANUP(content_unref) struct content *content = signed_fixture_content(CONTENT);
    CLEANUP(nss_cert_free) CERTCertificate *certificate = signed_fixture_certificate("rsa");
    CLEANUP(nss_private_key_free) SECKEYPrivateKey *key = signed_fixture_key("rsa");
    request.certificate = certificate;
    request.key = key;
    assert_ok(cms_signed_make(&request, content, ret_der));
    assert_ok(cms_signed_parse(mapping_view(*ret_der), ret_parsed));
    return (*ret_parsed)->signers[0].attributes.contents;
}

static void assert_time_written(int64_t time, struct bytes encoded)
{
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
    struct bytes attributes =
        made_attributes((struct cms_sign_request){ .signing_time = time }, &der, &parsed);
    cr_assert_neq(bytes_find(attributes, encoded), SIZE_MAX);
    cr_assert_eq(cms_signed_signer(parsed, 0)->signing_time, time);
}

/* RFC 5652 11.3 */
Test(cms_signed_make, writes_utc_time_until_2049_and_generalized_time_from_2050)
{
    assert_time_written(INT64_C(2524607999), BYTES_LITERAL("\x31\x0f\x17\x0d"
                                                           "491231235959Z"));
    assert_time_written(INT64_C(2524608000), BYTES_LITERAL("\x31\x11\x18\x0f"
                                                           "20500101000000Z"));
}

/* RFC 8551 2.5.2: without parameters, authenticated ones first, no old ones. */
Test(cms_signed_make, lists_the_ciphers_that_the_tokens_decrypt)
{
#define CAPABILITY(last) "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01" last
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
    struct bytes attributes = made_attributes((struct cms_sign_request){ 0 }, &der, &parsed);
    struct bytes expected = BYTES_LITERAL("\x31\x50\x30\x4e" CAPABILITY("\x2e") CAPABILITY(
        "\x1a") CAPABILITY("\x06") CAPABILITY("\x2a") CAPABILITY("\x16") CAPABILITY("\x02"));
    cr_assert_neq(bytes_find(attributes, expected), SIZE_MAX);
}

/* RFC 8551 2.5.3: issuer and serial number under an implicit [0], and the certificate comes along
 * once, also where it is the signer's own. */
Test(cms_signed_make, names_the_encryption_certificate)
{
    CLEANUP(nss_cert_free) CERTCertificate *other = signed_fixture_certificate("p256");
    CLEANUP(nss_cert_free) CERTCertificate *same = signed_fixture_certificate("rsa");
    CERTCertificate *const certificates[] = { same, other };
    CERTCertificate *const chain[] = { other };
    for (size_t i = 0; i < ARRAY_SIZE(certificates); i++) {
        CLEANUP(mapping_unref) struct mapping *der = NULL;
        CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
        CLEANUP(buffer_free) struct buffer *expected = NULL;
        struct cms_sign_request request = { .encryption_certificate = certificates[i],
                                            .chain = chain,
                                            .chain_count = ARRAY_SIZE(chain) };
        struct bytes attributes = made_attributes(request, &der, &parsed);
        assert_ok(buffer_new(0, &expected));
        assert_ok(buffer_append(expected, item_bytes(&certificates[i]->derIssuer)));
        assert_ok(der_value(expected, BER_INTEGER, item_bytes(&certificates[i]->serialNumber)));
        assert_ok(der_wrap(expected, 0, BER_CONTEXT_CONSTRUCTED));
        assert_ok(der_wrap(expected, 0, BER_SET));
        cr_assert_neq(bytes_find(attributes, buffer_view(expected)), SIZE_MAX);
        cr_assert_eq(cms_signed_certificate_count(parsed), 2);
        assert_sorted(attributes, 6);
    }
}

/* Lengths of all sizes, and content in pieces, in one definite encoding. */
Test(cms_signed_make, holds_content_in_pieces_once)
{
    static const size_t sizes[] = { 0, 1, 100, 127, 128, 200, 255, 256, 65535, 65536, 3 << 20 };
    CLEANUP(nss_cert_free) CERTCertificate *certificate = signed_fixture_certificate("p256");
    CLEANUP(buffer_free) struct buffer *all = NULL;
    uint8_t *octets = NULL;
    assert_ok(buffer_new(0, &all));
    assert_ok(buffer_extend(all, 3 << 20, &octets));
    for (size_t i = 0; i < 3 << 20; i++) {
        octets[i] = (uint8_t)(i * 7 + i / 251);
    }
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        CLEANUP(content_unref) struct content *content = NULL;
        CLEANUP(mapping_unref) struct mapping *der = NULL;
        CLEANUP(cms_signed_free) struct cms_signed *parsed = NULL;
        struct bytes whole = bytes_slice(buffer_view(all), 0, sizes[i]);
        assert_ok(content_new(&content));
        assert_ok(content_append_copy(content, bytes_slice(whole, 0, sizes[i] / 3)));
        assert_ok(content_append_copy(content, bytes_slice(whole, sizes[i] / 3, sizes[i])));
        assert_ok(make("p256", "p256", (struct cms_sign_request){ 0 }, content, &der));
        signed_fixture_assert(mapping_view(der), NULL, certificate, WORDS_NONE);
        assert_ok(cms_signed_parse(mapping_view(der), &parsed));
        cr_assert(bytes_equal(cms_signed_content(parsed)->first, whole));
    }
}
