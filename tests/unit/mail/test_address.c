#include "mail/address.h"
#include "mail/fixture.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
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
