#include "mail/addressees.h"
#include "mail/fixture.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

TestSuite(addressees, .fini = fixture_remove, .timeout = 60);

static struct error *read_from(const struct mail_fixture *fixture, const char *text,
                               const struct protect_request *request,
                               struct addressees **ret_addressees)
{
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    TRY(mime_header_parse(bytes_of_string(text), &header, &body));
    return addressees_read(&fixture->context, request, header, ret_addressees);
}

Test(addressees, refuses_what_it_cannot_read_in_any_field)
{
    static const char *const headers[] = {
        "To: bob@example.org\r\n\r\n",
        "From: a@x.org\r\nTo: b@\r\n\r\n",
        "From: a@x.org\r\nCc: b@\r\n\r\n",
        "From: a@x.org\r\nBcc: b@\r\n\r\n",
        "From: a@x.org <\r\n\r\n",
        "From: a@x.org\r\nFrom: a@x.org\r\n\r\n",
        "From: group: a@x.org, b@x.org;\r\n\r\n",
    };
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const struct protect_request request = { 0 };
    for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
        struct addressees *addressees = NULL;
        assert_error(read_from(fixture, headers[i], &request, &addressees), ERR_MESSAGE_MALFORMED);
        cr_assert_null(addressees);
    }
}

Test(addressees, names_each_once_and_an_open_one_not_blind)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(addressees_free) struct addressees *addressees = NULL;
    const struct protect_request request = { 0 };
    assert_ok(read_from(fixture,
                        "From: a@x.org\r\nTo: B <b@x.org>, c@x.org\r\nCc: b@X.ORG\r\n"
                        "Bcc: c@x.org, d@x.org\r\n\r\n",
                        &request, &addressees));
    cr_assert_eq(addressees->count, 3);
    cr_assert_str_eq(addressees->entries[0].address, "b@x.org");
    cr_assert_str_eq(addressees->entries[1].address, "c@x.org");
    cr_assert_not(addressees->entries[1].blind);
    cr_assert_str_eq(addressees->entries[2].address, "d@x.org");
    cr_assert(addressees->entries[2].blind);
    cr_assert_null(addressees->entries[0].cert);
    cr_assert_null(addressees->self);
}

Test(addressees, finds_everybodys_certificate_and_the_senders)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(addressees_free) struct addressees *addressees = NULL;
    const struct protect_request request = { .encrypt = true };
    assert_ok(read_from(fixture, "From: alice@example.org\r\nTo: bob@example.org\r\n\r\n", &request,
                        &addressees));
    cr_assert_str_eq(cert_id(addressees->entries[0].cert), cert_id(fixture->bob));
    cr_assert_str_eq(cert_id(addressees->self), cert_id(fixture->alice));
}

Test(addressees, obeys_a_wish_for_an_address)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(addressees_free) struct addressees *addressees = NULL;
    const struct protect_recipient wish = { "eve@example.org", cert_id(fixture->bob) };
    const struct protect_request request = { .encrypt = true,
                                             .recipients = &wish,
                                             .recipient_count = 1 };
    assert_ok(read_from(fixture, "From: alice@example.org\r\nTo: eve@example.org\r\n\r\n", &request,
                        &addressees));
    cr_assert_str_eq(cert_id(addressees->entries[0].cert), cert_id(fixture->bob));
}

static void assert_named(const struct error *error, size_t number, const char *address,
                         enum error_code reason)
{
    const char *seen = NULL;
    enum error_code why = ERR_INTERNAL;
    cr_assert(error_get_recipient(error, number, &seen, &why));
    cr_assert_str_eq(seen, address);
    cr_assert_eq(why, reason);
}

Test(addressees, names_each_recipient_without_a_usable_certificate)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    int64_t now = fixture->context.at;
    cert_unref(mail_person(fixture, &(struct trial_subject){ .name = "Carol",
                                                             .address = "carol@example.org",
                                                             .key = TRIAL_ECDSA_P256,
                                                             .not_before = now - 3000,
                                                             .not_after = now - 600 }));
    struct addressees *addressees = NULL;
    const struct protect_request request = { .encrypt = true };
    struct error *error = read_from(fixture,
                                    "From: alice@example.org\r\n"
                                    "To: bob@example.org, carol@example.org\r\n"
                                    "Bcc: eve@example.org\r\n\r\n",
                                    &request, &addressees);
    cr_assert_not_null(error);
    cr_assert_null(addressees);
    cr_assert_str_eq(error_get_path(error), "recipients[1]");
    assert_named(error, 0, "carol@example.org", ERR_RECIPIENT_UNUSABLE);
    assert_named(error, 1, "eve@example.org", ERR_RECIPIENT_MISSING);
    const char *address = NULL;
    enum error_code reason = ERR_INTERNAL;
    cr_assert_not(error_get_recipient(error, 2, &address, &reason));
    assert_error(error, ERR_RECIPIENT_UNUSABLE);
}

Test(addressees, gives_a_hint_with_a_missing_certificate)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct addressees *addressees = NULL;
    const struct protect_request request = { .encrypt = true };
    struct error *error = read_from(
        fixture, "From: alice@example.org\r\nTo: eve@example.org\r\n\r\n", &request, &addressees);
    cr_assert_not_null(error);
    cr_assert_not_null(error_get_hint(error));
    cr_assert_str_eq(error_get_path(error), "recipients[0]");
    assert_error(error, ERR_RECIPIENT_MISSING);
}
