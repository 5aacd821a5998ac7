#include "base/limits.h"
#include "cms/der.h"
#include "cms/recipient_ktri.h"
#include "enveloped_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(enveloped_open, .init = fixture_start, .fini = fixture_remove);

/* A key, and its recipients as contents of a SET. */
struct sealed {
    struct cipher cipher;
    PK11SymKey *key;
    struct buffer *recipients;
};

static struct sealed seal_for(const struct party *party, enum cms_cipher which)
{
    struct sealed sealed = { .cipher = fixture_cipher(which) };
    assert_ok(cipher_new_key(&sealed.cipher, &sealed.key));
    assert_ok(buffer_new(0, &sealed.recipients));
    CLEANUP(nss_public_key_free) SECKEYPublicKey *own = CERT_ExtractPublicKey(party->certificate);
    assert_ok(recipient_ktri_make(party->certificate, own, &(struct cms_recipient_way){ 0 },
                                  sealed.key, sealed.recipients));
    return sealed;
}

static void sealed_done(struct sealed *sealed)
{
    nss_sym_key_free(sealed->key);
    buffer_free(sealed->recipients);
}

/* The error with which opening ends: NULL where it succeeds. */
static struct error *open_error(struct mapping *der, bool in_place, const struct party *party)
{
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    struct bytes plain = BYTES_NONE;
    return fixture_open(der, in_place, party, &owner, &plain);
}

/* Whether a sender who sees both errors would learn nothing from the difference. */
static bool same_error(const struct error *a, const struct error *b)
{
    if (!a || !b) {
        return a == b;
    }
    const char *left = error_get_foreign(a);
    const char *right = error_get_foreign(b);
    return error_get_code(a) == error_get_code(b) &&
           strcmp(error_get_message(a), error_get_message(b)) == 0 &&
           strcmp(left ? left : "", right ? right : "") == 0 &&
           same_error(error_get_cause(a), error_get_cause(b));
}

/* The offset of an RSA-encrypted key in a message for one RSA recipient of 2048 bits. */
static size_t key_offset(const struct mapping *der)
{
    size_t at = bytes_find(mapping_view(der), BYTES_LITERAL("\x04\x82\x01\x00"));
    cr_assert_neq(at, SIZE_MAX);
    return at + 4;
}

static struct error *open_damaged(struct mapping *good, size_t at, bool in_place,
                                  const struct party *party)
{
    CLEANUP(mapping_unref) struct mapping *bad = fixture_mapping(mapping_view(good));
    mapping_data(bad)[at] ^= 0x01;
    return open_error(bad, in_place, party);
}

/* The same message, but its recipient is said to be another one: the key does not fit. */
static struct error *open_with_wrong_key(struct mapping *der, bool in_place,
                                         const struct party *party)
{
    struct party stranger = party_new(PARTY_RSA);
    struct party mixed = { .certificate = party->certificate, .key = stranger.key };
    struct error *error = open_error(der, in_place, &mixed);
    party_done(&stranger);
    return error;
}

Test(enveloped_open, has_one_error_for_a_wrong_key_block_a_wrong_key_and_wrong_content)
{
    struct party party = party_new(PARTY_RSA);
    CLEANUP(mapping_unref) struct mapping *plain = fixture_bytes(100);
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    assert_ok(fixture_encrypt(CMS_AES_256_GCM, &party, 1, mapping_view(plain), &der));
    size_t content = mapping_len(der) - 50;
    CLEANUP(error_free) struct error *reference = open_damaged(der, content, false, &party);
    cr_assert_eq(error_get_code(reference), ERR_DECRYPTION_FAILED);
    for (int in_place = 0; in_place < 2; in_place++) {
        for (size_t i = 0; i < 16; i++) {
            CLEANUP(error_free)
            struct error *block =
                open_damaged(der, key_offset(der) + 16 * i, in_place != 0, &party);
            cr_assert(same_error(reference, block));
        }
        CLEANUP(mapping_unref) struct mapping *copy = fixture_mapping(mapping_view(der));
        CLEANUP(error_free) struct error *key = open_with_wrong_key(copy, in_place != 0, &party);
        cr_assert(same_error(reference, key));
        CLEANUP(error_free) struct error *bad = open_damaged(der, content, in_place != 0, &party);
        cr_assert(same_error(reference, bad));
    }
    party_done(&party);
}

Test(enveloped_open, would_be_caught_telling_two_failures_apart)
{
    /* planted faults: each of these would be an oracle, and the comparison has to see it */
    CLEANUP(error_free) struct error *right = cipher_failed();
    CLEANUP(error_free) struct error *again = cipher_failed();
    CLEANUP(error_free)
    struct error *code = error_new(ERR_CMS_MALFORMED, "%s", error_get_message(right));
    CLEANUP(error_free)
    struct error *text = error_new(ERR_DECRYPTION_FAILED, "the padding is wrong");
    CLEANUP(error_free)
    struct error *cause =
        error_wrap(cipher_failed(), ERR_DECRYPTION_FAILED, "%s", error_get_message(right));
    CLEANUP(error_free) struct error *number = cipher_failed();
    error_set_foreign(number, -8190, "SEC_ERROR_BAD_DATA");
    cr_assert(same_error(right, again));
    cr_assert_not(same_error(right, code));
    cr_assert_not(same_error(right, text));
    cr_assert_not(same_error(right, cause));
    cr_assert_not(same_error(right, number));
    cr_assert_not(same_error(right, NULL));
}

Test(enveloped_open, never_fails_to_unwrap_a_wrong_pkcs1_block)
{
    struct party party = party_new(PARTY_RSA);
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    assert_ok(fixture_encrypt(CMS_AES_128_CBC, &party, 1, BYTES_LITERAL("text"), &der));
    for (size_t i = 0; i < 256; i += 5) {
        CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
        CLEANUP(cms_cek_free) struct cms_cek *cek = NULL;
        mapping_data(der)[key_offset(der) + i] ^= 0x40;
        assert_ok(cms_enveloped_parse(mapping_view(der), &message));
        assert_ok(cms_enveloped_unwrap(message, 0, party.certificate, party.key, &cek));
        cr_assert_not_null(cek);
    }
    party_done(&party);
}

/* A content-encryption key of this cipher that no message was made with: out of a message whose
 * content nobody will look at. `ret_key` is the same key, bare. */
static struct cms_cek *stray_cek(const struct party *party, enum cms_cipher which,
                                 PK11SymKey **ret_key)
{
    struct sealed sealed = seal_for(party, which);
    const struct cipher_job job = { .cipher = &sealed.cipher, .key = sealed.key };
    CLEANUP(mapping_unref)
    struct mapping *der =
        fixture_message(&job, buffer_view(sealed.recipients), BYTES_NONE, 0, BYTES_NONE);
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    struct cms_cek *cek = NULL;
    assert_ok(cms_enveloped_parse(mapping_view(der), &message));
    assert_ok(cms_enveloped_unwrap(message, 0, party->certificate, party->key, &cek));
    *ret_key = PK11_ReferenceSymKey(sealed.key);
    sealed_done(&sealed);
    return cek;
}

/* Whether the padding happens to be right under a wrong key: once in 256. */
static bool padding_fits_by_chance(PK11SymKey *key, struct bytes encrypted)
{
    struct cipher cipher = fixture_cipher(CMS_AES_256_CBC);
    const struct cipher_job job = { .cipher = &cipher, .key = key };
    size_t ignored = 0;
    CLEANUP(error_free) struct error *error = cipher_look(&job, encrypted, &ignored);
    return error == NULL;
}

Test(enveloped_open, finds_a_wrong_key_for_cbc_before_it_destroys_the_content)
{
    struct party party = party_new(PARTY_RSA);
    CLEANUP(mapping_unref) struct mapping *plain = fixture_bytes(100000);
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    assert_ok(fixture_encrypt(CMS_AES_256_CBC, &party, 1, mapping_view(plain), &der));
    struct bytes encrypted = bytes_slice(mapping_view(der), mapping_len(der) - 100016, 100016);
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    struct bytes opened = BYTES_NONE;
    assert_ok(cms_enveloped_parse(mapping_view(der), &message));
    for (int i = 0; i < 20; i++) {
        CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
        CLEANUP(cms_cek_free) struct cms_cek *wrong = stray_cek(&party, CMS_AES_256_CBC, &key);
        if (!padding_fits_by_chance(key, encrypted)) {
            assert_error(cms_enveloped_decrypt(message, wrong, der, NULL, &owner, &opened),
                         ERR_DECRYPTION_FAILED);
            cr_assert_not(cms_enveloped_is_spent(message));
        }
    }
    CLEANUP(cms_cek_free) struct cms_cek *right = NULL;
    assert_ok(cms_enveloped_unwrap(message, 0, party.certificate, party.key, &right));
    assert_ok(cms_enveloped_decrypt(message, right, der, NULL, &owner, &opened));
    cr_assert(bytes_equal(opened, mapping_view(plain)));
    cr_assert(cms_enveloped_is_spent(message));
    CLEANUP(mapping_unref) struct mapping *twice = NULL;
    assert_error(cms_enveloped_decrypt(message, right, der, NULL, &twice, &opened), ERR_INTERNAL);
    party_done(&party);
}

Test(enveloped_open, opens_content_in_segments)
{
    static const enum cms_cipher ciphers[] = { CMS_AES_256_CBC, CMS_AES_256_GCM, CMS_3DES_CBC };
    static const size_t segments[] = { 0, 1, 7, 16, 1000, 5000, 100000 };
    struct party party = party_new(PARTY_RSA);
    CLEANUP(mapping_unref) struct mapping *plain = fixture_bytes(5000);
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        struct sealed sealed = seal_for(&party, ciphers[i]);
        const struct cipher_job job = { .cipher = &sealed.cipher, .key = sealed.key };
        for (size_t k = 0; k < ARRAY_SIZE(segments); k++) {
            CLEANUP(mapping_unref)
            struct mapping *der = fixture_message(&job, buffer_view(sealed.recipients),
                                                  mapping_view(plain), segments[k], BYTES_NONE);
            fixture_assert_opens(der, &party, mapping_view(plain));
        }
        sealed_done(&sealed);
    }
    party_done(&party);
}

Test(enveloped_open, opens_empty_content_in_segments)
{
    struct party party = party_new(PARTY_RSA);
    struct sealed sealed = seal_for(&party, CMS_AES_128_GCM);
    const struct cipher_job job = { .cipher = &sealed.cipher, .key = sealed.key };
    CLEANUP(mapping_unref)
    struct mapping *der =
        fixture_message(&job, buffer_view(sealed.recipients), BYTES_NONE, 5, BYTES_NONE);
    fixture_assert_opens(der, &party, BYTES_NONE);
    sealed_done(&sealed);
    party_done(&party);
}

/* Two attributes in DER's order, tagged as given. */
#define ATTRIBUTES(tag) \
    tag "\x12\x30\x07\x06\x03\x2a\x03\x04\x31\x00\x30\x07\x06\x03\x2a\x03\x05\x31\x00"
#define UNSORTED "\xa1\x12\x30\x07\x06\x03\x2a\x03\x05\x31\x00\x30\x07\x06\x03\x2a\x03\x04\x31\x00"

static struct error *open_with_attributes(struct bytes attributes)
{
    struct party party = party_new(PARTY_RSA);
    struct sealed sealed = seal_for(&party, CMS_AES_256_GCM);
    const struct cipher_job job = { .cipher = &sealed.cipher,
                                    .key = sealed.key,
                                    .authenticated = BYTES_LITERAL(ATTRIBUTES("\x31")) };
    CLEANUP(mapping_unref)
    struct mapping *der = fixture_message(&job, buffer_view(sealed.recipients),
                                          BYTES_LITERAL("plain"), 0, attributes);
    sealed_done(&sealed);
    struct error *error = open_error(der, true, &party);
    party_done(&party);
    return error;
}

Test(enveloped_open, authenticates_the_attributes_as_a_set)
{
    assert_ok(open_with_attributes(BYTES_LITERAL(ATTRIBUTES("\xa1"))));
    /* RFC 5083 2.2: their DER encoding, whatever the order in the message */
    assert_ok(open_with_attributes(BYTES_LITERAL(UNSORTED)));
    assert_error(open_with_attributes(BYTES_NONE), ERR_DECRYPTION_FAILED);
    assert_error(
        open_with_attributes(BYTES_LITERAL("\xa1\x09\x30\x07\x06\x03\x2a\x03\x04\x31\x00")),
        ERR_DECRYPTION_FAILED);
}

Test(enveloped_open, limits_the_attributes)
{
    CLEANUP(buffer_free) struct buffer *attributes = NULL;
    assert_ok(buffer_new(0, &attributes));
    for (int i = 0; i <= LIMIT_ATTRIBUTES; i++) {
        assert_ok(buffer_append(attributes, BYTES_LITERAL("\x30\x07\x06\x03\x2a\x03\x04\x31\x00")));
    }
    assert_ok(der_wrap(attributes, 0, BER_CONTEXT_CONSTRUCTED + 1));
    assert_error(open_with_attributes(buffer_view(attributes)), ERR_CMS_MALFORMED);
}

Test(enveloped_open, refuses_a_tag_of_another_length_than_the_parameters_say)
{
    struct party party = party_new(PARTY_RSA);
    struct sealed sealed = seal_for(&party, CMS_AES_256_GCM);
    CLEANUP(buffer_free) struct buffer *algorithm = NULL;
    assert_ok(buffer_new(0, &algorithm));
    assert_ok(cipher_write(&sealed.cipher, algorithm));
    for (size_t len = 0; len < 40; len++) {
        CLEANUP(mapping_unref) struct mapping *tag = fixture_bytes(len);
        CLEANUP(buffer_free) struct buffer *behind = NULL;
        assert_ok(buffer_new(0, &behind));
        assert_ok(der_value(behind, BER_OCTET_STRING, mapping_view(tag)));
        const struct fixture_parts parts = { .authenticated = true,
                                             .recipients = buffer_view(sealed.recipients),
                                             .algorithm = buffer_view(algorithm),
                                             .content = BYTES_LITERAL("\x80\x03xyz"),
                                             .behind = buffer_view(behind) };
        CLEANUP(mapping_unref) struct mapping *der = fixture_build(&parts);
        assert_error(open_error(der, len % 2 == 0, &party), ERR_DECRYPTION_FAILED);
    }
    sealed_done(&sealed);
    party_done(&party);
}

Test(enveloped_open, refuses_ciphers_unknown_or_of_the_other_type)
{
    struct party party = party_new(PARTY_RSA);
    struct sealed sealed = seal_for(&party, CMS_AES_256_GCM);
    CLEANUP(buffer_free) struct buffer *gcm = NULL;
    assert_ok(buffer_new(0, &gcm));
    assert_ok(cipher_write(&sealed.cipher, gcm));
    struct fixture_parts parts = { .recipients = buffer_view(sealed.recipients),
                                   .algorithm = buffer_view(gcm),
                                   .content = BYTES_LITERAL("\x80\x03xyz") };
    CLEANUP(mapping_unref) struct mapping *gcm_without_tag = fixture_build(&parts);
    assert_error(open_error(gcm_without_tag, false, &party), ERR_CMS_UNSUPPORTED);
    parts.algorithm = BYTES_LITERAL("\x30\x05\x06\x03\x2a\x03\x04");
    CLEANUP(mapping_unref) struct mapping *unknown = fixture_build(&parts);
    assert_error(open_error(unknown, false, &party), ERR_CMS_UNSUPPORTED);
    parts.algorithm = BYTES_LITERAL("\x30\x1d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a\x04\x10"
                                    "abcdefghijklmnop");
    parts.authenticated = true;
    parts.behind = BYTES_LITERAL("\x04\x00");
    CLEANUP(mapping_unref) struct mapping *cbc_with_tag = fixture_build(&parts);
    assert_error(open_error(cbc_with_tag, false, &party), ERR_CMS_UNSUPPORTED);
    sealed_done(&sealed);
    party_done(&party);
}

Test(enveloped_open, opens_its_key_beside_recipients_it_does_not_know)
{
    struct party party = party_new(PARTY_RSA);
    struct sealed sealed = seal_for(&party, CMS_AES_128_CBC);
    CLEANUP(buffer_free) struct buffer *recipients = NULL;
    assert_ok(buffer_new(0, &recipients));
    assert_ok(buffer_append(
        recipients, BYTES_LITERAL("\xa2\x03\x02\x01\x04\xa3\x03\x02\x01\x00\xa4\x02\x06\x00\xa7\x00"
                                  /* key agreement with an unknown scheme */
                                  "\xa1\x24\x02\x01\x03\xa0\x0a\xa1\x08\x30\x03\x06\x01\x2a\x03\x01"
                                  "\x00\x30\x07\x06\x03\x2a\x03\x04\x05\x00\x30\x0a\x30\x08\xa0\x04"
                                  "\x04\x02id\x04\x00")));
    assert_ok(buffer_append(recipients, buffer_view(sealed.recipients)));
    const struct cipher_job job = { .cipher = &sealed.cipher, .key = sealed.key };
    CLEANUP(mapping_unref)
    struct mapping *der =
        fixture_message(&job, buffer_view(recipients), BYTES_LITERAL("plain"), 0, BYTES_NONE);
    fixture_assert_opens(der, &party, BYTES_LITERAL("plain"));
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    assert_ok(cms_enveloped_parse(mapping_view(der), &message));
    cr_assert_eq(cms_enveloped_recipient_count(message), 6);
    for (size_t i = 0; i < 5; i++) {
        struct cms_cek *cek = NULL;
        /* an RSA key for an agreement is no key for it, whatever the scheme */
        assert_error(cms_enveloped_unwrap(message, i, party.certificate, party.key, &cek),
                     i == 4 ? ERR_DECRYPTION_FAILED : ERR_CMS_UNSUPPORTED);
    }
    struct cms_cek *cek = NULL;
    assert_error(cms_enveloped_unwrap(message, 6, party.certificate, party.key, &cek),
                 ERR_INTERNAL);
    sealed_done(&sealed);
    party_done(&party);
}

Test(enveloped_open, refuses_a_mapping_in_which_the_message_does_not_lie)
{
    struct party party = party_new(PARTY_P256);
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    assert_ok(fixture_encrypt(CMS_AES_128_CBC, &party, 1, BYTES_LITERAL("text"), &der));
    CLEANUP(mapping_unref) struct mapping *other = fixture_bytes(mapping_len(der));
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    CLEANUP(cms_cek_free) struct cms_cek *cek = NULL;
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    struct bytes plain = BYTES_NONE;
    assert_ok(cms_enveloped_parse(mapping_view(der), &message));
    assert_ok(cms_enveloped_unwrap(message, 0, party.certificate, party.key, &cek));
    assert_error(cms_enveloped_decrypt(message, cek, other, NULL, &owner, &plain), ERR_INTERNAL);
    party_done(&party);
}

Test(enveloped_open, stops_when_cancelled)
{
    struct party party = party_new(PARTY_P256);
    struct task *task = NULL;
    assert_ok(task_new(NULL, NULL, &task));
    cr_assert(task_cancel(task));
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    assert_ok(fixture_encrypt(CMS_AES_128_CBC, &party, 1, BYTES_LITERAL("text"), &der));
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    CLEANUP(cms_cek_free) struct cms_cek *cek = NULL;
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    struct bytes plain = BYTES_NONE;
    assert_ok(cms_enveloped_parse(mapping_view(der), &message));
    assert_ok(cms_enveloped_unwrap(message, 0, party.certificate, party.key, &cek));
    assert_error(cms_enveloped_decrypt(message, cek, der, task, &owner, &plain), ERR_CANCELLED);
    cr_assert_not(cms_enveloped_is_spent(message));
    task_unref(task);
    party_done(&party);
}

/* What `openssl cms -encrypt` makes with these options for a recipient of this kind. */
static void assert_openssl_is_read(enum party_kind kind, const char *const *options, size_t count)
{
    struct party party = party_from_openssl(kind);
    CLEANUP(mapping_unref) struct mapping *plain = fixture_bytes(100001);
    fixture_write("plain", mapping_view(plain));
    CLEANUP(string_free) char *in = fixture_path("plain");
    CLEANUP(string_free) char *out = fixture_path("message");
    const char *arguments[32] = { "openssl",  "cms", "-encrypt", "-binary", "-in",    in,
                                  "-outform", "DER", "-out",     out,       "-recip", party.pem };
    for (size_t i = 0; i < count; i++) {
        arguments[12 + i] = options[i];
    }
    fixture_run(arguments);
    CLEANUP(mapping_unref) struct mapping *der = fixture_read("message");
    fixture_assert_opens(der, &party, mapping_view(plain));
    party_done(&party);
}

#define ASSERT_OPENSSL_IS_READ(kind, ...) \
    do { \
        static const char *const options_[] = { __VA_ARGS__ }; \
        assert_openssl_is_read(kind, options_, ARRAY_SIZE(options_)); \
    } while (0)

Test(enveloped_open, reads_key_transport_of_openssl)
{
    ASSERT_OPENSSL_IS_READ(PARTY_RSA, "-aes-128-cbc");
    ASSERT_OPENSSL_IS_READ(PARTY_RSA, "-aes-192-cbc", "-stream", "-keyid");
    ASSERT_OPENSSL_IS_READ(PARTY_RSA, "-aes-256-gcm");
    ASSERT_OPENSSL_IS_READ(PARTY_RSA, "-des3", "-stream");
}

Test(enveloped_open, reads_oaep_of_openssl)
{
    ASSERT_OPENSSL_IS_READ(PARTY_RSA, "-aes-256-cbc", "-keyopt", "rsa_padding_mode:oaep");
    ASSERT_OPENSSL_IS_READ(PARTY_RSA, "-aes-256-cbc", "-keyopt", "rsa_padding_mode:oaep", "-keyopt",
                           "rsa_oaep_md:sha256", "-keyopt", "rsa_mgf1_md:sha512");
    ASSERT_OPENSSL_IS_READ(PARTY_RSA, "-aes-256-gcm", "-keyopt", "rsa_padding_mode:oaep", "-keyopt",
                           "rsa_oaep_md:sha384", "-keyopt", "rsa_oaep_label:616263");
}

Test(enveloped_open, reads_key_agreement_of_openssl)
{
    ASSERT_OPENSSL_IS_READ(PARTY_P256, "-aes-128-cbc");
    ASSERT_OPENSSL_IS_READ(PARTY_P256, "-aes-256-gcm", "-keyopt", "ecdh_kdf_md:sha224", "-stream");
    ASSERT_OPENSSL_IS_READ(PARTY_P384, "-aes-192-cbc", "-keyopt", "ecdh_kdf_md:sha384", "-keyid");
    ASSERT_OPENSSL_IS_READ(PARTY_P521, "-aes-256-cbc", "-keyopt", "ecdh_kdf_md:sha512");
    ASSERT_OPENSSL_IS_READ(PARTY_P256, "-des3", "-des3-wrap", "-keyopt", "ecdh_kdf_md:sha1");
    ASSERT_OPENSSL_IS_READ(PARTY_P256, "-des3", "-aes256-wrap", "-keyopt", "ecdh_cofactor_mode:1",
                           "-keyopt", "ecdh_kdf_md:sha256");
}
