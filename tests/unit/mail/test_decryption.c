#include "base/limits.h"
#include "mail/compose.h"
#include "mail/decryption.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(decryption, .fini = fixture_remove, .timeout = 60);

static const struct open_result *open_mail(struct mail_fixture *fixture, struct bytes entity)
{
    return mail_open(fixture, compose_mail(fixture, entity));
}

static struct cert *rsa_person(struct mail_fixture *fixture, const char *name, const char *address)
{
    return mail_person(fixture, &(struct trial_subject){
                                    .name = name, .address = address, .key = TRIAL_RSA_2048 });
}

/* One byte in the wrapped key of the first recipient, whose key has RSA-2048. */
static struct bytes damage_first_key(struct mail_fixture *fixture, struct bytes cms)
{
    struct buffer *damaged = mail_keep(fixture);
    assert_ok(buffer_append(damaged, cms));
    size_t at = bytes_find(cms, BYTES_LITERAL("\x04\x82\x01\x00"));
    cr_assert_neq(at, SIZE_MAX);
    damaged->data[at + 60] ^= 1;
    return buffer_view(damaged);
}

/* Of two own keys the first one's RecipientInfo is damaged: the second must open the message. The
 * first try decrypts in place and spoils the bytes. */
static void assert_second_key_opens(enum cms_cipher cipher)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(cert_unref) struct cert *carol = rsa_person(fixture, "Carol", "carol@example.org");
    CLEANUP(cert_unref) struct cert *dave = rsa_person(fixture, "Dave", "dave@example.org");
    struct cert_list both = { 0 };
    assert_ok(cert_list_add(&both, carol));
    assert_ok(cert_list_add(&both, dave));
    struct buffer *text = mail_keep(fixture);
    assert_ok(buffer_append_string(text, "Content-Type: text/plain\r\n\r\n"));
    for (int i = 0; i < 20000; i++) {
        assert_ok(buffer_append_string(text, "line after line\r\n"));
    }
    struct bytes sealed = compose_encrypted_to(fixture, &both, cipher, buffer_view(text));
    cert_list_done(&both);
    struct bytes damaged = damage_first_key(fixture, compose_cms(fixture, sealed));
    const struct open_result *result =
        open_mail(fixture, compose_pkcs7(fixture, "enveloped-data", damaged));
    assert_encryption(result, ENCRYPTION_ENCRYPTED, WORDS_NONE);
    cr_assert_eq(result->layers[0].encryption->recipient_count, 2);
    struct bytes opened = mail_keep_content(fixture, result->content);
    struct bytes tail = bytes_slice(opened, opened.len - 20000 * 17, 20000 * 17);
    cr_assert(bytes_equal(tail, bytes_slice(buffer_view(text), text->len - 20000 * 17, tail.len)));
}

Test(decryption, tries_the_second_key_where_the_first_fails_with_cbc)
{
    assert_second_key_opens(CMS_AES_256_CBC);
}

Test(decryption, tries_the_second_key_where_the_first_fails_with_gcm)
{
    assert_second_key_opens(CMS_AES_256_GCM);
}

/* Opens a message to Carol `count` times, all but the last wrapped keys being damaged. */
static void assert_last_of(size_t count, enum encryption_status status, word_set problems)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(cert_unref) struct cert *carol = rsa_person(fixture, "Carol", "carol@example.org");
    struct cert_list many = { 0 };
    for (size_t i = 0; i < count; i++) {
        assert_ok(cert_list_add(&many, carol));
    }
    struct bytes sealed = compose_encrypted_to(fixture, &many, CMS_AES_256_GCM,
                                               compose_text(fixture, "a text of some length"));
    cert_list_done(&many);
    struct buffer *cms = mail_keep(fixture);
    assert_ok(buffer_append(cms, compose_cms(fixture, sealed)));
    size_t at = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        at += bytes_find(bytes_slice(buffer_view(cms), at, cms->len),
                         BYTES_LITERAL("\x04\x82\x01\x00"));
        at += 60;
        cms->data[at] ^= 1;
    }
    const struct open_result *result =
        open_mail(fixture, compose_pkcs7(fixture, "enveloped-data", buffer_view(cms)));
    assert_encryption(result, status, problems);
}

Test(decryption, tries_few_recipients_however_often_one_is_named)
{
    assert_last_of(LIMIT_OWN_RECIPIENTS, ENCRYPTION_ENCRYPTED, WORDS_NONE);
    assert_last_of(LIMIT_OWN_RECIPIENTS + 1, ENCRYPTION_FAILED, WORD_BIT(WORD_DECRYPTION_FAILED));
}

Test(decryption, fails_with_one_word_where_the_only_key_is_damaged)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(cert_unref) struct cert *carol = rsa_person(fixture, "Carol", "carol@example.org");
    struct bytes sealed = compose_encrypted(fixture, carol, CMS_AES_256_CBC,
                                            compose_text(fixture, "a text of some length"));
    struct bytes damaged = damage_first_key(fixture, compose_cms(fixture, sealed));
    const struct open_result *result =
        open_mail(fixture, compose_pkcs7(fixture, "enveloped-data", damaged));
    assert_encryption(result, ENCRYPTION_FAILED, WORD_BIT(WORD_DECRYPTION_FAILED));
    cr_assert_null(result->layers[0].encryption->owner);
}

Test(decryption, fails_where_the_tag_is_wrong)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed = compose_encrypted(fixture, fixture->bob, CMS_AES_256_GCM,
                                            compose_text(fixture, "authenticated"));
    struct bytes cms = compose_cms(fixture, sealed);
    struct buffer *damaged = mail_keep(fixture);
    assert_ok(buffer_append(damaged, cms));
    damaged->data[cms.len - 1] ^= 1;
    const struct open_result *result =
        open_mail(fixture, compose_pkcs7(fixture, "authEnveloped-data", buffer_view(damaged)));
    assert_encryption(result, ENCRYPTION_FAILED, WORD_BIT(WORD_DECRYPTION_FAILED));
    cr_assert_not(result->verdict.authenticated);
    cr_assert_not(mail_content_has(result->content, "authenticated"));
}

/* Eve's certificate is known to nobody here. */
static struct bytes encrypted_to_eve(struct mail_fixture *fixture)
{
    fixture_identity("eve");
    fixture_write("text", BYTES_LITERAL("Content-Type: text/plain\r\n\r\nfor Eve\r\n"));
    fixture_run("openssl", "cms", "-encrypt", "-aes256", "-binary", "-in", "text", "-outform",
                "DER", "-out", "eve.p7m", "eve.crt", NULL);
    return compose_pkcs7(fixture, "enveloped-data", mail_keep_file(fixture, "eve.p7m"));
}

Test(decryption, says_that_no_key_fits)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const struct open_result *result = open_mail(fixture, encrypted_to_eve(fixture));
    assert_encryption(result, ENCRYPTION_FAILED, WORD_BIT(WORD_NO_MATCHING_KEY));
    const struct recipient_report *eve = &result->layers[0].encryption->recipients[0];
    cr_assert_not(eve->mine);
    cr_assert_null(eve->cert);
    cr_assert_eq(eve->type, CMS_KEY_AGREEMENT);
    cr_assert_not_null(eve->issuer);
    cr_assert_not_null(eve->serial);
}

Test(decryption, says_that_the_token_is_locked_where_no_dialog_is_allowed)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new_locked("secret");
    struct bytes sealed = compose_encrypted(fixture, fixture->bob, CMS_AES_256_CBC,
                                            compose_text(fixture, "locked away"));
    struct bytes message = compose_mail(fixture, sealed);
    assert_encryption(mail_open(fixture, message), ENCRYPTION_ENCRYPTED, WORDS_NONE);

    mail_fixture_reopen(fixture, NULL);
    const struct open_result *result = mail_open(fixture, message);
    assert_encryption(result, ENCRYPTION_FAILED, WORD_BIT(WORD_TOKEN_LOCKED));
    cr_assert(result->layers[0].encryption->recipients[0].mine, "told without a login");

    mail_fixture_reopen(fixture, "wrong");
    result = mail_open(fixture, message);
    assert_encryption(result, ENCRYPTION_FAILED, WORD_BIT(WORD_TOKEN_LOCKED));
}

Test(decryption, checks_a_signature_while_the_token_is_locked)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new_locked("secret");
    struct bytes sealed = compose_signed(fixture, fixture->alice, FORM_DETACHED,
                                         compose_text(fixture, "anybody can read this"));
    mail_fixture_reopen(fixture, NULL);
    assert_signature(open_mail(fixture, sealed), SIGNATURE_GOOD, WORDS_NONE);
}

Test(decryption, leaves_the_bytes_alone_that_it_may_not_alter)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes cms =
        compose_cms(fixture, compose_encrypted(fixture, fixture->bob, CMS_AES_256_CBC,
                                               compose_text(fixture, "twice")));
    CLEANUP(mapping_unref) struct mapping *owner = mail_mapping(cms);
    for (int i = 0; i < 2; i++) {
        CLEANUP(decryption_report_free) struct decryption_report *report = NULL;
        assert_ok(decryption_open(&fixture->context, mapping_view(owner), NULL, 0, &report));
        cr_assert(report->decrypted);
        cr_assert(bytes_equal(mapping_view(owner), cms));
    }
}

Test(decryption, refuses_another_type_of_cms)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes cms = compose_cms(
        fixture, compose_signed(fixture, fixture->alice, FORM_OPAQUE, compose_text(fixture, "x")));
    struct decryption_report *report = NULL;
    assert_error(decryption_open(&fixture->context, cms, NULL, 0, &report), ERR_CMS_UNSUPPORTED);
    cr_assert_null(report);
}

Test(decryption, reports_damage_and_is_no_error)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(decryption_report_free) struct decryption_report *report = NULL;
    assert_ok(decryption_open(&fixture->context, BYTES_LITERAL("\x30\x03\x02\x01\x01"), NULL, 0,
                              &report));
    cr_assert_not(report->decrypted);
    cr_assert_eq(report->problems, WORD_BIT(WORD_CMS_MALFORMED));
}
