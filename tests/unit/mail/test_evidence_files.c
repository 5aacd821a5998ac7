#include "mail/compose.h"
#include "mail/evidence_files.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(evidence_files, .fini = fixture_remove, .timeout = 60);

static struct bytes two_signatures(struct mail_fixture *fixture)
{
    struct bytes inner =
        compose_signed(fixture, fixture->bob, FORM_OPAQUE, compose_text(fixture, "the words"));
    return compose_mail(fixture, compose_signed(fixture, fixture->alice, FORM_DETACHED, inner));
}

static void collect(struct mail_fixture *fixture, struct bytes message,
                    struct evidence_files *files)
{
    fixture->context.keep_signatures = true;
    CLEANUP(mapping_unref) struct mapping *owner = mail_mapping(message);
    const struct open_result *result = mail_open(fixture, message);
    assert_ok(evidence_files_collect(owner, mapping_view(owner), result, files));
}

Test(evidence_files, stand_for_each_signature_outermost_first)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct evidence_files files = { 0 };
    collect(fixture, two_signatures(fixture), &files);
    cr_assert_eq(files.signature_count, 2);
    cr_assert_str_eq(files.signatures[0].cms->name, "signature-1.p7s");
    cr_assert_str_eq(files.signatures[1].cms->name, "signature-2.p7m");
    cr_assert_neq(bytes_find(files.signatures[0].content->content, BYTES_LITERAL("smime.p7m")),
                  SIZE_MAX);
    cr_assert_neq(bytes_find(files.signatures[1].content->content, BYTES_LITERAL("the words")),
                  SIZE_MAX);
    evidence_files_done(&files);
    cr_assert_eq(files.count, 0);
}

Test(evidence_files, are_told_apart_by_name_and_have_their_sums)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct evidence_files files = { 0 };
    collect(fixture, two_signatures(fixture), &files);
    for (size_t i = 0; i < files.count; i++) {
        cr_assert_eq(strlen(files.items[i].sha256), 64);
        for (size_t k = 0; k < i; k++) {
            cr_assert_str_neq(files.items[i].name, files.items[k].name);
        }
    }
    evidence_files_done(&files);
}

Test(evidence_files, have_no_anchor_where_nothing_is_trusted)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes message = compose_mail(
        fixture, compose_signed(fixture, fixture->alice, FORM_OPAQUE, compose_text(fixture, "x")));
    struct evidence_files files = { 0 };
    fixture->context.at += 0;
    fixture_run("certutil", "-D", "-d", "sql:db", "-n", "Trial CA", NULL);
    mail_fixture_reopen(fixture, NULL);
    collect(fixture, message, &files);
    cr_assert_eq(files.signature_count, 1);
    cr_assert_null(files.signatures[0].anchors);
    cr_assert_not_null(files.signatures[0].chain, "the signer's own certificate is there");
    evidence_files_done(&files);
}

Test(evidence_files, of_damaged_cms_hold_what_came)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = compose_with_signature(fixture, compose_text(fixture, "the words"),
                                                 BYTES_LITERAL("\x30\x03\x02\x01\x05"));
    struct evidence_files files = { 0 };
    collect(fixture, compose_mail(fixture, entity), &files);
    cr_assert_geq(files.count, 1);
    cr_assert_str_eq(files.items[0].name, "message.eml");
    for (size_t i = 0; i < files.signature_count; i++) {
        cr_assert_null(files.signatures[i].crls);
    }
    evidence_files_done(&files);
}
