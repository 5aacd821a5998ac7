#include "cms/der.h"
#include "cms/recipient_ktri.h"
#include "enveloped_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(recipient_ktri, .init = fixture_start);

#define RSA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define OAEP "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07"

/* Makes a KeyTransRecipientInfo of these parts and reads it. */
static struct error *read_info(struct buffer *out, struct bytes algorithm,
                               struct bytes encrypted_key, struct recipient_list *list)
{
    out->len = 0;
    TRY(der_small_integer(out, 2));
    TRY(der_value(out, BER_CONTEXT, BYTES_LITERAL("kid")));
    TRY(der_value(out, BER_SEQUENCE, algorithm));
    TRY(der_value(out, BER_OCTET_STRING, encrypted_key));
    TRY(der_wrap(out, 0, BER_SEQUENCE));
    struct ber_reader reader = ber_reader_of(buffer_view(out));
    struct ber_value info;
    TRY(ber_next(&reader, &info));
    return recipient_ktri_read(&info, list);
}

/* What unwrapping such a RecipientInfo gives. */
static struct error *unwrap(struct bytes algorithm, struct bytes encrypted_key,
                            const struct party *party, const struct cipher *cipher)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    CLEANUP(nss_sym_key_free) PK11SymKey *cek = NULL;
    struct recipient_list list = { 0 };
    TRY(buffer_new(0, &out));
    TRY(read_info(out, algorithm, encrypted_key, &list));
    struct error *error = recipient_ktri_unwrap(&list.entries[0], party->key, cipher, &cek);
    recipient_list_done(&list);
    cr_assert_eq(error == NULL, cek != NULL);
    cr_assert(!cek || PK11_GetKeyLength(cek) == cipher->key_len);
    return error;
}

Test(recipient_ktri, refuses_what_is_no_key_transport)
{
    static const char *const inputs[] = {
        "\x30\x00",
        "\x30\x03\x02\x01\x00",
        "\x30\x06\x02\x01\x00\x80\x01x",
        "\x30\x0a\x02\x01\x00\x80\x01x\x30\x00\x04\x00",
        "\x30\x0f\x02\x01\x00\x80\x01x\x30\x03\x06\x01\x2a\x04\x00\x05\x00",
    };
    for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
        struct recipient_list list = { 0 };
        const uint8_t *data = (const uint8_t *)inputs[i];
        struct ber_reader reader = ber_reader_of((struct bytes){ data, data[1] + 2U });
        struct ber_value info;
        assert_ok(ber_next(&reader, &info));
        assert_error(recipient_ktri_read(&info, &list), ERR_CMS_MALFORMED);
        cr_assert_eq(list.count, 0);
    }
}

Test(recipient_ktri, gives_a_random_key_for_every_wrong_pkcs1_block)
{
    struct party party = party_new(PARTY_RSA);
    CLEANUP(mapping_unref) struct mapping *bytes = fixture_bytes(1000);
    static const enum cms_cipher ciphers[] = { CMS_AES_128_CBC, CMS_AES_192_CBC, CMS_AES_256_GCM,
                                               CMS_3DES_CBC, CMS_RC2_CBC };
    static const size_t sizes[] = { 0, 1, 16, 255, 256, 257, 1000 };
    mapping_data(bytes)[0] = 0; /* less than the modulus */
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        struct cipher cipher = fixture_cipher(ciphers[i]);
        for (size_t k = 0; k < ARRAY_SIZE(sizes); k++) {
            assert_ok(unwrap(BYTES_LITERAL(RSA "\x05\x00"),
                             bytes_slice(mapping_view(bytes), 0, sizes[k]), &party, &cipher));
        }
    }
    party_done(&party);
}

/* No token makes a key of no bytes, as none does for a cipher that it has not: that is no fault of
 * the host's own. */
Test(recipient_ktri, tells_that_a_cipher_is_not_there)
{
    struct party party = party_new(PARTY_RSA);
    CLEANUP(mapping_unref) struct mapping *bytes = fixture_bytes(256);
    struct cipher cipher = fixture_cipher(CMS_RC2_CBC);
    cipher.key_len = 0;
    mapping_data(bytes)[0] = 0;
    assert_error(unwrap(BYTES_LITERAL(RSA "\x05\x00"), mapping_view(bytes), &party, &cipher),
                 ERR_CMS_UNSUPPORTED);
    party_done(&party);
}

/* The PKCS#1 block holds a key, but of another size than the cipher's. */
Test(recipient_ktri, gives_a_random_key_for_a_key_of_the_wrong_size)
{
    struct party party = party_new(PARTY_RSA);
    CLEANUP(nss_public_key_free) SECKEYPublicKey *own = CERT_ExtractPublicKey(party.certificate);
    struct cipher small = fixture_cipher(CMS_AES_128_CBC);
    struct cipher large = fixture_cipher(CMS_AES_256_CBC);
    CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
    assert_ok(cipher_new_key(&small, &key));
    CLEANUP(mapping_unref) struct mapping *block = fixture_bytes(256);
    SECItem wrapped = { siBuffer, mapping_data(block), 256 };
    cr_assert_eq(PK11_PubWrapSymKeyWithMechanism(own, CKM_RSA_PKCS, NULL, key, &wrapped),
                 SECSuccess);
    assert_ok(unwrap(BYTES_LITERAL(RSA "\x05\x00"), mapping_view(block), &party, &large));
    assert_ok(unwrap(BYTES_LITERAL(RSA "\x05\x00"), mapping_view(block), &party, &small));
    party_done(&party);
}

Test(recipient_ktri, fails_for_a_wrong_oaep_block_and_an_unknown_scheme)
{
    struct party party = party_new(PARTY_RSA);
    struct party other = party_new(PARTY_P256);
    CLEANUP(mapping_unref) struct mapping *bytes = fixture_bytes(256);
    struct cipher cipher = fixture_cipher(CMS_AES_128_CBC);
    mapping_data(bytes)[0] = 0;
    struct bytes block = mapping_view(bytes);
    assert_error(unwrap(BYTES_LITERAL(OAEP "\x30\x00"), block, &party, &cipher),
                 ERR_DECRYPTION_FAILED);
    assert_error(unwrap(BYTES_LITERAL(OAEP "\x30\x00"), BYTES_NONE, &party, &cipher),
                 ERR_DECRYPTION_FAILED);
    assert_error(
        unwrap(BYTES_LITERAL(OAEP "\x30\x07\xa0\x05\x30\x03\x06\x01\x2a"), block, &party, &cipher),
        ERR_CMS_UNSUPPORTED);
    assert_error(unwrap(BYTES_LITERAL(OAEP "\x30\x02\xa0\x00"), block, &party, &cipher),
                 ERR_CMS_MALFORMED);
    assert_error(unwrap(BYTES_LITERAL("\x06\x01\x2a"), block, &party, &cipher),
                 ERR_CMS_UNSUPPORTED);
    assert_error(unwrap(BYTES_LITERAL(RSA "\x05\x00"), block, &other, &cipher),
                 ERR_DECRYPTION_FAILED);
    party_done(&party);
    party_done(&other);
}

Test(recipient_ktri, opens_oaep_with_every_digest_and_a_label)
{
    static const CK_RSA_PKCS_MGF_TYPE masks[] = { CKG_MGF1_SHA1, CKG_MGF1_SHA224, CKG_MGF1_SHA256,
                                                  CKG_MGF1_SHA384, CKG_MGF1_SHA512 };
    static const CK_MECHANISM_TYPE digests[] = { CKM_SHA_1, CKM_SHA224, CKM_SHA256, CKM_SHA384,
                                                 CKM_SHA512 };
    static const enum cms_digest names[] = { CMS_SHA1, CMS_SHA224, CMS_SHA256, CMS_SHA384,
                                             CMS_SHA512 };
    struct party party = party_new(PARTY_RSA);
    CLEANUP(nss_public_key_free) SECKEYPublicKey *own = CERT_ExtractPublicKey(party.certificate);
    struct cipher cipher = fixture_cipher(CMS_AES_128_CBC);
    CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
    assert_ok(cipher_new_key(&cipher, &key));
    for (size_t i = 0; i < ARRAY_SIZE(masks) * ARRAY_SIZE(digests); i++) {
        size_t hash = i % ARRAY_SIZE(digests);
        size_t mask = i / ARRAY_SIZE(digests);
        uint8_t label[] = "label";
        CK_RSA_PKCS_OAEP_PARAMS oaep = { digests[hash], masks[mask], CKZ_DATA_SPECIFIED, label, 5 };
        SECItem item = { siBuffer, (unsigned char *)&oaep, sizeof(oaep) };
        CLEANUP(mapping_unref) struct mapping *block = fixture_bytes(256);
        SECItem wrapped = { siBuffer, mapping_data(block), 256 };
        cr_assert_eq(PK11_PubWrapSymKeyWithMechanism(own, CKM_RSA_PKCS_OAEP, &item, key, &wrapped),
                     SECSuccess);
        CLEANUP(buffer_free) struct buffer *algorithm = NULL;
        assert_ok(buffer_new(0, &algorithm));
        assert_ok(der_value(algorithm, BER_OID, cms_digest_info(names[hash])->oid));
        assert_ok(der_wrap(algorithm, 0, BER_SEQUENCE));
        assert_ok(der_wrap(algorithm, 0, BER_CONTEXT_CONSTRUCTED));
        size_t at = algorithm->len;
        assert_ok(der_value(algorithm, BER_OID, cms_digest_info(names[mask])->oid));
        assert_ok(der_wrap(algorithm, at, BER_SEQUENCE));
        CLEANUP(mapping_unref)
        struct mapping *digest =
            fixture_mapping(bytes_slice(buffer_view(algorithm), at, algorithm->len - at));
        algorithm->len = at;
        assert_ok(
            der_value(algorithm, BER_OID, BYTES_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08")));
        assert_ok(buffer_append(algorithm, mapping_view(digest)));
        assert_ok(der_wrap(algorithm, at, BER_SEQUENCE));
        assert_ok(der_wrap(algorithm, at, BER_CONTEXT_CONSTRUCTED + 1));
        assert_ok(buffer_append(algorithm,
                                BYTES_LITERAL("\xa2\x14\x30\x12\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01"
                                              "\x01\x09\x04\x05label")));
        assert_ok(der_wrap(algorithm, 0, BER_SEQUENCE));
        CLEANUP(buffer_free) struct buffer *whole = NULL;
        assert_ok(buffer_new(0, &whole));
        assert_ok(buffer_append(whole, BYTES_LITERAL(OAEP)));
        assert_ok(buffer_append(whole, buffer_view(algorithm)));
        assert_ok(unwrap(buffer_view(whole), mapping_view(block), &party, &cipher));
        /* another label: another key */
        whole->data[whole->len - 1] ^= 1;
        assert_error(unwrap(buffer_view(whole), mapping_view(block), &party, &cipher),
                     ERR_DECRYPTION_FAILED);
    }
    party_done(&party);
}

Test(recipient_ktri, opens_oaep_with_an_empty_label_that_is_spelled_out)
{
    struct party party = party_new(PARTY_RSA);
    CLEANUP(nss_public_key_free) SECKEYPublicKey *own = CERT_ExtractPublicKey(party.certificate);
    struct cipher cipher = fixture_cipher(CMS_AES_128_CBC);
    CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
    assert_ok(cipher_new_key(&cipher, &key));
    CK_RSA_PKCS_OAEP_PARAMS oaep = { CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, NULL, 0 };
    SECItem item = { siBuffer, (unsigned char *)&oaep, sizeof(oaep) };
    CLEANUP(mapping_unref) struct mapping *block = fixture_bytes(256);
    SECItem wrapped = { siBuffer, mapping_data(block), 256 };
    cr_assert_eq(PK11_PubWrapSymKeyWithMechanism(own, CKM_RSA_PKCS_OAEP, &item, key, &wrapped),
                 SECSuccess);
    assert_ok(unwrap(BYTES_LITERAL(OAEP "\x30\x00"), mapping_view(block), &party, &cipher));
    assert_ok(unwrap(BYTES_LITERAL(OAEP "\x30\x11\xa2\x0f\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7"
                                        "\x0d\x01\x01\x09\x04\x00"),
                     mapping_view(block), &party, &cipher));
    party_done(&party);
}

/* A key too short for the block around a content-encryption key. */
Test(recipient_ktri, refuses_to_encrypt_to_a_key_that_takes_nothing)
{
    struct party party = party_new(PARTY_RSA);
    CLEANUP(nss_public_key_free) SECKEYPublicKey *own = CERT_ExtractPublicKey(party.certificate);
    struct cipher cipher = fixture_cipher(CMS_AES_256_CBC);
    CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
    assert_ok(cipher_new_key(&cipher, &key));
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    SECItem whole = own->u.rsa.modulus;
    own->u.rsa.modulus.len = 40; /* 320 bits */
    assert_error(
        recipient_ktri_make(party.certificate, own, &(struct cms_recipient_way){ 0 }, key, out),
        ERR_RECIPIENT_UNUSABLE);
    own->u.rsa.modulus = whole;
    party_done(&party);
}

/* A RecipientInfo made for the party, read and unwrapped again; its algorithm's name. */
static struct error *make_and_unwrap(const struct party *party, const struct cms_recipient_way *way,
                                     struct buffer *out, const char **ret_name)
{
    struct cipher cipher = fixture_cipher(CMS_AES_256_GCM);
    CLEANUP(nss_public_key_free)
    SECKEYPublicKey *own = recipient_ktri_public_key(party->certificate);
    cr_assert_not_null(own);
    CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
    CLEANUP(nss_sym_key_free) PK11SymKey *again = NULL;
    TRY(cipher_new_key(&cipher, &key));
    TRY(recipient_ktri_make(party->certificate, own, way, key, out));
    struct ber_reader reader = ber_reader_of(buffer_view(out));
    struct ber_value info;
    struct recipient_list list = { 0 };
    TRY(ber_next(&reader, &info));
    TRY(recipient_ktri_read(&info, &list));
    *ret_name = list.entries[0].recipient.algorithm;
    struct error *error = recipient_ktri_unwrap(&list.entries[0], party->key, &cipher, &again);
    recipient_list_done(&list);
    return error;
}

static struct error *try_way(const struct party *party, const struct cms_recipient_way *way,
                             const char **ret_name)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    TRY(buffer_new(0, &out));
    return make_and_unwrap(party, way, out, ret_name);
}

#define MGF1 "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"
#define SHA256 "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00"
#define SHA384 "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00"

Test(recipient_ktri, finds_no_rsa_key_in_other_certificates)
{
    struct party party = party_new(PARTY_P256);
    cr_assert_null(recipient_ktri_public_key(party.certificate));
    party_done(&party);
}

Test(recipient_ktri, never_writes_oaep_with_sha1_or_what_it_has_not)
{
    static const enum cms_digest digests[] = { CMS_SHA1, CMS_MD5 };
    const char *name = NULL;
    struct party party = party_new(PARTY_RSA);
    struct party open_key = party_new_oaep(BYTES_NONE);
    for (size_t i = 0; i < ARRAY_SIZE(digests); i++) {
        const struct cms_recipient_way way = { .oaep = true, .oaep_digest = digests[i] };
        assert_error(try_way(&party, &way, &name), ERR_ALGORITHM_FORBIDDEN);
        assert_error(try_way(&open_key, &way, &name), ERR_ALGORITHM_FORBIDDEN);
    }
    party_done(&party);
    party_done(&open_key);
}

Test(recipient_ktri, refuses_oaep_keys_that_ask_for_sha1_or_the_unknown)
{
    const struct bytes parameters[] = {
        BYTES_LITERAL("\x30\x00"), /* SHA-1 throughout, by default */
        BYTES_LITERAL("\x30\x11\xa0\x0f" SHA256), /* for the mask */
        BYTES_LITERAL("\x30\x1e\xa1\x1c\x30\x1a" MGF1 SHA256), /* for the label */
        BYTES_LITERAL("\x30\x07\xa0\x05\x30\x03\x06\x01\x2a"),
        BYTES_LITERAL("\x05\x00"),
    };
    for (size_t i = 0; i < ARRAY_SIZE(parameters); i++) {
        const char *name = NULL;
        struct party party = party_new_oaep(parameters[i]);
        assert_error(try_way(&party, &(struct cms_recipient_way){ 0 }, &name),
                     ERR_RECIPIENT_UNUSABLE);
        party_done(&party);
    }
}

Test(recipient_ktri, writes_what_it_was_asked_for)
{
    static const enum cms_digest digests[] = { CMS_DIGEST_UNKNOWN, CMS_SHA224, CMS_SHA256,
                                               CMS_SHA384, CMS_SHA512 };
    const char *name = NULL;
    struct party party = party_new(PARTY_RSA);
    assert_ok(try_way(&party, &(struct cms_recipient_way){ 0 }, &name));
    cr_assert_str_eq(name, "rsa");
    for (size_t i = 0; i < ARRAY_SIZE(digests); i++) {
        const struct cms_recipient_way way = { .oaep = true, .oaep_digest = digests[i] };
        assert_ok(try_way(&party, &way, &name));
        cr_assert_str_eq(name, "rsa-oaep");
    }
    party_done(&party);
}

/* RFC 4055 4.1 */
Test(recipient_ktri, uses_oaep_keys_as_they_ask)
{
    const struct bytes parameters[] = {
        BYTES_NONE,
        BYTES_LITERAL("\x30\x2f\xa0\x0f" SHA384 "\xa1\x1c\x30\x1a" MGF1 SHA256),
        BYTES_LITERAL("\x30\x41\xa0\x0f" SHA256 "\xa1\x1c\x30\x1a" MGF1 SHA256
                      "\xa2\x10\x30\x0e\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x09\x04\x01x"),
    };
    for (size_t i = 0; i < ARRAY_SIZE(parameters); i++) {
        const char *name = NULL;
        CLEANUP(buffer_free) struct buffer *out = NULL;
        struct party party = party_new_oaep(parameters[i]);
        assert_ok(buffer_new(0, &out));
        assert_ok(make_and_unwrap(&party, &(struct cms_recipient_way){ 0 }, out, &name));
        cr_assert_str_eq(name, "rsa-oaep");
        cr_assert_neq(bytes_find(buffer_view(out), parameters[i]), SIZE_MAX);
        party_done(&party);
    }
}
