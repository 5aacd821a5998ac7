#include "cms/recipient_kari.h"

#include "cms/cipher.h"
#include "cms/der.h"
#include "cms/recipient_des3.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

enum { POINT_UNCOMPRESSED = 0x04, WRAP_OVERHEAD = 8, WRAPPED_MAX = 64, OCTET_BITS = 8 };
enum { KARI_VERSION = 3 };

#define OID(...) \
    { \
        (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }) \
    }
#define OID_SECG_11(n) OID(0x2b, 0x81, 0x04, 0x01, 0x0b, n)
#define OID_SECG_14(n) OID(0x2b, 0x81, 0x04, 0x01, 0x0e, n)
#define OID_X9_63(n) OID(0x2b, 0x81, 0x05, 0x10, 0x86, 0x48, 0x3f, 0x00, n)
#define OID_AES(n) OID(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, n)

/* RFC 5753 7.1.4. The cofactor of the NIST curves is 1: both schemes are the same there, and the
 * mechanism without cofactor is the one that cards have. */
static const struct scheme {
    struct bytes oid;
    unsigned long kdf;
} schemes[] = {
    { OID_SECG_11(0x01), CKD_SHA256_KDF }, { OID_SECG_11(0x02), CKD_SHA384_KDF },
    { OID_SECG_11(0x03), CKD_SHA512_KDF }, { OID_SECG_11(0x00), CKD_SHA224_KDF },
    { OID_X9_63(0x02), CKD_SHA1_KDF },     { OID_SECG_14(0x01), CKD_SHA256_KDF },
    { OID_SECG_14(0x02), CKD_SHA384_KDF }, { OID_SECG_14(0x03), CKD_SHA512_KDF },
    { OID_SECG_14(0x00), CKD_SHA224_KDF }, { OID_X9_63(0x03), CKD_SHA1_KDF },
};

/* RFC 3565 4.1, RFC 3370 4.3.1 */
static const struct wrapping {
    struct bytes oid;
    size_t key_len; /* bytes */
    CK_MECHANISM_TYPE mechanism; /* of the wrapping key */
} wrappings[] = {
    { OID_AES(0x05), 16, CKM_AES_KEY_WRAP },
    { OID_AES(0x19), 24, CKM_AES_KEY_WRAP },
    { OID_AES(0x2d), 32, CKM_AES_KEY_WRAP },
    { OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x03, 0x06), 24, CKM_DES3_CBC },
};
enum { WRAP_AES_128 = 0, WRAP_AES_256 = 2 };

/* RFC 5480 2.1.1.1: the curves by their DER parameters; the entry of schemes for writing */
static const struct curve {
    struct bytes parameters;
    size_t scheme;
} curves[] = {
    { OID(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07), 0 }, /* P-256 */
    { OID(0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22), 1 }, /* P-384 */
    { OID(0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23), 2 }, /* P-521 */
};

static const struct bytes oid_ec_public_key = OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01);
static const struct bytes oid_x25519 = OID(0x2b, 0x65, 0x6e);

/* What stands before the RecipientEncryptedKeys. */
struct head {
    struct bytes key_oid; /* algorithm of the originator's key; empty: it is not in the message */
    struct bytes key_parameters; /* DER, empty where absent or NULL */
    struct bytes point;
    struct bytes material; /* ukm */
    bool has_material;
    const struct scheme *scheme; /* NULL: unknown */
    struct bytes wrap_algorithm; /* contents of the AlgorithmIdentifier */
    const struct wrapping *wrapping; /* NULL: unknown */
};

static const struct curve *curve_of(struct bytes parameters)
{
    for (size_t i = 0; i < ARRAY_SIZE(curves); i++) {
        if (bytes_equal(curves[i].parameters, parameters)) {
            return &curves[i];
        }
    }
    return NULL;
}

/* OriginatorPublicKey ::= SEQUENCE { algorithm, publicKey BIT STRING }, tagged [1] */
static struct error *read_originator_key(const struct ber_value *value, struct head *head)
{
    struct ber_reader reader = ber_reader_in(value);
    struct ber_value algorithm;
    struct ber_value bits;
    TRY(ber_expect(&reader, BER_SEQUENCE, &algorithm));
    TRY(ber_expect(&reader, BER_BIT_STRING, &bits));
    TRY(ber_expect_end(&reader));
    struct ber_reader inner = ber_reader_in(&algorithm);
    TRY(ber_oid(&inner, &head->key_oid));
    if (!ber_at_end(&inner)) {
        struct ber_value parameters;
        TRY(ber_next(&inner, &parameters));
        head->key_parameters = parameters.tag == BER_NULL ? BYTES_NONE : parameters.whole;
    }
    /* X.690 8.6.2: the first octet counts the unused bits of the last */
    if (bits.contents.len < 1 || bits.contents.data[0] != 0) {
        return error_new(ERR_CMS_MALFORMED, "the originator's key is no row of octets");
    }
    head->point = bytes_slice(bits.contents, 1, bits.contents.len - 1);
    return NULL;
}

static struct error *read_originator(struct ber_reader *reader, struct head *head)
{
    struct ber_value tagged;
    struct ber_value originator;
    TRY(ber_expect(reader, BER_CONTEXT_CONSTRUCTED, &tagged));
    struct ber_reader inner = ber_reader_in(&tagged);
    TRY(ber_next(&inner, &originator));
    TRY(ber_expect_end(&inner));
    if (originator.tag == BER_CONTEXT_CONSTRUCTED + 1) {
        return read_originator_key(&originator, head);
    }
    return NULL; /* a static key, named by its certificate: RFC 5753 has none */
}

static struct error *read_material(struct ber_reader *reader, struct head *head)
{
    struct ber_value tagged;
    TRY(ber_optional(reader, BER_CONTEXT_CONSTRUCTED + 1, &tagged, &head->has_material));
    if (head->has_material) {
        struct ber_reader inner = ber_reader_in(&tagged);
        struct ber_value string;
        TRY(ber_expect(&inner, BER_OCTET_STRING, &string));
        TRY(ber_expect_end(&inner));
        head->material = string.contents;
    }
    return NULL;
}

static struct error *read_wrapping(struct ber_reader *reader, struct head *head)
{
    struct ber_value algorithm;
    struct bytes oid;
    TRY(ber_expect(reader, BER_SEQUENCE, &algorithm));
    struct ber_reader inner = ber_reader_in(&algorithm);
    TRY(ber_oid(&inner, &oid));
    head->wrap_algorithm = algorithm.contents;
    for (size_t i = 0; i < ARRAY_SIZE(wrappings); i++) {
        if (bytes_equal(wrappings[i].oid, oid)) {
            head->wrapping = &wrappings[i];
        }
    }
    return NULL;
}

static struct error *read_scheme(struct ber_reader *reader, struct head *head)
{
    struct ber_value algorithm;
    struct bytes oid;
    TRY(ber_expect(reader, BER_SEQUENCE, &algorithm));
    struct ber_reader inner = ber_reader_in(&algorithm);
    TRY(ber_oid(&inner, &oid));
    for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
        if (bytes_equal(schemes[i].oid, oid)) {
            head->scheme = &schemes[i];
        }
    }
    /* the parameters of a scheme that is not known may be anything */
    return head->scheme ? read_wrapping(&inner, head) : NULL;
}

/* Leaves the reader before the RecipientEncryptedKeys. */
static struct error *read_head(struct ber_reader *reader, struct head *ret_head)
{
    struct head head = { .has_material = false };
    uint64_t version = 0;
    TRY(ber_small_integer(reader, &version));
    TRY(read_originator(reader, &head));
    TRY(read_material(reader, &head));
    TRY(read_scheme(reader, &head));
    *ret_head = head;
    return NULL;
}

static const char *algorithm_name(const struct head *head)
{
    if (bytes_equal(head->key_oid, oid_x25519)) {
        return "x25519";
    }
    return head->scheme && bytes_equal(head->key_oid, oid_ec_public_key) ? "ecdh" : "unknown";
}

static struct error *read_encrypted_key(struct ber_reader *reader, struct recipient_entry *entry)
{
    struct ber_value sequence;
    struct ber_value encrypted_key;
    TRY(ber_expect(reader, BER_SEQUENCE, &sequence));
    struct ber_reader inner = ber_reader_in(&sequence);
    TRY(recipient_list_read_ref(&inner, &entry->recipient.ref));
    TRY(ber_expect(&inner, BER_OCTET_STRING, &encrypted_key));
    TRY(ber_expect_end(&inner));
    entry->encrypted_key = encrypted_key.contents;
    return NULL;
}

struct error *recipient_kari_read(const struct ber_value *info, struct recipient_list *list)
{
    struct ber_reader reader = ber_reader_in(info);
    struct head head;
    struct ber_value keys;
    TRY(read_head(&reader, &head));
    TRY(ber_expect(&reader, BER_SEQUENCE, &keys));
    TRY(ber_expect_end(&reader));
    struct ber_reader each = ber_reader_in(&keys);
    while (!ber_at_end(&each)) {
        struct recipient_entry entry = {
            .recipient = { .type = CMS_KEY_AGREEMENT, .algorithm = algorithm_name(&head) },
            .info = info->whole,
        };
        TRY(read_encrypted_key(&each, &entry));
        TRY(recipient_list_append(list, &entry));
    }
    return NULL;
}

/* RFC 5753 7.2: ECC-CMS-SharedInfo ::= SEQUENCE { keyInfo, entityUInfo [0] OPTIONAL,
 * suppPubInfo [2] }; the last one is the length of the wrapping key in bits, 32 bits long. */
static struct error *shared_info(const struct head *head, struct buffer *out)
{
    const uint8_t bits[] = { 0, 0, (uint8_t)(head->wrapping->key_len * OCTET_BITS / 256),
                             (uint8_t)(head->wrapping->key_len * OCTET_BITS % 256) };
    TRY(der_value(out, BER_SEQUENCE, head->wrap_algorithm));
    size_t start = out->len;
    if (head->has_material) {
        TRY(der_value(out, BER_OCTET_STRING, head->material));
        TRY(der_wrap(out, start, BER_CONTEXT_CONSTRUCTED));
    }
    start = out->len;
    TRY(der_value(out, BER_OCTET_STRING, (struct bytes){ bits, sizeof(bits) }));
    TRY(der_wrap(out, start, BER_CONTEXT_CONSTRUCTED + 2));
    return der_wrap(out, 0, BER_SEQUENCE);
}

/* ECDH and the KDF, both in the token that has the private key. `ret_key` is NULL where it fails.
 */
static struct error *agree(const struct head *head, SECKEYPrivateKey *private_key,
                           SECKEYPublicKey *public_key, CK_ATTRIBUTE_TYPE operation,
                           PK11SymKey **ret_key)
{
    CLEANUP(buffer_free) struct buffer *info = NULL;
    SECItem item;
    TRY(buffer_new(0, &info));
    TRY(shared_info(head, info));
    if (!item_set(&item, buffer_view(info))) {
        return error_new(ERR_CMS_MALFORMED, "the user keying material is too long");
    }
    *ret_key = PK11_PubDeriveWithKDF(private_key, public_key, operation == CKA_WRAP, NULL, NULL,
                                     CKM_ECDH1_DERIVE, head->wrapping->mechanism, operation,
                                     (int)head->wrapping->key_len, head->scheme->kdf, &item,
                                     private_key->wincx);
    return NULL;
}

/* A public key that is a view: `point` on the curve with these parameters. Never to be destroyed.
 */
static SECKEYPublicKey key_view(struct bytes curve, struct bytes point)
{
    SECKEYPublicKey key = { .keyType = ecKey, .pkcs11ID = CK_INVALID_HANDLE };
    (void)item_set(&key.u.ec.DEREncodedParams, curve);
    (void)item_set(&key.u.ec.publicValue, point);
    key.u.ec.encoding = ECPoint_Uncompressed;
    return key;
}

static SECKEYPrivateKey *ephemeral_key(struct bytes curve, SECKEYPublicKey **ret_public)
{
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    SECItem parameters;
    if (!slot || !item_set(&parameters, curve)) {
        return NULL;
    }
    return PK11_GenerateKeyPairWithOpFlags(slot, CKM_EC_KEY_PAIR_GEN, &parameters, ret_public,
                                           PK11_ATTR_SESSION | PK11_ATTR_SENSITIVE, CKF_DERIVE,
                                           CKF_DERIVE, NULL);
}

bool recipient_kari_point_is_valid(struct bytes curve, struct bytes point)
{
    if (!curve_of(curve) || point.len == 0 || point.data[0] != POINT_UNCOMPRESSED) {
        return false;
    }
    CLEANUP(nss_public_key_free) SECKEYPublicKey *unused = NULL;
    CLEANUP(nss_private_key_free) SECKEYPrivateKey *own = ephemeral_key(curve, &unused);
    if (!own) {
        return false;
    }
    SECKEYPublicKey peer = key_view(curve, point);
    CLEANUP(nss_sym_key_free)
    PK11SymKey *secret = PK11_PubDeriveWithKDF(own, &peer, PR_FALSE, NULL, NULL, CKM_ECDH1_DERIVE,
                                               CKM_SHA256_HMAC, CKA_SIGN, 0, CKD_NULL, NULL, NULL);
    return secret != NULL;
}

/* Softoken checks the point itself; whether another token does is not known. */
static bool is_safe_for(SECKEYPrivateKey *key, struct bytes curve, struct bytes point)
{
    if (point.len == 0 || point.data[0] != POINT_UNCOMPRESSED) {
        return false;
    }
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetSlotFromPrivateKey(key);
    return slot && (PK11_IsInternal(slot) || recipient_kari_point_is_valid(curve, point));
}

/* The curve is the recipient's own; the message may repeat it, not choose it. */
static struct error *curve_for(const struct head *head, const CERTCertificate *certificate,
                               SECKEYPublicKey **ret_own)
{
    CLEANUP(nss_public_key_free)
    SECKEYPublicKey *own = SECKEY_ExtractPublicKey(&certificate->subjectPublicKeyInfo);
    if (!own || own->keyType != ecKey || !curve_of(item_bytes(&own->u.ec.DEREncodedParams))) {
        return error_new(ERR_CMS_UNSUPPORTED, "the certificate's key is on no curve known here");
    }
    if (head->key_parameters.len > 0 &&
        !bytes_equal(head->key_parameters, item_bytes(&own->u.ec.DEREncodedParams))) {
        return cipher_failed();
    }
    *ret_own = TAKE_PTR(own);
    return NULL;
}

static PK11SymKey *unwrap(PK11SymKey *wrapping_key, struct bytes wrapped,
                          const struct cipher *cipher)
{
    SECItem item;
    if (!item_set(&item, wrapped)) {
        return NULL;
    }
    CLEANUP(nss_sym_key_free)
    PK11SymKey *cek = PK11_UnwrapSymKey(wrapping_key, CKM_AES_KEY_WRAP, NULL, &item,
                                        cipher->info->mechanism, CKA_DECRYPT, 0);
    return cek && PK11_GetKeyLength(cek) == cipher->key_len ? TAKE_PTR(cek) : NULL;
}

/* `ret_cek` is NULL where the keys don't fit. */
static struct error *agree_and_unwrap(const struct head *head, SECKEYPrivateKey *key,
                                      SECKEYPublicKey *peer, struct bytes wrapped,
                                      const struct cipher *cipher, PK11SymKey **ret_cek)
{
    bool is_des3 = head->wrapping->mechanism == CKM_DES3_CBC;
    CLEANUP(nss_sym_key_free) PK11SymKey *wrapping_key = NULL;
    TRY(agree(head, key, peer, is_des3 ? CKA_DECRYPT : CKA_UNWRAP, &wrapping_key));
    if (wrapping_key) {
        *ret_cek = is_des3 ? recipient_des3_unwrap(wrapping_key, wrapped, cipher)
                           : unwrap(wrapping_key, wrapped, cipher);
    }
    return NULL;
}

static struct error *read_head_again(const struct recipient_entry *entry, struct head *ret_head)
{
    struct ber_reader reader = ber_reader_of(entry->info);
    struct ber_value info;
    TRY(ber_next(&reader, &info));
    struct ber_reader inner = ber_reader_in(&info);
    TRY(read_head(&inner, ret_head));
    if (!ret_head->scheme || !ret_head->wrapping ||
        !bytes_equal(ret_head->key_oid, oid_ec_public_key)) {
        return error_new(ERR_CMS_UNSUPPORTED, "an unknown way of key agreement");
    }
    return NULL;
}

struct error *recipient_kari_unwrap(const struct recipient_entry *entry,
                                    const struct CERTCertificateStr *certificate,
                                    struct SECKEYPrivateKeyStr *key, const struct cipher *cipher,
                                    struct PK11SymKeyStr **ret_cek)
{
    if (SECKEY_GetPrivateKeyType(key) != ecKey) {
        return cipher_failed();
    }
    struct head head;
    CLEANUP(nss_public_key_free) SECKEYPublicKey *own = NULL;
    TRY(read_head_again(entry, &head));
    TRY(curve_for(&head, certificate, &own));
    struct bytes curve = item_bytes(&own->u.ec.DEREncodedParams);
    if (!is_safe_for(key, curve, head.point)) {
        return recipient_list_failure(key);
    }
    SECKEYPublicKey peer = key_view(curve, head.point);
    PK11SymKey *cek = NULL;
    TRY(agree_and_unwrap(&head, key, &peer, entry->encrypted_key, cipher, &cek));
    if (!cek) {
        return recipient_list_failure(key);
    }
    *ret_cek = cek;
    return NULL;
}

/* RFC 5753 7.1.2: the parameters of the originator's key stay away, the recipient's are meant */
static struct error *write_originator(const SECKEYPublicKey *ephemeral, struct buffer *out)
{
    size_t start = out->len;
    TRY(der_value(out, BER_OID, oid_ec_public_key));
    TRY(der_wrap(out, start, BER_SEQUENCE));
    size_t bits = out->len;
    TRY(buffer_append_byte(out, 0)); /* unused bits */
    TRY(buffer_append(out, item_bytes(&ephemeral->u.ec.publicValue)));
    TRY(der_wrap(out, bits, BER_BIT_STRING));
    TRY(der_wrap(out, start, BER_CONTEXT_CONSTRUCTED + 1));
    return der_wrap(out, start, BER_CONTEXT_CONSTRUCTED);
}

static struct error *write_scheme(const struct head *head, struct buffer *out)
{
    size_t start = out->len;
    TRY(der_value(out, BER_OID, head->scheme->oid));
    TRY(der_value(out, BER_SEQUENCE, head->wrap_algorithm));
    return der_wrap(out, start, BER_SEQUENCE);
}

static struct error *write_encrypted_key(const CERTCertificate *certificate,
                                         PK11SymKey *wrapping_key, PK11SymKey *cek,
                                         struct buffer *out)
{
    uint8_t room[WRAPPED_MAX];
    SECItem wrapped = { siBuffer, room, sizeof(room) };
    if (PK11_WrapSymKey(CKM_AES_KEY_WRAP, NULL, wrapping_key, cek, &wrapped) != SECSuccess ||
        wrapped.len != PK11_GetKeyLength(cek) + WRAP_OVERHEAD) {
        return nss_error(ERR_INTERNAL, "the content-encryption key cannot be wrapped");
    }
    size_t start = out->len;
    TRY(recipient_list_write_ref(certificate, out));
    TRY(der_value(out, BER_OCTET_STRING, item_bytes(&wrapped)));
    TRY(der_wrap(out, start, BER_SEQUENCE));
    return der_wrap(out, start, BER_SEQUENCE); /* one key: the row of them */
}

/* How a key is wrapped for this curve and this content-encryption key. The algorithm's encoding is
 * written to `algorithm`, which the head then points to. */
static struct error *head_for(const struct curve *curve, PK11SymKey *cek, struct buffer *algorithm,
                              struct head *ret_head)
{
    const struct wrapping *small = &wrappings[WRAP_AES_128];
    struct head head = {
        .scheme = &schemes[curve->scheme],
        .wrapping = PK11_GetKeyLength(cek) <= small->key_len ? small : &wrappings[WRAP_AES_256],
    };
    TRY(der_value(algorithm, BER_OID, head.wrapping->oid));
    head.wrap_algorithm = buffer_view(algorithm);
    *ret_head = head;
    return NULL;
}

struct error *recipient_kari_make(const struct CERTCertificateStr *certificate,
                                  struct SECKEYPublicKeyStr *public_key, struct PK11SymKeyStr *cek,
                                  struct buffer *out)
{
    struct bytes parameters = item_bytes(&public_key->u.ec.DEREncodedParams);
    const struct curve *curve = curve_of(parameters);
    if (!curve) {
        return error_new(ERR_RECIPIENT_UNUSABLE, "the recipient's key is on no curve known here");
    }
    CLEANUP(buffer_free) struct buffer *algorithm = NULL;
    struct head head;
    TRY(buffer_new(0, &algorithm));
    TRY(head_for(curve, cek, algorithm, &head));
    CLEANUP(nss_public_key_free) SECKEYPublicKey *ephemeral = NULL;
    CLEANUP(nss_private_key_free)
    SECKEYPrivateKey *private_key = ephemeral_key(parameters, &ephemeral);
    if (!private_key) {
        return nss_error(ERR_INTERNAL, "no ephemeral key could be made");
    }
    CLEANUP(nss_sym_key_free) PK11SymKey *wrapping_key = NULL;
    TRY(agree(&head, private_key, public_key, CKA_WRAP, &wrapping_key));
    if (!wrapping_key) {
        return recipient_list_unusable("the recipient's key agrees on nothing");
    }
    size_t start = out->len;
    TRY(der_small_integer(out, KARI_VERSION));
    TRY(write_originator(ephemeral, out));
    TRY(write_scheme(&head, out));
    TRY(write_encrypted_key(certificate, wrapping_key, cek, out));
    return der_wrap(out, start, BER_CONTEXT_CONSTRUCTED + 1);
}
