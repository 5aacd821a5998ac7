#include "cms/recipient_ktri.h"

#include "cms/cipher.h"
#include "cms/der.h"
#include "cms/recipient_oaep.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

static const uint8_t oid_rsa[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
static const uint8_t oid_rsa_oaep[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x07 };

static const char name_rsa[] = "rsa";
static const char name_oaep[] = "rsa-oaep";

static const char *algorithm_name(struct bytes oid)
{
    if (bytes_equal(oid, (struct bytes){ oid_rsa, sizeof(oid_rsa) })) {
        return name_rsa;
    }
    if (bytes_equal(oid, (struct bytes){ oid_rsa_oaep, sizeof(oid_rsa_oaep) })) {
        return name_oaep;
    }
    return "unknown";
}

/* The fields of one KeyTransRecipientInfo; `algorithm` stands behind the OID. */
struct fields {
    struct cms_cert_ref ref;
    struct bytes oid;
    struct ber_reader algorithm;
    struct bytes encrypted_key;
};

static struct error *read_fields(const struct ber_value *info, struct fields *fields)
{
    struct ber_reader reader = ber_reader_in(info);
    uint64_t version = 0; /* 0 or 2, says no more than the identifier does */
    struct ber_value algorithm;
    struct ber_value encrypted_key;
    TRY(ber_small_integer(&reader, &version));
    TRY(recipient_list_read_ref(&reader, &fields->ref));
    TRY(ber_expect(&reader, BER_SEQUENCE, &algorithm));
    TRY(ber_expect(&reader, BER_OCTET_STRING, &encrypted_key));
    TRY(ber_expect_end(&reader));
    fields->algorithm = ber_reader_in(&algorithm);
    TRY(ber_oid(&fields->algorithm, &fields->oid));
    fields->encrypted_key = encrypted_key.contents;
    return NULL;
}

struct error *recipient_ktri_read(const struct ber_value *info, struct recipient_list *list)
{
    struct fields fields;
    TRY(read_fields(info, &fields));
    const struct recipient_entry entry = {
        .recipient = { .type = CMS_KEY_TRANSPORT,
                       .ref = fields.ref,
                       .algorithm = algorithm_name(fields.oid) },
        .info = info->whole,
        .encrypted_key = fields.encrypted_key,
    };
    return recipient_list_append(list, &entry);
}

static PK11SymKey *unwrap(const struct recipient_entry *entry, SECKEYPrivateKey *key,
                          const struct cipher *cipher, SECItem *oaep)
{
    SECItem wrapped;
    if (!item_set(&wrapped, entry->encrypted_key)) {
        return NULL;
    }
    return PK11_PubUnwrapSymKeyWithMechanism(key, oaep ? CKM_RSA_PKCS_OAEP : CKM_RSA_PKCS, oaep,
                                             &wrapped, cipher->info->mechanism, CKA_DECRYPT,
                                             (int)cipher->key_len);
}

static bool fits(PK11SymKey *cek, const struct cipher *cipher)
{
    return cek && PK11_GetKeyLength(cek) == cipher->key_len;
}

/* RFC 3218 2.3.2. Softoken itself answers a wrong block with a random key; where a token answers
 * with an error, or with a key of another size, the random key is ours. It is made beforehand and
 * always, so that the time does not tell which it was. */
static struct error *unwrap_pkcs1(const struct recipient_entry *entry, SECKEYPrivateKey *key,
                                  const struct cipher *cipher, PK11SymKey **ret_cek)
{
    CLEANUP(nss_sym_key_free) PK11SymKey *random = NULL;
    TRY(cipher_new_key(cipher, &random));
    CLEANUP(nss_sym_key_free) PK11SymKey *cek = unwrap(entry, key, cipher, NULL);
    if (fits(cek, cipher)) {
        *ret_cek = TAKE_PTR(cek);
        return NULL;
    }
    CLEANUP(error_free) struct error *failure = recipient_list_failure(key);
    if (error_get_code(failure) != ERR_DECRYPTION_FAILED) {
        return TAKE_PTR(failure);
    }
    *ret_cek = TAKE_PTR(random);
    return NULL;
}

static struct error *unwrap_oaep(const struct recipient_entry *entry, SECKEYPrivateKey *key,
                                 const struct cipher *cipher, PK11SymKey **ret_cek)
{
    struct ber_reader reader = ber_reader_of(entry->info);
    struct ber_value info;
    struct fields fields;
    struct recipient_oaep parameters;
    TRY(ber_next(&reader, &info));
    TRY(read_fields(&info, &fields));
    TRY(recipient_oaep_read(&fields.algorithm, &parameters));
    CK_RSA_PKCS_OAEP_PARAMS oaep = {
        .hashAlg = parameters.hash,
        .mgf = parameters.mgf,
        .source = CKZ_DATA_SPECIFIED,
        .pSourceData = item_pointer(parameters.label),
        .ulSourceDataLen = parameters.label.len,
    };
    SECItem item = { siBuffer, (unsigned char *)&oaep, sizeof(oaep) };
    CLEANUP(nss_sym_key_free) PK11SymKey *cek = unwrap(entry, key, cipher, &item);
    if (!fits(cek, cipher)) {
        return recipient_list_failure(key);
    }
    *ret_cek = TAKE_PTR(cek);
    return NULL;
}

struct error *recipient_ktri_unwrap(const struct recipient_entry *entry,
                                    struct SECKEYPrivateKeyStr *key, const struct cipher *cipher,
                                    struct PK11SymKeyStr **ret_cek)
{
    if (SECKEY_GetPrivateKeyType(key) != rsaKey) {
        return cipher_failed();
    }
    if (entry->recipient.algorithm == name_rsa) {
        return unwrap_pkcs1(entry, key, cipher, ret_cek);
    }
    if (entry->recipient.algorithm == name_oaep) {
        return unwrap_oaep(entry, key, cipher, ret_cek);
    }
    return error_new(ERR_CMS_UNSUPPORTED, "an unknown way of key transport");
}

static struct error *wrap(SECKEYPublicKey *public_key, PK11SymKey *cek, struct buffer *out)
{
    size_t start = out->len;
    uint8_t *room = NULL;
    unsigned size = SECKEY_PublicKeyStrength(public_key); /* bytes of the modulus */
    TRY(buffer_extend(out, size, &room));
    SECItem wrapped = { siBuffer, room, size };
    if (PK11_PubWrapSymKeyWithMechanism(public_key, CKM_RSA_PKCS, NULL, cek, &wrapped) !=
            SECSuccess ||
        wrapped.len != size) {
        return recipient_list_unusable("the recipient's RSA key takes no key");
    }
    return der_wrap(out, start, BER_OCTET_STRING);
}

struct error *recipient_ktri_make(const struct CERTCertificateStr *certificate,
                                  struct SECKEYPublicKeyStr *public_key, struct PK11SymKeyStr *cek,
                                  struct buffer *out)
{
    size_t start = out->len;
    TRY(der_small_integer(out, 0)); /* issuerAndSerialNumber */
    TRY(recipient_list_write_ref(certificate, out));
    size_t algorithm = out->len;
    TRY(der_value(out, BER_OID, (struct bytes){ oid_rsa, sizeof(oid_rsa) }));
    TRY(der_value(out, BER_NULL, BYTES_NONE)); /* RFC 3370 4.2.1: NULL must be there */
    TRY(der_wrap(out, algorithm, BER_SEQUENCE));
    TRY(wrap(public_key, cek, out));
    return der_wrap(out, start, BER_SEQUENCE);
}
