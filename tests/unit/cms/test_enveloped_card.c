/* Keys on a token that is not NSS's own: SoftHSM stands in for a card. It answers a wrong PKCS#1
 * block with an error, where softoken answers with a random key. */
#include "cms/recipient_ktri.h"
#include "enveloped_fixture.h"
#include "nss/item.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <secmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIN "1234"
#define TEXT "what the card opens"

static struct card {
    SECMODModule *module;
    PK11SlotInfo *slot;
} card;

static const char *library_path(void)
{
    static const char *const paths[] = {
        "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so" /* Fedora */
    };
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        if (access(paths[i], R_OK) == 0) {
            return paths[i];
        }
    }
    cr_assert_fail("SoftHSM is not installed");
    return NULL;
}

static char *give_pin(PK11SlotInfo *slot, PRBool retry, void *argument)
{
    (void)slot;
    (void)argument;
    return retry ? NULL : PORT_Strdup(PIN);
}

static void make_token(void)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    CLEANUP(string_free) char *configuration = fixture_path("softhsm2.conf");
    assert_ok(buffer_new(0, &text));
    assert_ok(
        buffer_printf(text, "directories.tokendir = %s\nlog.level = ERROR\n", fixture_directory()));
    fixture_write("softhsm2.conf", buffer_view(text));
    cr_assert_eq(setenv("SOFTHSM2_CONF", configuration, 1), 0);
    const char *const make[] = { "softhsm2-util",
                                 "--init-token",
                                 "--free",
                                 "--label",
                                 "card",
                                 "--pin",
                                 PIN,
                                 "--so-pin",
                                 PIN,
                                 NULL };
    fixture_run(make);
}

static void insert_card(void)
{
    fixture_start();
    make_token();
    char specification[200];
    (void)snprintf(specification, sizeof(specification), "name=card library=\"%s\"",
                   library_path());
    PK11_SetPasswordFunc(give_pin);
    card.module = SECMOD_LoadUserModule(specification, NULL, PR_FALSE);
    cr_assert(card.module && card.module->loaded);
    card.slot = PK11_FindSlotByName("card");
    cr_assert_not_null(card.slot);
    cr_assert_eq(PK11_Authenticate(card.slot, PR_TRUE, NULL), SECSuccess);
}

static void remove_card(void)
{
    PK11_FreeSlot(card.slot);
    (void)SECMOD_UnloadUserModule(card.module);
    SECMOD_DestroyModule(card.module);
    CLEANUP(string_free) char *directory = strdup(fixture_directory());
    const char *const clean[] = { "rm", "-rf", directory, NULL };
    fixture_run(clean);
}

TestSuite(enveloped_card, .init = insert_card, .fini = remove_card, .timeout = 60);

#define RSA_ALGORITHM "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"

static struct error *unwrap(const struct party *party, struct bytes block,
                            const struct cipher *cipher, PK11SymKey **ret_cek)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    struct recipient_list list = { 0 };
    struct ber_value info;
    TRY(buffer_new(0, &out));
    TRY(buffer_append(out, BYTES_LITERAL("\x02\x01\x02\x80\x01k" RSA_ALGORITHM "\x04\x82")));
    TRY(buffer_append_byte(out, (uint8_t)(block.len >> 8)));
    TRY(buffer_append_byte(out, (uint8_t)block.len));
    TRY(buffer_append(out, block));
    CLEANUP(buffer_free) struct buffer *whole = NULL;
    TRY(buffer_new(0, &whole));
    TRY(buffer_append(whole, BYTES_LITERAL("\x30\x82")));
    TRY(buffer_append_byte(whole, (uint8_t)(out->len >> 8)));
    TRY(buffer_append_byte(whole, (uint8_t)out->len));
    TRY(buffer_append(whole, buffer_view(out)));
    struct ber_reader reader = ber_reader_of(buffer_view(whole));
    TRY(ber_next(&reader, &info));
    TRY(recipient_ktri_read(&info, &list));
    struct error *error = recipient_ktri_unwrap(&list.entries[0], party->key, cipher, ret_cek);
    recipient_list_done(&list);
    return error;
}

/* A block of the key's size that is less than the modulus, as PKCS#1 sees it full of noise. */
static struct mapping *noise(void)
{
    struct mapping *block = fixture_bytes(256);
    mapping_data(block)[0] = 0;
    return block;
}

/* The fault that the random key is there for. Without it the tests below would prove nothing. */
Test(enveloped_card, has_a_token_that_tells_a_wrong_block)
{
    struct party party = party_new_on(card.slot, PARTY_RSA);
    CLEANUP(mapping_unref) struct mapping *block = noise();
    SECItem wrapped = { siBuffer, mapping_data(block), 256 };
    cr_assert_null(PK11_PubUnwrapSymKeyWithMechanism(party.key, CKM_RSA_PKCS, NULL, &wrapped,
                                                     CKM_AES_CBC, CKA_DECRYPT, 16));
    party_done(&party);
}

Test(enveloped_card, gives_a_random_key_of_the_right_size_for_a_wrong_block)
{
    static const enum cms_cipher ciphers[] = { CMS_AES_128_CBC, CMS_AES_192_CBC, CMS_AES_256_GCM,
                                               CMS_3DES_CBC };
    static const size_t sizes[] = { 0, 1, 255, 256, 257 };
    struct party party = party_new_on(card.slot, PARTY_RSA);
    CLEANUP(mapping_unref) struct mapping *block = noise();
    for (size_t i = 0; i < ARRAY_SIZE(ciphers) * ARRAY_SIZE(sizes); i++) {
        struct cipher cipher = fixture_cipher(ciphers[i / ARRAY_SIZE(sizes)]);
        CLEANUP(nss_sym_key_free) PK11SymKey *cek = NULL;
        assert_ok(unwrap(&party, bytes_slice(mapping_view(block), 0, sizes[i % ARRAY_SIZE(sizes)]),
                         &cipher, &cek));
        cr_assert_eq(PK11_GetKeyLength(cek), cipher.key_len, "%zu", i);
    }
    party_done(&party);
}

/* The block is right, but the key in it is one for another cipher: some other key of the right
 * size, be it ours or the short one with zeros behind, which NSS makes where a card only decrypts.
 */
Test(enveloped_card, gives_a_key_of_the_right_size_for_one_of_the_wrong_size)
{
    struct party party = party_new_on(card.slot, PARTY_RSA);
    CLEANUP(nss_public_key_free) SECKEYPublicKey *own = CERT_ExtractPublicKey(party.certificate);
    struct cipher small = fixture_cipher(CMS_AES_128_CBC);
    struct cipher large = fixture_cipher(CMS_AES_256_CBC);
    CLEANUP(nss_sym_key_free) PK11SymKey *key = NULL;
    CLEANUP(nss_sym_key_free) PK11SymKey *cek = NULL;
    assert_ok(cipher_new_key(&small, &key));
    CLEANUP(mapping_unref) struct mapping *block = fixture_bytes(256);
    SECItem wrapped = { siBuffer, mapping_data(block), 256 };
    cr_assert_eq(PK11_PubWrapSymKeyWithMechanism(own, CKM_RSA_PKCS, NULL, key, &wrapped),
                 SECSuccess);
    assert_ok(unwrap(&party, mapping_view(block), &large, &cek));
    cr_assert_eq(PK11_GetKeyLength(cek), 32);
    party_done(&party);
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

static struct error *open_damaged(struct mapping *good, size_t at, const struct party *party)
{
    CLEANUP(mapping_unref) struct mapping *bad = fixture_mapping(mapping_view(good));
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    struct bytes plain = BYTES_NONE;
    mapping_data(bad)[at] ^= 0x01;
    return fixture_open(bad, false, party, &owner, &plain);
}

Test(enveloped_card, opens_and_fails_in_one_way_only)
{
    static const enum cms_cipher ciphers[] = { CMS_AES_128_CBC, CMS_AES_256_CBC, CMS_AES_128_GCM,
                                               CMS_AES_256_GCM };
    struct party party = party_new_on(card.slot, PARTY_RSA);
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        CLEANUP(mapping_unref) struct mapping *der = NULL;
        assert_ok(fixture_encrypt(ciphers[i], &party, 1, BYTES_LITERAL(TEXT), &der));
        fixture_assert_opens(der, &party, BYTES_LITERAL(TEXT));
        size_t key = bytes_find(mapping_view(der), BYTES_LITERAL("\x04\x82\x01\x00")) + 60;
        CLEANUP(error_free) struct error *wrong_key = open_damaged(der, key, &party);
        CLEANUP(error_free)
        struct error *wrong_content = open_damaged(der, mapping_len(der) - 20, &party);
        cr_assert_not_null(wrong_key);
        cr_assert_eq(error_get_code(wrong_key), ERR_DECRYPTION_FAILED);
        cr_assert(same_error(wrong_key, wrong_content), "%zu", i);
    }
    party_done(&party);
}

/* SoftHSM, like most cards, knows ECDH without key derivation. */
Test(enveloped_card, opens_ecdh_on_a_token_that_derives_nothing)
{
    static const enum cms_cipher ciphers[] = { CMS_AES_128_CBC, CMS_AES_256_GCM };
    for (int kind = PARTY_P256; kind <= PARTY_P521; kind++) {
        struct party party = party_new_on(card.slot, (enum party_kind)kind);
        for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
            CLEANUP(mapping_unref) struct mapping *der = NULL;
            assert_ok(fixture_encrypt(ciphers[i], &party, 1, BYTES_LITERAL(TEXT), &der));
            fixture_assert_opens(der, &party, BYTES_LITERAL(TEXT));
            CLEANUP(error_free)
            struct error *error = open_damaged(der, mapping_len(der) - 1, &party);
            cr_assert_eq(error_get_code(error), ERR_DECRYPTION_FAILED);
        }
        party_done(&party);
    }
}

/* SoftHSM knows OAEP with SHA-1 alone: that is what others may send, and we read. */
Test(enveloped_card, opens_oaep_as_far_as_the_token_goes)
{
    struct party party = party_new_on(card.slot, PARTY_RSA);
    struct bytes der = item_bytes(&party.certificate->derCert);
    fixture_write("card.der", der);
    fixture_write("text", BYTES_LITERAL(TEXT));
    CLEANUP(string_free) char *certificate = fixture_path("card.der");
    CLEANUP(string_free) char *pem = fixture_path("card.pem");
    CLEANUP(string_free) char *in = fixture_path("text");
    CLEANUP(string_free) char *out = fixture_path("message.der");
    const char *const convert[] = { "openssl",   "x509", "-inform", "DER", "-in",
                                    certificate, "-out", pem,       NULL };
    const char *const encrypt[] = { "openssl", "cms",      "-encrypt",
                                    "-binary", "-aes256",  "-in",
                                    in,        "-outform", "DER",
                                    "-out",    out,        "-recip",
                                    pem,       "-keyopt",  "rsa_padding_mode:oaep",
                                    NULL };
    fixture_run(convert);
    fixture_run(encrypt);
    CLEANUP(mapping_unref) struct mapping *message = fixture_read("message.der");
    fixture_assert_opens(message, &party, BYTES_LITERAL(TEXT));
    party_done(&party);
}
