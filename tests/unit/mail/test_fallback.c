#include "base/limits.h"
#include "certs/index.h"
#include "mail/compose.h"
#include "mail/decryption.h"
#include "store/dialog.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(fallback, .fini = fixture_remove, .timeout = 60);

#define KEK "0123456789abcdef"
#define KEK_HEX "30313233343536373839616263646566"
#define TEXT "Content-Type: text/plain\r\n\r\nfound after all\r\n"

/* Opens the CMS in the file as a message of a mapping that may be altered. */
static void assert_file(struct mail_fixture *fixture, const char *name,
                        enum encryption_status status, word_set problems)
{
    struct bytes cms = mail_keep_file(fixture, name);
    struct bytes entity = compose_pkcs7(fixture, "enveloped-data", cms);
    const struct open_result *result = mail_open(fixture, compose_mail(fixture, entity));
    assert_encryption(result, status, problems);
    cr_assert(status != ENCRYPTION_ENCRYPTED || mail_content_has(result->content, "found after"));
    /* and once more as bytes that must stay as they are */
    CLEANUP(mapping_unref) struct mapping *owner = mail_mapping(cms);
    CLEANUP(decryption_report_free) struct decryption_report *report = NULL;
    assert_ok(decryption_open(&fixture->context, mapping_view(owner), NULL, 0, &report));
    cr_assert_eq(report->decrypted, status == ENCRYPTION_ENCRYPTED);
    cr_assert(bytes_equal(mapping_view(owner), cms));
}

/* NAME.key, NAME.crt and NAME.p12 with RSA-2048. */
static void rsa_identity(const char *name, const char *key, const char *certificate,
                         const char *subject)
{
    fixture_run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
                certificate, "-subj", subject, NULL);
    fixture_run("openssl", "pkcs12", "-export", "-in", certificate, "-inkey", key, "-name", name,
                "-out", "rsa.p12", "-passout", "pass:p12", NULL);
    fixture_import("db", NULL, "rsa");
}

/* Another certificate for a key: nobody here knows its issuer and serial. */
static void renew(const char *key, const char *certificate)
{
    fixture_run("openssl", "req", "-x509", "-new", "-key", key, "-subj", "/CN=zzzz", "-out",
                certificate, NULL);
}

static void encrypt_to(const char *cipher, const char *certificate)
{
    fixture_write("text", BYTES_LITERAL(TEXT));
    fixture_run("openssl", "cms", "-encrypt", "-binary", cipher, "-in", "text", "-outform", "DER",
                "-out", "message", certificate, NULL);
}

Test(fallback, says_that_no_key_fits_after_all_were_tried)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    rsa_identity("one", "one.key", "one.crt", "/CN=one");
    mail_fixture_reopen(fixture, NULL);
    fixture_run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "x.key",
                "-out", "x.crt", "-subj", "/CN=x", NULL);
    fixture_identity("eve");
    static const char *const ciphers[] = { "-aes256", "-aes-128-gcm" };
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        encrypt_to(ciphers[i], "x.crt");
        assert_file(fixture, "message", ENCRYPTION_FAILED, WORD_BIT(WORD_NO_MATCHING_KEY));
        encrypt_to(ciphers[i], "eve.crt");
        assert_file(fixture, "message", ENCRYPTION_FAILED, WORD_BIT(WORD_NO_MATCHING_KEY));
    }
}

/* Of two RSA keys one is tried first and is the wrong one for one of the two messages: softoken
 * answers it with a random key, which must spoil nothing. */
Test(fallback, tries_all_keys_where_a_renewed_certificate_is_named)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    rsa_identity("one", "one.key", "one.crt", "/CN=one");
    rsa_identity("two", "two.key", "two.crt", "/CN=two");
    fixture_identity("three");
    fixture_import("db", NULL, "three");
    mail_fixture_reopen(fixture, NULL);
    static const char *const keys[] = { "one.key", "two.key", "three.key" };
    static const char *const ciphers[] = { "-aes256", "-aes-128-gcm" };
    for (size_t i = 0; i < ARRAY_SIZE(keys) * ARRAY_SIZE(ciphers); i++) {
        renew(keys[i / ARRAY_SIZE(ciphers)], "new.crt");
        encrypt_to(ciphers[i % ARRAY_SIZE(ciphers)], "new.crt");
        assert_file(fixture, "message", ENCRYPTION_ENCRYPTED, WORDS_NONE);
        const struct recipient_report *found =
            &fixture->result->layers[0].encryption->recipients[0];
        cr_assert(found->mine && found->cert, "the certificate whose key it was is told");
    }
}

Test(fallback, tries_no_more_keys_than_the_limit_says)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    rsa_identity("one", "one.key", "one.crt", "/CN=one");
    mail_fixture_reopen(fixture, NULL);
    renew("one.key", "new.crt");
    fixture_run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "x.key",
                "-out", "x.crt", "-subj", "/CN=aaaa", NULL);
    fixture_write("text", BYTES_LITERAL(TEXT));
    cr_assert_eq(LIMIT_GUESSES, 16, "15 strangers, who come first by their names, and the user");
#define FIVE "x.crt", "x.crt", "x.crt", "x.crt", "x.crt"
    fixture_run("openssl", "cms", "-encrypt", "-binary", "-aes256", "-in", "text", "-outform",
                "DER", "-out", "within", FIVE, FIVE, FIVE, "new.crt", NULL);
    fixture_run("openssl", "cms", "-encrypt", "-binary", "-aes256", "-in", "text", "-outform",
                "DER", "-out", "beyond", FIVE, FIVE, FIVE, "x.crt", "new.crt", NULL);
    assert_file(fixture, "within", ENCRYPTION_ENCRYPTED, WORDS_NONE);
    assert_file(fixture, "beyond", ENCRYPTION_FAILED, WORD_BIT(WORD_NO_MATCHING_KEY));
}

/* What a wrong RSA key makes of a message, straight: softoken gives a random key, the same each
 * time for one block. */
static bool opens_straight(struct mail_fixture *fixture, struct bytes cms, struct cert *cert)
{
    static const struct interaction silent = { .allowed = false };
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    CLEANUP(store_key_free) struct SECKEYPrivateKeyStr *key = NULL;
    CLEANUP(cms_cek_free) struct cms_cek *cek = NULL;
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    struct bytes plain = BYTES_NONE;
    assert_ok(cms_enveloped_parse(cms, &message));
    assert_ok(store_key(fixture->store, cert_nss(cert), &silent, &key));
    assert_ok(cms_enveloped_unwrap(message, 0, cert_nss(cert), key, &cek));
    CLEANUP(error_free)
    struct error *error = cms_enveloped_decrypt(message, cek, NULL, NULL, &owner, &plain);
    return error == NULL;
}

/* Of the 256 values of one byte of the IV one makes the padding of a stranger's message look right
 * under a key that is not the stranger's. Nobody may be shown what comes out of that. */
Test(fallback, believes_no_guess_by_chance)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct cert_list found = { 0 };
    rsa_identity("one", "one.key", "one.crt", "/CN=one");
    mail_fixture_reopen(fixture, NULL);
    assert_ok(cert_index_mine(fixture->index, &found));
    size_t rsa = 0;
    while (cert_key_type(found.items[rsa]) != CERT_KEY_RSA) {
        rsa++;
    }
    fixture_run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "x.key",
                "-out", "x.crt", "-subj", "/CN=x", NULL);
    fixture_write("text", BYTES_LITERAL("fifteen letters"));
    fixture_run("openssl", "cms", "-encrypt", "-binary", "-aes128", "-in", "text", "-outform",
                "DER", "-out", "message", "x.crt", NULL);
    struct bytes cms = mail_keep_file(fixture, "message");
    CLEANUP(mapping_unref) struct mapping *owner = mail_mapping(cms);
    size_t iv = bytes_find(cms, BYTES_LITERAL("\x60\x86\x48\x01\x65\x03\x04\x01\x02\x04\x10"));
    cr_assert_neq(iv, SIZE_MAX);
    int by_chance = 0;
    for (int i = 0; i < 256; i++) {
        CLEANUP(decryption_report_free) struct decryption_report *report = NULL;
        mapping_data(owner)[iv + 11 + 15] = (uint8_t)i;
        by_chance += opens_straight(fixture, mapping_view(owner), found.items[rsa]);
        assert_ok(decryption_open(&fixture->context, mapping_view(owner), NULL, 0, &report));
        cr_assert_not(report->decrypted, "%d", i);
        cr_assert_null(report->owner);
        cr_assert_eq(report->problems, WORD_BIT(WORD_NO_MATCHING_KEY));
    }
    cr_assert_gt(by_chance, 0, "else this test shows nothing");
    cert_list_done(&found);
}

/* Text, DER and bytes like noise, of all lengths modulo the block. */
Test(fallback, believes_guesses_for_what_they_show)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    rsa_identity("one", "one.key", "one.crt", "/CN=one");
    mail_fixture_reopen(fixture, NULL);
    renew("one.key", "new.crt");
    struct bytes text = BYTES_LITERAL("Content-Type: text/plain\r\n\r\nand so on, and so on");
    struct buffer *der = mail_keep(fixture);
    assert_ok(buffer_append(der, BYTES_LITERAL("\x30\x00\x04")));
    assert_ok(buffer_append(der, text));
    struct buffer *noise = mail_keep(fixture);
    for (size_t i = 0; i < 48; i++) {
        assert_ok(buffer_append_byte(noise, (uint8_t)(i * i * 7 + 129)));
    }
    for (size_t len = 32; len < 48; len++) {
        der->data[1] = (uint8_t)(len - 2);
        der->data[3] = (uint8_t)(len - 4);
        const struct bytes contents[] = { bytes_slice(text, 0, len),
                                          bytes_slice(buffer_view(der), 0, len),
                                          bytes_slice(buffer_view(noise), 0, len) };
        for (size_t i = 0; i < ARRAY_SIZE(contents); i++) {
            CLEANUP(decryption_report_free) struct decryption_report *report = NULL;
            fixture_write("text", contents[i]);
            fixture_run("openssl", "cms", "-encrypt", "-binary", "-aes128", "-in", "text",
                        "-outform", "DER", "-out", "message", "new.crt", NULL);
            CLEANUP(mapping_unref)
            struct mapping *owner = mail_mapping(mail_keep_file(fixture, "message"));
            assert_ok(decryption_open(&fixture->context, mapping_view(owner), NULL, 0, &report));
            /* noise with one or two bytes of padding could be chance */
            cr_assert_eq(report->decrypted, i < 2 || len < 46, "%zu of kind %zu", len, i);
            cr_assert(!report->decrypted || bytes_equal(report->plain, contents[i]));
        }
    }
}

Test(fallback, opens_for_a_certificate_that_has_expired)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(cert_unref)
    struct cert *old = mail_person(fixture, &(struct trial_subject){ .name = "Old",
                                                                     .address = "old@example.org",
                                                                     .key = TRIAL_RSA_2048,
                                                                     .not_before = 1000000000,
                                                                     .not_after = 1000086400 });
    struct bytes sealed =
        compose_encrypted(fixture, old, CMS_AES_256_CBC, compose_text(fixture, "old mail"));
    assert_encryption(mail_open(fixture, compose_mail(fixture, sealed)), ENCRYPTION_ENCRYPTED,
                      WORDS_NONE);
}

Test(fallback, says_that_a_locked_key_might_fit)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new_locked("secret");
    fixture_identity("eve");
    encrypt_to("-aes256", "eve.crt");
    mail_fixture_reopen(fixture, NULL);
    assert_file(fixture, "message", ENCRYPTION_FAILED,
                WORD_BIT(WORD_NO_MATCHING_KEY) | WORD_BIT(WORD_TOKEN_LOCKED));
}

/* Two own keys in one locked database, and a person who does not want to unlock it. */
Test(fallback, asks_once_for_a_token_however_much_there_is_to_try)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new_locked("secret");
    static const char *const answers[] = { NULL, NULL };
    struct dialog dialog = { .answers = answers };
    fixture_identity("eve");
    encrypt_to("-aes256", "eve.crt");
    fixture->remote = dialog_remote(&dialog);
    mail_fixture_reopen(fixture, NULL);
    fixture->context.interaction.allowed = true;
    struct bytes entity =
        compose_pkcs7(fixture, "enveloped-data", mail_keep_file(fixture, "message"));
    const struct open_result *result = mail_open(fixture, compose_mail(fixture, entity));
    cr_assert(words_has(result->verdict.encryption_problems, WORD_PIN_CANCELLED));
    cr_assert(words_has(result->verdict.encryption_problems, WORD_NO_MATCHING_KEY));
    cr_assert_eq(dialog.asked, 1);
}

/* For Eve, a secret key and a password. */
static void encrypt_mixed(void)
{
    fixture_identity("eve");
    fixture_write("text", BYTES_LITERAL(TEXT));
    fixture_run("openssl", "cms", "-encrypt", "-binary", "-aes256", "-in", "text", "-outform",
                "DER", "-out", "message", "-secretkey", KEK_HEX, "-secretkeyid", "6b656b",
                "-pwri_password", "secret", "-recip", "eve.crt", NULL);
}

Test(fallback, opens_with_a_secret_key_before_it_asks_for_a_password)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    encrypt_mixed();
    fixture_secret_key("kek", BYTES_LITERAL(KEK));
    struct dialog dialog = { .answers = (const char *[]){ "secret", "secret" } };
    fixture->context.interaction.allowed = true;
    fixture->context.remote = dialog_remote(&dialog);
    assert_file(fixture, "message", ENCRYPTION_ENCRYPTED, WORDS_NONE);
    cr_assert_eq(dialog.asked, 0);
}

/* The message in the file "one", which has one recipient, to the file `name`: that recipient
 * `wrong` times with a damaged key in front. All outer lengths become indefinite. `head` is what
 * stands before the recipients then, from the type's OID on. */
static void repeat(struct mail_fixture *fixture, struct bytes head, size_t wrong, const char *name)
{
    struct bytes one = mail_keep_file(fixture, "one");
    struct bytes version_and_set = bytes_slice(head, head.len - 5, 4);
    size_t set = bytes_find(one, version_and_set);
    cr_assert_neq(set, SIZE_MAX);
    cr_assert_lt(one.data[set + 4], 0x83);
    size_t long_form = one.data[set + 4] & 0x80 ? one.data[set + 4] & 0x7f : 0;
    size_t len = one.data[set + 4 + long_form];
    struct bytes info = bytes_slice(one, set + 5 + long_form, len);
    struct buffer *whole = mail_keep(fixture);
    assert_ok(buffer_append(whole, BYTES_LITERAL("\x30\x80")));
    assert_ok(buffer_append(whole, head));
    for (size_t i = 0; i < wrong; i++) {
        assert_ok(buffer_append(whole, info));
        whole->data[whole->len - 1] ^= 1;
    }
    assert_ok(buffer_append(whole, info));
    assert_ok(buffer_append(whole, BYTES_LITERAL("\x00\x00")));
    assert_ok(buffer_append(whole, bytes_slice(one, set + 5 + long_form + len, one.len)));
    assert_ok(buffer_append(whole, BYTES_LITERAL("\x00\x00\x00\x00\x00\x00")));
    fixture_write(name, buffer_view(whole));
}

Test(fallback, looks_for_few_secret_keys)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes head = BYTES_LITERAL("\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17"
                                      "\xa0\x80\x30\x80\x02\x01\x00\x31\x80");
    fixture_secret_key("kek", BYTES_LITERAL(KEK));
    fixture_write("text", BYTES_LITERAL(TEXT));
    fixture_run("openssl", "cms", "-encrypt", "-binary", "-aes-256-gcm", "-in", "text", "-outform",
                "DER", "-out", "one", "-secretkey", KEK_HEX, "-secretkeyid", "6b656b", NULL);
    repeat(fixture, head, LIMIT_KEK_RECIPIENTS - 1, "within");
    repeat(fixture, head, LIMIT_KEK_RECIPIENTS, "beyond");
    assert_file(fixture, "within", ENCRYPTION_ENCRYPTED, WORDS_NONE);
    assert_file(fixture, "beyond", ENCRYPTION_FAILED,
                WORD_BIT(WORD_NO_MATCHING_KEY) | WORD_BIT(WORD_DECRYPTION_FAILED));
}

Test(fallback, tries_a_password_for_few_recipients)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes head = BYTES_LITERAL("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"
                                      "\xa0\x80\x30\x80\x02\x01\x03\x31\x80");
    fixture_write("text", BYTES_LITERAL(TEXT));
    fixture_run("openssl", "cms", "-encrypt", "-binary", "-aes256", "-in", "text", "-outform",
                "DER", "-out", "one", "-pwri_password", "secret", NULL);
    repeat(fixture, head, LIMIT_PASSWORD_RECIPIENTS - 1, "within");
    repeat(fixture, head, LIMIT_PASSWORD_RECIPIENTS, "beyond");
    fixture->context.password = "secret";
    assert_file(fixture, "within", ENCRYPTION_ENCRYPTED, WORDS_NONE);
    assert_file(fixture, "beyond", ENCRYPTION_FAILED, WORD_BIT(WORD_DECRYPTION_FAILED));
}

/* Opens the file once, the dialog answering; how often it was asked. */
static int ask_for(struct mail_fixture *fixture, const char *const answers[],
                   enum encryption_status status, word_set problems)
{
    struct dialog dialog = { .answers = answers };
    fixture->context.interaction.allowed = true;
    fixture->context.remote = dialog_remote(&dialog);
    struct bytes entity =
        compose_pkcs7(fixture, "enveloped-data", mail_keep_file(fixture, "message"));
    const struct open_result *result = mail_open(fixture, compose_mail(fixture, entity));
    assert_encryption(result, status, problems);
    fixture->context.remote = NULL;
    return dialog.asked;
}

Test(fallback, asks_for_the_password_three_times_and_takes_no_for_an_answer)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    encrypt_mixed();
    word_set failed = WORD_BIT(WORD_DECRYPTION_FAILED);
    cr_assert_eq(
        ask_for(fixture, (const char *[]){ "a", "b", "c", "secret" }, ENCRYPTION_FAILED, failed),
        LIMIT_PASSWORD_TRIES);
    cr_assert_eq(ask_for(fixture, (const char *[]){ "a", NULL, "secret" }, ENCRYPTION_FAILED,
                         WORD_BIT(WORD_PIN_CANCELLED)),
                 2);
    cr_assert_eq(
        ask_for(fixture, (const char *[]){ "a", "secret" }, ENCRYPTION_ENCRYPTED, WORDS_NONE), 2);
}

Test(fallback, asks_for_no_password_where_no_dialog_is_allowed)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct dialog dialog = { .answers = (const char *[]){ "secret" } };
    encrypt_mixed();
    fixture->context.remote = dialog_remote(&dialog);
    assert_file(fixture, "message", ENCRYPTION_FAILED, WORD_BIT(WORD_TOKEN_LOCKED));
    cr_assert_eq(dialog.asked, 0);
    fixture->context.password = "wrong";
    assert_file(fixture, "message", ENCRYPTION_FAILED, WORD_BIT(WORD_DECRYPTION_FAILED));
    fixture->context.password = "secret";
    assert_file(fixture, "message", ENCRYPTION_ENCRYPTED, WORDS_NONE);
}
