#include "cms/recipient_agreement.h"

#include "base/limits.h"
#include "cms/capabilities.h"
#include "cms/der.h"
#include "cms/recipient_wrap.h"
#include "cms/recipient_x963.h"
#include "nss/item.h"
#include "nss/newer.h"
#include "nss/nss_scope.h"

enum { POINT_UNCOMPRESSED = 0x04, OCTET_BITS = 8, KARI_VERSION = 3, X25519_LEN = 32 };

#define OID(...) \
    { \
        (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }) \
    }
#define OID_SECG_11(n) OID(0x2b, 0x81, 0x04, 0x01, 0x0b, n)
#define OID_SECG_14(n) OID(0x2b, 0x81, 0x04, 0x01, 0x0e, n)
#define OID_SMIME_ALG(n) OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x03, n)
#define OID_X9_63(n) OID(0x2b, 0x81, 0x05, 0x10, 0x86, 0x48, 0x3f, 0x00, n)

/* RFC 5753 7.1.4. The cofactor of the NIST curves is 1: both schemes are the same there, and the
 * mechanism without cofactor is the one that cards have. */
static const struct recipient_scheme {
    struct bytes oid;
    unsigned long kdf; /* of X9.63; CKD_NULL: HKDF */
    CK_MECHANISM_TYPE hkdf_digest;
} schemes[] = {
    { OID_SECG_11(0x01), CKD_SHA256_KDF, 0 },      { OID_SECG_11(0x02), CKD_SHA384_KDF, 0 },
    { OID_SECG_11(0x03), CKD_SHA512_KDF, 0 },      { OID_SECG_11(0x00), CKD_SHA224_KDF, 0 },
    { OID_X9_63(0x02), CKD_SHA1_KDF, 0 },          { OID_SECG_14(0x01), CKD_SHA256_KDF, 0 },
    { OID_SECG_14(0x02), CKD_SHA384_KDF, 0 },      { OID_SECG_14(0x03), CKD_SHA512_KDF, 0 },
    { OID_SECG_14(0x00), CKD_SHA224_KDF, 0 },      { OID_X9_63(0x03), CKD_SHA1_KDF, 0 },
    { OID_SMIME_ALG(0x13), CKD_NULL, CKM_SHA256 }, /* RFC 8418 2.2 */
    { OID_SMIME_ALG(0x14), CKD_NULL, CKM_SHA384 }, { OID_SMIME_ALG(0x15), CKD_NULL, CKM_SHA512 },
};

enum { WRAP_AES_128 = 16, WRAP_AES_256 = 32 }; /* bytes */

/* from the standard scheme of a digest to the one with cofactor */
enum { COFACTOR = 5 };

/* RFC 5480 2.1.1.1: the curves by their DER parameters, which for X25519 NSS makes of the key's
 * OID; the entry of schemes for writing */
static const struct curve {
    struct bytes parameters;
    size_t scheme;
    bool montgomery;
} curves[] = {
    { OID(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07), 0, false }, /* P-256 */
    { OID(0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22), 1, false }, /* P-384 */
    { OID(0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23), 2, false }, /* P-521 */
    { OID(0x06, 0x03, 0x2b, 0x65, 0x6e), 10, true }, /* X25519 */
};

static const struct bytes oid_ec_public_key = OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01);
static const struct bytes oid_x25519 = OID(0x2b, 0x65, 0x6e);

static const struct curve *curve_of(struct bytes parameters)
{
    for (size_t i = 0; i < ARRAY_SIZE(curves); i++) {
        if (bytes_equal(curves[i].parameters, parameters) &&
            (!curves[i].montgomery || capabilities_x25519())) {
            return &curves[i];
        }
    }
    return NULL;
}

/* OriginatorPublicKey ::= SEQUENCE { algorithm, publicKey BIT STRING }, tagged [1] */
static struct error *read_originator_key(const struct ber_value *value,
                                         struct recipient_agreement *agreement)
{
    struct ber_reader reader = ber_reader_in(value);
    struct ber_value algorithm;
    struct ber_value bits;
    TRY(ber_expect(&reader, BER_SEQUENCE, &algorithm));
    TRY(ber_expect(&reader, BER_BIT_STRING, &bits));
    TRY(ber_expect_end(&reader));
    struct ber_reader inner = ber_reader_in(&algorithm);
    TRY(ber_oid(&inner, &agreement->key_oid));
    if (!ber_at_end(&inner)) {
        struct ber_value parameters;
        TRY(ber_next(&inner, &parameters));
        agreement->key_parameters = parameters.tag == BER_NULL ? BYTES_NONE : parameters.whole;
    }
    /* X.690 8.6.2: the first octet counts the unused bits of the last */
    if (bits.contents.len < 1 || bits.contents.data[0] != 0) {
        return error_new(ERR_CMS_MALFORMED, "the originator's key is no row of octets");
    }
    agreement->point = bytes_slice(bits.contents, 1, bits.contents.len - 1);
    return NULL;
}

static struct error *read_originator(struct ber_reader *reader,
                                     struct recipient_agreement *agreement)
{
    struct ber_value tagged;
    struct ber_value originator;
    TRY(ber_expect(reader, BER_CONTEXT_CONSTRUCTED, &tagged));
    struct ber_reader inner = ber_reader_in(&tagged);
    TRY(ber_next(&inner, &originator));
    TRY(ber_expect_end(&inner));
    if (originator.tag == BER_CONTEXT_CONSTRUCTED + 1) {
        return read_originator_key(&originator, agreement);
    }
    return NULL; /* a static key, named by its certificate: RFC 5753 has none */
}

static struct error *read_material(struct ber_reader *reader, struct recipient_agreement *agreement)
{
    struct ber_value tagged;
    TRY(ber_optional(reader, BER_CONTEXT_CONSTRUCTED + 1, &tagged, &agreement->has_material));
    if (agreement->has_material) {
        struct ber_reader inner = ber_reader_in(&tagged);
        struct ber_value string;
        TRY(ber_expect(&inner, BER_OCTET_STRING, &string));
        TRY(ber_expect_end(&inner));
        agreement->material = string.contents;
    }
    return NULL;
}

static struct error *read_wrapping(struct ber_reader *reader, struct recipient_agreement *agreement)
{
    struct ber_value algorithm;
    struct bytes oid;
    TRY(ber_expect(reader, BER_SEQUENCE, &algorithm));
    struct ber_reader inner = ber_reader_in(&algorithm);
    TRY(ber_oid(&inner, &oid));
    agreement->wrap_algorithm = algorithm.contents;
    agreement->wrapping = recipient_wrap_by_oid(oid);
    return NULL;
}

static struct error *read_scheme(struct ber_reader *reader, struct recipient_agreement *agreement)
{
    struct ber_value algorithm;
    struct bytes oid;
    TRY(ber_expect(reader, BER_SEQUENCE, &algorithm));
    struct ber_reader inner = ber_reader_in(&algorithm);
    TRY(ber_oid(&inner, &oid));
    for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
        if (bytes_equal(schemes[i].oid, oid)) {
            agreement->scheme = &schemes[i];
        }
    }
    /* the parameters of a scheme that is not known may be anything */
    return agreement->scheme ? read_wrapping(&inner, agreement) : NULL;
}

struct error *recipient_agreement_read(struct ber_reader *reader,
                                       struct recipient_agreement *ret_agreement)
{
    struct recipient_agreement agreement = { .has_material = false };
    uint64_t version = 0;
    TRY(ber_small_integer(reader, &version));
    TRY(read_originator(reader, &agreement));
    TRY(read_material(reader, &agreement));
    TRY(read_scheme(reader, &agreement));
    *ret_agreement = agreement;
    return NULL;
}

const char *recipient_agreement_name(const struct recipient_agreement *agreement)
{
    if (bytes_equal(agreement->key_oid, oid_x25519)) {
        return "x25519";
    }
    return agreement->scheme && bytes_equal(agreement->key_oid, oid_ec_public_key) ? "ecdh"
                                                                                   : "unknown";
}

bool recipient_agreement_is_known(const struct recipient_agreement *agreement)
{
    return agreement->scheme && agreement->wrapping &&
           agreement->material.len <= LIMIT_KEYING_MATERIAL &&
           (bytes_equal(agreement->key_oid, oid_ec_public_key) ||
            (bytes_equal(agreement->key_oid, oid_x25519) && capabilities_x25519()));
}

bool recipient_agreement_fits(const struct recipient_agreement *agreement, struct bytes curve)
{
    const struct curve *known = curve_of(curve);
    return known && bytes_equal(agreement->key_oid, oid_x25519) == known->montgomery;
}

struct error *recipient_agreement_choose(struct bytes curve, size_t cek_len,
                                         const struct cms_recipient_way *way,
                                         struct buffer *algorithm,
                                         struct recipient_agreement *ret_agreement)
{
    const struct curve *known = curve_of(curve);
    if (!known) {
        return error_new(ERR_RECIPIENT_UNUSABLE, "the recipient's key is on no curve known here");
    }
    if (way->material.len > LIMIT_KEYING_MATERIAL) {
        return error_new(ERR_ALGORITHM_FORBIDDEN, "more than %zu bytes of keying material",
                         LIMIT_KEYING_MATERIAL);
    }
    struct recipient_agreement agreement = {
        .material = way->material,
        .has_material = way->material.len > 0,
        .scheme = &schemes[known->scheme + (way->cofactor && !known->montgomery ? COFACTOR : 0)],
        .wrapping = recipient_wrap_aes(cek_len <= WRAP_AES_128 ? WRAP_AES_128 : WRAP_AES_256),
    };
    TRY(der_value(algorithm, BER_OID, agreement.wrapping->oid));
    agreement.wrap_algorithm = buffer_view(algorithm);
    *ret_agreement = agreement;
    return NULL;
}

/* RFC 5753 7.1.2: the parameters of the originator's key stay away, the recipient's are meant */
static struct error *write_originator(const SECKEYPublicKey *ephemeral, struct buffer *out)
{
    size_t start = out->len;
    bool montgomery = (int)ephemeral->keyType == NEWER_KEY_MONTGOMERY;
    TRY(der_value(out, BER_OID, montgomery ? oid_x25519 : oid_ec_public_key));
    TRY(der_wrap(out, start, BER_SEQUENCE));
    size_t bits = out->len;
    TRY(buffer_append_byte(out, 0)); /* unused bits */
    TRY(buffer_append(out, item_bytes(&ephemeral->u.ec.publicValue)));
    TRY(der_wrap(out, bits, BER_BIT_STRING));
    TRY(der_wrap(out, start, BER_CONTEXT_CONSTRUCTED + 1));
    return der_wrap(out, start, BER_CONTEXT_CONSTRUCTED);
}

static struct error *write_material(const struct recipient_agreement *agreement, struct buffer *out)
{
    size_t start = out->len;
    if (!agreement->has_material) {
        return NULL;
    }
    TRY(der_value(out, BER_OCTET_STRING, agreement->material));
    return der_wrap(out, start, BER_CONTEXT_CONSTRUCTED + 1);
}

static struct error *write_scheme(const struct recipient_agreement *agreement, struct buffer *out)
{
    size_t start = out->len;
    TRY(der_value(out, BER_OID, agreement->scheme->oid));
    TRY(der_value(out, BER_SEQUENCE, agreement->wrap_algorithm));
    return der_wrap(out, start, BER_SEQUENCE);
}

struct error *recipient_agreement_write(const struct recipient_agreement *agreement,
                                        const struct SECKEYPublicKeyStr *ephemeral,
                                        struct buffer *out)
{
    TRY(der_small_integer(out, KARI_VERSION));
    TRY(write_originator(ephemeral, out));
    TRY(write_material(agreement, out));
    return write_scheme(agreement, out);
}

/* RFC 5753 7.2: ECC-CMS-SharedInfo ::= SEQUENCE { keyInfo, entityUInfo [0] OPTIONAL,
 * suppPubInfo [2] }; the last one is the length of the wrapping key in bits, 32 bits long. */
static struct error *shared_info(const struct recipient_agreement *agreement, struct buffer *out)
{
    const uint8_t bits[] = { 0, 0, (uint8_t)(agreement->wrapping->key_len * OCTET_BITS / 256),
                             (uint8_t)(agreement->wrapping->key_len * OCTET_BITS % 256) };
    TRY(der_value(out, BER_SEQUENCE, agreement->wrap_algorithm));
    size_t start = out->len;
    if (agreement->has_material) {
        TRY(der_value(out, BER_OCTET_STRING, agreement->material));
        TRY(der_wrap(out, start, BER_CONTEXT_CONSTRUCTED));
    }
    start = out->len;
    TRY(der_value(out, BER_OCTET_STRING, (struct bytes){ bits, sizeof(bits) }));
    TRY(der_wrap(out, start, BER_CONTEXT_CONSTRUCTED + 2));
    return der_wrap(out, 0, BER_SEQUENCE);
}

/* RFC 8418 2.2: the keying material, where there is some, is the salt, too. */
static PK11SymKey *derive_hkdf(const struct recipient_agreement *agreement,
                               SECKEYPrivateKey *private_key, SECKEYPublicKey *public_key,
                               bool wrap, struct bytes info)
{
    CK_HKDF_PARAMS parameters = {
        .bExtract = CK_TRUE,
        .bExpand = CK_TRUE,
        .prfHashMechanism = agreement->scheme->hkdf_digest,
        .ulSaltType = agreement->has_material ? CKF_HKDF_SALT_DATA : CKF_HKDF_SALT_NULL,
        .pSalt = item_pointer(agreement->material),
        .ulSaltLen = agreement->material.len,
        .pInfo = item_pointer(info),
        .ulInfoLen = info.len,
    };
    SECItem item = { siBuffer, (unsigned char *)&parameters, sizeof(parameters) };
    CLEANUP(nss_sym_key_free)
    PK11SymKey *secret = PK11_PubDeriveWithKDF(private_key, public_key, wrap ? PR_TRUE : PR_FALSE,
                                               NULL, NULL, CKM_ECDH1_DERIVE, CKM_HKDF_DERIVE,
                                               CKA_DERIVE, 0, CKD_NULL, NULL, private_key->wincx);
    if (!secret) {
        return NULL;
    }
    return PK11_Derive(secret, CKM_HKDF_DERIVE, &item, agreement->wrapping->mechanism,
                       wrap ? CKA_WRAP : agreement->wrapping->unwrap,
                       (int)agreement->wrapping->key_len);
}

struct error *recipient_agreement_derive(const struct recipient_agreement *agreement,
                                         struct SECKEYPrivateKeyStr *private_key,
                                         struct SECKEYPublicKeyStr *public_key, bool wrap,
                                         struct PK11SymKeyStr **ret_key)
{
    CLEANUP(buffer_free) struct buffer *info = NULL;
    SECItem item;
    TRY(buffer_new(0, &info));
    TRY(shared_info(agreement, info));
    if (!item_set(&item, buffer_view(info))) {
        return error_new(ERR_CMS_MALFORMED, "the user keying material is too long");
    }
    if (agreement->scheme->kdf == CKD_NULL) {
        *ret_key = derive_hkdf(agreement, private_key, public_key, wrap, buffer_view(info));
        return NULL;
    }
    *ret_key = PK11_PubDeriveWithKDF(
        private_key, public_key, wrap ? PR_TRUE : PR_FALSE, NULL, NULL, CKM_ECDH1_DERIVE,
        agreement->wrapping->mechanism, wrap ? CKA_WRAP : agreement->wrapping->unwrap,
        (int)agreement->wrapping->key_len, agreement->scheme->kdf, &item, private_key->wincx);
    if (!*ret_key && !wrap && !PK11_IsInternal(private_key->pkcs11Slot)) {
        const struct recipient_x963 by_hand = {
            .key = private_key,
            .point = item_bytes(&public_key->u.ec.publicValue),
            .kdf = agreement->scheme->kdf,
            .info = buffer_view(info),
            .key_len = agreement->wrapping->key_len,
            .mechanism = agreement->wrapping->mechanism,
            .operation = agreement->wrapping->unwrap,
        };
        *ret_key = recipient_x963_derive(&by_hand);
    }
    return NULL;
}

struct SECKEYPrivateKeyStr *recipient_agreement_new_key(struct bytes curve,
                                                        struct SECKEYPublicKeyStr **ret_public)
{
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    SECItem parameters;
    if (!slot || !item_set(&parameters, curve)) {
        return NULL;
    }
    const struct curve *known = curve_of(curve);
    CK_MECHANISM_TYPE mechanism =
        known && known->montgomery ? CKM_EC_MONTGOMERY_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN;
    return PK11_GenerateKeyPairWithOpFlags(slot, mechanism, &parameters, ret_public,
                                           PK11_ATTR_SESSION | PK11_ATTR_SENSITIVE, CKF_DERIVE,
                                           CKF_DERIVE, NULL);
}

bool recipient_agreement_knows_curve(struct bytes curve)
{
    return curve_of(curve) != NULL;
}

static bool is_uncompressed(struct bytes point)
{
    return point.len > 0 && point.data[0] == POINT_UNCOMPRESSED;
}

/* RFC 7748 5: every string of 32 octets is a point, and none gives anything of the key away. */
static bool is_montgomery(struct bytes curve)
{
    const struct curve *known = curve_of(curve);
    return known && known->montgomery;
}

bool recipient_agreement_point_is_valid(struct bytes curve, struct bytes point)
{
    if (is_montgomery(curve)) {
        return point.len == X25519_LEN;
    }
    if (!curve_of(curve) || !is_uncompressed(point)) {
        return false;
    }
    CLEANUP(nss_public_key_free) SECKEYPublicKey *unused = NULL;
    CLEANUP(nss_private_key_free)
    SECKEYPrivateKey *own = recipient_agreement_new_key(curve, &unused);
    if (!own) {
        return false;
    }
    SECKEYPublicKey peer = { .keyType = ecKey, .pkcs11ID = CK_INVALID_HANDLE };
    if (!item_set(&peer.u.ec.DEREncodedParams, curve) || !item_set(&peer.u.ec.publicValue, point)) {
        return false;
    }
    peer.u.ec.encoding = ECPoint_Uncompressed;
    CLEANUP(nss_sym_key_free)
    PK11SymKey *secret = PK11_PubDeriveWithKDF(own, &peer, PR_FALSE, NULL, NULL, CKM_ECDH1_DERIVE,
                                               CKM_SHA256_HMAC, CKA_SIGN, 0, CKD_NULL, NULL, NULL);
    return secret != NULL;
}

bool recipient_agreement_point_is_safe(struct SECKEYPrivateKeyStr *key, struct bytes curve,
                                       struct bytes point)
{
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetSlotFromPrivateKey(key);
    if (is_montgomery(curve)) {
        return recipient_agreement_point_is_valid(curve, point);
    }
    return slot && is_uncompressed(point) &&
           (PK11_IsInternal(slot) || recipient_agreement_point_is_valid(curve, point));
}
