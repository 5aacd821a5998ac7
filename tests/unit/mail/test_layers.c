#include "base/limits.h"
#include "mail/compose.h"
#include "mail/layers.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(layers, .fini = fixture_remove, .timeout = 60);

#define SECRET "only for Bob's eyes"

static const struct open_result *open_mail(struct mail_fixture *fixture, struct bytes entity)
{
    return mail_open(fixture, compose_mail(fixture, entity));
}

static struct bytes secret(struct mail_fixture *fixture)
{
    return compose_text(fixture, SECRET);
}

static struct bytes encrypted(struct mail_fixture *fixture, struct bytes entity)
{
    return compose_encrypted(fixture, fixture->bob, CMS_AES_256_GCM, entity);
}

static struct bytes signed_by_alice(struct mail_fixture *fixture, struct bytes entity)
{
    return compose_signed(fixture, fixture->alice, FORM_DETACHED, entity);
}

Test(layers, opens_enveloped_data)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed =
        compose_encrypted(fixture, fixture->bob, CMS_AES_128_CBC, secret(fixture));
    const struct open_result *result = open_mail(fixture, sealed);
    assert_encryption(result, ENCRYPTION_ENCRYPTED, WORDS_NONE);
    assert_signature(result, SIGNATURE_NONE, WORDS_NONE);
    cr_assert_not(result->verdict.authenticated);
    cr_assert_eq(result->verdict.encryption_notices, WORD_BIT(WORD_NOT_AUTHENTICATED));
    cr_assert(mail_content_has(result->content, "\r\n\r\n" SECRET));
}

Test(layers, opens_auth_enveloped_data)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    const struct open_result *result = open_mail(fixture, encrypted(fixture, secret(fixture)));
    assert_encryption(result, ENCRYPTION_ENCRYPTED, WORDS_NONE);
    cr_assert(result->verdict.authenticated);
    cr_assert_eq(result->verdict.encryption_notices, WORDS_NONE);
}

Test(layers, opens_signed_then_encrypted)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes inner = signed_by_alice(fixture, secret(fixture));
    const struct open_result *result = open_mail(fixture, encrypted(fixture, inner));
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    assert_encryption(result, ENCRYPTION_ENCRYPTED, WORDS_NONE);
    cr_assert_eq(result->layer_count, 2);
    cr_assert_eq(result->layers[0].kind, LAYER_ENCRYPTED);
    cr_assert_eq(result->verdict.speaking_layer, 1);
}

Test(layers, opens_a_triple_wrap)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes inner = signed_by_alice(fixture, secret(fixture));
    struct bytes outer = signed_by_alice(fixture, encrypted(fixture, inner));
    const struct open_result *result = open_mail(fixture, outer);
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    cr_assert_eq(result->layer_count, 3);
    cr_assert_eq(result->verdict.speaking_layer, 2);
    cr_assert(words_has(result->verdict.signature.notices, WORD_SIGNED_OUTSIDE));
}

Test(layers, calls_a_triple_wrap_with_a_wrong_outer_signature_bad)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes inner = encrypted(fixture, signed_by_alice(fixture, secret(fixture)));
    struct bytes other = signed_by_alice(fixture, compose_text(fixture, "other"));
    struct bytes outer = compose_with_signature(fixture, inner, compose_cms(fixture, other));
    const struct open_result *result = open_mail(fixture, outer);
    assert_signature(result, SIGNATURE_BAD, WORD_BIT(WORD_DIGEST_MISMATCH));
}

Test(layers, does_not_let_a_signature_around_encryption_speak)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes outer = signed_by_alice(fixture, encrypted(fixture, secret(fixture)));
    const struct open_result *result = open_mail(fixture, outer);
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_SIGNED_OUTSIDE));
    assert_encryption(result, ENCRYPTION_ENCRYPTED, WORDS_NONE);
    cr_assert_eq(result->verdict.speaking_layer, SIZE_MAX);
}

Test(layers, calls_a_signed_part_partial)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes part = signed_by_alice(fixture, compose_text(fixture, "signed text"));
    struct bytes list = compose_mixed(fixture, part, compose_text(fixture, "a footer"));
    const struct open_result *result = open_mail(fixture, list);
    assert_signature(result, SIGNATURE_PARTIAL, WORD_BIT(WORD_CONTENT_NOT_COVERED));
    cr_assert_eq(result->layer_count, 1);
    cr_assert_not(result->layers[0].whole);
    cr_assert_str_eq(result->layers[0].part, "1.1");
    cr_assert(mail_content_has(result->layers[0].content, "signed text"));
    cr_assert_not(mail_content_has(result->layers[0].content, "a footer"));
}

Test(layers, calls_a_wrong_signature_on_a_part_partial_with_its_words)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes part = signed_by_alice(fixture, compose_text(fixture, "signed text"));
    part = compose_replaced(fixture, part, "signed text", "Signed text");
    struct bytes list = compose_mixed(fixture, compose_text(fixture, "above"), part);
    const struct open_result *result = open_mail(fixture, list);
    assert_signature(result, SIGNATURE_PARTIAL,
                     WORD_BIT(WORD_CONTENT_NOT_COVERED) | WORD_BIT(WORD_DIGEST_MISMATCH));
    cr_assert_str_eq(result->layers[0].part, "1.2");
}

/* EFAIL: what was decrypted must not get into one document with what somebody put around it. */
Test(layers, keeps_the_cleartext_of_a_part_away_from_its_neighbours)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes part = encrypted(fixture, secret(fixture));
    struct bytes around = compose_mixed(fixture, compose_text(fixture, "<img src='"), part);
    struct bytes message = compose_mail(fixture, around);
    const struct open_result *result = mail_open(fixture, message);
    assert_encryption(result, ENCRYPTION_PARTIAL, WORDS_NONE);
    cr_assert_eq(result->layer_count, 1);
    cr_assert(mail_content_has(result->layers[0].content, SECRET));
    cr_assert_not(mail_content_has(result->layers[0].content, "<img"));
    cr_assert(bytes_equal(mail_keep_content(fixture, result->content), message));
}

Test(layers, keeps_two_encrypted_parts_away_from_each_other)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes first = encrypted(fixture, secret(fixture));
    struct bytes second = encrypted(fixture, compose_text(fixture, "the second"));
    const struct open_result *result = open_mail(fixture, compose_mixed(fixture, first, second));
    cr_assert_eq(result->layer_count, 2);
    cr_assert(mail_content_has(result->layers[0].content, SECRET));
    cr_assert_not(mail_content_has(result->layers[0].content, "the second"));
    cr_assert(mail_content_has(result->layers[1].content, "the second"));
    cr_assert_not(mail_content_has(result->content, "the second"));
}

Test(layers, keeps_an_encrypted_part_inside_an_encrypted_message_apart)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes part = encrypted(fixture, secret(fixture));
    struct bytes mixed = compose_mixed(fixture, compose_text(fixture, "around"), part);
    const struct open_result *result = open_mail(fixture, encrypted(fixture, mixed));
    assert_encryption(result, ENCRYPTION_ENCRYPTED, WORDS_NONE);
    cr_assert_eq(result->layer_count, 2);
    cr_assert(mail_content_has(result->content, "around"));
    cr_assert_not(mail_content_has(result->content, SECRET));
    cr_assert(mail_content_has(result->layers[1].content, SECRET));
    cr_assert_str_eq(result->layers[1].part, "1.2");
}

/* A part's own parts were found twice: by the walk over the message and by that over the part. */
Test(layers, finds_a_layer_inside_a_signed_part_once)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes hidden = encrypted(fixture, secret(fixture));
    struct bytes mixed = compose_mixed(fixture, compose_text(fixture, "around"), hidden);
    struct bytes part = signed_by_alice(fixture, mixed);
    struct bytes list = compose_mixed(fixture, part, compose_text(fixture, "a footer"));
    const struct open_result *result = open_mail(fixture, list);
    cr_assert_eq(result->layer_count, 2, "%zu layers", result->layer_count);
    cr_assert_str_eq(result->layers[0].part, "1.1");
    cr_assert_eq(result->layers[0].inside, SIZE_MAX);
    cr_assert_str_eq(result->layers[1].part, "1.2");
    cr_assert_eq(result->layers[1].inside, 0);
    cr_assert(mail_content_has(result->layers[1].content, SECRET));
}

Test(layers, says_that_a_hundred_layers_are_too_many)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = secret(fixture);
    for (int i = 0; i < 100; i++) {
        /* opaque, transparent to nothing: one text, ever longer */
        struct bytes cms =
            compose_cms(fixture, compose_signed(fixture, fixture->alice, FORM_OPAQUE, entity));
        entity = compose_printf(fixture, "%s",
                                "Content-Type: application/pkcs7-mime\r\n"
                                "Content-Transfer-Encoding: binary\r\n\r\n");
        assert_ok(buffer_append(fixture->kept[fixture->kept_count - 1], cms));
        entity = buffer_view(fixture->kept[fixture->kept_count - 1]);
    }
    const struct open_result *result = open_mail(fixture, entity);
    cr_assert_eq(result->layer_count, LIMIT_LAYERS);
    cr_assert_neq(result->verdict.signature.status, SIGNATURE_GOOD);
    cr_assert(words_has(result->layers[LIMIT_LAYERS - 1].problems, WORD_NESTING_TOO_DEEP));
    cr_assert(words_has(result->verdict.signature.problems, WORD_NESTING_TOO_DEEP));
}

Test(layers, does_not_take_certificates_for_a_signature)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    fixture_identity("eve");
    fixture_run("openssl", "crl2pkcs7", "-nocrl", "-certfile", "eve.crt", "-outform", "DER", "-out",
                "eve.p7c", NULL);
    struct bytes bag = compose_pkcs7(fixture, "certs-only", mail_keep_file(fixture, "eve.p7c"));
    const struct open_result *result = open_mail(fixture, bag);
    assert_signature(result, SIGNATURE_NONE, WORDS_NONE);
    assert_encryption(result, ENCRYPTION_NONE, WORDS_NONE);
    cr_assert_eq(result->layer_count, 1);
    cr_assert_eq(result->layers[0].kind, LAYER_CERTIFICATES);
    cr_assert_eq(result->layers[0].signature->carried.count, 1);
    cr_assert(mail_content_has(result->content, "application/pkcs7-mime"), "it is taken away");
}

/* Certificates inside of a signature take nothing from it, and around one there is no inside. */
Test(layers, certificates_leave_the_signature_around_them_good)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    fixture_identity("eve");
    fixture_run("openssl", "crl2pkcs7", "-nocrl", "-certfile", "eve.crt", "-outform", "DER", "-out",
                "eve.p7c", NULL);
    struct bytes bag = compose_pkcs7(fixture, "certs-only", mail_keep_file(fixture, "eve.p7c"));
    const struct open_result *result =
        open_mail(fixture, compose_signed(fixture, fixture->alice, FORM_OPAQUE, bag));
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    cr_assert_eq(result->layer_count, 2);
    cr_assert_eq(result->layers[1].kind, LAYER_CERTIFICATES);
}

Test(layers, calls_garbage_that_claims_to_be_encrypted_failed)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes garbage =
        compose_pkcs7(fixture, "enveloped-data", BYTES_LITERAL("\x80garbage, no CMS"));
    const struct open_result *result = open_mail(fixture, garbage);
    assert_encryption(result, ENCRYPTION_FAILED, WORD_BIT(WORD_CMS_MALFORMED));
    assert_signature(result, SIGNATURE_NONE, WORDS_NONE);
}

Test(layers, calls_garbage_that_claims_to_be_signed_bad)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes garbage =
        compose_pkcs7(fixture, "signed-data", BYTES_LITERAL("\x80garbage, no CMS"));
    const struct open_result *result = open_mail(fixture, garbage);
    assert_signature(result, SIGNATURE_BAD, WORD_BIT(WORD_CMS_MALFORMED));
}

Test(layers, calls_a_detached_signature_of_garbage_bad)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed =
        compose_with_signature(fixture, secret(fixture), BYTES_LITERAL("\x80garbage"));
    assert_signature(open_mail(fixture, sealed), SIGNATURE_BAD, WORD_BIT(WORD_CMS_MALFORMED));
}

Test(layers, calls_a_detached_signature_that_is_encrypted_data_bad)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes cms = compose_cms(fixture, encrypted(fixture, secret(fixture)));
    struct bytes sealed = compose_with_signature(fixture, secret(fixture), cms);
    assert_signature(open_mail(fixture, sealed), SIGNATURE_BAD, WORD_BIT(WORD_CMS_MALFORMED));
}

Test(layers, believes_the_bytes_and_not_the_smime_type)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes opaque = compose_signed(fixture, fixture->alice, FORM_OPAQUE, secret(fixture));
    struct bytes wrong = compose_replaced(fixture, opaque, "signed-data", "enveloped-data");
    assert_signature(open_mail(fixture, wrong), SIGNATURE_GOOD, WORDS_NONE);
    struct bytes sealed = encrypted(fixture, secret(fixture));
    wrong = compose_replaced(fixture, sealed, "authEnveloped-data", "signed-data");
    const struct open_result *result = open_mail(fixture, wrong);
    assert_encryption(result, ENCRYPTION_ENCRYPTED, WORDS_NONE);
    assert_signature(result, SIGNATURE_NONE, WORDS_NONE);
}

Test(layers, opens_what_a_gateway_made_an_octet_stream)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed = encrypted(fixture, secret(fixture));
    struct bytes stream =
        compose_replaced(fixture, sealed, "application/pkcs7-mime", "application/octet-stream");
    assert_encryption(open_mail(fixture, stream), ENCRYPTION_ENCRYPTED, WORDS_NONE);
}

Test(layers, never_calls_a_message_cut_anywhere_good)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes opaque = compose_signed(fixture, fixture->alice, FORM_OPAQUE, secret(fixture));
    struct bytes cms = compose_cms(fixture, opaque);
    struct buffer *message = mail_keep(fixture);
    assert_ok(buffer_append_string(
        message, COMPOSE_HEADER "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n"
                                "Content-Transfer-Encoding: binary\r\n\r\n"));
    size_t header = message->len;
    assert_ok(buffer_append(message, cms));
    for (size_t len = 0; len < cms.len; len++) {
        struct bytes cut = bytes_slice(buffer_view(message), 0, header + len);
        cr_assert_neq(mail_open(fixture, cut)->verdict.signature.status, SIGNATURE_GOOD,
                      "cut at %zu", len);
    }
    cr_assert_eq(mail_open(fixture, buffer_view(message))->verdict.signature.status,
                 SIGNATURE_GOOD);
}

Test(layers, never_opens_encrypted_content_cut_anywhere)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes cms = compose_cms(fixture, encrypted(fixture, secret(fixture)));
    struct buffer *message = mail_keep(fixture);
    assert_ok(buffer_append_string(message,
                                   COMPOSE_HEADER "Content-Type: application/pkcs7-mime\r\n"
                                                  "Content-Transfer-Encoding: binary\r\n\r\n"));
    size_t header = message->len;
    assert_ok(buffer_append(message, cms));
    for (size_t len = 0; len < cms.len; len++) {
        struct bytes cut = bytes_slice(buffer_view(message), 0, header + len);
        const struct open_result *result = mail_open(fixture, cut);
        cr_assert_eq(result->verdict.encryption, ENCRYPTION_FAILED, "cut at %zu", len);
        cr_assert_not(mail_content_has(result->content, SECRET));
    }
}

Test(layers, shows_cleartext_that_is_no_mime)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes odd = BYTES_LITERAL("X: \0\r\n\r\nno MIME\r\n");
    const struct open_result *result = open_mail(fixture, encrypted(fixture, odd));
    assert_encryption(result, ENCRYPTION_ENCRYPTED, WORDS_NONE);
    cr_assert_eq(result->part_count, 0);
    cr_assert(mail_content_has(result->content, "no MIME"));
}

Test(layers, opens_compressed_content_transparently)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes inner = signed_by_alice(fixture, secret(fixture));
    const struct open_result *result = open_mail(fixture, compose_compressed(fixture, inner));
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    cr_assert_eq(result->layers[0].kind, LAYER_COMPRESSED);
    cr_assert_eq(result->verdict.speaking_layer, 1);
    cr_assert(mail_content_has(result->content, SECRET));

    struct bytes squeezed = compose_compressed(fixture, secret(fixture));
    result = open_mail(fixture, signed_by_alice(fixture, squeezed));
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    cr_assert(mail_content_has(result->content, SECRET));
}

Test(layers, says_why_compressed_content_stays_as_it_is)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes squeezed = compose_compressed(fixture, secret(fixture));
    struct bytes cms = compose_cms(fixture, squeezed);
    struct buffer *broken = mail_keep(fixture);
    assert_ok(buffer_append(broken, cms));
    broken->data[broken->len - 1] ^= 1;
    struct bytes entity = compose_pkcs7(fixture, "compressed-data", buffer_view(broken));
    const struct open_result *result = open_mail(fixture, signed_by_alice(fixture, entity));
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_CMS_MALFORMED));
    cr_assert_eq(result->layers[1].problems, WORD_BIT(WORD_CMS_MALFORMED));

    struct buffer *bomb = mail_keep(fixture);
    uint8_t *tail = NULL;
    assert_ok(buffer_extend(bomb, 2 * LIMIT_COMPRESSED_SMALL, &tail));
    memset(tail, 'a', 2 * LIMIT_COMPRESSED_SMALL);
    entity = compose_compressed(fixture, buffer_view(bomb));
    result = open_mail(fixture, signed_by_alice(fixture, entity));
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_CONTENT_TOO_LARGE));
}

/* A forwarded message that is signed says nothing about who forwards it. */
Test(layers, calls_a_signed_message_in_a_message_partial)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes inner = signed_by_alice(fixture, compose_text(fixture, "signed text"));
    struct bytes forwarded = compose_forwarded(fixture, inner);
    const struct open_result *result =
        open_mail(fixture, compose_mixed(fixture, compose_text(fixture, "see below"), forwarded));
    assert_signature(result, SIGNATURE_PARTIAL, WORD_BIT(WORD_CONTENT_NOT_COVERED));
    cr_assert_eq(result->layer_count, 1);
    cr_assert_str_eq(result->layers[0].part, "1.2.1");
    cr_assert_not(result->layers[0].whole);
    cr_assert(mail_content_has(result->layers[0].content, "signed text"));
    for (size_t i = 0; i < result->part_count; i++) {
        cr_assert_eq(result->parts[i].signed_by, 0, "%s", result->parts[i].number);
    }

    /* alone, and in another one */
    result = open_mail(fixture, forwarded);
    assert_signature(result, SIGNATURE_PARTIAL, WORD_BIT(WORD_CONTENT_NOT_COVERED));
    cr_assert_str_eq(result->layers[0].part, "1.1");
    struct bytes mixed = compose_mixed(fixture, compose_text(fixture, "x"), forwarded);
    result = open_mail(fixture, compose_forwarded(fixture, mixed));
    assert_signature(result, SIGNATURE_PARTIAL, WORD_BIT(WORD_CONTENT_NOT_COVERED));
    cr_assert_str_eq(result->layers[0].part, "1.1.2.1");
}

Test(layers, numbers_what_lies_in_a_layer_of_a_forwarded_message_anew)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes part = signed_by_alice(fixture, compose_text(fixture, "signed text"));
    struct bytes mixed = compose_mixed(fixture, compose_text(fixture, "x"), part);
    const struct open_result *result =
        open_mail(fixture, compose_forwarded(fixture, encrypted(fixture, mixed)));
    cr_assert_eq(result->layer_count, 2);
    cr_assert_str_eq(result->layers[0].part, "1.1");
    cr_assert_eq(result->layers[0].inside, SIZE_MAX);
    cr_assert_str_eq(result->layers[1].part, "1.2");
    cr_assert_eq(result->layers[1].inside, 0);
    assert_encryption(result, ENCRYPTION_PARTIAL, WORDS_NONE);
    cr_assert_not(mail_content_has(result->content, "signed text"));
}

Test(layers, leaves_forwarded_messages_alone_that_are_too_many_or_unreadable)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes inner = signed_by_alice(fixture, compose_text(fixture, "signed text"));
    struct bytes forwarded = compose_forwarded(fixture, inner);
    for (size_t before = LIMIT_FORWARDED - 1; before <= LIMIT_FORWARDED; before++) {
        struct buffer *entity = mail_keep(fixture);
        assert_ok(buffer_append_string(entity, "Content-Type: multipart/mixed; boundary=of\r\n"));
        for (size_t i = 0; i < before; i++) {
            assert_ok(buffer_append_string(entity, "\r\n--of\r\nContent-Type: message/rfc822"
                                                   "\r\n\r\nFrom: a@b\r\n\r\nx\0"));
        }
        assert_ok(buffer_append_string(entity, "\r\n--of\r\n"));
        assert_ok(buffer_append(entity, forwarded));
        assert_ok(buffer_append_string(entity, "\r\n--of--\r\n"));
        const struct open_result *result = open_mail(fixture, buffer_view(entity));
        cr_assert_eq(result->layer_count, before < LIMIT_FORWARDED ? 1 : 0);
    }
    struct bytes odd = BYTES_LITERAL("Content-Type: message/rfc822\r\n\r\nX: \0\r\n\r\n");
    assert_signature(open_mail(fixture, odd), SIGNATURE_NONE, WORDS_NONE);
}

Test(layers, leaves_pgp_inside_smime_alone)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes pgp =
        BYTES_LITERAL("Content-Type: multipart/encrypted; boundary=pgp;"
                      " protocol=\"application/pgp-encrypted\"\r\n\r\n--pgp\r\n"
                      "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--pgp\r\n"
                      "Content-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----"
                      "\r\n--pgp--\r\n");
    const struct open_result *result = open_mail(fixture, signed_by_alice(fixture, pgp));
    /* it is around encryption, whoever can open that */
    assert_signature(result, SIGNATURE_UNVERIFIED, WORD_BIT(WORD_SIGNED_OUTSIDE));
    assert_encryption(result, ENCRYPTION_NONE, WORDS_NONE);
    cr_assert_eq(result->layer_count, 1);
    cr_assert(mail_content_has(result->content, "BEGIN PGP MESSAGE"));
}

Test(layers, says_that_a_signature_is_around_the_encryption_of_a_part)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes part = encrypted(fixture, secret(fixture));
    struct bytes mixed = compose_mixed(fixture, compose_text(fixture, "around"), part);
    const struct open_result *result = open_mail(fixture, signed_by_alice(fixture, mixed));
    assert_signature(result, SIGNATURE_GOOD, WORDS_NONE);
    cr_assert(words_has(result->verdict.signature.notices, WORD_SIGNED_OUTSIDE));
    assert_encryption(result, ENCRYPTION_PARTIAL, WORDS_NONE);
}
