#include "base/limits.h"
#include "mail/address.h"
#include "mail/fixture.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

TestSuite(address, .fini = fixture_remove, .timeout = 60);

/* Words for this header and signers; the last signer's match. */
static word_set check(const char *text, struct signer_report *signers, size_t count)
{
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    CLEANUP(string_free) char *claimed = NULL;
    struct signature_report report = { .signers = signers, .signer_count = count };
    struct bytes body = BYTES_NONE;
    word_set words = WORDS_NONE;
    assert_ok(mime_header_parse(bytes_of_string(text), &header, &body));
    assert_ok(address_check(header, &report, &words, &claimed));
    return words;
}

static word_set check_protected(const char *outer_text, const char *inner_text)
{
    CLEANUP(mime_header_free) struct mime_header *outer = NULL;
    CLEANUP(mime_header_free) struct mime_header *inner = NULL;
    struct bytes body = BYTES_NONE;
    word_set words = WORDS_NONE;
    assert_ok(mime_header_parse(bytes_of_string(outer_text), &outer, &body));
    assert_ok(mime_header_parse(bytes_of_string(inner_text), &inner, &body));
    assert_ok(address_check_protected(outer, inner, &words));
    return words;
}

Test(address, needs_a_from)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct signer_report alice = { .cert = fixture->alice };
    cr_assert_eq(check("To: x@example.org\r\n\r\n", &alice, 1), WORD_BIT(WORD_ADDRESS_MISSING));
    cr_assert_eq(check("From:\r\n\r\n", &alice, 1), WORD_BIT(WORD_ADDRESS_MISSING));
    cr_assert_eq(check("From: alice@example.org <\r\n\r\n", &alice, 1),
                 WORD_BIT(WORD_ADDRESS_MISSING));
}

Test(address, needs_one_signer_of_several_to_be_from)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct signer_report signers[] = { { .cert = fixture->bob }, { .cert = fixture->alice } };
    cr_assert_eq(check("From: alice@example.org\r\n\r\n", signers, 2), WORDS_NONE);
    cr_assert_eq(signers[0].match, ADDRESS_MATCH_NONE);
    cr_assert_eq(signers[1].match, ADDRESS_MATCH_FROM);
    cr_assert_eq(check("From: eve@example.org\r\n\r\n", signers, 2),
                 WORD_BIT(WORD_ADDRESS_MISMATCH));
}

Test(address, tells_mixed_scripts_beside_the_rest)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct signer_report alice = { .cert = fixture->alice };
    cr_assert_eq(check("From: alice@ex\xd0\xb0mple.org\r\n\r\n", &alice, 1),
                 WORD_BIT(WORD_ADDRESS_MISMATCH) | WORD_BIT(WORD_MIXED_SCRIPTS));
}

/* The match for a From of this many others and Alice. */
static enum address_match match_behind(struct cert *alice, size_t others)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    CLEANUP(string_free) char *header = NULL;
    struct signer_report signer = { .cert = alice };
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, "From: "));
    for (size_t i = 0; i < others; i++) {
        assert_ok(buffer_printf(text, "x%zu@example.org,\r\n ", i));
    }
    assert_ok(buffer_append_string(text, "alice@example.org\r\n\r\n"));
    assert_ok(bytes_to_string(buffer_view(text), &header));
    cr_assert_eq(check(header, &signer, 1), WORD_BIT(WORD_MULTIPLE_FROM));
    return signer.match;
}

Test(address, compares_signers_with_so_many_addresses)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    cr_assert_eq(match_behind(fixture->alice, LIMIT_CLAIMED - 1), ADDRESS_MATCH_FROM);
    cr_assert_eq(match_behind(fixture->alice, LIMIT_CLAIMED), ADDRESS_MATCH_NONE);
}

Test(address, prefers_from_over_sender)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct signer_report alice = { .cert = fixture->alice };
    cr_assert_eq(check("From: alice@example.org\r\nSender: alice@example.org\r\n\r\n", &alice, 1),
                 WORDS_NONE);
    cr_assert_eq(alice.match, ADDRESS_MATCH_FROM);
}

Test(address, folds_the_case_of_the_domain)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct signer_report alice = { .cert = fixture->alice };
    cr_assert_eq(check("From: alice@EXAMPLE.Org\r\n\r\n", &alice, 1), WORDS_NONE);
}

Test(address, says_address_missing_of_a_certificate_without_one)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(cert_unref) struct cert *authority = NULL;
    assert_ok(cert_from_der(buffer_view(fixture->ca), &authority));
    struct signer_report signer = { .cert = authority };
    cr_assert_eq(check("From: alice@example.org\r\n\r\n", &signer, 1),
                 WORD_BIT(WORD_ADDRESS_MISSING));
}

/* A damaged or unknown signature said address-missing, although From was there. */
Test(address, says_nothing_where_no_certificate_is_known)
{
    struct signer_report unknown = { .cert = NULL };
    cr_assert_eq(check("From: alice@example.org\r\n\r\n", &unknown, 1), WORDS_NONE);
    cr_assert_eq(check("From: alice@example.org\r\n\r\n", NULL, 0), WORDS_NONE);
    cr_assert_eq(check("From: a@x.org, b@x.org\r\n\r\n", NULL, 0), WORD_BIT(WORD_MULTIPLE_FROM));
}

Test(address, says_header_mismatch_of_another_protected_from)
{
    word_set mismatch = WORD_BIT(WORD_HEADER_MISMATCH);
    cr_assert_eq(check_protected("From: a@x.org\r\n\r\n", "From: b@x.org\r\n\r\n"), mismatch);
    cr_assert_eq(check_protected("From: a@x.org\r\n\r\n", "From: a@x.org, b@x.org\r\n\r\n"),
                 mismatch);
    cr_assert_eq(check_protected("From: a@x.org\r\n\r\n", "From: <\r\n\r\n"), mismatch);
    cr_assert_eq(check_protected("To: a@x.org\r\n\r\n", "From: a@x.org\r\n\r\n"), mismatch);
    cr_assert_eq(check_protected("From: a@x.org\r\n\r\n", "FROM: A <a@X.org>\r\n\r\n"), WORDS_NONE);
    cr_assert_eq(check_protected("From: a@x.org\r\n\r\n", "Subject: x\r\n\r\n"), WORDS_NONE);
}

Test(address, takes_no_group)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct signer_report alice = { .cert = fixture->alice };
    word_set multiple = WORD_BIT(WORD_MULTIPLE_FROM);
    cr_assert_eq(check("From: us: alice@example.org;\r\n\r\n", &alice, 1), multiple);
    cr_assert_eq(check("From: us:;\r\n\r\n", &alice, 1), multiple);
    cr_assert_eq(check("From: us:;, alice@example.org\r\n\r\n", &alice, 1), multiple);
    cr_assert_eq(
        check_protected("From: alice@example.org\r\n\r\n", "From: us: alice@example.org;\r\n\r\n"),
        WORD_BIT(WORD_HEADER_MISMATCH));
}

Test(address, tells_names_that_mislead)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct signer_report alice = { .cert = fixture->alice };
    word_set misleading = WORD_BIT(WORD_NAME_MISLEADING);
    static const char *const names[] = {
        "\"bob@example.org\" <alice@example.org>",
        "(bob@example.org) alice@example.org",
        "alice@example.org (bob@example.org)",
        "=?utf-8?q?bob=40example.org?= <alice@example.org>",
        "\"=?utf-8?b?Ym9iQGV4YW1wbGUub3Jn?=\" <alice@example.org>",
        "=?utf-8?q?bob=40exa?= =?utf-8?q?mple.org?= <alice@example.org>",
    };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        CLEANUP(string_free) char *text = NULL;
        cr_assert_geq(asprintf(&text, "From: %s\r\n\r\n", names[i]), 0);
        cr_assert_eq(check(text, &alice, 1), misleading, "%s", names[i]);
    }
    cr_assert_eq(
        check("From: \"Alice (alice@example.org)\" <alice@example.org>\r\n\r\n", &alice, 1),
        WORDS_NONE);
}

/* xn--exmple-4nf is "example" with a Cyrillic a. */
Test(address, looks_at_what_a_labels_stand_for)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct signer_report alice = { .cert = fixture->alice };
    word_set words = WORD_BIT(WORD_ADDRESS_MISMATCH) | WORD_BIT(WORD_MIXED_SCRIPTS);
    cr_assert_eq(check("From: alice@xn--exmple-4nf.org\r\n\r\n", &alice, 1), words);
    cr_assert_eq(check("From: alice@xn--mller-kva.org\r\n\r\n", &alice, 1),
                 WORD_BIT(WORD_ADDRESS_MISMATCH));
}

static void assert_claimed(const char *text, const char *expected)
{
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    CLEANUP(string_free) char *claimed = NULL;
    struct bytes body = BYTES_NONE;
    word_set words = WORDS_NONE;
    assert_ok(mime_header_parse(bytes_of_string(text), &header, &body));
    assert_ok(address_check(header, NULL, &words, &claimed));
    cr_assert_str_eq(claimed, expected);
}

Test(address, claims_in_a_labels_where_scripts_mix)
{
    assert_claimed("From: Alice@ex\xd0\xb0mple.org\r\n\r\n", "Alice@xn--exmple-4nf.org");
    assert_claimed("From: alice@m\xc3\xbcller.org\r\n\r\n", "alice@m\xc3\xbcller.org");
    assert_claimed("From: Alice@Example.org\r\n\r\n", "Alice@Example.org");
}

static void assert_shown(const char *value, const char *expected)
{
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    CLEANUP(string_free) char *field = NULL;
    CLEANUP(string_free) char *text = NULL;
    struct bytes body = BYTES_NONE;
    cr_assert_geq(asprintf(&field, "From: %s\r\n\r\n", value), 0);
    assert_ok(mime_header_parse(bytes_of_string(field), &header, &body));
    assert_ok(mime_field_text(&header->fields[0], &text));
    assert_ok(address_show(&header->fields[0], "From", &text));
    cr_assert_str_eq(text, expected);
}

Test(address, shows_a_labels_where_scripts_mix)
{
    assert_shown("A <alice@ex\xd0\xb0mple.org>", "A <alice@xn--exmple-4nf.org>");
    assert_shown("b@x.org, alice@ex\xd0\xb0mple.org, alice@ex\xd0\xb0mple.org",
                 "b@x.org, alice@xn--exmple-4nf.org, alice@xn--exmple-4nf.org");
    assert_shown("J\xc3\xbcrgen <j@m\xc3\xbcller.org>", "J\xc3\xbcrgen <j@m\xc3\xbcller.org>");
    assert_shown("ex\xd0\xb0mple", "ex\xd0\xb0mple"); /* no address */
}
