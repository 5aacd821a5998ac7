#include "base/limits.h"
#include "cms/capabilities.h"
#include "cms/content_info.h"
#include "enveloped_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>

TestSuite(enveloped_make, .init = fixture_start, .fini = fixture_remove);

static const enum cms_cipher all_ciphers[] = { CMS_AES_128_CBC, CMS_AES_192_CBC, CMS_AES_256_CBC,
                                               CMS_AES_128_GCM, CMS_AES_192_GCM, CMS_AES_256_GCM };

static struct error *encrypt_nothing(enum cms_cipher cipher, CERTCertificate *const *certificates,
                                     size_t count)
{
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    TRY(content_new(&content));
    struct cms_encrypt_request request = { .recipients = certificates,
                                           .recipient_count = count,
                                           .cipher = cipher };
    return cms_enveloped_make(&request, content, &der);
}

Test(enveloped_make, refuses_ciphers_that_are_weak_or_unknown)
{
    struct party party = party_new(PARTY_P256);
    assert_error(encrypt_nothing(CMS_3DES_CBC, &party.certificate, 1), ERR_ALGORITHM_FORBIDDEN);
    assert_error(encrypt_nothing(CMS_RC2_CBC, &party.certificate, 1), ERR_ALGORITHM_FORBIDDEN);
    assert_error(encrypt_nothing(CMS_CIPHER_UNKNOWN, &party.certificate, 1),
                 ERR_ALGORITHM_FORBIDDEN);
    party_done(&party);
}

Test(enveloped_make, refuses_no_recipients_and_too_many)
{
    struct party party = party_new(PARTY_P256);
    assert_error(encrypt_nothing(CMS_AES_256_GCM, &party.certificate, 0), ERR_RECIPIENT_UNUSABLE);
    assert_error(encrypt_nothing(CMS_AES_256_GCM, &party.certificate, LIMIT_RECIPIENTS + 1),
                 ERR_RECIPIENT_UNUSABLE);
    party_done(&party);
}

Test(enveloped_make, refuses_certificates_whose_key_cannot_take_a_key)
{
    static const char *const kinds[][3] = { { "ED25519", "ed25519", "x" },
                                            { "RSA-PSS", "pss", "rsa_keygen_bits:2048" },
                                            { "EC", "k1", "ec_paramgen_curve:secp256k1" } };
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        CLEANUP(string_free) char *key = fixture_path("odd.key");
        CLEANUP(string_free) char *pem = fixture_path("odd.pem");
        const char *const with[] = { "openssl",   "genpkey", "-algorithm", kinds[i][0], "-pkeyopt",
                                     kinds[i][2], "-out",    key,          NULL };
        const char *const without[] = { "openssl", "genpkey", "-algorithm", kinds[i][0],
                                        "-out",    key,       NULL };
        const char *const certify[] = { "openssl", "req",   "-x509", "-new", "-key", key,
                                        "-subj",   "/CN=x", "-out",  pem,    NULL };
        fixture_run(i == 0 ? without : with);
        fixture_run(certify);
        CLEANUP(nss_cert_free) CERTCertificate *certificate = fixture_certificate("odd.pem");
        assert_error(encrypt_nothing(CMS_AES_256_CBC, &certificate, 1), ERR_RECIPIENT_UNUSABLE);
    }
}

static void round_trip(enum party_kind kind, size_t len)
{
    struct party party = party_new(kind);
    CLEANUP(mapping_unref) struct mapping *plain = fixture_bytes(len);
    for (size_t i = 0; i < ARRAY_SIZE(all_ciphers); i++) {
        CLEANUP(mapping_unref) struct mapping *der = NULL;
        assert_ok(fixture_encrypt(all_ciphers[i], &party, 1, mapping_view(plain), &der));
        fixture_assert_opens(der, &party, mapping_view(plain));
    }
    party_done(&party);
}

static void round_trips(enum party_kind kind)
{
    static const size_t sizes[] = { 0, 1, 15, 16, 17, 1048577 };
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        round_trip(kind, sizes[i]);
    }
}

Test(enveloped_make, is_opened_by_an_rsa_recipient)
{
    round_trips(PARTY_RSA);
}

Test(enveloped_make, is_opened_by_a_p256_recipient)
{
    round_trips(PARTY_P256);
}

Test(enveloped_make, is_opened_by_a_p384_recipient)
{
    round_trips(PARTY_P384);
}

Test(enveloped_make, is_opened_by_a_p521_recipient)
{
    round_trips(PARTY_P521);
}

Test(enveloped_make, is_opened_by_an_x25519_recipient_where_nss_has_it)
{
    if (capabilities_x25519()) {
        round_trips(PARTY_X25519);
    }
}

Test(enveloped_make, is_opened_by_each_of_mixed_recipients)
{
    struct party parties[] = { party_new(PARTY_RSA), party_new(PARTY_P256), party_new(PARTY_P384),
                               party_new(PARTY_P521), party_new(PARTY_RSA) };
    CLEANUP(mapping_unref) struct mapping *plain = fixture_bytes(1000);
    for (size_t i = 0; i < ARRAY_SIZE(all_ciphers); i++) {
        CLEANUP(mapping_unref) struct mapping *der = NULL;
        assert_ok(fixture_encrypt(all_ciphers[i], parties, ARRAY_SIZE(parties), mapping_view(plain),
                                  &der));
        for (size_t k = 0; k < ARRAY_SIZE(parties); k++) {
            fixture_assert_opens(der, &parties[k], mapping_view(plain));
        }
    }
    for (size_t k = 0; k < ARRAY_SIZE(parties); k++) {
        party_done(&parties[k]);
    }
}

/* Type and version of a message. */
static uint64_t version_of(enum cms_cipher cipher, const struct party *party, enum cms_type *ret)
{
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    assert_ok(fixture_encrypt(cipher, party, 1, BYTES_LITERAL("text"), &der));
    struct ber_reader reader;
    struct ber_value value;
    uint64_t version = 99;
    assert_ok(content_info_read(mapping_view(der), ret, &reader));
    assert_ok(ber_expect(&reader, BER_SEQUENCE, &value));
    struct ber_reader inner = ber_reader_in(&value);
    assert_ok(ber_small_integer(&inner, &version));
    return version;
}

Test(enveloped_make, sets_type_and_version_as_the_standards_ask)
{
    struct party rsa = party_new(PARTY_RSA);
    struct party ec = party_new(PARTY_P256);
    enum cms_type type = CMS_TYPE_OTHER;
    cr_assert_eq(version_of(CMS_AES_256_CBC, &rsa, &type), 0);
    cr_assert_eq(type, CMS_TYPE_ENVELOPED);
    cr_assert_eq(version_of(CMS_AES_256_CBC, &ec, &type), 2);
    cr_assert_eq(type, CMS_TYPE_ENVELOPED);
    cr_assert_eq(version_of(CMS_AES_256_GCM, &ec, &type), 0);
    cr_assert_eq(type, CMS_TYPE_AUTH_ENVELOPED);
    party_done(&rsa);
    party_done(&ec);
}

Test(enveloped_make, never_uses_a_key_or_nonce_twice)
{
    struct party party = party_new(PARTY_P256);
    CLEANUP(mapping_unref) struct mapping *plain = fixture_bytes(64);
    for (size_t i = 0; i < ARRAY_SIZE(all_ciphers); i++) {
        CLEANUP(mapping_unref) struct mapping *one = NULL;
        CLEANUP(mapping_unref) struct mapping *two = NULL;
        assert_ok(fixture_encrypt(all_ciphers[i], &party, 1, mapping_view(plain), &one));
        assert_ok(fixture_encrypt(all_ciphers[i], &party, 1, mapping_view(plain), &two));
        size_t len = mapping_len(one);
        cr_assert_not(bytes_equal(bytes_slice(mapping_view(one), len - 64, 16),
                                  bytes_slice(mapping_view(two), len - 64, 16)));
    }
    party_done(&party);
}

static void cancel_at_once(void *context, uint64_t done, uint64_t total)
{
    (void)done;
    (void)total;
    cr_assert(task_cancel(*(struct task **)context));
}

Test(enveloped_make, stops_when_cancelled)
{
    struct party party = party_new(PARTY_P256);
    struct task *task = NULL;
    assert_ok(task_new(cancel_at_once, &task, &task));
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    CLEANUP(mapping_unref) struct mapping *plain = fixture_bytes(3 * MIB);
    assert_ok(content_new(&content));
    assert_ok(content_append_slice(content, plain, mapping_view(plain)));
    struct cms_encrypt_request request = { .recipients = &party.certificate,
                                           .recipient_count = 1,
                                           .cipher = CMS_AES_256_CBC,
                                           .task = task };
    assert_error(cms_enveloped_make(&request, content, &der), ERR_CANCELLED);
    task_unref(task);
    party_done(&party);
}

Test(enveloped_make, refuses_what_would_be_larger_than_a_message)
{
    struct party party = party_new(PARTY_P256);
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    CLEANUP(mapping_unref) struct mapping *plain = NULL;
    uint8_t *tail = NULL;
    assert_ok(mapping_new(LIMIT_MESSAGE, &plain));
    assert_ok(mapping_extend(plain, LIMIT_MESSAGE, &tail));
    assert_ok(content_new(&content));
    assert_ok(content_append_slice(content, plain, mapping_view(plain)));
    struct cms_encrypt_request request = { .recipients = &party.certificate,
                                           .recipient_count = 1,
                                           .cipher = CMS_AES_256_GCM };
    assert_error(cms_enveloped_make(&request, content, &der), ERR_MESSAGE_TOO_LARGE);
    party_done(&party);
}

Test(enveloped_make, is_read_by_openssl)
{
    CLEANUP(mapping_unref) struct mapping *plain = fixture_bytes(5000);
    for (int kind = PARTY_RSA; kind <= PARTY_P521; kind++) {
        struct party party = party_from_openssl((enum party_kind)kind);
        for (size_t i = 0; i < ARRAY_SIZE(all_ciphers); i++) {
            CLEANUP(mapping_unref) struct mapping *der = NULL;
            assert_ok(fixture_encrypt(all_ciphers[i], &party, 1, mapping_view(plain), &der));
            fixture_write("message.der", mapping_view(der));
            CLEANUP(string_free) char *in = fixture_path("message.der");
            CLEANUP(string_free) char *out = fixture_path("plain");
            CLEANUP(string_free) char *key = fixture_path("key.pem");
            const char *const decrypt[] = { "openssl", "cms",     "-decrypt", "-binary", "-inform",
                                            "DER",     "-in",     in,         "-inkey",  key,
                                            "-recip",  party.pem, "-out",     out,       NULL };
            fixture_run(decrypt);
            CLEANUP(mapping_unref) struct mapping *opened = fixture_read("plain");
            cr_assert(bytes_equal(mapping_view(opened), mapping_view(plain)));
        }
        party_done(&party);
    }
}
