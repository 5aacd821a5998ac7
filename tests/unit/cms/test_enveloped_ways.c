/* Ways to recipients other than the usual ones, both directions with OpenSSL. */
#include "enveloped_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>

TestSuite(enveloped_ways, .init = fixture_start, .fini = fixture_remove);

#define KEK_256 "0123456789abcdef0123456789abcdef"
#define KEK_256_HEX "3031323334353637383961626364656630313233343536373839616263646566"
#define TEXT "a text of some length, to be read by others\n"

static struct error *open_kek(struct mapping *der, PK11SymKey *kek, struct mapping **ret_owner,
                              struct bytes *ret_plain)
{
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    CLEANUP(cms_cek_free) struct cms_cek *cek = NULL;
    TRY(cms_enveloped_parse(mapping_view(der), &message));
    cr_assert_eq(cms_enveloped_recipient(message, 0)->type, CMS_KEK);
    TRY(cms_enveloped_unwrap_kek(message, 0, kek, &cek));
    return cms_enveloped_decrypt(message, cek, NULL, NULL, ret_owner, ret_plain);
}

static struct error *open_password(struct mapping *der, const char *password,
                                   struct mapping **ret_owner, struct bytes *ret_plain)
{
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    CLEANUP(cms_cek_free) struct cms_cek *cek = NULL;
    TRY(cms_enveloped_parse(mapping_view(der), &message));
    size_t number = 0;
    while (cms_enveloped_recipient(message, number)->type != CMS_PASSWORD) {
        number++;
    }
    TRY(cms_enveloped_unwrap_password(message, number, bytes_of_string(password), &cek));
    return cms_enveloped_decrypt(message, cek, NULL, NULL, ret_owner, ret_plain);
}

static void assert_text(struct error *error, struct mapping *owner, struct bytes plain)
{
    assert_ok(error);
    cr_assert(bytes_equal(plain, BYTES_LITERAL(TEXT)));
    mapping_unref(owner);
}

static uint64_t version_of(const struct mapping *der)
{
    /* ContentInfo's header, the type's OID, [0] and SEQUENCE headers, all of them short here */
    size_t at = bytes_find(mapping_view(der), BYTES_LITERAL("\x02\x01"));
    return mapping_view(der).data[at + 2];
}

/* openssl cms -decrypt with these options; the file "plain" must then hold the text. */
static void assert_openssl_reads(struct mapping *der, const char *a, const char *b, const char *c,
                                 const char *d)
{
    fixture_write("message.der", mapping_view(der));
    CLEANUP(string_free) char *in = fixture_path("message.der");
    CLEANUP(string_free) char *out = fixture_path("plain");
    const char *const decrypt[] = { "openssl", "cms", "-decrypt", "-binary", "-inform",
                                    "DER",     "-in", in,         "-out",    out,
                                    a,         b,     c,          d,         NULL };
    fixture_run(decrypt);
    CLEANUP(mapping_unref) struct mapping *opened = fixture_read("plain");
    cr_assert(bytes_equal(mapping_view(opened), BYTES_LITERAL(TEXT)));
}

/* openssl cms -encrypt with these options, up to the first NULL. */
static struct mapping *openssl_makes(const char *const options[8])
{
    fixture_write("text", BYTES_LITERAL(TEXT));
    CLEANUP(string_free) char *in = fixture_path("text");
    CLEANUP(string_free) char *out = fixture_path("message.der");
    const char *arguments[24] = { "openssl", "cms", "-encrypt", "-binary", "-outform",
                                  "DER",     "-in", in,         "-out",    out };
    for (size_t i = 0; i < 8 && options[i]; i++) {
        arguments[10 + i] = options[i];
    }
    fixture_run(arguments);
    return fixture_read("message.der");
}

static const enum cms_cipher all_ciphers[] = { CMS_AES_128_CBC, CMS_AES_192_CBC, CMS_AES_256_CBC,
                                               CMS_AES_128_GCM, CMS_AES_192_GCM, CMS_AES_256_GCM };

Test(enveloped_ways, refuses_what_it_would_not_read)
{
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    struct party rsa = party_new(PARTY_RSA);
    const struct cms_recipient_way way = { .oaep = true, .oaep_digest = CMS_SHA1 };
    struct cms_encrypt_request request = { .recipients = &rsa.certificate,
                                           .recipient_count = 1,
                                           .ways = &way,
                                           .cipher = CMS_AES_256_GCM };
    assert_error(fixture_make(&request, BYTES_LITERAL(TEXT), &der), ERR_ALGORITHM_FORBIDDEN);
    request = (struct cms_encrypt_request){ .password = BYTES_LITERAL("x"),
                                            .password_iterations = 0xffffffffu,
                                            .cipher = CMS_AES_256_GCM };
    assert_error(fixture_make(&request, BYTES_LITERAL(TEXT), &der), ERR_CMS_UNSUPPORTED);
    request.password_iterations = 1;
    request.cipher = CMS_3DES_CBC;
    assert_error(fixture_make(&request, BYTES_LITERAL(TEXT), &der), ERR_ALGORITHM_FORBIDDEN);
    party_done(&rsa);
}

Test(enveloped_ways, opens_nothing_with_the_wrong_kind_of_key)
{
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    CLEANUP(nss_sym_key_free) PK11SymKey *kek = fixture_secret_key(BYTES_LITERAL(KEK_256));
    struct party rsa = party_new(PARTY_RSA);
    const struct cms_encrypt_request request = { .recipients = &rsa.certificate,
                                                 .recipient_count = 1,
                                                 .kek = kek,
                                                 .kek_id = BYTES_LITERAL("id"),
                                                 .password = BYTES_LITERAL("password"),
                                                 .password_iterations = 1000,
                                                 .cipher = CMS_AES_256_GCM };
    assert_ok(fixture_make(&request, BYTES_LITERAL(TEXT), &der));
    assert_ok(cms_enveloped_parse(mapping_view(der), &message));
    for (size_t i = 0; i < 3; i++) {
        struct cms_cek *cek = NULL;
        enum cms_recipient_type type = cms_enveloped_recipient(message, i)->type;
        if (type != CMS_KEY_TRANSPORT) {
            assert_error(cms_enveloped_unwrap(message, i, rsa.certificate, rsa.key, &cek),
                         ERR_CMS_UNSUPPORTED);
        }
        if (type != CMS_KEK) {
            assert_error(cms_enveloped_unwrap_kek(message, i, kek, &cek), ERR_CMS_UNSUPPORTED);
        }
        if (type != CMS_PASSWORD) {
            assert_error(cms_enveloped_unwrap_password(message, i, BYTES_LITERAL("password"), &cek),
                         ERR_CMS_UNSUPPORTED);
        }
    }
    struct cms_cek *none = NULL;
    assert_error(cms_enveloped_unwrap_kek(message, 3, kek, &none), ERR_INTERNAL);
    party_done(&rsa);
}

/* RFC 5652 6.1, and each of them opens it. */
Test(enveloped_ways, mixes_recipients_of_all_types)
{
    CLEANUP(nss_sym_key_free) PK11SymKey *kek = fixture_secret_key(BYTES_LITERAL(KEK_256));
    struct party parties[] = { party_new(PARTY_RSA), party_new(PARTY_P256), party_new(PARTY_P521) };
    CERTCertificate *certificates[] = { parties[0].certificate, parties[1].certificate,
                                        parties[2].certificate };
    for (size_t i = 0; i < ARRAY_SIZE(all_ciphers); i++) {
        CLEANUP(mapping_unref) struct mapping *der = NULL;
        CLEANUP(mapping_unref) struct mapping *owner = NULL;
        struct bytes plain = BYTES_NONE;
        const struct cms_encrypt_request request = { .recipients = certificates,
                                                     .recipient_count = 3,
                                                     .kek = kek,
                                                     .kek_id = BYTES_LITERAL("id"),
                                                     .password = BYTES_LITERAL("password"),
                                                     .password_iterations = 1000,
                                                     .cipher = all_ciphers[i] };
        assert_ok(fixture_make(&request, BYTES_LITERAL(TEXT), &der));
        cr_assert_eq(version_of(der), cms_cipher_info(all_ciphers[i])->authenticated ? 0 : 3);
        for (size_t k = 0; k < ARRAY_SIZE(parties); k++) {
            fixture_assert_opens(der, &parties[k], BYTES_LITERAL(TEXT));
        }
        assert_error(open_password(der, "Password", &owner, &plain), ERR_DECRYPTION_FAILED);
        assert_ok(open_password(der, "password", &owner, &plain));
        cr_assert(bytes_equal(plain, BYTES_LITERAL(TEXT)));
    }
    for (size_t k = 0; k < ARRAY_SIZE(parties); k++) {
        party_done(&parties[k]);
    }
}

Test(enveloped_ways, says_the_version_that_a_kek_asks_for)
{
    CLEANUP(nss_sym_key_free) PK11SymKey *kek = fixture_secret_key(BYTES_LITERAL(KEK_256));
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    struct mapping *owner = NULL;
    struct bytes plain = BYTES_NONE;
    const struct cms_encrypt_request request = { .kek = kek,
                                                 .kek_id = BYTES_LITERAL("id"),
                                                 .cipher = CMS_AES_128_CBC };
    assert_ok(fixture_make(&request, BYTES_LITERAL(TEXT), &der));
    cr_assert_eq(version_of(der), 2);
    struct error *error = open_kek(der, kek, &owner, &plain);
    assert_text(error, owner, plain);
}

Test(enveloped_ways, oaep_and_ecdh_are_read_by_openssl)
{
    static const struct cms_recipient_way ways[] = {
        { .oaep = true },
        { .oaep = true, .oaep_digest = CMS_SHA384 },
        { .oaep = true, .oaep_digest = CMS_SHA512 },
        { .cofactor = true },
        { .cofactor = true, .material = { (const uint8_t *)"keying material", 15 } },
        { .material = { (const uint8_t *)"x", 1 } },
    };
    for (size_t i = 0; i < ARRAY_SIZE(ways) + 2; i++) {
        /* the last two: keying material on the other curves */
        const struct cms_recipient_way *way = &ways[i < ARRAY_SIZE(ways) ? i : 4];
        enum party_kind kind = i < 3 ? PARTY_RSA : PARTY_P256;
        kind = i >= ARRAY_SIZE(ways) ? (i % 2 ? PARTY_P384 : PARTY_P521) : kind;
        struct party party = party_from_openssl(kind);
        CLEANUP(string_free) char *key = fixture_path("key.pem");
        CLEANUP(mapping_unref) struct mapping *der = NULL;
        const struct cms_encrypt_request request = { .recipients = &party.certificate,
                                                     .recipient_count = 1,
                                                     .ways = way,
                                                     .cipher = all_ciphers[i % 6] };
        assert_ok(fixture_make(&request, BYTES_LITERAL(TEXT), &der));
        assert_openssl_reads(der, "-inkey", key, "-recip", party.pem);
        fixture_assert_opens(der, &party, BYTES_LITERAL(TEXT));
        party_done(&party);
    }
}

Test(enveloped_ways, kek_and_password_are_read_by_openssl)
{
    CLEANUP(nss_sym_key_free) PK11SymKey *kek = fixture_secret_key(BYTES_LITERAL(KEK_256));
    for (size_t i = 0; i < ARRAY_SIZE(all_ciphers); i++) {
        CLEANUP(mapping_unref) struct mapping *der = NULL;
        const struct cms_encrypt_request request = {
            .kek = kek,
            .kek_id = BYTES_LITERAL("\x01\x02"),
            .password = BYTES_LITERAL("gr\xc3\xbc\xc3\x9f"
                                      "e"),
            .password_iterations = i == 0 ? 0 : 1000, /* the default too */
            .cipher = all_ciphers[i],
        };
        assert_ok(fixture_make(&request, BYTES_LITERAL(TEXT), &der));
        assert_openssl_reads(der, "-secretkey", KEK_256_HEX, "-secretkeyid", "0102");
        assert_openssl_reads(der, "-pwri_password",
                             "gr\xc3\xbc\xc3\x9f"
                             "e",
                             NULL, NULL);
    }
}

Test(enveloped_ways, oaep_and_ecdh_of_openssl_are_opened)
{
    static const struct {
        enum party_kind kind;
        const char *options[6];
    } cases[] = {
        { PARTY_RSA, { "rsa_padding_mode:oaep" } },
        { PARTY_RSA, { "rsa_padding_mode:oaep", "rsa_oaep_md:sha256" } },
        { PARTY_RSA, { "rsa_padding_mode:oaep", "rsa_oaep_md:sha384", "rsa_mgf1_md:sha1" } },
        { PARTY_RSA, { "rsa_padding_mode:oaep", "rsa_oaep_md:sha512", "rsa_oaep_label:6c61" } },
        { PARTY_P256, { "ecdh_kdf_md:sha1" } },
        { PARTY_P256, { "ecdh_kdf_md:sha224", "ecdh_cofactor_mode:1" } },
        { PARTY_P384, { "ecdh_kdf_md:sha384", "ecdh_cofactor_mode:1" } },
        { PARTY_P521, { "ecdh_kdf_md:sha512", "ecdh_cofactor_mode:0" } },
    };
    static const char *const ciphers[] = { "-aes-256-cbc", "-aes-128-gcm", "-aes-192-cbc",
                                           "-des3" };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct party party = party_from_openssl(cases[i].kind);
        const char *options[8] = { ciphers[i % 4], "-recip", party.pem };
        for (size_t k = 0; k < 2 && cases[i].options[k]; k++) {
            options[3 + 2 * k] = "-keyopt";
            options[4 + 2 * k] = cases[i].options[k];
        }
        CLEANUP(mapping_unref) struct mapping *der = openssl_makes(options);
        fixture_assert_opens(der, &party, BYTES_LITERAL(TEXT));
        party_done(&party);
    }
}

Test(enveloped_ways, kek_and_password_of_openssl_are_opened)
{
    CLEANUP(nss_sym_key_free) PK11SymKey *kek = fixture_secret_key(BYTES_LITERAL(KEK_256));
    static const char *const ciphers[] = { "-aes-256-cbc", "-aes-128-gcm", "-aes-192-cbc",
                                           "-des3" };
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        struct mapping *owner = NULL;
        struct bytes plain = BYTES_NONE;
        const char *const with_key[8] = { ciphers[i], "-secretkey", KEK_256_HEX, "-secretkeyid",
                                          "c0ffee" };
        const char *const with_password[8] = { ciphers[i], "-pwri_password", "secret" };
        CLEANUP(mapping_unref) struct mapping *one = openssl_makes(with_key);
        struct error *error = open_kek(one, kek, &owner, &plain);
        assert_text(error, owner, plain);
        if (i == 1) {
            continue; /* OpenSSL 3.0 wants the content's cipher for the password's, not GCM */
        }
        CLEANUP(mapping_unref) struct mapping *two = openssl_makes(with_password);
        assert_error(open_password(two, "Secret", &owner, &plain), ERR_DECRYPTION_FAILED);
        error = open_password(two, "secret", &owner, &plain);
        assert_text(error, owner, plain);
    }
}
