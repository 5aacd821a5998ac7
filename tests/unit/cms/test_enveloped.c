#include "base/limits.h"
#include "cms/der.h"
#include "enveloped_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

#define ALGORITHM \
    BYTES_LITERAL("\x30\x1d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a\x04\x10" \
                  "abcdefghijklmnop")
#define CONTENT BYTES_LITERAL("\x80\x02xx")
#define TAG BYTES_LITERAL("\x04\x02tt")
/* KeyTransRecipientInfo with a key identifier */
#define KTRI \
    "\x30\x19\x02\x01\x02\x80\x03kid\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x04\x02ke"

/* What the last message parsed was read from: its views need it. */
static struct mapping *input;

static void finish(void)
{
    mapping_unref(input);
}

static struct error *parse(const struct fixture_parts *parts, struct cms_enveloped **ret_message)
{
    mapping_unref(input);
    input = fixture_build(parts);
    return cms_enveloped_parse(mapping_view(input), ret_message);
}

TestSuite(enveloped, .init = fixture_start, .fini = finish);

static void assert_parse_error(const struct fixture_parts *parts, enum error_code code)
{
    struct cms_enveloped *message = NULL;
    assert_error(parse(parts, &message), code);
}

Test(enveloped, refuses_other_types_and_what_is_no_message)
{
    struct cms_enveloped *message = NULL;
    assert_error(cms_enveloped_parse(BYTES_NONE, &message), ERR_CMS_MALFORMED);
    assert_error(cms_enveloped_parse(BYTES_LITERAL("hello"), &message), ERR_CMS_MALFORMED);
    /* id-data */
    assert_error(
        cms_enveloped_parse(BYTES_LITERAL("\x30\x0f\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
                                          "\x01\xa0\x02\x04\x00"),
                            &message),
        ERR_CMS_UNSUPPORTED);
}

Test(enveloped, refuses_a_message_without_content)
{
    const struct fixture_parts parts = { .recipients = BYTES_LITERAL(KTRI),
                                         .algorithm = ALGORITHM };
    assert_parse_error(&parts, ERR_CMS_MALFORMED);
}

Test(enveloped, refuses_what_does_not_belong_behind_the_content)
{
    struct fixture_parts parts = {
        .recipients = BYTES_LITERAL(KTRI), .algorithm = ALGORITHM, .content = CONTENT, .behind = TAG
    };
    assert_parse_error(&parts, ERR_CMS_MALFORMED);
    parts.behind = BYTES_LITERAL("\xa2\x00");
    assert_parse_error(&parts, ERR_CMS_MALFORMED);
    parts.authenticated = true;
    assert_parse_error(&parts, ERR_CMS_MALFORMED); /* no tag */
}

Test(enveloped, reads_over_attributes_that_nobody_vouches_for)
{
    struct fixture_parts parts = { .recipients = BYTES_LITERAL(KTRI),
                                   .algorithm = ALGORITHM,
                                   .content = CONTENT,
                                   .behind = BYTES_LITERAL("\xa1\x03\x30\x01\x00") };
    struct cms_enveloped *message = NULL;
    assert_ok(parse(&parts, &message));
    cms_enveloped_free(message);
    parts.authenticated = true;
    parts.behind = BYTES_LITERAL("\xa1\x02\x30\x00\x04\x02tt\xa2\x02\x30\x00");
    assert_ok(parse(&parts, &message));
    cr_assert(cms_enveloped_is_authenticated(message));
    cms_enveloped_free(message);
}

Test(enveloped, recognises_every_type_of_recipient)
{
    /* two of key transport, key agreement with an unknown scheme and two keys, KEK, password, KEM,
     * other, a tag from the future, key transport with an unknown algorithm */
    const struct fixture_parts parts = {
        .recipients = BYTES_LITERAL(
            KTRI "\xa1\x31\x02\x01\x03\xa0\x0d\xa1\x0b\x30\x05\x06\x03\x2b\x65\x6e\x03\x02\x00p"
                 "\x30\x07\x06\x03\x2a\x03\x04\x05\x00"
                 "\x30\x14\x30\x08\xa0\x04\x04\x02id\x04\x00\x30\x08\xa0\x04\x04\x02iD\x04\x00"
                 "\xa2\x03\x02\x01\x04\xa3\x03\x02\x01\x00"
                 "\xa4\x0f\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x0d\x03\x30\x00"
                 "\xa4\x05\x06\x01\x2a\x30\x00\xa4\x02\x02\x00\xa7\x00"
                 "\x30\x11\x02\x01\x00\x80\x03kid\x30\x03\x06\x01\x2a\x04\x02ke"),
        .algorithm = ALGORITHM,
        .content = CONTENT,
    };
    static const struct {
        enum cms_recipient_type type;
        const char *algorithm;
    } expected[] = {
        { CMS_KEY_TRANSPORT, "rsa" },       { CMS_KEY_AGREEMENT, "x25519" },
        { CMS_KEY_AGREEMENT, "x25519" },    { CMS_KEK, "unknown" },
        { CMS_PASSWORD, "unknown" },        { CMS_KEM, "unknown" },
        { CMS_RECIPIENT_OTHER, "unknown" }, { CMS_RECIPIENT_OTHER, "unknown" },
        { CMS_RECIPIENT_OTHER, "unknown" }, { CMS_KEY_TRANSPORT, "unknown" },
    };
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    assert_ok(parse(&parts, &message));
    cr_assert_eq(cms_enveloped_recipient_count(message), ARRAY_SIZE(expected));
    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        const struct cms_recipient *recipient = cms_enveloped_recipient(message, i);
        cr_assert_eq(recipient->type, expected[i].type, "%zu", i);
        cr_assert_str_eq(recipient->algorithm, expected[i].algorithm, "%zu", i);
    }
    cr_assert(bytes_equal(cms_enveloped_recipient(message, 2)->ref.key_id, BYTES_LITERAL("iD")));
    cr_assert_null(cms_enveloped_recipient(message, ARRAY_SIZE(expected)));
}

/* `infos` KeyTransRecipientInfos, then one KeyAgreeRecipientInfo with `keys` keys. */
static struct error *parse_many(size_t infos, size_t keys)
{
    CLEANUP(buffer_free) struct buffer *recipients = NULL;
    TRY(buffer_new(0, &recipients));
    for (size_t i = 0; i < infos; i++) {
        TRY(buffer_append(recipients, BYTES_LITERAL(KTRI)));
    }
    size_t start = recipients->len;
    TRY(buffer_append(recipients,
                      BYTES_LITERAL("\x02\x01\x03\xa0\x0d\xa1\x0b\x30\x05\x06\x03\x2b\x65\x6e\x03"
                                    "\x02\x00p\x30\x07\x06\x03\x2a\x03\x04\x05\x00")));
    size_t list = recipients->len;
    for (size_t i = 0; i < keys; i++) {
        TRY(buffer_append(recipients, BYTES_LITERAL("\x30\x08\xa0\x04\x04\x02id\x04\x00")));
    }
    TRY(der_wrap(recipients, list, BER_SEQUENCE));
    TRY(der_wrap(recipients, start, BER_CONTEXT_CONSTRUCTED + 1));
    const struct fixture_parts parts = { .recipients = buffer_view(recipients),
                                         .algorithm = ALGORITHM,
                                         .content = CONTENT };
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    TRY(parse(&parts, &message));
    cr_assert_eq(cms_enveloped_recipient_count(message), infos + keys);
    return NULL;
}

Test(enveloped, limits_the_recipients_over_all_keys)
{
    assert_ok(parse_many(LIMIT_RECIPIENTS - 5, 5));
    assert_error(parse_many(LIMIT_RECIPIENTS - 5, 6), ERR_CMS_MALFORMED);
    assert_error(parse_many(LIMIT_RECIPIENTS + 1, 0), ERR_CMS_MALFORMED);
    assert_error(parse_many(0, LIMIT_RECIPIENTS + 1), ERR_CMS_MALFORMED);
}

Test(enveloped, names_no_cipher_that_is_not_in_the_table)
{
    struct fixture_parts parts = { .recipients = BYTES_LITERAL(KTRI),
                                   .algorithm = BYTES_LITERAL("\x30\x05\x06\x03\x2a\x03\x04"),
                                   .content = CONTENT };
    CLEANUP(cms_enveloped_free) struct cms_enveloped *unknown = NULL;
    assert_ok(parse(&parts, &unknown));
    cr_assert_null(cms_enveloped_cipher(unknown));
    parts.algorithm = ALGORITHM;
    CLEANUP(cms_enveloped_free) struct cms_enveloped *known = NULL;
    assert_ok(parse(&parts, &known));
    cr_assert_eq(cms_enveloped_cipher(known)->cipher, CMS_AES_256_CBC);
}

Test(enveloped, refuses_a_message_cut_at_any_byte)
{
    struct party parties[] = { party_new(PARTY_RSA), party_new(PARTY_P256) };
    static const enum cms_cipher ciphers[] = { CMS_AES_128_CBC, CMS_AES_256_GCM };
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        CLEANUP(mapping_unref) struct mapping *der = NULL;
        assert_ok(fixture_encrypt(ciphers[i], parties, 2, BYTES_LITERAL("text"), &der));
        for (size_t len = 0; len < mapping_len(der); len++) {
            struct cms_enveloped *message = NULL;
            assert_error(cms_enveloped_parse(bytes_slice(mapping_view(der), 0, len), &message),
                         ERR_CMS_MALFORMED);
        }
    }
    party_done(&parties[0]);
    party_done(&parties[1]);
}

/* What comes of a message in which one byte is another. Anything but success with another text. */
static void try_damaged(struct mapping *good, size_t at, uint8_t change, const struct party *party)
{
    CLEANUP(mapping_unref) struct mapping *bad = fixture_mapping(mapping_view(good));
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    CLEANUP(cms_cek_free) struct cms_cek *cek = NULL;
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    struct bytes plain = BYTES_NONE;
    mapping_data(bad)[at] ^= change;
    CLEANUP(error_free) struct error *error = cms_enveloped_parse(mapping_view(bad), &message);
    if (!error && cms_enveloped_recipient_count(message) > 0) {
        error = cms_enveloped_unwrap(message, 0, party->certificate, party->key, &cek);
    }
    if (!error && cek) {
        error = cms_enveloped_decrypt(message, cek, bad, NULL, &owner, &plain);
    }
    if (error) {
        enum error_code code = error_get_code(error);
        cr_assert(code == ERR_CMS_MALFORMED || code == ERR_CMS_UNSUPPORTED ||
                      code == ERR_DECRYPTION_FAILED,
                  "byte %zu: %s", at, error_get_message(error));
        return;
    }
    cr_assert(!owner || bytes_equal(plain, BYTES_LITERAL("text")), "byte %zu", at);
}

Test(enveloped, survives_every_damaged_byte)
{
    struct party parties[] = { party_new(PARTY_P256), party_new(PARTY_RSA) };
    for (size_t i = 0; i < ARRAY_SIZE(parties); i++) {
        CLEANUP(mapping_unref) struct mapping *der = NULL;
        assert_ok(fixture_encrypt(CMS_AES_256_GCM, &parties[i], 1, BYTES_LITERAL("text"), &der));
        for (size_t at = 0; at < mapping_len(der); at++) {
            try_damaged(der, at, 0x01, &parties[i]);
            try_damaged(der, at, 0x80, &parties[i]);
        }
        party_done(&parties[i]);
    }
}
