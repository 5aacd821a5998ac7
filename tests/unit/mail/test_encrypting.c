#include "mail/compose.h"
#include "mail/decryption.h"
#include "mail/encrypting.h"
#include "store/dialog.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

TestSuite(encrypting, .fini = fixture_remove, .timeout = 60);

static struct error *encrypt(const struct mail_fixture *fixture,
                             const struct encrypting_request *request, struct mapping **ret_der)
{
    CLEANUP(content_unref) struct content *content = NULL;
    TRY(content_new(&content));
    TRY(content_append_copy(content, BYTES_LITERAL("the text")));
    return encrypting_make(&fixture->context, request, content, ret_der);
}

/* What decryption says of it. */
static struct decryption_report *decrypt(const struct mail_fixture *fixture, struct mapping *der)
{
    struct decryption_report *report = NULL;
    assert_ok(decryption_open(&fixture->context, mapping_view(der), NULL, 0, &report));
    cr_assert(!report->decrypted || bytes_equal(report->plain, BYTES_LITERAL("the text")));
    return report;
}

static void assert_opens(const struct mail_fixture *fixture, struct mapping *der)
{
    CLEANUP(decryption_report_free) struct decryption_report *report = decrypt(fixture, der);
    cr_assert(report->decrypted);
}

Test(encrypting, encrypts_to_nobody_never)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    struct cert_list nobody = { 0 };
    const struct encrypting_request request = { .recipients = &nobody, .cipher = CMS_AES_256_GCM };
    assert_error(encrypt(fixture, &request, &der), ERR_RECIPIENT_UNUSABLE);
    cr_assert_null(der);
}

Test(encrypting, makes_nothing_without_the_secret_key_or_the_password)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    struct cert_list bob = { &fixture->bob, 1 };
    struct encrypting_request request = { .recipients = &bob,
                                          .secret_key = BYTES_LITERAL("kek"),
                                          .cipher = CMS_AES_256_GCM };
    assert_error(encrypt(fixture, &request, &der), ERR_KEY_ABSENT);
    request.secret_key = BYTES_NONE;
    request.password = true;
    assert_error(encrypt(fixture, &request, &der), ERR_INTERACTION_FORBIDDEN);
    struct dialog dialog = { .answers = (const char *[]){ "secret", NULL } };
    fixture->context.interaction.allowed = true;
    fixture->context.remote = dialog_remote(&dialog);
    assert_error(encrypt(fixture, &request, &der), ERR_PIN_CANCELLED);
    cr_assert_null(der);
}

Test(encrypting, each_of_certificate_secret_key_and_password_opens_it)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(mapping_unref) struct mapping *for_bob = NULL;
    CLEANUP(mapping_unref) struct mapping *for_key = NULL;
    CLEANUP(mapping_unref) struct mapping *for_password = NULL;
    struct cert_list nobody = { 0 };
    struct cert_list bob = { &fixture->bob, 1 };
    const struct encrypting_request to_bob = {
        .recipients = &bob,
        .way = { .cofactor = true, .material = BYTES_LITERAL("ukm") },
        .cipher = CMS_AES_128_CBC,
    };
    const struct encrypting_request to_key = { .recipients = &nobody,
                                               .secret_key = BYTES_LITERAL("kek"),
                                               .cipher = CMS_AES_256_GCM };
    const struct encrypting_request to_password = { .recipients = &nobody,
                                                    .password = true,
                                                    .cipher = CMS_AES_256_CBC };
    fixture_secret_key("kek", BYTES_LITERAL("0123456789abcdef"));
    fixture->context.password = "secret";
    assert_ok(encrypt(fixture, &to_bob, &for_bob));
    assert_ok(encrypt(fixture, &to_key, &for_key));
    assert_ok(encrypt(fixture, &to_password, &for_password));
    assert_opens(fixture, for_password);
    fixture->context.password = NULL;
    assert_opens(fixture, for_bob);
    assert_opens(fixture, for_key);
    CLEANUP(decryption_report_free)
    struct decryption_report *locked = decrypt(fixture, for_password);
    cr_assert_not(locked->decrypted, "without the password");
}
