#include "cms/capabilities.h"
#include "cms/der.h"
#include "cms/recipient_kari.h"
#include "enveloped_fixture.h"
#include "nss/item.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(recipient_kari, .init = fixture_start, .fini = fixture_remove);

#define P256 BYTES_LITERAL("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")

static struct error *read_info(struct bytes der, struct recipient_list *list)
{
    struct ber_reader reader = ber_reader_of(der);
    struct ber_value info;
    TRY(ber_next(&reader, &info));
    return recipient_kari_read(&info, list);
}

/* Unwraps the first key of a KeyAgreeRecipientInfo. */
static struct error *unwrap(struct bytes der, const struct party *party,
                            const struct cipher *cipher)
{
    CLEANUP(nss_sym_key_free) PK11SymKey *cek = NULL;
    struct recipient_list list = { 0 };
    struct error *error = read_info(der, &list);
    if (!error && list.count > 0) {
        error =
            recipient_kari_unwrap(&list.entries[0], party->certificate, party->key, cipher, &cek);
        cr_assert_eq(error == NULL, cek != NULL);
    }
    recipient_list_done(&list);
    return error;
}

static struct buffer *make(const struct party *party, const struct cipher *cipher)
{
    CLEANUP(nss_public_key_free) SECKEYPublicKey *own = CERT_ExtractPublicKey(party->certificate);
    CLEANUP(nss_sym_key_free) PK11SymKey *cek = NULL;
    struct buffer *out = NULL;
    assert_ok(cipher_new_key(cipher, &cek));
    assert_ok(buffer_new(0, &out));
    assert_ok(
        recipient_kari_make(party->certificate, own, &(struct cms_recipient_way){ 0 }, cek, out));
    return out;
}

Test(recipient_kari, refuses_what_is_no_key_agreement)
{
    struct party party = party_new(PARTY_P256);
    struct cipher cipher = fixture_cipher(CMS_AES_128_CBC);
    CLEANUP(buffer_free) struct buffer *good = make(&party, &cipher);
    for (size_t len = 0; len < good->len; len++) {
        CLEANUP(buffer_free) struct buffer *cut = NULL;
        struct recipient_list list = { 0 };
        assert_ok(buffer_new(0, &cut));
        /* the contents cut, the header true */
        size_t header = der_header_size(good->len) <= 3 ? 3 : 4;
        size_t contents = len < good->len - header ? len : good->len - header - 1;
        assert_ok(buffer_append(cut, bytes_slice(buffer_view(good), header, contents)));
        assert_ok(der_wrap(cut, 0, BER_CONTEXT_CONSTRUCTED + 1));
        assert_error(read_info(buffer_view(cut), &list), ERR_CMS_MALFORMED);
        recipient_list_done(&list);
    }
    party_done(&party);
}

Test(recipient_kari, fails_for_every_damaged_byte_of_point_and_key)
{
    struct party party = party_new(PARTY_P256);
    struct cipher cipher = fixture_cipher(CMS_AES_256_CBC);
    CLEANUP(buffer_free) struct buffer *good = make(&party, &cipher);
    assert_ok(unwrap(buffer_view(good), &party, &cipher));
    size_t point = bytes_find(buffer_view(good), BYTES_LITERAL("\x03\x42\x00\x04")) + 3;
    for (size_t i = 0; i < 65; i++) {
        good->data[point + i] ^= 0x10;
        assert_error(unwrap(buffer_view(good), &party, &cipher), ERR_DECRYPTION_FAILED);
        good->data[point + i] ^= 0x10;
    }
    for (size_t i = 1; i <= 40; i++) {
        good->data[good->len - i] ^= 0x10;
        assert_error(unwrap(buffer_view(good), &party, &cipher), ERR_DECRYPTION_FAILED);
        good->data[good->len - i] ^= 0x10;
    }
    assert_ok(unwrap(buffer_view(good), &party, &cipher));
    party_done(&party);
}

/* RFC 7748 5: the highest bit of the point is not looked at. */
Test(recipient_kari, fails_for_a_damaged_x25519_key)
{
    if (!capabilities_x25519()) {
        return;
    }
    struct party party = party_new(PARTY_X25519);
    struct party other = party_new(PARTY_X25519);
    struct party p256 = party_new(PARTY_P256);
    struct cipher cipher = fixture_cipher(CMS_AES_256_CBC);
    CLEANUP(buffer_free) struct buffer *good = make(&party, &cipher);
    assert_ok(unwrap(buffer_view(good), &party, &cipher));
    assert_error(unwrap(buffer_view(good), &other, &cipher), ERR_DECRYPTION_FAILED);
    assert_error(unwrap(buffer_view(good), &p256, &cipher), ERR_DECRYPTION_FAILED);
    size_t point = bytes_find(buffer_view(good), BYTES_LITERAL("\x2b\x65\x6e\x03\x21\x00")) + 6;
    for (size_t i = 0; i < 32; i++) {
        good->data[point + i] ^= 0x10;
        assert_error(unwrap(buffer_view(good), &party, &cipher), ERR_DECRYPTION_FAILED);
        good->data[point + i] ^= 0x10;
    }
    memset(good->data + point, 0, 32); /* of small order: the agreement is on nothing */
    assert_error(unwrap(buffer_view(good), &party, &cipher), ERR_DECRYPTION_FAILED);
    party_done(&party);
    party_done(&other);
    party_done(&p256);
}

Test(recipient_kari, fails_for_other_keys_and_ciphers)
{
    struct party party = party_new(PARTY_P256);
    struct party same_curve = party_new(PARTY_P256);
    struct party other_curve = party_new(PARTY_P384);
    struct party rsa = party_new(PARTY_RSA);
    struct cipher cipher = fixture_cipher(CMS_AES_256_CBC);
    struct cipher smaller = fixture_cipher(CMS_AES_128_CBC);
    CLEANUP(buffer_free) struct buffer *good = make(&party, &cipher);
    assert_error(unwrap(buffer_view(good), &same_curve, &cipher), ERR_DECRYPTION_FAILED);
    assert_error(unwrap(buffer_view(good), &other_curve, &cipher), ERR_DECRYPTION_FAILED);
    assert_error(unwrap(buffer_view(good), &rsa, &cipher), ERR_DECRYPTION_FAILED);
    assert_error(unwrap(buffer_view(good), &party, &smaller), ERR_DECRYPTION_FAILED);
    struct party mixed = { .certificate = rsa.certificate, .key = party.key };
    assert_error(unwrap(buffer_view(good), &mixed, &cipher), ERR_CMS_UNSUPPORTED);
    party_done(&party);
    party_done(&same_curve);
    party_done(&other_curve);
    party_done(&rsa);
}

/* What a sender may vary. */
struct variant {
    struct bytes curve; /* parameters of the originator's key, DER */
    struct bytes scheme; /* OID, contents */
    struct bytes material; /* ukm; empty: none */
    const char *digest; /* for openssl */
};

static void write_variant(struct buffer *out, const struct variant *variant, struct bytes point,
                          struct bytes wrapped, const struct party *party)
{
    assert_ok(der_small_integer(out, 3));
    size_t originator = out->len;
    assert_ok(der_value(out, BER_OID, BYTES_LITERAL("\x2a\x86\x48\xce\x3d\x02\x01")));
    assert_ok(buffer_append(out, variant->curve));
    assert_ok(der_wrap(out, originator, BER_SEQUENCE));
    size_t bits = out->len;
    assert_ok(buffer_append_byte(out, 0));
    assert_ok(buffer_append(out, point));
    assert_ok(der_wrap(out, bits, BER_BIT_STRING));
    assert_ok(der_wrap(out, originator, BER_CONTEXT_CONSTRUCTED + 1));
    assert_ok(der_wrap(out, originator, BER_CONTEXT_CONSTRUCTED));
    if (variant->material.len > 0) {
        size_t material = out->len;
        assert_ok(der_value(out, BER_OCTET_STRING, variant->material));
        assert_ok(der_wrap(out, material, BER_CONTEXT_CONSTRUCTED + 1));
    }
    size_t scheme = out->len;
    assert_ok(der_value(out, BER_OID, variant->scheme));
    assert_ok(
        buffer_append(out, BYTES_LITERAL("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x05")));
    assert_ok(der_wrap(out, scheme, BER_SEQUENCE));
    size_t keys = out->len;
    assert_ok(recipient_list_write_ref(party->certificate, out));
    assert_ok(der_value(out, BER_OCTET_STRING, wrapped));
    assert_ok(der_wrap(out, keys, BER_SEQUENCE));
    assert_ok(der_wrap(out, keys, BER_SEQUENCE));
    assert_ok(der_wrap(out, 0, BER_CONTEXT_CONSTRUCTED + 1));
}

/* RFC 5753 7.2, written down by hand: AES-128 key wrap, the material, 128 bits */
static char *shared_info_hex(struct bytes material)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    char *hex = NULL;
    assert_ok(buffer_new(0, &out));
    assert_ok(
        buffer_append(out, BYTES_LITERAL("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x05")));
    if (material.len > 0) {
        const uint8_t header[] = { 0xa0, (uint8_t)(material.len + 2), 0x04, (uint8_t)material.len };
        assert_ok(buffer_append(out, (struct bytes){ header, sizeof(header) }));
        assert_ok(buffer_append(out, material));
    }
    assert_ok(buffer_append(out, BYTES_LITERAL("\xa2\x06\x04\x04\x00\x00\x00\x80")));
    assert_ok(der_wrap(out, 0, BER_SEQUENCE));
    assert_ok(bytes_to_hex(buffer_view(out), &hex));
    return hex;
}

/* The wrapping key as openssl computes it, from its own ephemeral key, whose point comes back. */
static struct mapping *openssl_agree(const struct variant *variant, struct mapping **ret_point)
{
    CLEANUP(string_free) char *own = fixture_path("key.pem");
    CLEANUP(string_free) char *peer = fixture_path("peer.pem");
    CLEANUP(string_free) char *ephemeral = fixture_path("ephemeral.pem");
    CLEANUP(string_free) char *point = fixture_path("point.der");
    CLEANUP(string_free) char *secret = fixture_path("secret");
    CLEANUP(string_free) char *result = fixture_path("kek");
    const char *const publish[] = { "openssl", "pkey", "-in", own, "-pubout", "-out", peer, NULL };
    const char *const make_key[] = { "openssl", "genpkey",  "-algorithm",
                                     "EC",      "-pkeyopt", "ec_paramgen_curve:P-256",
                                     "-out",    ephemeral,  NULL };
    const char *const show[] = { "openssl",  "pkey", "-in",  ephemeral, "-pubout",
                                 "-outform", "DER",  "-out", point,     NULL };
    const char *const derive[] = { "openssl",  "pkeyutl", "-derive", "-inkey", ephemeral,
                                   "-peerkey", peer,      "-out",    secret,   NULL };
    fixture_run(publish);
    fixture_run(make_key);
    fixture_run(show);
    fixture_run(derive);
    CLEANUP(mapping_unref) struct mapping *z = fixture_read("secret");
    CLEANUP(string_free) char *z_hex = NULL;
    CLEANUP(string_free) char *info_hex = shared_info_hex(variant->material);
    assert_ok(bytes_to_hex(mapping_view(z), &z_hex));
    char digest[32];
    char key_option[200];
    char info_option[200];
    (void)snprintf(digest, sizeof(digest), "digest:%s", variant->digest);
    (void)snprintf(key_option, sizeof(key_option), "hexkey:%s", z_hex);
    (void)snprintf(info_option, sizeof(info_option), "hexinfo:%s", info_hex);
    const char *const kdf[] = { "openssl", "kdf",     "-keylen",  "16",      "-kdfopt",
                                digest,    "-kdfopt", key_option, "-kdfopt", info_option,
                                "-binary", "-out",    result,     "X963KDF", NULL };
    fixture_run(kdf);
    CLEANUP(mapping_unref) struct mapping *spki = fixture_read("point.der");
    *ret_point = fixture_mapping(bytes_slice(mapping_view(spki), mapping_len(spki) - 65, 65));
    return fixture_read("kek");
}

static struct error *unwrap_variant(const struct variant *variant)
{
    struct party party = party_from_openssl(PARTY_P256);
    struct cipher cipher = fixture_cipher(CMS_AES_128_CBC);
    CLEANUP(mapping_unref) struct mapping *point = NULL;
    CLEANUP(mapping_unref) struct mapping *kek = openssl_agree(variant, &point);
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    SECItem item = { siBuffer, mapping_data(kek), 16 };
    CLEANUP(nss_sym_key_free)
    PK11SymKey *wrapping =
        PK11_ImportSymKey(slot, CKM_AES_KEY_WRAP, PK11_OriginUnwrap, CKA_WRAP, &item, NULL);
    CLEANUP(nss_sym_key_free) PK11SymKey *cek = NULL;
    assert_ok(cipher_new_key(&cipher, &cek));
    uint8_t room[64];
    SECItem wrapped = { siBuffer, room, sizeof(room) };
    cr_assert_eq(PK11_WrapSymKey(CKM_AES_KEY_WRAP, NULL, wrapping, cek, &wrapped), SECSuccess);
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    write_variant(out, variant, mapping_view(point), item_bytes(&wrapped), &party);
    struct error *error = unwrap(buffer_view(out), &party, &cipher);
    party_done(&party);
    return error;
}

Test(recipient_kari, agrees_with_openssl_on_every_scheme_and_with_keying_material)
{
    const struct variant variants[] = {
        { BYTES_NONE, BYTES_LITERAL("\x2b\x81\x04\x01\x0b\x01"), BYTES_NONE, "SHA256" },
        { P256, BYTES_LITERAL("\x2b\x81\x04\x01\x0b\x02"), BYTES_LITERAL("material"), "SHA384" },
        { BYTES_LITERAL("\x05\x00"), BYTES_LITERAL("\x2b\x81\x04\x01\x0b\x03"), BYTES_LITERAL("m"),
          "SHA512" },
        { P256, BYTES_LITERAL("\x2b\x81\x04\x01\x0e\x00"), BYTES_LITERAL("material"), "SHA224" },
        { BYTES_NONE, BYTES_LITERAL("\x2b\x81\x05\x10\x86\x48\x3f\x00\x03"),
          BYTES_LITERAL("0123456789abcdef0123456789abcdef"), "SHA1" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(variants); i++) {
        assert_ok(unwrap_variant(&variants[i]));
    }
}

Test(recipient_kari, refuses_a_curve_that_is_not_the_recipients)
{
    const struct variant p384 = { BYTES_LITERAL("\x06\x05\x2b\x81\x04\x00\x22"),
                                  BYTES_LITERAL("\x2b\x81\x04\x01\x0b\x01"), BYTES_NONE, "SHA256" };
    assert_error(unwrap_variant(&p384), ERR_DECRYPTION_FAILED);
}

Test(recipient_kari, leaves_schemes_alone_that_it_does_not_know)
{
    const struct variant unknown = { BYTES_NONE, BYTES_LITERAL("\x2a\x03\x04"), BYTES_NONE,
                                     "SHA256" };
    assert_error(unwrap_variant(&unknown), ERR_CMS_UNSUPPORTED);
}

Test(recipient_kari, refuses_to_encrypt_to_a_curve_it_does_not_know)
{
    struct party party = party_new(PARTY_P256);
    CLEANUP(nss_public_key_free) SECKEYPublicKey *own = CERT_ExtractPublicKey(party.certificate);
    struct cipher cipher = fixture_cipher(CMS_AES_256_CBC);
    CLEANUP(nss_sym_key_free) PK11SymKey *cek = NULL;
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(cipher_new_key(&cipher, &cek));
    assert_ok(buffer_new(0, &out));
    own->u.ec.DEREncodedParams.data[9] = 0x01; /* P-192 */
    assert_error(
        recipient_kari_make(party.certificate, own, &(struct cms_recipient_way){ 0 }, cek, out),
        ERR_RECIPIENT_UNUSABLE);
    own->u.ec.DEREncodedParams.data[9] = 0x07;
    own->u.ec.publicValue.data[40] ^= 1; /* off the curve */
    assert_error(
        recipient_kari_make(party.certificate, own, &(struct cms_recipient_way){ 0 }, cek, out),
        ERR_RECIPIENT_UNUSABLE);
    party_done(&party);
}
