#include "mail/compose.h"
#include "mail/evidence.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

TestSuite(evidence, .fini = fixture_remove, .timeout = 60);

static struct content *evidence_of(const struct mail_fixture *fixture, struct bytes message)
{
    CLEANUP(mapping_unref) struct mapping *owner = mail_mapping(message);
    struct content *zip = NULL;
    assert_ok(evidence_make(&fixture->context, owner, mapping_view(owner), &zip));
    cr_assert(bytes_equal(mapping_view(owner), message), "the message was changed");
    return zip;
}

static struct bytes signed_mail(struct mail_fixture *fixture, enum protect_form form)
{
    return compose_mail(
        fixture, compose_signed(fixture, fixture->alice, form, compose_text(fixture, "the words")));
}

Test(evidence, refuses_what_is_no_mail)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(mapping_unref) struct mapping *owner = mail_mapping(BYTES_LITERAL("From: a\0\r\n\r\n"));
    struct content *zip = NULL;
    assert_error(evidence_make(&fixture->context, owner, mapping_view(owner), &zip),
                 ERR_MESSAGE_MALFORMED);
    cr_assert_null(zip);
}

Test(evidence, holds_cms_content_chain_and_report)
{
    static const enum protect_form forms[] = { FORM_DETACHED, FORM_OPAQUE };
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
        CLEANUP(content_unref)
        struct content *zip = evidence_of(fixture, signed_mail(fixture, forms[i]));
        cr_assert(mail_content_has(zip, "report.txt"));
        cr_assert(mail_content_has(zip, "message.eml"));
        cr_assert(
            mail_content_has(zip, forms[i] == FORM_OPAQUE ? "signature-1.p7m" : "signature-1.p7s"));
        cr_assert(mail_content_has(zip, "signature-1-content.mime"));
        cr_assert(mail_content_has(zip, "signature-1-chain.pem"));
        cr_assert(mail_content_has(zip, "signature-1-anchors.pem"));
        cr_assert_not(mail_content_has(zip, "signature-1-crls.pem"));
        cr_assert_not(mail_content_has(zip, "signature-2"));
    }
}

Test(evidence, of_mail_as_unix_stores_it_holds_what_was_checked)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes message = compose_unix(fixture, signed_mail(fixture, FORM_DETACHED));
    CLEANUP(content_unref) struct content *zip = evidence_of(fixture, message);
    cr_assert(mail_content_has(zip, "\r\n\r\nthe words"), "the content must have its CRLF");
    cr_assert(mail_content_has(zip, "\n\nthe words"), "the message must be as it came");
}

Test(evidence, is_left_alone_by_opening)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const struct open_result *result = mail_open(fixture, signed_mail(fixture, FORM_OPAQUE));
    cr_assert_eq(result->layer_count, 1);
    cr_assert_null(result->layers[0].cms, "nobody asked for it");
    cr_assert_null(result->layers[0].covered);
}
