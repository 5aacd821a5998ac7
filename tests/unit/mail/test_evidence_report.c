#include "mail/compose.h"
#include "mail/evidence_report.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(evidence_report, .fini = fixture_remove, .timeout = 60);

/* NUL-terminated; kept by the fixture. */
static const char *report_of(struct mail_fixture *fixture, struct bytes message)
{
    struct evidence_files files = { 0 };
    struct buffer *out = mail_keep(fixture);
    fixture->context.keep_signatures = true;
    CLEANUP(mapping_unref) struct mapping *owner = mail_mapping(message);
    const struct open_result *result = mail_open(fixture, message);
    assert_ok(evidence_files_collect(owner, mapping_view(owner), result, &files));
    assert_ok(evidence_report_write(&fixture->context, result, &files, out));
    assert_ok(buffer_append_byte(out, '\0'));
    evidence_files_done(&files);
    return (const char *)out->data;
}

static struct bytes signed_mail(struct mail_fixture *fixture)
{
    return compose_mail(fixture, compose_signed(fixture, fixture->alice, FORM_DETACHED,
                                                compose_text(fixture, "the words")));
}

static void assert_has(const char *report, const char *text)
{
    cr_assert_not_null(strstr(report, text), "%s\nis not in\n%s", text, report);
}

Test(evidence_report, says_the_verdict_who_signed_and_what_was_not_checked)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const char *report = report_of(fixture, signed_mail(fixture));
    assert_has(report, "\n  signature        good\n");
    assert_has(report, "\n  From             Alice <alice@example.org>\n");
    assert_has(report, "\n  address          alice@example.org\n");
    assert_has(report, "\n  is the author    from\n");
    assert_has(report, cert_id(fixture->alice));
    assert_has(report, "\n  revocation       NOT CHECKED\n");
    assert_has(report, "nobody has confirmed it");
    assert_has(report, "signature-1-content.mime\n");
    cr_assert_null(strstr(report, "was encrypted"));
}

Test(evidence_report, calls_a_wrong_signature_bad)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const char *report = report_of(
        fixture, compose_replaced(fixture, signed_mail(fixture), "the words", "the worms"));
    assert_has(report, "\n  signature        bad\n");
    assert_has(report, "digest-mismatch");
    cr_assert_null(strstr(report, "  signature        good"));
}

Test(evidence_report, says_that_cleartext_stands_in_it)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes inner =
        compose_signed(fixture, fixture->alice, FORM_OPAQUE, compose_text(fixture, "the words"));
    struct bytes message =
        compose_mail(fixture, compose_encrypted(fixture, fixture->bob, CMS_AES_128_CBC, inner));
    assert_has(report_of(fixture, message), "The message was encrypted and was decrypted");
}

/* Line ends of every kind, marks that turn the order around, and length. */
Test(evidence_report, lets_no_field_write_lines_of_its_own)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes message = compose_printf(
        fixture,
        "From: alice@example.org\r\nSubject: =?utf-8?Q?a=0ASIGNATURE_8=0D=0A=E2=80=A8SIGNATURE_9=E2=80"
        "=AE=C2=85SIGNATURE_7?=\r\nTo: %01500d@example.org\r\n\r\nx\r\n",
        7);
    const char *report = report_of(fixture, message);
    cr_assert_null(strstr(report, "\nSIGNATURE"));
    cr_assert_null(strstr(report, "\r"));
    cr_assert_null(strstr(report, "\xe2\x80\xa8"));
    cr_assert_null(strstr(report, "\xe2\x80\xae"));
    cr_assert_null(strstr(report, "\xc2\x85"));
    assert_has(report, "SIGNATURE 9");
    assert_has(report, "0…\n");
}
