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
