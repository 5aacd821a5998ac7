#include "base/limits.h"
#include "cms/capabilities.h"
#include "cms/der.h"
#include "cms/recipient_agreement.h"
#include "enveloped_fixture.h"
#include "nss/item.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(recipient_agreement, .init = fixture_start);

#define P256 BYTES_LITERAL("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")
#define ORIGINATOR(point) \
    "\xa0\x11\xa1\x0f\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x03\x02" point
#define STD_DH_SHA256(wrap) "\x30\x15\x06\x06\x2b\x81\x04\x01\x0b\x01" wrap
#define AES_WRAP "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x05"
#define ODD_WRAP "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x7f"

static struct error *read_agreement(struct bytes input, struct recipient_agreement *ret_agreement)
{
    struct ber_reader reader = ber_reader_of(input);
    return recipient_agreement_read(&reader, ret_agreement);
}

static void assert_malformed(struct bytes input)
{
    struct recipient_agreement agreement;
    assert_error(read_agreement(input, &agreement), ERR_CMS_MALFORMED);
}

Test(recipient_agreement, refuses_what_cannot_be_read)
{
    assert_malformed(BYTES_NONE);
    assert_malformed(BYTES_LITERAL("\x02\x01\x03" STD_DH_SHA256(AES_WRAP))); /* no originator */
    assert_malformed(BYTES_LITERAL("\x02\x01\x03" ORIGINATOR("\x01x") STD_DH_SHA256(AES_WRAP)));
    assert_malformed(BYTES_LITERAL("\x02\x01\x03\xa0\x00" STD_DH_SHA256(AES_WRAP)));
    /* a scheme that is known, without a wrapping */
    assert_malformed(BYTES_LITERAL(
        "\x02\x01\x03" ORIGINATOR("\x00x") "\x30\x08\x06\x06\x2b\x81\x04\x01\x0b\x01"));
    /* keying material that is no OCTET STRING */
    assert_malformed(BYTES_LITERAL(
        "\x02\x01\x03" ORIGINATOR("\x00x") "\xa1\x02\x05\x00" STD_DH_SHA256(AES_WRAP)));
}

Test(recipient_agreement, names_what_it_knows_and_does_only_that)
{
    const struct {
        struct bytes input;
        const char *name;
        bool known;
    } cases[] = {
        { BYTES_LITERAL("\x02\x01\x03" ORIGINATOR("\x00x") STD_DH_SHA256(AES_WRAP)), "ecdh", true },
        { BYTES_LITERAL("\x02\x01\x03" ORIGINATOR("\x00x") STD_DH_SHA256(ODD_WRAP)), "ecdh",
          false },
        { BYTES_LITERAL("\x02\x01\x03" ORIGINATOR("\x00x") "\x30\x03\x06\x01\x2a"), "unknown",
          false },
        /* X25519 */
        { BYTES_LITERAL(
              "\x02\x01\x03\xa0\x0d\xa1\x0b\x30\x05\x06\x03\x2b\x65\x6e\x03\x02\x00x" STD_DH_SHA256(
                  AES_WRAP)),
          "x25519", capabilities_x25519() },
        /* a static key, named by its identifier */
        { BYTES_LITERAL("\x02\x01\x03\xa0\x03\x80\x01x" STD_DH_SHA256(AES_WRAP)), "unknown",
          false },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct recipient_agreement agreement = { .has_material = true };
        assert_ok(read_agreement(cases[i].input, &agreement));
        cr_assert_str_eq(recipient_agreement_name(&agreement), cases[i].name, "%zu", i);
        cr_assert_eq(recipient_agreement_is_known(&agreement), cases[i].known, "%zu", i);
        cr_assert_not(agreement.has_material);
    }
}

/* It is hashed for every recipient that it is tried for. */
Test(recipient_agreement, leaves_alone_what_has_too_much_keying_material)
{
    struct recipient_agreement agreement = { .has_material = false };
    assert_ok(read_agreement(
        BYTES_LITERAL("\x02\x01\x03" ORIGINATOR("\x00x") STD_DH_SHA256(AES_WRAP)), &agreement));
    agreement.material.len = LIMIT_KEYING_MATERIAL;
    cr_assert(recipient_agreement_is_known(&agreement));
    agreement.material.len = LIMIT_KEYING_MATERIAL + 1;
    cr_assert_not(recipient_agreement_is_known(&agreement));
}

Test(recipient_agreement, reads_what_it_writes)
{
    const struct bytes curves[] = { P256, BYTES_LITERAL("\x06\x05\x2b\x81\x04\x00\x22"),
                                    BYTES_LITERAL("\x06\x05\x2b\x81\x04\x00\x23") };
    static const uint8_t material[100];
    const struct recipient_scheme *schemes[2 * ARRAY_SIZE(curves)] = { NULL };
    for (size_t i = 0; i < 2 * ARRAY_SIZE(curves); i++) {
        const struct cms_recipient_way way = { .cofactor = i % 2 != 0,
                                               .material = { material, i } };
        CLEANUP(buffer_free) struct buffer *algorithm = NULL;
        CLEANUP(buffer_free) struct buffer *der = NULL;
        CLEANUP(nss_public_key_free) SECKEYPublicKey *public_key = NULL;
        struct recipient_agreement chosen = { .scheme = NULL };
        struct recipient_agreement seen = { .scheme = NULL };
        assert_ok(buffer_new(0, &algorithm));
        assert_ok(buffer_new(0, &der));
        assert_ok(
            recipient_agreement_choose(curves[i / 2], i % 2 ? 16 : 32, &way, algorithm, &chosen));
        CLEANUP(nss_private_key_free)
        SECKEYPrivateKey *key = recipient_agreement_new_key(curves[i / 2], &public_key);
        cr_assert_not_null(key);
        assert_ok(recipient_agreement_write(&chosen, public_key, der));
        assert_ok(read_agreement(buffer_view(der), &seen));
        cr_assert_eq(seen.scheme, chosen.scheme);
        cr_assert_eq(seen.wrapping, chosen.wrapping);
        cr_assert_eq(seen.key_parameters.len, 0);
        cr_assert_eq(seen.has_material, i > 0);
        cr_assert_eq(seen.material.len, i);
        for (size_t k = 0; k < i; k++) { /* curves and cofactor all differ */
            cr_assert_neq(schemes[k], seen.scheme);
        }
        schemes[i] = seen.scheme;
        cr_assert(bytes_equal(seen.point, item_bytes(&public_key->u.ec.publicValue)));
        cr_assert(recipient_agreement_point_is_safe(key, curves[i / 2], seen.point));
    }
}

Test(recipient_agreement, writes_no_more_keying_material_than_it_would_read)
{
    CLEANUP(buffer_free) struct buffer *algorithm = NULL;
    CLEANUP(mapping_unref) struct mapping *material = fixture_bytes(LIMIT_KEYING_MATERIAL + 1);
    struct recipient_agreement agreement;
    struct cms_recipient_way way = { .material = mapping_view(material) };
    assert_ok(buffer_new(0, &algorithm));
    assert_error(recipient_agreement_choose(P256, 32, &way, algorithm, &agreement),
                 ERR_ALGORITHM_FORBIDDEN);
    way.material.len--;
    assert_ok(recipient_agreement_choose(P256, 32, &way, algorithm, &agreement));
}

Test(recipient_agreement, writes_for_no_other_curve)
{
    CLEANUP(buffer_free) struct buffer *algorithm = NULL;
    struct recipient_agreement agreement;
    assert_ok(buffer_new(0, &algorithm));
    struct bytes k1 = BYTES_LITERAL("\x06\x05\x2b\x81\x04\x00\x0a");
    assert_error(
        recipient_agreement_choose(k1, 32, &(struct cms_recipient_way){ 0 }, algorithm, &agreement),
        ERR_RECIPIENT_UNUSABLE);
    cr_assert_not(recipient_agreement_knows_curve(k1));
    cr_assert(recipient_agreement_knows_curve(P256));
}

static struct bytes public_point(const struct party *party, SECKEYPublicKey **ret_key)
{
    *ret_key = CERT_ExtractPublicKey(party->certificate);
    cr_assert_not_null(*ret_key);
    return item_bytes(&(*ret_key)->u.ec.publicValue);
}

Test(recipient_agreement, knows_the_points_of_a_curve_from_others)
{
    for (int kind = PARTY_P256; kind <= PARTY_P521; kind++) {
        struct party party = party_new((enum party_kind)kind);
        CLEANUP(nss_public_key_free) SECKEYPublicKey *own = NULL;
        CLEANUP(mapping_unref)
        struct mapping *point = fixture_mapping(public_point(&party, &own));
        struct bytes curve = item_bytes(&own->u.ec.DEREncodedParams);
        cr_assert(recipient_agreement_point_is_valid(curve, mapping_view(point)));
        size_t len = mapping_len(point);
        for (size_t i = 0; i < len; i += 8) { /* the form, and coordinates off the curve */
            mapping_data(point)[i] ^= 0x02;
            cr_assert_not(recipient_agreement_point_is_valid(curve, mapping_view(point)), "%zu", i);
            mapping_data(point)[i] ^= 0x02;
        }
        cr_assert_not(recipient_agreement_point_is_valid(
            curve, bytes_slice(mapping_view(point), 0, len - 1)));
        memset(mapping_data(point) + 1, 0, len - 1); /* (0, 0) */
        cr_assert_not(recipient_agreement_point_is_valid(curve, mapping_view(point)));
        memset(mapping_data(point) + 1, 0xff, len - 1); /* not below the prime */
        cr_assert_not(recipient_agreement_point_is_valid(curve, mapping_view(point)));
        cr_assert_not(
            recipient_agreement_point_is_valid(curve, BYTES_LITERAL("\x00"))); /* infinity */
        cr_assert_not(recipient_agreement_point_is_valid(curve, BYTES_NONE));
        party_done(&party);
    }
}

Test(recipient_agreement, refuses_points_of_another_curve_of_the_same_size)
{
    /* the base points of secp256k1 and of brainpoolP256r1 */
    struct bytes k1 = BYTES_LITERAL(
        "\x04\x79\xbe\x66\x7e\xf9\xdc\xbb\xac\x55\xa0\x62\x95\xce\x87\x0b\x07\x02\x9b\xfc\xdb\x2d"
        "\xce\x28\xd9\x59\xf2\x81\x5b\x16\xf8\x17\x98\x48\x3a\xda\x77\x26\xa3\xc4\x65\x5d\xa4\xfb"
        "\xfc\x0e\x11\x08\xa8\xfd\x17\xb4\x48\xa6\x85\x54\x19\x9c\x47\xd0\x8f\xfb\x10\xd4\xb8");
    struct bytes brainpool = BYTES_LITERAL(
        "\x04\x8b\xd2\xae\xb9\xcb\x7e\x57\xcb\x2c\x4b\x48\x2f\xfc\x81\xb7\xaf\xb9\xde\x27\xe1\xe3"
        "\xbd\x23\xc2\x3a\x44\x53\xbd\x9a\xce\x32\x62\x54\x7e\xf8\x35\xc3\xda\xc4\xfd\x97\xf8\x46"
        "\x1a\x14\x61\x1d\xc9\xc2\x77\x45\x13\x2d\xed\x8e\x54\x5c\x1d\x54\xc7\x2f\x04\x69\x97");
    cr_assert_eq(k1.len, 65);
    cr_assert_eq(brainpool.len, 65);
    cr_assert_not(recipient_agreement_point_is_valid(P256, k1));
    cr_assert_not(recipient_agreement_point_is_valid(P256, brainpool));
    /* and a curve that is not known */
    cr_assert_not(
        recipient_agreement_point_is_valid(BYTES_LITERAL("\x06\x05\x2b\x81\x04\x00\x0a"), k1));
}
