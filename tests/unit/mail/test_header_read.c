#include "base/limits.h"
#include "mail/compose.h"
#include "mail/header_read.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

TestSuite(header_read, .fini = fixture_remove, .timeout = 60);

#define ALICE "From: Alice <alice@example.org>\r\n"
#define HIDDEN_OUTER ALICE "To: bob@example.org\r\nSubject: [...]\r\n"
/* Protected fields as a sender writes them who hides the subject. */
#define HIDING \
    ALICE "To: bob@example.org\r\nSubject: the plan\r\n" \
          "HP-Outer: From: Alice <alice@example.org>\r\nHP-Outer:\r\n To: bob@example.org\r\n" \
          "HP-Outer: Subject: [...]\r\n"

static struct bytes payload(struct mail_fixture *fixture, const char *fields, const char *hp)
{
    return compose_printf(fixture, "%sContent-Type: text/plain%s\r\n\r\nthe text\r\n", fields, hp);
}

static struct bytes sign(struct mail_fixture *fixture, struct bytes entity)
{
    return compose_signed(fixture, fixture->alice, FORM_DETACHED, entity);
}

static struct bytes encrypt(struct mail_fixture *fixture, struct bytes entity)
{
    return compose_encrypted(fixture, fixture->bob, CMS_AES_256_GCM, entity);
}

static const struct open_result *open_with(struct mail_fixture *fixture, const char *outer,
                                           struct bytes entity)
{
    return mail_open(fixture, compose_message(fixture, outer, entity));
}

static const struct open_field *shown(const struct open_result *result, const char *name)
{
    for (size_t i = 0; i < result->shown.count; i++) {
        if (strcasecmp(result->shown.items[i].name, name) == 0) {
            return &result->shown.items[i];
        }
    }
    return NULL;
}

static void expect(const struct open_result *result, const char *name, const char *value,
                   enum header_protection protection)
{
    const struct open_field *field = shown(result, name);
    cr_assert_not_null(field, "no %s", name);
    cr_assert_str_eq(field->value, value);
    cr_assert_eq(field->protection, protection, "%s: %d", name, (int)field->protection);
}

static void expect_differences(const struct open_result *result, const char *expected)
{
    char text[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < result->differences.count; i++) {
        int written = snprintf(text + used, sizeof(text) - used, "%s%s", i ? " " : "",
                               result->differences.items[i].name);
        cr_assert_geq(written, 0);
        used += (size_t)written;
    }
    cr_assert_str_eq(text, expected);
}

static void expect_nothing_protected(const struct open_result *result)
{
    for (size_t i = 0; i < result->shown.count; i++) {
        cr_assert_eq(result->shown.items[i].protection, HEADER_UNPROTECTED, "%s",
                     result->shown.items[i].name);
    }
}

#define SIGNED_OUTER ALICE "Subject: outside\r\n"
#define INSIDE ALICE "Subject: inside\r\n"

Test(header_read, ignores_the_parameter_where_nothing_is_protected)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = compose_printf(
        fixture,
        "Content-Type: text/plain; hp=cipher; hp-legacy-display=1\r\n\r\nSubject: x\r\n\r\n"
        "the text\r\n");
    const struct open_result *result =
        open_with(fixture, SIGNED_OUTER "HP-Outer: Subject: [...]\r\n", entity);
    expect_nothing_protected(result);
    expect(result, "Subject", "outside", HEADER_UNPROTECTED);
    cr_assert(mail_content_has(result->content, "\r\n\r\nSubject: x\r\n\r\nthe text"));
    cr_assert_eq(result->protected.count, 0);
}

Test(header_read, takes_nothing_from_inside_a_wrong_signature)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed = sign(fixture, payload(fixture, INSIDE, "; hp=clear"));
    struct bytes altered = compose_replaced(fixture, sealed, "the text", "another");
    const struct open_result *result = open_with(fixture, SIGNED_OUTER, altered);
    assert_signature(result, SIGNATURE_BAD, WORD_BIT(WORD_DIGEST_MISMATCH));
    expect_nothing_protected(result);
    expect(result, "Subject", "outside", HEADER_UNPROTECTED);
    cr_assert_eq(result->protected.count, 0);
    expect_differences(result, "");
    cr_assert(mail_content_has(result->content, "Subject: outside\r\n"));
}

Test(header_read, takes_nothing_without_the_parameter)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed = sign(fixture, payload(fixture, INSIDE, ""));
    const struct open_result *result = open_with(fixture, SIGNED_OUTER, sealed);
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    expect_nothing_protected(result);
    expect(result, "Subject", "outside", HEADER_UNPROTECTED);
    cr_assert_eq(result->protected.count, 2);
    expect_differences(result, "Subject");
}

Test(header_read, takes_nothing_from_a_part_of_the_payload)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes part = payload(fixture, INSIDE, "; hp=clear");
    struct bytes mixed = compose_mixed(fixture, part, compose_text(fixture, "x"));
    const struct open_result *result = open_with(fixture, SIGNED_OUTER, sign(fixture, mixed));
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    expect_nothing_protected(result);
    cr_assert_eq(result->protected.count, 0);
}

Test(header_read, takes_nothing_from_a_layer_that_covers_a_part)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed = sign(fixture, payload(fixture, INSIDE, "; hp=clear"));
    struct bytes mixed = compose_mixed(fixture, sealed, compose_text(fixture, "footer"));
    const struct open_result *result = open_with(fixture, SIGNED_OUTER, mixed);
    cr_assert_eq(result->verdict.signature.status, SIGNATURE_PARTIAL);
    expect_nothing_protected(result);
    expect(result, "Subject", "outside", HEADER_UNPROTECTED);
}

Test(header_read, takes_nothing_from_a_payload_that_can_be_read_in_two_ways)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = payload(fixture, INSIDE, "; hp=clear; hp=cipher");
    const struct open_result *result = open_with(fixture, SIGNED_OUTER, sign(fixture, entity));
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_MIME_AMBIGUOUS));
    expect_nothing_protected(result);
    expect(result, "Subject", "outside", HEADER_UNPROTECTED);
    cr_assert_eq(result->protected.count, 0);
}

Test(header_read, calls_nothing_signed_that_another_signed)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = payload(fixture, INSIDE, "; hp=clear");
    struct bytes sealed = compose_signed(fixture, fixture->bob, FORM_DETACHED, entity);
    const struct open_result *result = open_with(fixture, SIGNED_OUTER, sealed);
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_ADDRESS_MISMATCH));
    expect_nothing_protected(result);
    expect(result, "Subject", "inside", HEADER_UNPROTECTED);
}

Test(header_read, calls_nothing_signed_by_a_certificate_that_expired)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed = sign(fixture, payload(fixture, INSIDE, "; hp=clear"));
    fixture->context.at += (int64_t)20 * 365 * 24 * 3600;
    const struct open_result *result = open_with(fixture, SIGNED_OUTER, sealed);
    cr_assert_eq(result->verdict.signature.status, SIGNATURE_UNVERIFIED);
    expect_nothing_protected(result);
}

Test(header_read, does_not_let_an_unsigned_author_take_the_place_of_the_outer_one)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed = encrypt(fixture, payload(fixture, HIDING, "; hp=cipher"));
    const struct open_result *result =
        open_with(fixture, "From: eve@example.org\r\nSubject: [...]\r\n", sealed);
    expect(result, "From", "eve@example.org", HEADER_UNPROTECTED);
    expect(result, "Subject", "the plan", HEADER_ENCRYPTED);
    expect_differences(result, "From To Subject");
    cr_assert_not(mail_content_has(result->content, "alice"));
}

Test(header_read, does_not_let_a_badly_signed_author_take_it_either)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = payload(fixture, INSIDE, "; hp=clear");
    struct bytes sealed = compose_signed(fixture, fixture->bob, FORM_DETACHED, entity);
    const struct open_result *result =
        open_with(fixture, "From: bob@example.org\r\nSubject: x\r\n", sealed);
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_HEADER_MISMATCH));
    expect(result, "From", "bob@example.org", HEADER_UNPROTECTED);
    expect_nothing_protected(result);
}

Test(header_read, shows_an_author_who_signed_and_says_that_outside_is_another)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed = sign(fixture, payload(fixture, INSIDE, "; hp=clear"));
    const struct open_result *result =
        open_with(fixture, "From: list@example.org\r\nSubject: inside\r\n", sealed);
    cr_assert_eq(result->verdict.signature.status, SIGNATURE_UNVERIFIED);
    cr_assert(words_has(result->verdict.signature.problems, WORD_HEADER_MISMATCH));
    expect(result, "From", "Alice <alice@example.org>", HEADER_SIGNED);
    expect_differences(result, "From");
}

Test(header_read, shows_the_outer_author_where_there_is_none_inside)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed = sign(fixture, payload(fixture, "Subject: inside\r\n", "; hp=clear"));
    const struct open_result *result = open_with(fixture, SIGNED_OUTER, sealed);
    expect(result, "From", "Alice <alice@example.org>", HEADER_UNPROTECTED);
    expect(result, "Subject", "inside", HEADER_SIGNED);
    expect_differences(result, "Subject From");
}

Test(header_read, calls_neither_of_two_subjects_protected)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = payload(fixture, INSIDE "SUBJECT: two\r\nX: a\r\nX: b\r\n", "; hp=clear");
    const struct open_result *result =
        open_with(fixture, ALICE "Subject: inside\r\nX: b\r\nX: a\r\n", sign(fixture, entity));
    expect(result, "Subject", "inside", HEADER_UNPROTECTED);
    expect(result, "X", "a", HEADER_SIGNED);
    expect_differences(result, "Subject");
}

Test(header_read, calls_two_authors_inside_a_mismatch)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = payload(fixture, ALICE "From: eve@example.org\r\n", "; hp=clear");
    const struct open_result *result = open_with(fixture, SIGNED_OUTER, sign(fixture, entity));
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_HEADER_MISMATCH));
    expect(result, "From", "Alice <alice@example.org>", HEADER_UNPROTECTED);
    cr_assert_not(mail_content_has(result->content, "eve"));
}

Test(header_read, does_not_believe_that_a_field_was_hidden_which_stands_outside)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = payload(fixture, HIDING, "; hp=cipher");
    struct bytes sealed = encrypt(fixture, sign(fixture, entity));
    const struct open_result *result =
        open_with(fixture, ALICE "To: bob@example.org\r\nsubject:  the\r\n\tplan\r\n", sealed);
    expect(result, "Subject", "the plan", HEADER_SIGNED);
    expect_differences(result, "");
}

Test(header_read, does_not_believe_that_anything_was_hidden_without_encryption)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed = sign(fixture, payload(fixture, HIDING, "; hp=cipher"));
    const struct open_result *result = open_with(fixture, HIDDEN_OUTER, sealed);
    expect(result, "Subject", "the plan", HEADER_SIGNED);
}

Test(header_read, does_not_call_encrypted_what_the_sender_did_not_encrypt)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed = encrypt(fixture, sign(fixture, payload(fixture, INSIDE, "; hp=clear")));
    const struct open_result *result = open_with(fixture, SIGNED_OUTER, sealed);
    expect(result, "Subject", "inside", HEADER_SIGNED);
}

Test(header_read, does_not_call_encrypted_what_could_not_be_opened)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes cms = compose_cms(fixture, encrypt(fixture, payload(fixture, HIDING, "")));
    struct buffer *damaged = mail_keep(fixture);
    assert_ok(buffer_append(damaged, cms));
    damaged->data[damaged->len - 1] ^= 1;
    struct bytes sealed = compose_pkcs7(fixture, "authEnveloped-data", buffer_view(damaged));
    struct bytes named = compose_replaced(fixture, sealed, "pkcs7-mime;", "pkcs7-mime; hp=cipher;");
    const struct open_result *result = open_with(fixture, HIDDEN_OUTER, sign(fixture, named));
    cr_assert_eq(result->verdict.encryption, ENCRYPTION_FAILED);
    expect_nothing_protected(result);
    expect(result, "Subject", "[...]", HEADER_UNPROTECTED);
}

Test(header_read, does_not_call_signed_what_was_signed_around_encryption)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed = sign(fixture, encrypt(fixture, payload(fixture, HIDING, "; hp=cipher")));
    const struct open_result *result = open_with(fixture, HIDDEN_OUTER, sealed);
    expect(result, "Subject", "the plan", HEADER_ENCRYPTED);
    expect(result, "From", "Alice <alice@example.org>", HEADER_UNPROTECTED);
}

Test(header_read, passes_over_copies_that_are_no_fields)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = payload(fixture,
                                  INSIDE "HP-Outer: Subject\r\nHP-Outer:\r\n"
                                         "HP-Outer: : inside\r\nHP-Outer:Subject: inside\r\n",
                                  "; hp=cipher");
    const struct open_result *result =
        open_with(fixture, ALICE "Subject: x\r\n", encrypt(fixture, sign(fixture, entity)));
    expect(result, "Subject", "inside", HEADER_SIGNED);
    cr_assert_null(shown(result, "HP-Outer"));
    cr_assert_eq(result->protected.count, 2);
    cr_assert_not(mail_content_has(result->content, "HP-Outer"));
}

Test(header_read, does_not_show_what_was_put_in_outside)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed = sign(fixture, payload(fixture, INSIDE, "; hp=clear"));
    const struct open_result *result = open_with(
        fixture,
        "Received: by x\r\n" SIGNED_OUTER "Cc: eve@example.org\r\nReply-To: eve@example.org\r\n"
        "X-Priority: 1\r\nList-Id: <l.example.org>\r\n",
        sealed);
    cr_assert_null(shown(result, "Cc"));
    cr_assert_null(shown(result, "Reply-To"));
    cr_assert_null(shown(result, "X-Priority"));
    expect(result, "Received", "by x", HEADER_UNPROTECTED);
    expect(result, "List-Id", "<l.example.org>", HEADER_UNPROTECTED);
    expect_differences(result, "Subject Cc Reply-To");
    cr_assert_eq(result->outer.count, 7);
    cr_assert_not(mail_content_has(result->content, "eve"));
}

Test(header_read, calls_fields_of_signed_mail_signed)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed = sign(fixture, payload(fixture, INSIDE, "; hp=\"clear\""));
    const struct open_result *result = open_with(fixture, SIGNED_OUTER, sealed);
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    expect(result, "From", "Alice <alice@example.org>", HEADER_SIGNED);
    expect(result, "Subject", "inside", HEADER_SIGNED);
    cr_assert_eq(result->shown.count, 2);
    expect_differences(result, "Subject");
    cr_assert(mail_content_has(result->content, "Subject: inside\r\nMIME-Version: 1.0\r\n"));
    cr_assert_not(mail_content_has(result->content, "outside"));
}

Test(header_read, calls_hidden_fields_encrypted)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = payload(fixture, HIDING, "; hp=\"cipher\"");
    const struct open_result *result =
        open_with(fixture, HIDDEN_OUTER, encrypt(fixture, sign(fixture, entity)));
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    expect(result, "Subject", "the plan", HEADER_BOTH);
    expect(result, "To", "bob@example.org", HEADER_SIGNED);
    expect_differences(result, "Subject");
    result = open_with(fixture, HIDDEN_OUTER, encrypt(fixture, entity));
    expect(result, "Subject", "the plan", HEADER_ENCRYPTED);
    expect(result, "To", "bob@example.org", HEADER_UNPROTECTED);
}

/* A relay that repeats a hidden field must not make it look like one that was never hidden. */
Test(header_read, reads_the_copies_where_the_outer_header_was_altered)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = payload(fixture, HIDING, "; hp=\"cipher\"");
    const struct open_result *result = open_with(fixture, ALICE "Subject: [EXTERN] [...]\r\n",
                                                 encrypt(fixture, sign(fixture, entity)));
    expect(result, "Subject", "the plan", HEADER_BOTH);
    expect(result, "To", "bob@example.org", HEADER_SIGNED);
    expect_differences(result, "To Subject");
}

Test(header_read, takes_the_header_of_a_wrapped_message)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity =
        compose_printf(fixture, "Content-Type: message/rfc822; forwarded=no\r\n\r\n" INSIDE
                                "X-HP: y\r\nContent-Type: text/html\r\n\r\n<p>the text\r\n");
    const struct open_result *result = open_with(fixture, SIGNED_OUTER, sign(fixture, entity));
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    expect(result, "Subject", "inside", HEADER_SIGNED);
    cr_assert(mail_content_has(result->content, "Content-Type: text/html\r\n\r\n<p>the text"));
    cr_assert_not(mail_content_has(result->content, "rfc822"));
    cr_assert_str_eq(result->parts[0].type, "text/html");
    cr_assert_eq(result->parts[0].signed_by, 1);

    result = open_with(fixture, HIDDEN_OUTER, encrypt(fixture, sign(fixture, entity)));
    expect(result, "Subject", "inside", HEADER_BOTH);
    expect(result, "From", "Alice <alice@example.org>", HEADER_SIGNED);
}

Test(header_read, numbers_the_layers_of_a_wrapped_message_as_in_the_content)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes part = encrypt(fixture, compose_text(fixture, "secret"));
    struct bytes mixed = compose_mixed(fixture, compose_text(fixture, "text"), part);
    struct bytes entity =
        compose_printf(fixture, "Content-Type: message/rfc822; forwarded=no\r\n\r\n" INSIDE "%.*s",
                       (int)mixed.len, (const char *)mixed.data);
    const struct open_result *result = open_with(fixture, SIGNED_OUTER, sign(fixture, entity));
    cr_assert_eq(result->layer_count, 2);
    cr_assert_str_eq(result->layers[1].part, "1.2");
    cr_assert_eq(result->parts[2].encrypted_by, 2);
    cr_assert_not(mail_content_has(result->content, "secret"));
}

Test(header_read, compares_the_author_of_a_wrapped_message)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity =
        compose_printf(fixture, "Content-Type: message/rfc822; forwarded=no\r\n\r\n"
                                "From: eve@example.org\r\nSubject: x\r\n\r\nthe text\r\n");
    const struct open_result *result = open_with(fixture, SIGNED_OUTER, sign(fixture, entity));
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_HEADER_MISMATCH));
    expect_nothing_protected(result);
    expect(result, "From", "Alice <alice@example.org>", HEADER_UNPROTECTED);
}

Test(header_read, drops_the_legacy_display_of_encrypted_mail)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = compose_printf(
        fixture, HIDING "Content-Type: text/plain; hp=cipher; hp-legacy-display=1\r\n\r\n"
                        "Subject: the plan\r\n\r\nthe text\r\n");
    const struct open_result *result =
        open_with(fixture, HIDDEN_OUTER, encrypt(fixture, sign(fixture, entity)));
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    cr_assert(mail_content_has(result->content, "\r\n\r\nthe text"));
    cr_assert_not(mail_content_has(result->content, "\r\n\r\nSubject"));
    cr_assert_eq(result->parts[0].size, strlen("the text\r\n"));

    result = open_with(fixture, HIDDEN_OUTER, sign(fixture, entity));
    cr_assert(mail_content_has(result->content, "\r\n\r\nSubject: the plan\r\n\r\nthe text"));
}

/* As many long fields as go into a header, all nearly alike, inside and outside. */
Test(header_read, compares_many_long_fields_in_little_time)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct buffer *outer = mail_keep(fixture);
    struct buffer *inner = mail_keep(fixture);
    assert_ok(buffer_append_string(outer, ALICE));
    assert_ok(buffer_append_string(inner, ALICE));
    for (int i = 0; i < 450; i++) {
        assert_ok(buffer_printf(outer, "X: %01000d a\r\n", i));
        assert_ok(buffer_printf(inner, "X: %01000d b\r\nHP-Outer: X: %01000d c\r\n", i, i));
    }
    assert_ok(buffer_append(outer, (struct bytes){ (const uint8_t *)"", 1 }));
    assert_ok(buffer_append(inner, (struct bytes){ (const uint8_t *)"", 1 }));
    struct bytes entity = payload(fixture, (const char *)inner->data, "; hp=cipher");
    clock_t start = clock();
    const struct open_result *result =
        open_with(fixture, (const char *)outer->data, encrypt(fixture, sign(fixture, entity)));
    cr_assert_lt((double)(clock() - start) / CLOCKS_PER_SEC, 2.0);
    cr_assert_eq(result->shown.count, 451);
    cr_assert_eq(result->shown.items[450].protection, HEADER_BOTH);
}
