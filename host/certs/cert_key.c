#include "certs/cert_key.h"

#include "nss/item.h"
#include "nss/nss_scope.h"

#include <certt.h>
#include <secoid.h>
#include <secoidt.h>

/* id-Ed25519 and id-X25519 (RFC 8410 section 3): not in NSS 3.87's table */
static const uint8_t ed25519[] = { 0x2b, 0x65, 0x70 };
static const uint8_t x25519[] = { 0x2b, 0x65, 0x6e };

enum { CURVE25519_BITS = 256 };

static enum cert_key_type type_of(const SECAlgorithmID *algorithm)
{
    if (bytes_equal(item_bytes(&algorithm->algorithm), (struct bytes){ ed25519, sizeof ed25519 })) {
        return CERT_KEY_ED25519;
    }
    if (bytes_equal(item_bytes(&algorithm->algorithm), (struct bytes){ x25519, sizeof x25519 })) {
        return CERT_KEY_X25519;
    }
    switch (SECOID_GetAlgorithmTag(algorithm)) {
    case SEC_OID_PKCS1_RSA_ENCRYPTION:
        return CERT_KEY_RSA;
    case SEC_OID_PKCS1_RSA_PSS_SIGNATURE:
        return CERT_KEY_RSA_PSS;
    case SEC_OID_ANSIX962_EC_PUBLIC_KEY:
        return CERT_KEY_EC;
    case SEC_OID_ANSIX9_DSA_SIGNATURE:
        return CERT_KEY_DSA;
    default:
        return CERT_KEY_OTHER;
    }
}

static unsigned number_bits(struct bytes number)
{
    while (number.len > 0 && number.data[0] == 0) {
        number = bytes_slice(number, 1, SIZE_MAX);
    }
    unsigned bits = (unsigned)number.len * 8;
    for (unsigned top = number.len > 0 ? number.data[0] : 0x80; top < 0x80; top <<= 1) {
        bits--;
    }
    return bits;
}

/* NSS measures a DSA key by its public value, of which half have a bit less than the key. */
static unsigned strength_of(const SECKEYPublicKey *public)
{
    if (public->keyType == dsaKey) {
        return number_bits(item_bytes(&public->u.dsa.params.prime));
    }
    return SECKEY_PublicKeyStrengthInBits(public);
}

struct cert_key cert_key_of(struct CERTCertificateStr *certificate)
{
    struct cert_key key = { type_of(&certificate->subjectPublicKeyInfo.algorithm), 0 };
    if (key.type == CERT_KEY_ED25519 || key.type == CERT_KEY_X25519) {
        key.bits = CURVE25519_BITS;
        return key;
    }
    CLEANUP(nss_public_key_free)
    SECKEYPublicKey *public = SECKEY_ExtractPublicKey(&certificate->subjectPublicKeyInfo);
    key.bits = public ? strength_of(public) : 0;
    return key;
}

static bool is_dsa(const CERTCertificate *certificate)
{
    return type_of(&certificate->subjectPublicKeyInfo.algorithm) == CERT_KEY_DSA;
}

bool cert_key_lacks_parameters(const struct CERTCertificateStr *certificate)
{
    return is_dsa(certificate) && certificate->subjectPublicKeyInfo.algorithm.parameters.len == 0;
}

struct error *cert_key_inherit(struct CERTCertificateStr *certificate,
                               const struct CERTCertificateStr *issuer, bool *ret_done)
{
    *ret_done = false;
    if (!cert_key_lacks_parameters(certificate) || !is_dsa(issuer) ||
        cert_key_lacks_parameters(issuer)) {
        return NULL;
    }
    if (SECITEM_CopyItem(certificate->arena,
                         &certificate->subjectPublicKeyInfo.algorithm.parameters,
                         &issuer->subjectPublicKeyInfo.algorithm.parameters) != SECSuccess) {
        return error_no_memory();
    }
    *ret_done = true;
    return NULL;
}

enum presence { ABSENT, ALLOWS, FORBIDS };

/* RFC 5280 4.2.1.3: bit 0 is the highest of the first octet. All bits where the extension is
 * absent, none where it can't be read. */
static unsigned key_usage_bits(CERTCertificate *certificate)
{
    SECItem bits = { .type = siBuffer };
    if (CERT_FindKeyUsageExtension(certificate, &bits) != SECSuccess) {
        SECItem raw = { .type = siBuffer };
        bool there =
            CERT_FindCertExtension(certificate, SEC_OID_X509_KEY_USAGE, &raw) == SECSuccess;
        SECITEM_FreeItem(&raw, PR_FALSE);
        return there ? 0 : ~0U;
    }
    unsigned usage = bits.len > 0 ? bits.data[0] : 0;
    SECITEM_FreeItem(&bits, PR_FALSE);
    return usage;
}

/* What extKeyUsage names, of the two by which RFC 8550 4.4.4 allows mail. */
struct named_purposes {
    bool there; /* the extension */
    bool mail;
    bool any;
};

static struct named_purposes named_purposes(CERTCertificate *certificate)
{
    struct named_purposes named = { .there = false };
    SECItem extension = { .type = siBuffer };
    if (CERT_FindCertExtension(certificate, SEC_OID_X509_EXT_KEY_USAGE, &extension) != SECSuccess) {
        return named;
    }
    named.there = true;
    CERTOidSequence *sequence = CERT_DecodeOidSequence(&extension);
    SECITEM_FreeItem(&extension, PR_FALSE);
    for (SECItem **oid = sequence ? sequence->oids : NULL; oid && *oid; oid++) {
        SECOidTag tag = SECOID_FindOIDTag(*oid);
        named.mail = named.mail || tag == SEC_OID_EXT_KEY_USAGE_EMAIL_PROTECT;
        named.any = named.any || tag == SEC_OID_X509_ANY_EXT_KEY_USAGE;
    }
    if (sequence) {
        CERT_DestroyOidSequence(sequence);
    }
    return named;
}

static enum presence extended_key_usage(CERTCertificate *certificate)
{
    struct named_purposes named = named_purposes(certificate);
    if (!named.there) {
        return ABSENT;
    }
    return named.mail || named.any ? ALLOWS : FORBIDS;
}

bool cert_key_forbids_mail(struct CERTCertificateStr *certificate)
{
    return extended_key_usage(certificate) == FORBIDS;
}

bool cert_key_is_for_any(struct CERTCertificateStr *certificate)
{
    struct named_purposes named = named_purposes(certificate);
    return named.any && !named.mail;
}

static enum presence netscape_type(CERTCertificate *certificate, unsigned bits)
{
    SECItem extension = { .type = siBuffer };
    if (CERT_FindCertExtension(certificate, SEC_OID_NS_CERT_EXT_CERT_TYPE, &extension) !=
        SECSuccess) {
        return ABSENT;
    }
    /* a BIT STRING: tag, length, unused bits, first octet */
    struct bytes der = item_bytes(&extension);
    bool mail = der.len >= 4 && der.data[0] == SEC_ASN1_BIT_STRING && (der.data[3] & bits) != 0;
    SECITEM_FreeItem(&extension, PR_FALSE);
    return mail ? ALLOWS : FORBIDS;
}

static bool is_ca(CERTCertificate *certificate)
{
    SECItem extension = { .type = siBuffer };
    if (CERT_FindCertExtension(certificate, SEC_OID_X509_BASIC_CONSTRAINTS, &extension) !=
        SECSuccess) {
        return false;
    }
    CERTBasicConstraints constraints = { 0 };
    bool ca =
        CERT_DecodeBasicConstraintValue(&constraints, &extension) == SECSuccess && constraints.isCA;
    SECITEM_FreeItem(&extension, PR_FALSE);
    return ca;
}

static enum presence purpose_of(CERTCertificate *certificate, unsigned netscape_bits)
{
    enum presence mail = extended_key_usage(certificate);
    return mail == ABSENT ? netscape_type(certificate, netscape_bits) : mail;
}

bool cert_key_is_for_mail(struct CERTCertificateStr *certificate)
{
    unsigned bits = is_ca(certificate) ? NS_CERT_TYPE_EMAIL_CA : NS_CERT_TYPE_EMAIL;
    return purpose_of(certificate, bits) != FORBIDS;
}

static bool may_receive_keys(enum cert_key_type type, unsigned bits)
{
    switch (type) {
    case CERT_KEY_RSA:
        return (bits & KU_KEY_ENCIPHERMENT) != 0;
    case CERT_KEY_EC:
    case CERT_KEY_X25519:
        return (bits & KU_KEY_AGREEMENT) != 0;
    case CERT_KEY_RSA_PSS:
    case CERT_KEY_ED25519:
    case CERT_KEY_DSA:
    case CERT_KEY_OTHER:
        return false;
    }
    return false;
}

unsigned cert_key_usages(struct CERTCertificateStr *certificate, enum cert_key_type type)
{
    unsigned bits = key_usage_bits(certificate);
    unsigned usages = is_ca(certificate) && (bits & KU_KEY_CERT_SIGN) != 0 ? CERT_USAGE_CA : 0;
    if (purpose_of(certificate, NS_CERT_TYPE_EMAIL) == FORBIDS) {
        return usages;
    }
    if (type != CERT_KEY_X25519 && (bits & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0) {
        usages |= CERT_USAGE_SIGN;
    }
    if (may_receive_keys(type, bits)) {
        usages |= CERT_USAGE_ENCRYPT;
    }
    return usages;
}
