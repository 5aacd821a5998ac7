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

/* A token without the cipher, as where RC2 was left out of NSS, makes no key for it. */
static struct error *new_substitute(const struct cipher *cipher, PK11SymKey **ret_key)
{
    struct error *error = cipher_new_key(cipher, ret_key);
    return error && error_get_code(error) == ERR_INTERNAL
               ? error_wrap(error, ERR_CMS_UNSUPPORTED, "no token has the content's cipher")
               : error;
}

/* RFC 3218 2.3.2. Softoken itself answers a wrong block with a random key; where a token answers
 * with an error, or with a key of another size, the random key is ours. It is made beforehand and
 * always, so that the time does not tell which it was. */
static struct error *unwrap_pkcs1(const struct recipient_entry *entry, SECKEYPrivateKey *key,
                                  const struct cipher *cipher, PK11SymKey **ret_cek)
{
    CLEANUP(nss_sym_key_free) PK11SymKey *random = NULL;
    TRY(new_substitute(cipher, &random));
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

static CK_RSA_PKCS_OAEP_PARAMS mechanism_parameters(const struct recipient_oaep *oaep)
{
    return (CK_RSA_PKCS_OAEP_PARAMS){
        .hashAlg = oaep->hash,
        .mgf = oaep->mgf,
        .source = CKZ_DATA_SPECIFIED,
        /* softoken wants no pointer for a label that is empty, as one may be spelled out */
        .pSourceData = oaep->label.len > 0 ? item_pointer(oaep->label) : NULL,
        .ulSourceDataLen = oaep->label.len,
    };
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
    CK_RSA_PKCS_OAEP_PARAMS oaep = mechanism_parameters(&parameters);
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

/* `oaep` NULL: PKCS#1 v1.5 */
static struct error *wrap(SECKEYPublicKey *public_key, const struct recipient_oaep *oaep,
                          PK11SymKey *cek, struct buffer *out)
{
    size_t start = out->len;
    uint8_t *room = NULL;
    unsigned size = SECKEY_PublicKeyStrength(public_key); /* bytes of the modulus */
    TRY(buffer_extend(out, size, &room));
    SECItem wrapped = { siBuffer, room, size };
    CK_RSA_PKCS_OAEP_PARAMS parameters = { .hashAlg = 0 };
    SECItem item = { siBuffer, (unsigned char *)&parameters, sizeof(parameters) };
    if (oaep) {
        parameters = mechanism_parameters(oaep);
    }
    if (PK11_PubWrapSymKeyWithMechanism(public_key, oaep ? CKM_RSA_PKCS_OAEP : CKM_RSA_PKCS,
                                        oaep ? &item : NULL, cek, &wrapped) != SECSuccess ||
        wrapped.len != size) {
        return recipient_list_unusable("the recipient's RSA key takes no key");
    }
    return der_wrap(out, start, BER_OCTET_STRING);
}

static struct bytes key_algorithm(const CERTCertificate *certificate)
{
    return item_bytes(&certificate->subjectPublicKeyInfo.algorithm.algorithm);
}

static bool is_for_oaep_alone(const CERTCertificate *certificate)
{
    return bytes_equal(key_algorithm(certificate),
                       (struct bytes){ oid_rsa_oaep, sizeof(oid_rsa_oaep) });
}

/* NSS calls an RSASSA-PSS key an RSA key too; RFC 4055 1.2 keeps it to signatures. */
struct SECKEYPublicKeyStr *recipient_ktri_public_key(const struct CERTCertificateStr *certificate)
{
    const struct bytes rsa = { oid_rsa, sizeof(oid_rsa) };
    if (!bytes_equal(key_algorithm(certificate), rsa) && !is_for_oaep_alone(certificate)) {
        return NULL;
    }
    CERTSubjectPublicKeyInfo info = certificate->subjectPublicKeyInfo; /* views, but for the name */
    (void)item_set(&info.algorithm.algorithm, rsa);
    (void)item_set(&info.algorithm.parameters, BYTES_LITERAL("\x05\x00"));
    return SECKEY_ExtractPublicKey(&info);
}

/* What an RSAES-OAEP key asks for; without parameters it leaves the choice (RFC 4055 4.1). */
static struct error *read_key_parameters(const CERTCertificate *certificate, enum cms_digest wanted,
                                         struct recipient_oaep *ret_oaep)
{
    struct bytes parameters = item_bytes(&certificate->subjectPublicKeyInfo.algorithm.parameters);
    if (parameters.len == 0) {
        return recipient_oaep_choose(wanted, ret_oaep);
    }
    struct ber_reader reader = ber_reader_of(parameters);
    TRY_WRAP(recipient_oaep_read(&reader, ret_oaep), ERR_RECIPIENT_UNUSABLE,
             "the recipient's key asks for an unknown kind of OAEP");
    if (!recipient_oaep_is_strong(ret_oaep)) {
        return error_new(ERR_RECIPIENT_UNUSABLE, "the recipient's key asks for OAEP with SHA-1");
    }
    return NULL;
}

static struct error *write_pkcs1(SECKEYPublicKey *public_key, PK11SymKey *cek, struct buffer *out)
{
    size_t algorithm = out->len;
    TRY(der_value(out, BER_OID, (struct bytes){ oid_rsa, sizeof(oid_rsa) }));
    TRY(der_value(out, BER_NULL, BYTES_NONE)); /* RFC 3370 4.2.1: NULL must be there */
    TRY(der_wrap(out, algorithm, BER_SEQUENCE));
    return wrap(public_key, NULL, cek, out);
}

static struct error *write_oaep(const CERTCertificate *certificate, SECKEYPublicKey *public_key,
                                const struct cms_recipient_way *way, PK11SymKey *cek,
                                struct buffer *out)
{
    struct recipient_oaep oaep;
    TRY(is_for_oaep_alone(certificate) ? read_key_parameters(certificate, way->oaep_digest, &oaep)
                                       : recipient_oaep_choose(way->oaep_digest, &oaep));
    TRY(recipient_oaep_write(&oaep, out));
    return wrap(public_key, &oaep, cek, out);
}

struct error *recipient_ktri_make(const struct CERTCertificateStr *certificate,
                                  struct SECKEYPublicKeyStr *public_key,
                                  const struct cms_recipient_way *way, struct PK11SymKeyStr *cek,
                                  struct buffer *out)
{
    size_t start = out->len;
    TRY(der_small_integer(out, 0)); /* issuerAndSerialNumber */
    TRY(recipient_list_write_ref(certificate, out));
    TRY(way->oaep || is_for_oaep_alone(certificate)
            ? write_oaep(certificate, public_key, way, cek, out)
            : write_pkcs1(public_key, cek, out));
    return der_wrap(out, start, BER_SEQUENCE);
}
