#include "base/limits.h"
#include "mail/compose.h"
#include "mail/protect.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(protect, .fini = fixture_remove, .timeout = 60);

#define BODY "Content-Type: text/plain\r\n\r\nthe text\r\n"
#define MESSAGE COMPOSE_HEADER BODY

static struct error *try_protect(const struct mail_fixture *fixture, const char *message,
                                 struct protect_request request, struct protect_result **ret_result)
{
    CLEANUP(mapping_unref) struct mapping *owner = mail_mapping(bytes_of_string(message));
    request.owner = owner;
    request.message = mapping_view(owner);
    return protect_message(&fixture->context, &request, ret_result);
}

static void assert_refused(const char *message, struct protect_request request,
                           enum error_code code, const char *path)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct protect_result *result = NULL;
    struct error *error = try_protect(fixture, message, request, &result);
    cr_assert_not_null(error);
    const char *seen = error_get_path(error);
    cr_assert(path ? seen && strcmp(seen, path) == 0 : !seen);
    assert_error(error, code);
    cr_assert_null(result, "nothing may come out");
}

static const struct protect_request signing = { .sign = true };
static const struct protect_request encrypting = { .encrypt = true, .to_self = true };
static const struct protect_request both = { .sign = true, .encrypt = true, .to_self = true };

Test(protect, refuses_a_message_without_from)
{
    assert_refused("To: bob@example.org\r\n\r\nx\r\n", signing, ERR_MESSAGE_MALFORMED, NULL);
}

Test(protect, refuses_two_from_fields)
{
    assert_refused("From: alice@example.org\r\n" MESSAGE, signing, ERR_MESSAGE_MALFORMED, NULL);
}

Test(protect, refuses_two_addresses_in_from)
{
    assert_refused("From: alice@example.org, bob@example.org\r\n\r\nx\r\n", signing,
                   ERR_MESSAGE_MALFORMED, NULL);
}

Test(protect, refuses_an_address_that_cannot_be_read)
{
    assert_refused("From: alice@example.org\r\nTo: <bob@example.org\r\n\r\nx\r\n", both,
                   ERR_MESSAGE_MALFORMED, NULL);
}

Test(protect, refuses_a_sender_without_a_key)
{
    assert_refused("From: eve@example.org\r\nTo: bob@example.org\r\n\r\nx\r\n", signing,
                   ERR_KEY_ABSENT, NULL);
}

Test(protect, refuses_a_recipient_without_a_certificate)
{
    assert_refused("From: alice@example.org\r\nTo: bob@example.org\r\nCc: eve@example.org\r\n"
                   "\r\nx\r\n",
                   both, ERR_RECIPIENT_MISSING, "recipients[1]");
}

Test(protect, refuses_a_blind_recipient_without_a_certificate)
{
    assert_refused("From: alice@example.org\r\nTo: bob@example.org\r\nBcc: eve@example.org\r\n"
                   "\r\nx\r\n",
                   encrypting, ERR_RECIPIENT_MISSING, "recipients[1]");
}

static void add_expired_carol(struct mail_fixture *fixture)
{
    int64_t now = fixture->context.at;
    cert_unref(mail_person(fixture, &(struct trial_subject){ .name = "Carol",
                                                             .address = "carol@example.org",
                                                             .key = TRIAL_ECDSA_P256,
                                                             .not_before = now - 3000,
                                                             .not_after = now - 600 }));
}

Test(protect, refuses_a_recipient_whose_certificate_expired)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    add_expired_carol(fixture);
    struct protect_result *result = NULL;
    struct error *error =
        try_protect(fixture, "From: alice@example.org\r\nTo: carol@example.org\r\n\r\nx\r\n",
                    encrypting, &result);
    cr_assert_str_eq(error_get_path(error), "recipients[0]");
    assert_error(error, ERR_RECIPIENT_UNUSABLE);
    cr_assert_null(result);
}

Test(protect, refuses_a_signer_whose_certificate_expired)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    add_expired_carol(fixture);
    struct protect_result *result = NULL;
    assert_error(try_protect(fixture, "From: carol@example.org\r\n\r\nx\r\n", signing, &result),
                 ERR_CERTIFICATE_UNUSABLE);
}

Test(protect, refuses_a_multipart_without_a_boundary)
{
    assert_refused(COMPOSE_HEADER "Content-Type: multipart/mixed\r\n\r\nx\r\n", signing,
                   ERR_MESSAGE_MALFORMED, NULL);
}

Test(protect, refuses_to_sign_while_the_token_is_locked)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new_locked("secret");
    mail_fixture_reopen(fixture, NULL);
    struct protect_result *result = NULL;
    assert_error(try_protect(fixture, MESSAGE, both, &result), ERR_INTERACTION_FORBIDDEN);
    cr_assert_null(result);
}

Test(protect, touches_no_key_in_a_dry_run)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new_locked("secret");
    mail_fixture_reopen(fixture, NULL);
    CLEANUP(protect_result_free) struct protect_result *result = NULL;
    struct protect_request request = both;
    request.dry_run = true;
    assert_ok(try_protect(fixture, MESSAGE, request, &result));
    cr_assert_eq(result->copy_count, 2);
    for (size_t i = 0; i < result->copy_count; i++) {
        cr_assert_null(result->copies[i].content);
        cr_assert_gt(result->copies[i].size, 0);
    }
    cr_assert_not_null(result->signed_with);
    cr_assert_eq(result->encrypted_to_count, 1);
}

#define SIZED \
    "Subject: about it\r\nTo: bob@example.org\r\nCc: rosa@example.org\r\nBcc: alice@example.org\r\n"

/* What a dry run says against what is made, over forms, routes, ciphers and lengths of text. */
static void assert_sizes(const struct mail_fixture *fixture, const char *from, size_t slack)
{
    static const enum cms_cipher ciphers[] = { CMS_CIPHER_UNKNOWN, CMS_AES_256_GCM };
    static const enum policy_headers kept[] = { HEADERS_NONE, HEADERS_SIGNED };
    for (unsigned i = 0; i < 48; i++) {
        const struct protect_request request = {
            .sign = true,
            .form = (i & 1) ? FORM_OPAQUE : FORM_DETACHED,
            .encrypt = (i & 2) != 0,
            .cipher = ciphers[(i >> 2) & 1],
            .to_self = (i & 8) != 0,
            .route = (i & 16) ? ROUTE_GRAPH : ROUTE_SMTP,
            .headers = (i & 2) && i % 3 == 0 ? HEADERS_CONFIDENTIAL : kept[i % 2],
            .legacy_display = i % 5 == 0,
        };
        struct protect_request dry = request;
        dry.dry_run = true;
        char message[512];
        (void)snprintf(message, sizeof(message), "From: %s\r\n" SIZED BODY "%0*u\r\n", from,
                       (int)(i * 7 + 1), i);
        CLEANUP(protect_result_free) struct protect_result *told = NULL;
        CLEANUP(protect_result_free) struct protect_result *made = NULL;
        assert_ok(try_protect(fixture, message, dry, &told));
        assert_ok(try_protect(fixture, message, request, &made));
        cr_assert_eq(told->copy_count, made->copy_count);
        for (size_t k = 0; k < made->copy_count; k++) {
            cr_assert_null(told->copies[k].content, "what is not signed must not come out");
            cr_assert_eq(told->copies[k].cipher, made->copies[k].cipher);
            cr_assert_leq(made->copies[k].size, told->copies[k].size);
            cr_assert_leq(told->copies[k].size, made->copies[k].size + slack,
                          "%u: copy %zu: %zu, made %zu", i, k, told->copies[k].size,
                          made->copies[k].size);
        }
    }
}

static void add_rosa(struct mail_fixture *fixture)
{
    cert_unref(mail_person(fixture, &(struct trial_subject){ .name = "Rosa",
                                                             .address = "rosa@example.org",
                                                             .key = TRIAL_RSA_2048 }));
}

Test(protect, tells_the_exact_size_in_a_dry_run_with_an_rsa_key)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    add_rosa(fixture);
    assert_sizes(fixture, "rosa@example.org", 0);
}

/* PROTOCOL.md: 10 bytes less, or 26 where it is encrypted, too */
Test(protect, tells_the_most_that_it_can_be_in_a_dry_run_with_an_ecdsa_key)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    add_rosa(fixture);
    assert_sizes(fixture, "alice@example.org", 26);
}

static const struct protect_copy *copy_of(const struct protect_result *result, enum copy_role role)
{
    for (size_t i = 0; i < result->copy_count; i++) {
        if (result->copies[i].role == role) {
            return &result->copies[i];
        }
    }
    cr_assert_fail("there is no such copy");
    return NULL;
}

/* Protects MESSAGE and opens main again; the text must be back. */
static void assert_round_trip(struct mail_fixture *fixture, struct protect_request request,
                              enum signature_status signature, enum encryption_status encryption)
{
    CLEANUP(protect_result_free) struct protect_result *result = NULL;
    assert_ok(try_protect(fixture, MESSAGE, request, &result));
    const struct protect_copy *copy = copy_of(result, COPY_MAIN);
    struct bytes message = mail_keep_content(fixture, copy->content);
    cr_assert_eq(copy->size, message.len);
    cr_assert_eq(request.encrypt, bytes_find(message, BYTES_LITERAL("the text")) == SIZE_MAX);
    const struct open_result *opened = mail_open(fixture, message);
    assert_signature(opened, signature, WORDS_NONE);
    assert_encryption(opened, encryption, WORDS_NONE);
    cr_assert(mail_content_has(opened->content, "\r\n\r\nthe text\r\n"));
    cr_assert(mail_content_has(opened->content, "\r\nSubject: trial\r\n"));
}

Test(protect, signs_detached)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    assert_round_trip(fixture, signing, SIGNATURE_GOOD, ENCRYPTION_NONE);
    cr_assert(fixture->result->layers[0].multipart);
}

Test(protect, signs_opaque)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct protect_request request = { .sign = true, .form = FORM_OPAQUE };
    CLEANUP(protect_result_free) struct protect_result *result = NULL;
    assert_ok(try_protect(fixture, MESSAGE, request, &result));
    cr_assert_eq(result->form, FORM_OPAQUE);
    struct bytes main = mail_keep_content(fixture, copy_of(result, COPY_MAIN)->content);
    const struct open_result *opened = mail_open(fixture, main);
    assert_signature(opened, SIGNATURE_GOOD, WORDS_NONE);
    cr_assert_not(opened->layers[0].multipart);
}

Test(protect, encrypts_with_each_cipher)
{
    static const enum cms_cipher ciphers[] = { CMS_CIPHER_UNKNOWN, CMS_AES_128_CBC, CMS_AES_256_CBC,
                                               CMS_AES_128_GCM, CMS_AES_256_GCM };
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        struct protect_request request = encrypting;
        request.cipher = ciphers[i];
        assert_round_trip(fixture, request, SIGNATURE_NONE, ENCRYPTION_ENCRYPTED);
    }
}

Test(protect, signs_then_encrypts)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    assert_round_trip(fixture, both, SIGNATURE_GOOD, ENCRYPTION_ENCRYPTED);
    cr_assert_eq(fixture->result->layers[0].kind, LAYER_ENCRYPTED);
    cr_assert_eq(fixture->result->layers[1].kind, LAYER_SIGNED);
}

Test(protect, serves_rsa_keys)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    cert_unref(mail_person(fixture, &(struct trial_subject){ .name = "Carol",
                                                             .address = "carol@example.org",
                                                             .key = TRIAL_RSA_2048 }));
    CLEANUP(protect_result_free) struct protect_result *result = NULL;
    assert_ok(try_protect(fixture, "From: carol@example.org\r\nTo: carol@example.org\r\n" BODY,
                          both, &result));
    struct bytes main = mail_keep_content(fixture, copy_of(result, COPY_MAIN)->content);
    const struct open_result *opened = mail_open(fixture, main);
    assert_signature(opened, SIGNATURE_GOOD, WORDS_NONE);
    assert_encryption(opened, ENCRYPTION_ENCRYPTED, WORDS_NONE);
    cr_assert_eq(opened->layers[0].encryption->recipients[0].type, CMS_KEY_TRANSPORT);
}

Test(protect, makes_signed_mail_opaque_where_gmail_would_rewrite_it)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct protect_request request = { .sign = true, .route = ROUTE_GMAIL };
    CLEANUP(protect_result_free) struct protect_result *result = NULL;
    assert_ok(try_protect(fixture, MESSAGE, request, &result));
    cr_assert_eq(result->form, FORM_OPAQUE);
    cr_assert_null(result->warnings[0]);
    CLEANUP(protect_result_free) struct protect_result *forced = NULL;
    request.form = FORM_DETACHED;
    assert_ok(try_protect(fixture, MESSAGE, request, &forced));
    cr_assert_eq(forced->form, FORM_OPAQUE);
    cr_assert_str_eq(forced->warnings[0], "form-changed-for-route");
}

Test(protect, leaves_the_inner_form_alone_where_gmail_sees_only_ciphertext)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct protect_request request = both;
    request.route = ROUTE_GMAIL;
    CLEANUP(protect_result_free) struct protect_result *result = NULL;
    assert_ok(try_protect(fixture, MESSAGE, request, &result));
    struct bytes main = mail_keep_content(fixture, copy_of(result, COPY_MAIN)->content);
    cr_assert(mail_open(fixture, main)->layers[1].multipart);
}

Test(protect, signs_with_the_certificate_that_was_named)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct protect_request request = { .sign = true, .signer = cert_id(fixture->bob) };
    CLEANUP(protect_result_free) struct protect_result *result = NULL;
    assert_ok(try_protect(fixture, MESSAGE, request, &result));
    cr_assert_str_eq(cert_id(result->signed_with), cert_id(fixture->bob));
    cr_assert_str_eq(result->warnings[0], "signer-is-not-from");
}

Test(protect, estimates_no_size_too_small)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct buffer *message = mail_keep(fixture);
    assert_ok(buffer_append_string(message, COMPOSE_HEADER "Bcc: alice@example.org\r\n" BODY));
    for (int i = 0; i < 60000; i++) {
        assert_ok(buffer_append_string(message, "line after line\r\n"));
    }
    assert_ok(buffer_append_byte(message, '\0')); /* a NUL ends the string for bytes_of_string */
    for (unsigned i = 1; i < 16; i++) {
        struct protect_request request = {
            .sign = i & 1,
            .encrypt = i & 2,
            .form = i & 4 ? FORM_OPAQUE : FORM_AUTO,
            .to_self = true,
            .route = i & 8 ? ROUTE_GMAIL : ROUTE_GENERIC,
        };
        CLEANUP(protect_result_free) struct protect_result *real = NULL;
        CLEANUP(protect_result_free) struct protect_result *dry = NULL;
        assert_ok(try_protect(fixture, (const char *)message->data, request, &real));
        request.dry_run = true;
        assert_ok(try_protect(fixture, (const char *)message->data, request, &dry));
        cr_assert_eq(dry->copy_count, real->copy_count);
        for (size_t copy = 0; copy < real->copy_count; copy++) {
            cr_assert_geq(dry->copies[copy].size, real->copies[copy].size, "wish %u copy %zu", i,
                          copy);
        }
    }
}

Test(protect, warns_a_sender_who_cannot_read_his_own_copy)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(protect_result_free) struct protect_result *result = NULL;
    assert_ok(try_protect(fixture, "From: eve@example.org\r\nTo: bob@example.org\r\n" BODY,
                          encrypting, &result));
    cr_assert_str_eq(result->warnings[0], "sender-cannot-read");
    cr_assert_eq(result->copy_count, 2);
}

Test(protect, does_not_warn_a_sender_who_only_keeps_himself_out_of_main)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct protect_request request = both;
    request.to_self = false;
    CLEANUP(protect_result_free) struct protect_result *result = NULL;
    assert_ok(try_protect(fixture, MESSAGE, request, &result));
    cr_assert_null(result->warnings[0]);
}

static bool warns(const struct protect_result *result, const char *word)
{
    for (size_t i = 0; result->warnings[i]; i++) {
        if (strcmp(result->warnings[i], word) == 0) {
            return true;
        }
    }
    return false;
}

/* A signed part inside that is 8-bit: it can't be encoded and must not be touched. */
#define EIGHT_BIT_SIGNED \
    COMPOSE_HEADER "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\xc3\xbc\r\n" \
                   "--b\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--b--\r\n"

Test(protect, signs_opaque_what_a_relay_would_convert)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(protect_result_free) struct protect_result *result = NULL;
        struct protect_request request = signing;
        request.form = i == 0 ? FORM_AUTO : FORM_DETACHED;
        assert_ok(try_protect(fixture, EIGHT_BIT_SIGNED, request, &result));
        cr_assert_eq(result->form, FORM_OPAQUE);
        cr_assert(warns(result, "form-changed-for-content"));
    }
}

Test(protect, encrypts_what_a_relay_would_convert_as_it_is)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(protect_result_free) struct protect_result *result = NULL;
    assert_ok(try_protect(fixture, EIGHT_BIT_SIGNED, both, &result));
    cr_assert_null(result->warnings[0]);
}

Test(protect, tells_where_an_address_needs_utf_8)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(protect_result_free) struct protect_result *result = NULL;
    assert_ok(try_protect(fixture, "From: alice@example.org\r\nTo: b\xc3\xbc@example.org\r\n" BODY,
                          signing, &result));
    cr_assert(warns(result, "smtputf8-needed"));
    cr_assert_str_eq(result->copies[0].to[0], "b\xc3\xbc@example.org");
}

static void assert_warns_of_size(enum protect_route route, size_t size, bool expected)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    assert_ok(mapping_new(LIMIT_MESSAGE, &owner));
    assert_ok(mapping_append(owner, BYTES_LITERAL(COMPOSE_HEADER
                                                  "Content-Type: a/b\r\n"
                                                  "Content-Transfer-Encoding: base64\r\n\r\n")));
    while (mapping_len(owner) < size) {
        assert_ok(
            mapping_append(owner, BYTES_LITERAL("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNk\r\n")));
    }
    CLEANUP(protect_result_free) struct protect_result *result = NULL;
    const struct protect_request request = {
        .owner = owner, .message = mapping_view(owner), .route = route, .dry_run = true
    };
    assert_ok(protect_message(&fixture->context, &request, &result));
    cr_assert_eq(warns(result, "too-large-for-route"), expected);
}

Test(protect, tells_what_a_site_will_not_take)
{
    assert_warns_of_size(ROUTE_GRAPH, LIMIT_ROUTE_GRAPH, true);
    assert_warns_of_size(ROUTE_GRAPH, LIMIT_ROUTE_GRAPH / 2, false);
    assert_warns_of_size(ROUTE_GMAIL, LIMIT_ROUTE_GMAIL, true);
    assert_warns_of_size(ROUTE_SMTP, LIMIT_ROUTE_GMAIL, false);
}

Test(protect, gives_all_copies_one_date_and_one_id)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(protect_result_free) struct protect_result *result = NULL;
    assert_ok(try_protect(fixture, MESSAGE, signing, &result));
    struct bytes ids[2] = { BYTES_NONE };
    for (size_t i = 0; i < 2; i++) {
        struct bytes copy = mail_keep_content(fixture, result->copies[i].content);
        size_t at = bytes_find(copy, BYTES_LITERAL("\r\nMessage-ID: <"));
        cr_assert_neq(at, SIZE_MAX);
        cr_assert_neq(bytes_find(copy, BYTES_LITERAL("\r\nDate: ")), SIZE_MAX);
        ids[i] = bytes_slice(copy, at, strlen("\r\nMessage-ID: <>@example.org\r\n") + 32);
    }
    cr_assert(bytes_equal(ids[0], ids[1]));
    cr_assert_neq(bytes_find(ids[0], BYTES_LITERAL("@example.org>\r\n")), SIZE_MAX);
}
