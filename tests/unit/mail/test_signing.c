#include "cms/smime_capabilities.h"
#include "mail/compose.h"
#include "mail/signature.h"
#include "mail/signing.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

TestSuite(signing, .fini = fixture_remove, .timeout = 60);

#define CONTENT BYTES_LITERAL("the content")

static struct error *make(struct mail_fixture *fixture, const struct signing_request *request,
                          struct mapping **ret_der)
{
    CLEANUP(content_unref) struct content *content = NULL;
    assert_ok(content_new(&content));
    assert_ok(content_append_copy(content, CONTENT));
    return signing_make(&fixture->context, request, content, ret_der);
}

static struct signature_report *verify(struct mail_fixture *fixture, struct mapping *der)
{
    struct signature_report *report = NULL;
    assert_ok(signature_verify(&fixture->context, mapping_view(der), NULL, &report));
    return report;
}

Test(signing, needs_the_signers_key)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(cert_unref) struct cert *eve = NULL;
    struct mapping *der = NULL;
    fixture_identity("eve");
    fixture_run("openssl", "x509", "-in", "eve.crt", "-outform", "DER", "-out", "eve.der", NULL);
    assert_ok(cert_from_der(mail_keep_file(fixture, "eve.der"), &eve));
    assert_error(make(fixture, &(struct signing_request){ .signer = eve }, &der), ERR_KEY_ABSENT);
    cr_assert_null(der);
}

Test(signing, refuses_what_cms_refuses)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct mapping *der = NULL;
    assert_error(make(fixture,
                      &(struct signing_request){ .signer = fixture->alice, .digest = CMS_SHA1 },
                      &der),
                 ERR_ALGORITHM_FORBIDDEN);
    assert_error(
        make(fixture,
             &(struct signing_request){ .signer = fixture->alice, .scheme = CMS_SIGN_RSA_PSS },
             &der),
        ERR_CERTIFICATE_UNUSABLE);
}

Test(signing, says_what_it_was_asked_to_say)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    const struct signing_request request = { .signer = fixture->alice,
                                             .encryption = fixture->bob,
                                             .digest = CMS_SHA512,
                                             .signing_time = 86400 };
    assert_ok(make(fixture, &request, &der));
    CLEANUP(signature_report_free) struct signature_report *report = verify(fixture, der);
    cr_assert_eq(report->judgement.status, SIGNATURE_GOOD);
    cr_assert_str_eq(report->signers[0].digest, "sha512");
    cr_assert_eq(report->signers[0].signing_time, 86400);
    /* signer and encryption certificate, no root */
    cr_assert_eq(report->carried.count, 2);
    cr_assert_str_eq(cert_id(report->carried.items[0]), cert_id(fixture->alice));
    cr_assert_str_eq(cert_id(report->carried.items[1]), cert_id(fixture->bob));
}

/* What the receiver of the signature learns about encrypting to the signer. */
static struct smime_capabilities announced(struct mail_fixture *fixture,
                                           const struct signing_request *request)
{
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    assert_ok(make(fixture, request, &der));
    struct bytes oid = BYTES_LITERAL("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0f\x31");
    struct bytes cms = mapping_view(der);
    size_t at = bytes_find(cms, oid);
    cr_assert_neq(at, SIZE_MAX);
    struct ber_reader reader = ber_reader_of(bytes_slice(cms, at + oid.len - 1, cms.len));
    struct ber_value set = { 0 };
    assert_ok(ber_expect(&reader, BER_SET, &set));
    return smime_capabilities_read(set.contents);
}

/* RFC 8551 2.5.2, as our own reader has it: no old ciphers, OAEP where there is an RSA key for
 * mail, be it the signer's or another. */
Test(signing, announces_what_mail_may_be_encrypted_with)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(cert_unref)
    struct cert *rsa = mail_person(fixture, &(struct trial_subject){ .name = "Rita",
                                                                     .address = "rita@example.org",
                                                                     .key = TRIAL_RSA_2048 });
    const unsigned ciphers = 1U << CMS_AES_128_CBC | 1U << CMS_AES_192_CBC | 1U << CMS_AES_256_CBC |
                             1U << CMS_AES_128_GCM | 1U << CMS_AES_192_GCM | 1U << CMS_AES_256_GCM;
    const struct {
        struct signing_request request;
        unsigned oaep;
    } cases[] = {
        { { .signer = rsa }, 1U << CMS_SHA256 },
        { { .signer = fixture->alice }, 0 },
        { { .signer = rsa, .encryption = fixture->bob }, 0 },
        { { .signer = fixture->alice, .encryption = rsa }, 1U << CMS_SHA256 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct smime_capabilities found = announced(fixture, &cases[i].request);
        cr_expect(found.known);
        cr_expect_eq(found.ciphers, ciphers, "%zu", i);
        cr_expect_eq(found.oaep, cases[i].oaep, "%zu: %x", i, found.oaep);
    }
}
