/* Content-encryption keys, taken out of RecipientInfos that are made of the vectors. */
#include "cms/cipher.h"
#include "cms/recipient_kari.h"
#include "cms/recipient_ktri.h"
#include "cms/recipient_wrap.h"
#include "nss/item.h"
#include "nss/nss_scope.h"
#include "vectors.h"

#include <keyhi.h>
#include <string.h>

enum { P256_BYTES = 32, HASH_BYTES = 32, CEK_BYTES = 16 };

static const uint8_t oid_sha1[] = { 0x2b, 0x0e, 0x03, 0x02, 0x1a };
static const uint8_t oid_sha256[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 };

/* A key of any size: RC2 is the cipher that takes one. */
static struct cipher cipher_for(size_t key_len)
{
    enum cms_cipher cipher = key_len == 16   ? CMS_AES_128_CBC
                             : key_len == 24 ? CMS_AES_192_CBC
                             : key_len == 32 ? CMS_AES_256_CBC
                                             : CMS_RC2_CBC;
    return (struct cipher){ .info = cms_cipher_info(cipher), .key_len = key_len };
}

/* A random key in the place of a wrong one can't be read; neither is what the vector gives. */
static enum answer compare_key(PK11SymKey *key, struct bytes expected)
{
    if (!key || PK11_ExtractKeyValue(key) != SECSuccess) {
        return ANSWER_REFUSED;
    }
    return vector_compare(item_bytes(PK11_GetKeyData(key)), expected);
}

struct error *keys_wrap(const struct vector *vector, enum answer *ret_answer)
{
    struct bytes value = vector_of_test(vector, "key");
    struct bytes message = vector_of_test(vector, "msg");
    const struct recipient_wrap *wrap = recipient_wrap_aes(value.len);
    const struct cipher cipher = cipher_for(message.len);
    SECItem item;
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    *ret_answer = ANSWER_REFUSED;
    if (!wrap || !slot || !item_set(&item, value)) {
        return NULL;
    }
    CLEANUP(nss_sym_key_free)
    PK11SymKey *key =
        PK11_ImportSymKey(slot, wrap->mechanism, PK11_OriginUnwrap, wrap->unwrap, &item, NULL);
    if (!key) {
        return error_new(ERR_INTERNAL, "a wrapping key cannot be imported");
    }
    CLEANUP(nss_sym_key_free)
    PK11SymKey *cek = recipient_wrap_open(wrap, key, vector_of_test(vector, "ct"), &cipher);
    *ret_answer = compare_key(cek, message);
    return NULL;
}

static SECKEYPrivateKey *import_private(struct bytes pkcs8, unsigned usage)
{
    SECItem item;
    SECKEYPrivateKey *key = NULL;
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    if (!slot || !item_set(&item, pkcs8) ||
        PK11_ImportDERPrivateKeyInfoAndReturnKey(slot, &item, NULL, NULL, PR_FALSE, PR_FALSE, usage,
                                                 &key, NULL) != SECSuccess) {
        return NULL;
    }
    return key;
}

/* KeyTransRecipientInfo with a key identifier of one octet */
static struct bytes transport(const struct vector *vector, struct bytes algorithm)
{
    struct bytes head = VECTOR_OCTETS(0x02, 0x01, 0x02, 0x80, 0x01, 0x01);
    struct bytes key = vector_der(vector, 0x04, vector_of_test(vector, "ct"));
    return vector_der(vector, 0x30,
                      VECTOR_JOIN(vector, head, vector_der(vector, 0x30, algorithm), key));
}

static struct error *unwrap_transport(const struct vector *vector,
                                      const struct recipient_entry *entry, enum answer *ret_answer)
{
    CLEANUP(nss_private_key_free)
    SECKEYPrivateKey *key =
        import_private(vector_of_group(vector, "privateKeyPkcs8"), KU_KEY_ENCIPHERMENT);
    if (!key) {
        return error_new(ERR_INTERNAL, "a private key cannot be imported");
    }
    struct bytes message = vector_of_test(vector, "msg");
    const struct cipher cipher = cipher_for(message.len);
    PK11SymKey *made = NULL;
    CLEANUP(error_free)
    struct error *error = recipient_ktri_unwrap(entry, key, &cipher, &made);
    CLEANUP(nss_sym_key_free) PK11SymKey *cek = made;
    *ret_answer = error ? ANSWER_REFUSED : compare_key(cek, message);
    return NULL;
}

static struct error *check_transport(const struct vector *vector, struct bytes algorithm,
                                     enum answer *ret_answer)
{
    struct ber_reader reader = ber_reader_of(transport(vector, algorithm));
    struct ber_value info;
    struct recipient_list list = { 0 };
    TRY(ber_expect(&reader, BER_SEQUENCE, &info));
    struct error *error = recipient_ktri_read(&info, &list);
    if (!error) {
        error = unwrap_transport(vector, &list.entries[0], ret_answer);
    }
    recipient_list_done(&list);
    return error;
}

struct error *keys_pkcs1(const struct vector *vector, enum answer *ret_answer)
{
    TRY(check_transport(
        vector,
        VECTOR_OCTETS(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00),
        ret_answer));
    /* a key that is not the vector's is the random one for a wrong block (RFC 3218 2.3.2) */
    if (*ret_answer == ANSWER_DIFFERED) {
        *ret_answer = ANSWER_REFUSED;
    }
    return NULL;
}

/* RFC 4055 4.1, all three written out */
struct error *keys_oaep(const struct vector *vector, enum answer *ret_answer)
{
    const struct bytes oaep =
        VECTOR_OCTETS(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x07);
    const struct bytes mgf1 =
        VECTOR_OCTETS(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08);
    const struct bytes specified =
        VECTOR_OCTETS(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x09);
    bool sha1 = vector_is(vector, "sha", "SHA-1");
    struct bytes oid = sha1 ? (struct bytes){ oid_sha1, sizeof oid_sha1 }
                            : (struct bytes){ oid_sha256, sizeof oid_sha256 };
    struct bytes hash =
        vector_der(vector, 0x30,
                   VECTOR_JOIN(vector, vector_der(vector, 0x06, oid), VECTOR_OCTETS(0x05, 0x00)));
    struct bytes label = vector_der(vector, 0x04, vector_of_test(vector, "label"));
    struct bytes mask = vector_der(vector, 0x30, VECTOR_JOIN(vector, mgf1, hash));
    struct bytes source = vector_der(vector, 0x30, VECTOR_JOIN(vector, specified, label));
    struct bytes parameters =
        VECTOR_JOIN(vector, vector_der(vector, 0xa0, hash), vector_der(vector, 0xa1, mask),
                    vector_der(vector, 0xa2, source));
    return check_transport(vector, VECTOR_JOIN(vector, oaep, vector_der(vector, 0x30, parameters)),
                           ret_answer);
}

/* The scalar as it stands in an ECPrivateKey: 32 octets */
static struct bytes scalar(const struct vector *vector)
{
    struct bytes value = vector_of_test(vector, "private");
    while (value.len > P256_BYTES && value.data[0] == 0) {
        value = bytes_slice(value, 1, SIZE_MAX);
    }
    static const uint8_t zeros[P256_BYTES] = { 0 };
    return VECTOR_JOIN(vector, { zeros, P256_BYTES - value.len }, value);
}

#define EC_P256 \
    VECTOR_OCTETS(0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, \
                  0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07)

/* Softoken takes no private key without a public one, and works with the private one alone: the
 * base point will do. */
static const uint8_t base_point[] = { 0x00, 0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47,
                                      0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03,
                                      0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45,
                                      0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
                                      0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
                                      0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6,
                                      0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5 };

static struct bytes private_key_info(const struct vector *vector)
{
    struct bytes point = vector_der(
        vector, 0xa1, vector_der(vector, 0x03, (struct bytes){ base_point, sizeof base_point }));
    struct bytes key = VECTOR_JOIN(vector, VECTOR_OCTETS(0x02, 0x01, 0x01),
                                   vector_der(vector, 0x04, scalar(vector)), point);
    struct bytes octets = vector_der(vector, 0x04, vector_der(vector, 0x30, key));
    return vector_der(vector, 0x30,
                      VECTOR_JOIN(vector, VECTOR_OCTETS(0x02, 0x01, 0x00), EC_P256, octets));
}

/* id-aes128-wrap */
#define WRAP_AES_128 \
    VECTOR_OCTETS(0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x05)

/* RFC 5753 7.2 and 7.1.4, worked out here once more: X9.63 with SHA-256 over the shared secret */
static struct error *wrapping_key(const struct vector *vector, PK11SymKey **ret_key)
{
    struct bytes public_info =
        vector_der(vector, 0xa2, vector_der(vector, 0x04, VECTOR_OCTETS(0, 0, 0, 128)));
    struct bytes info = vector_der(vector, 0x30, VECTOR_JOIN(vector, WRAP_AES_128, public_info));
    struct bytes input =
        VECTOR_JOIN(vector, vector_of_test(vector, "shared"), VECTOR_OCTETS(0, 0, 0, 1), info);
    uint8_t digest[HASH_BYTES];
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    SECItem item = { siBuffer, digest, CEK_BYTES };
    if (!slot || PK11_HashBuf(SEC_OID_SHA256, digest, item_pointer(input), (PRInt32)input.len) !=
                     SECSuccess) {
        return error_new(ERR_INTERNAL, "nothing can be hashed");
    }
    *ret_key = PK11_ImportSymKey(slot, CKM_AES_KEY_WRAP, PK11_OriginUnwrap, CKA_WRAP, &item, NULL);
    return *ret_key ? NULL : error_new(ERR_INTERNAL, "a wrapping key cannot be imported");
}

static const uint8_t cek_value[CEK_BYTES] = { 'a', ' ', 'k', 'e', 'y' };

/* The wrapped key, as an OCTET STRING in `out`. */
static struct error *wrap_cek(const struct vector *vector, struct buffer *out)
{
    PK11SymKey *made = NULL;
    TRY(wrapping_key(vector, &made));
    CLEANUP(nss_sym_key_free) PK11SymKey *wrapping = made;
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    SECItem item;
    (void)item_set(&item, (struct bytes){ cek_value, sizeof cek_value });
    CLEANUP(nss_sym_key_free)
    PK11SymKey *cek =
        PK11_ImportSymKey(slot, CKM_AES_CBC, PK11_OriginUnwrap, CKA_DECRYPT, &item, NULL);
    if (!cek) {
        return error_new(ERR_INTERNAL, "a key cannot be imported");
    }
    return recipient_wrap_make(wrapping, cek, out);
}

/* OriginatorPublicKey has the form of the vector's key and another tag. */
static struct bytes originator(const struct vector *vector)
{
    struct bytes key = vector_of_test(vector, "public");
    return vector_der(vector, 0xa0,
                      VECTOR_JOIN(vector, VECTOR_OCTETS(0xa1), bytes_slice(key, 1, SIZE_MAX)));
}

/* KeyAgreeRecipientInfo by dhSinglePass-stdDH-sha256kdf-scheme */
static struct bytes agreement(const struct vector *vector, struct bytes wrapped)
{
    const struct bytes scheme = VECTOR_OCTETS(0x06, 0x06, 0x2b, 0x81, 0x04, 0x01, 0x0b, 0x01);
    struct bytes algorithm = vector_der(vector, 0x30, VECTOR_JOIN(vector, scheme, WRAP_AES_128));
    struct bytes id = VECTOR_OCTETS(0xa0, 0x03, 0x04, 0x01, 0x01);
    struct bytes key = vector_der(vector, 0x30, VECTOR_JOIN(vector, id, wrapped));
    return vector_der(vector, 0xa1,
                      VECTOR_JOIN(vector, VECTOR_OCTETS(0x02, 0x01, 0x03), originator(vector),
                                  algorithm, vector_der(vector, 0x30, key)));
}

/* As much of the recipient's certificate as tells his curve. */
static struct error *unwrap_agreement(const struct recipient_entry *entry, SECKEYPrivateKey *key,
                                      enum answer *ret_answer)
{
    CLEANUP(nss_public_key_free) SECKEYPublicKey *own = SECKEY_ConvertToPublicKey(key);
    CERTSubjectPublicKeyInfo *info = own ? SECKEY_CreateSubjectPublicKeyInfo(own) : NULL;
    if (!info) {
        return error_new(ERR_INTERNAL, "a private key has no public one");
    }
    CERTCertificate certificate = { .subjectPublicKeyInfo = *info };
    const struct cipher cipher = cipher_for(CEK_BYTES);
    PK11SymKey *made = NULL;
    CLEANUP(error_free)
    struct error *error = recipient_kari_unwrap(entry, &certificate, key, &cipher, &made);
    CLEANUP(nss_sym_key_free) PK11SymKey *cek = made;
    SECKEY_DestroySubjectPublicKeyInfo(info);
    *ret_answer =
        error ? ANSWER_REFUSED : compare_key(cek, (struct bytes){ cek_value, sizeof cek_value });
    return NULL;
}

static struct error *read_agreement(struct bytes der, struct recipient_list *list)
{
    struct ber_reader reader = ber_reader_of(der);
    struct ber_value info;
    TRY(ber_next(&reader, &info));
    return recipient_kari_read(&info, list);
}

struct error *keys_ecdh(const struct vector *vector, enum answer *ret_answer)
{
    CLEANUP(nss_private_key_free)
    SECKEYPrivateKey *key = import_private(private_key_info(vector), KU_KEY_AGREEMENT);
    CLEANUP(buffer_free) struct buffer *wrapped = NULL;
    struct recipient_list list = { 0 };
    TRY(buffer_new(0, &wrapped));
    TRY(wrap_cek(vector, wrapped));
    if (!key) {
        return error_new(ERR_INTERNAL, "a private key cannot be imported");
    }
    *ret_answer = ANSWER_REFUSED;
    CLEANUP(error_free)
    struct error *unreadable = read_agreement(agreement(vector, buffer_view(wrapped)), &list);
    struct error *error = unreadable ? NULL : unwrap_agreement(&list.entries[0], key, ret_answer);
    recipient_list_done(&list);
    return error;
}
