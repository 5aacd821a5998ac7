#include "cms/recipient_x963.h"
#include "enveloped_fixture.h"
#include "nss/item.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(recipient_x963, .init = fixture_start);

Test(recipient_x963, knows_no_other_derivation)
{
    uint8_t out[16];
    cr_assert_not(recipient_x963_expand(CKD_NULL, BYTES_LITERAL("z"), BYTES_LITERAL("info"), out,
                                        sizeof(out)));
    cr_assert_not(recipient_x963_expand(CKD_CPDIVERSIFY_KDF, BYTES_LITERAL("z"),
                                        BYTES_LITERAL("info"), out, sizeof(out)));
}

/* Computed by Python's hashlib as SEC 1 3.6.1 has it. */
Test(recipient_x963, derives_what_others_derive_at_every_length)
{
    static const struct {
        unsigned long kdf;
        const char wanted[49];
    } rows[] = {
        { CKD_SHA1_KDF,
          "\x87\xd8\xa7\x58\x49\x02\x70\x28\xb5\xdc\x12\xbd\xb2\x98\x3c\x2f\xbb\x8d\xc3\xc7\x1c\xcd\xea\x74\x06\x6b\xa3\x4b\x59\x54\x36\xdc\x2e\xbf\x8f\xb5\x2e\xb5\x5c\x8e\x0e\x88\x78\x49\x76\xc4\x0b\x5d" },
        { CKD_SHA224_KDF,
          "\x8f\x5e\x54\x71\xf2\xcb\xd9\x30\x29\x35\x6e\xdf\x49\x36\x30\x6d\x08\x3e\xfb\xe8\x1b\xcd\x9a\x27\x92\xba\xc1\x63\x22\x61\xe5\x03\x2c\xf8\x23\xc8\x1d\x32\x3d\x39\x24\xed\x2e\x8d\x97\xda\x3c\xb1" },
        { CKD_SHA256_KDF,
          "\x30\xc7\xea\xd2\xef\xfd\x3f\xa2\xc1\xd2\x36\x15\x69\xcb\xb0\x6b\x84\x0a\x9b\x56\x08\xab\x9b\x1f\x00\xad\x28\x24\x94\x5d\x20\x12\x53\x1d\xd3\x67\x5f\xfe\x92\x71\x62\x9c\xe8\x6f\x7f\xab\xcc\x65" },
        { CKD_SHA384_KDF,
          "\x1c\x64\x1a\xb4\xa8\xc0\xb3\x83\x75\xb3\xd3\x19\x0b\xe6\xa4\x6f\x5d\x9d\xf9\x00\x95\xe3\x11\x1a\xb8\xed\x0e\x07\x73\x55\x5a\x22\x05\x39\x9a\xbc\x0c\x74\x29\xc7\x3e\xef\x9a\x61\x05\x2f\xe7\xf3" },
        { CKD_SHA512_KDF,
          "\x3d\x22\x8f\xbf\x8e\x38\xec\xe7\x78\x88\x77\xfe\x28\xac\x8b\x2e\xce\xe9\xec\x90\xa4\xfd\xd9\x74\x18\x89\x7a\x4c\xd0\x3c\x40\x61\xaa\x00\x57\x1c\x01\xd8\xf6\x02\xde\x80\x17\x4d\xd1\x2f\x2c\x48" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        for (size_t len = 0; len <= 48; len++) {
            uint8_t out[50] = { 0 };
            cr_assert(recipient_x963_expand(rows[i].kdf,
                                            BYTES_LITERAL("a shared secret of some length"),
                                            BYTES_LITERAL("info"), out, len));
            cr_assert_eq(memcmp(out, rows[i].wanted, len), 0, "%zu %zu", i, len);
            cr_assert_eq(out[len], 0, "nothing behind it is written");
        }
    }
}

/* Both sides agree, and as softoken's own derivation does. What a real token of another kind gives
 * is tested with SoftHSM (test_enveloped_card.c). */
Test(recipient_x963, gives_the_key_that_softoken_derives_itself)
{
    for (int kind = PARTY_P256; kind <= PARTY_P521; kind++) {
        struct party one = party_new((enum party_kind)kind);
        struct party two = party_new((enum party_kind)kind);
        CLEANUP(nss_public_key_free)
        SECKEYPublicKey *other = CERT_ExtractPublicKey(two.certificate);
        SECItem info = { siBuffer, item_pointer(BYTES_LITERAL("info")), 4 };
        const struct recipient_x963 agreement = {
            .key = one.key,
            .point = item_bytes(&other->u.ec.publicValue),
            .kdf = CKD_SHA256_KDF,
            .info = BYTES_LITERAL("info"),
            .key_len = 32,
            .mechanism = CKM_AES_KEY_WRAP,
            .operation = CKA_UNWRAP,
        };
        CLEANUP(nss_sym_key_free) PK11SymKey *by_hand = recipient_x963_derive(&agreement);
        CLEANUP(nss_sym_key_free)
        PK11SymKey *by_nss =
            PK11_PubDeriveWithKDF(one.key, other, PR_FALSE, NULL, NULL, CKM_ECDH1_DERIVE,
                                  CKM_AES_KEY_WRAP, CKA_UNWRAP, 32, CKD_SHA256_KDF, &info, NULL);
        cr_assert(by_hand && by_nss);
        cr_assert_eq(PK11_ExtractKeyValue(by_hand), SECSuccess);
        cr_assert_eq(PK11_ExtractKeyValue(by_nss), SECSuccess);
        SECItem *a = PK11_GetKeyData(by_hand);
        SECItem *b = PK11_GetKeyData(by_nss);
        cr_assert(bytes_equal(item_bytes(a), item_bytes(b)));
        party_done(&one);
        party_done(&two);
    }
}

Test(recipient_x963, gives_nothing_for_a_point_of_no_use)
{
    struct party party = party_new(PARTY_P256);
    CLEANUP(mapping_unref) struct mapping *noise = fixture_bytes(65);
    mapping_data(noise)[0] = 4;
    struct recipient_x963 agreement = { .key = party.key,
                                        .point = mapping_view(noise),
                                        .kdf = CKD_SHA256_KDF,
                                        .key_len = 32,
                                        .mechanism = CKM_AES_KEY_WRAP,
                                        .operation = CKA_UNWRAP };
    cr_assert_null(recipient_x963_derive(&agreement));
    agreement.point = BYTES_NONE;
    cr_assert_null(recipient_x963_derive(&agreement));
    agreement.key_len = 65;
    cr_assert_null(recipient_x963_derive(&agreement));
    party_done(&party);
}
