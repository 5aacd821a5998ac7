#include "base/limits.h"
#include "base/task.h"
#include "mail/compose.h"
#include "mail/open.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(open, .fini = fixture_remove, .timeout = 60);

/* Signed by Alice; the header says who claims to have written it. */
static const struct open_result *open_signed(struct mail_fixture *fixture, const char *header)
{
    struct bytes entity = compose_text(fixture, "the text");
    struct bytes sealed = compose_signed(fixture, fixture->alice, FORM_DETACHED, entity);
    return mail_open(fixture, compose_message(fixture, header, sealed));
}

Test(open, refuses_a_nul_byte_in_the_header)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    assert_error(mail_try_open(fixture, BYTES_LITERAL("From: a@example.org\0\r\n\r\nx\r\n")),
                 ERR_MESSAGE_MALFORMED);
    cr_assert_null(fixture->result);
}

Test(open, stops_when_cancelled)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(task_unref) struct task *task = NULL;
    assert_ok(task_new(NULL, NULL, &task));
    fixture->context.interaction.task = task;
    struct bytes text = compose_text(fixture, "x");
    cr_assert(task_cancel(task));
    assert_error(mail_try_open(fixture, compose_mail(fixture, text)), ERR_CANCELLED);
}

Test(open, refuses_multiparts_nested_beyond_the_limit)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = compose_text(fixture, "x");
    struct bytes other = compose_text(fixture, "y");
    for (int i = 0; i <= LIMIT_MIME_DEPTH; i++) {
        entity = compose_mixed(fixture, entity, other);
    }
    assert_error(mail_try_open(fixture, compose_mail(fixture, entity)), ERR_NESTING_TOO_DEEP);
}

Test(open, refuses_more_header_fields_than_the_limit)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct buffer *message = mail_keep(fixture);
    for (int i = 0; i <= LIMIT_HEADER_FIELDS; i++) {
        assert_ok(buffer_append_string(message, "X: y\r\n"));
    }
    assert_ok(buffer_append_string(message, "\r\nbody\r\n"));
    assert_error(mail_try_open(fixture, buffer_view(message)), ERR_MESSAGE_MALFORMED);
}

Test(open, gives_unsigned_mail_back_as_it_came)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes message = compose_mail(fixture, compose_text(fixture, "plain"));
    const struct open_result *result = mail_open(fixture, message);
    assert_signature(result, SIGNATURE_NONE, WORDS_NONE);
    assert_encryption(result, ENCRYPTION_NONE, WORDS_NONE);
    cr_assert_eq(result->layer_count, 0);
    cr_assert(bytes_equal(mail_keep_content(fixture, result->content), message));
    cr_assert_str_eq(result->claimed, "alice@example.org");
}

Test(open, opens_an_empty_message)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const struct open_result *result = mail_open(fixture, BYTES_NONE);
    assert_signature(result, SIGNATURE_NONE, WORDS_NONE);
}

Test(open, calls_a_signature_of_from_good)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const struct open_result *result = open_signed(fixture, COMPOSE_HEADER);
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    cr_assert_eq(result->verdict.speaking_layer, 0);
    cr_assert_eq(result->layers[0].signature->signers[0].match, ADDRESS_MATCH_FROM);
    cr_assert(result->layers[0].signature->signers[0].valid_at_signing_time);
    cr_assert(mail_content_has(result->content, "\r\nSubject: trial\r\n"));
    cr_assert(mail_content_has(result->content, "\r\n\r\nthe text"));
    cr_assert_not(mail_content_has(result->content, "multipart/signed"));
}

Test(open, calls_an_opaque_signature_of_from_good)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = compose_text(fixture, "the text");
    struct bytes sealed = compose_signed(fixture, fixture->alice, FORM_OPAQUE, entity);
    const struct open_result *result = mail_open(fixture, compose_mail(fixture, sealed));
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    cr_assert_not(result->layers[0].multipart);
    cr_assert(mail_content_has(result->content, "\r\n\r\nthe text"));
}

Test(open, calls_a_bare_entity_unverified)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = compose_text(fixture, "the text");
    struct bytes sealed = compose_signed(fixture, fixture->alice, FORM_DETACHED, entity);
    const struct open_result *result = mail_open(fixture, sealed);
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_ADDRESS_MISSING));
    cr_assert_null(result->claimed);
}

Test(open, does_not_take_another_from_for_the_signer)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const struct open_result *result = open_signed(fixture, "From: eve@example.org\r\n");
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_ADDRESS_MISMATCH));
}

Test(open, does_not_take_a_display_name_for_an_address)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const struct open_result *result =
        open_signed(fixture, "From: \"alice@example.org\" <eve@example.org>\r\n");
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_ADDRESS_MISMATCH));
}

Test(open, does_not_choose_among_two_from_fields)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const struct open_result *result =
        open_signed(fixture, "From: alice@example.org\r\nFrom: eve@example.org\r\nSubject: x\r\n");
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_MULTIPLE_FROM));
    cr_assert_null(result->claimed);
}

Test(open, does_not_choose_among_two_equal_from_fields)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const struct open_result *result =
        open_signed(fixture, "From: alice@example.org\r\nFROM: alice@example.org\r\n");
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_MULTIPLE_FROM));
}

Test(open, does_not_choose_among_two_addresses_of_from)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const struct open_result *result =
        open_signed(fixture, "From: alice@example.org, eve@example.org\r\n");
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_MULTIPLE_FROM));
}

Test(open, reports_a_match_with_sender_and_never_calls_it_good)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const struct open_result *result =
        open_signed(fixture, "From: eve@example.org\r\nSender: alice@example.org\r\n");
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_ADDRESS_MISMATCH));
    cr_assert_eq(result->layers[0].signature->signers[0].match, ADDRESS_MATCH_SENDER);
}

static const struct open_result *open_protected_from(struct mail_fixture *fixture, const char *from)
{
    struct bytes entity =
        compose_printf(fixture, "%sContent-Type: text/plain\r\n\r\nthe text\r\n", from);
    struct bytes sealed = compose_signed(fixture, fixture->alice, FORM_DETACHED, entity);
    return mail_open(fixture, compose_mail(fixture, sealed));
}

Test(open, compares_the_protected_from)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const struct open_result *result = open_protected_from(fixture, "From: eve@example.org\r\n");
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_HEADER_MISMATCH));
    cr_assert_eq(result->differences.count, 1);
    cr_assert_str_eq(result->differences.items[0].name, "From");
}

Test(open, compares_two_protected_from_fields)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const struct open_result *result =
        open_protected_from(fixture, "From: alice@example.org\r\nFrom: eve@example.org\r\n");
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_HEADER_MISMATCH));
}

Test(open, accepts_an_equal_protected_from)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const struct open_result *result = open_protected_from(fixture, "From: alice@EXAMPLE.org\r\n");
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
}

Test(open, calls_altered_content_bad)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = compose_text(fixture, "pay 10");
    struct bytes sealed = compose_signed(fixture, fixture->alice, FORM_DETACHED, entity);
    struct bytes altered = compose_replaced(fixture, sealed, "pay 10", "pay 99");
    const struct open_result *result = mail_open(fixture, compose_mail(fixture, altered));
    assert_signature(result, SIGNATURE_BAD, WORD_BIT(WORD_DIGEST_MISMATCH));
}

Test(open, calls_a_signature_that_carries_other_content_bad)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes signed_text = compose_text(fixture, "what was signed");
    struct bytes opaque = compose_signed(fixture, fixture->alice, FORM_OPAQUE, signed_text);
    struct bytes shown = compose_text(fixture, "what is shown");
    struct bytes sealed = compose_with_signature(fixture, shown, compose_cms(fixture, opaque));
    const struct open_result *result = mail_open(fixture, compose_mail(fixture, sealed));
    cr_assert_eq(result->verdict.signature.status, SIGNATURE_BAD);
    cr_assert(words_has(result->verdict.signature.problems, WORD_EMBEDDED_CONTENT));
}

Test(open, calls_a_signature_that_carries_the_same_content_bad_too)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = compose_text(fixture, "the text");
    struct bytes opaque = compose_signed(fixture, fixture->alice, FORM_OPAQUE, entity);
    struct bytes sealed = compose_with_signature(fixture, entity, compose_cms(fixture, opaque));
    const struct open_result *result = mail_open(fixture, compose_mail(fixture, sealed));
    assert_signature(result, SIGNATURE_BAD, WORD_BIT(WORD_EMBEDDED_CONTENT));
}

Test(open, calls_an_opaque_signature_without_content_bad)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = compose_text(fixture, "the text");
    struct bytes sealed = compose_signed(fixture, fixture->alice, FORM_DETACHED, entity);
    struct bytes bare = compose_pkcs7(fixture, "signed-data", compose_cms(fixture, sealed));
    const struct open_result *result = mail_open(fixture, compose_mail(fixture, bare));
    cr_assert_eq(result->verdict.signature.status, SIGNATURE_BAD);
    cr_assert(words_has(result->verdict.signature.problems, WORD_CONTENT_NOT_COVERED));
}

Test(open, reads_mail_stored_with_unix_line_ends)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = compose_text(fixture, "the text");
    struct bytes sealed = compose_signed(fixture, fixture->alice, FORM_DETACHED, entity);
    struct bytes stored = compose_unix(fixture, compose_mail(fixture, sealed));
    assert_signature(mail_open(fixture, stored), SIGNATURE_GOOD, WORDS_NONE);
}

Test(open, does_not_mend_mixed_line_ends)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = compose_text(fixture, "one\r\ntwo");
    struct bytes sealed = compose_signed(fixture, fixture->alice, FORM_DETACHED, entity);
    struct bytes mixed = compose_replaced(fixture, sealed, "one\r\n", "one\n");
    const struct open_result *result = mail_open(fixture, compose_mail(fixture, mixed));
    assert_signature(result, SIGNATURE_BAD,
                     WORD_BIT(WORD_DIGEST_MISMATCH) | WORD_BIT(WORD_LINE_ENDS_ALTERED));
}

Test(open, explains_old_mail_by_its_signing_time_and_does_not_upgrade_it)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    int64_t now = fixture->context.at;
    CLEANUP(cert_unref)
    struct cert *old = mail_person(fixture, &(struct trial_subject){ .name = "Alice",
                                                                     .address = "alice@example.org",
                                                                     .key = TRIAL_ECDSA_P256,
                                                                     .not_before = now - 3000,
                                                                     .not_after = now - 600 });
    fixture->context.at = now - 1200;
    struct bytes entity = compose_text(fixture, "old");
    struct bytes sealed = compose_signed(fixture, old, FORM_DETACHED, entity);
    struct bytes message = compose_mail(fixture, sealed);
    assert_signature(mail_open(fixture, message), SIGNATURE_GOOD, WORDS_NONE);

    fixture->context.at = now;
    const struct open_result *result = mail_open(fixture, message);
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_CERTIFICATE_EXPIRED));
    cr_assert(result->layers[0].signature->signers[0].valid_at_signing_time);
}
