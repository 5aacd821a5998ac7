#include "mail/fixture.h"
#include "mail/recipients.h"
#include "store/fixture.h"
#include "support/support.h"

#include <cert.h>
#include <criterion/criterion.h>

TestSuite(recipients, .fini = fixture_remove, .timeout = 60);

static struct recipient_choice choose(const struct mail_fixture *fixture, const char *address,
                                      const char *wanted, enum chain_purpose purpose)
{
    struct recipient_choice choice = { 0 };
    assert_ok(recipients_choose(&fixture->context, address, wanted, purpose, &choice));
    return choice;
}

/* Another certificate of Alice's. */
static struct cert *alice_of(struct mail_fixture *fixture, int64_t not_before, int64_t not_after)
{
    return mail_person(fixture, &(struct trial_subject){ .name = "Alice",
                                                         .address = "alice@example.org",
                                                         .key = TRIAL_ECDSA_P256,
                                                         .not_before = not_before,
                                                         .not_after = not_after });
}

Test(recipients, finds_nothing_for_a_stranger)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct recipient_choice choice = choose(fixture, "eve@example.org", NULL, CHAIN_ENCRYPT);
    cr_assert_null(choice.cert);
    cr_assert_not(choice.any);
    cr_assert_eq(choice.problems, WORDS_NONE);
    recipient_choice_done(&choice);
}

Test(recipients, says_why_a_certificate_cannot_be_used)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    fixture->context.at += 10 * 365 * 86400;
    struct recipient_choice choice = choose(fixture, "bob@example.org", NULL, CHAIN_ENCRYPT);
    cr_assert_null(choice.cert);
    cr_assert(choice.any);
    cr_assert(words_has(choice.problems, WORD_CERTIFICATE_EXPIRED));
    recipient_choice_done(&choice);
}

Test(recipients, takes_the_newest_that_can_be_used)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    int64_t now = fixture->context.at;
    CLEANUP(cert_unref) struct cert *newer = alice_of(fixture, now - 60, 0);
    CLEANUP(cert_unref) struct cert *expired = alice_of(fixture, now - 50, now - 40);
    struct recipient_choice choice = choose(fixture, "alice@example.org", NULL, CHAIN_SIGN);
    cr_assert_str_eq(cert_id(choice.cert), cert_id(newer));
    cr_assert_eq(choice.problems, WORDS_NONE);
    cr_assert_eq(choice.alternatives.count, 1);
    cr_assert_not_null(cert_list_find(&choice.alternatives, cert_id(fixture->alice)));
    cr_assert_null(cert_list_find(&choice.alternatives, cert_id(expired)));
    recipient_choice_done(&choice);
}

Test(recipients, obeys_a_wish)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    cert_unref(alice_of(fixture, fixture->context.at - 60, 0));
    struct recipient_choice choice =
        choose(fixture, "alice@example.org", cert_id(fixture->alice), CHAIN_SIGN);
    cr_assert_str_eq(cert_id(choice.cert), cert_id(fixture->alice));
    recipient_choice_done(&choice);
}

Test(recipients, does_not_let_a_wish_override_the_checks)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    int64_t now = fixture->context.at;
    CLEANUP(cert_unref) struct cert *expired = alice_of(fixture, now - 50, now - 40);
    struct recipient_choice choice =
        choose(fixture, "alice@example.org", cert_id(expired), CHAIN_ENCRYPT);
    cr_assert_null(choice.cert);
    cr_assert_eq(choice.problems, WORD_BIT(WORD_CERTIFICATE_EXPIRED));
    recipient_choice_done(&choice);
}

Test(recipients, signs_only_with_a_key_at_hand)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    fixture_identity("eve");
    fixture_run("certutil", "-A", "-d", "sql:db", "-n", "eve", "-t", ",,", "-i", "eve.crt", NULL);
    mail_fixture_reopen(fixture, NULL);
    CLEANUP(cert_unref) struct cert *eve = NULL;
    struct CERTCertificateStr *certificate = fixture_certificate("eve");
    assert_ok(cert_from_nss(certificate, &eve));
    struct recipient_choice choice = choose(fixture, "x@example.org", cert_id(eve), CHAIN_SIGN);
    cr_assert_not(choice.any, "a certificate without its key is nobody to sign as");
    recipient_choice_done(&choice);
    choice = choose(fixture, "x@example.org", cert_id(eve), CHAIN_ENCRYPT);
    cr_assert(choice.any);
    recipient_choice_done(&choice);
    CERT_DestroyCertificate(certificate);
}

Test(recipients, tells_an_id_that_is_in_no_database)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct recipient_choice choice = { 0 };
    assert_error(
        recipients_choose(&fixture->context, "alice@example.org", "00ff", CHAIN_SIGN, &choice),
        ERR_CERTIFICATE_UNKNOWN);
    cr_assert_null(choice.cert);
}
