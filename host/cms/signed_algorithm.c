#include "cms/signed_algorithm.h"

#include "cms/capabilities.h"
#include "cms/der.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <cert.h>
#include <keyhi.h>

enum { PSS_DEFAULT_SALT = 20, PSS_TRAILER = 1, RSA_BITS_192 = 7680, RSA_BITS_256 = 15360 };

struct algorithm_row {
    struct bytes oid; /* contents octets */
    enum signed_scheme scheme;
    enum cms_digest digest;
};

#define OID(octets) \
    { \
        (const uint8_t *)(octets), sizeof(octets) - 1 \
    }
#define PKCS1(last) OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01" last)
#define ECDSA_SHA2(last) OID("\x2a\x86\x48\xce\x3d\x04\x03" last)
#define DSA_SHA2(last) OID("\x60\x86\x48\x01\x65\x03\x04\x03" last)

/* RFC 3370 3, RFC 5754 3, RFC 4056, RFC 5753 2; the keys' own OIDs, which name no digest, and
 * those of OIW stand in old messages. */
static const struct algorithm_row algorithms[] = {
    { PKCS1("\x01"), SIGNED_SCHEME_RSA, CMS_DIGEST_UNKNOWN },
    { PKCS1("\x0b"), SIGNED_SCHEME_RSA, CMS_SHA256 },
    { PKCS1("\x0c"), SIGNED_SCHEME_RSA, CMS_SHA384 },
    { PKCS1("\x0d"), SIGNED_SCHEME_RSA, CMS_SHA512 },
    { PKCS1("\x0e"), SIGNED_SCHEME_RSA, CMS_SHA224 },
    { PKCS1("\x05"), SIGNED_SCHEME_RSA, CMS_SHA1 },
    { PKCS1("\x04"), SIGNED_SCHEME_RSA, CMS_MD5 },
    { OID("\x2b\x0e\x03\x02\x1d"), SIGNED_SCHEME_RSA, CMS_SHA1 },
    { PKCS1("\x0a"), SIGNED_SCHEME_RSA_PSS, CMS_DIGEST_UNKNOWN },
    { ECDSA_SHA2("\x02"), SIGNED_SCHEME_ECDSA, CMS_SHA256 },
    { ECDSA_SHA2("\x03"), SIGNED_SCHEME_ECDSA, CMS_SHA384 },
    { ECDSA_SHA2("\x04"), SIGNED_SCHEME_ECDSA, CMS_SHA512 },
    { ECDSA_SHA2("\x01"), SIGNED_SCHEME_ECDSA, CMS_SHA224 },
    { OID("\x2a\x86\x48\xce\x3d\x04\x01"), SIGNED_SCHEME_ECDSA, CMS_SHA1 },
    { OID("\x2a\x86\x48\xce\x3d\x02\x01"), SIGNED_SCHEME_ECDSA, CMS_DIGEST_UNKNOWN },
    { OID("\x2a\x86\x48\xce\x38\x04\x01"), SIGNED_SCHEME_DSA, CMS_DIGEST_UNKNOWN },
    { OID("\x2a\x86\x48\xce\x38\x04\x03"), SIGNED_SCHEME_DSA, CMS_SHA1 },
    { OID("\x2b\x0e\x03\x02\x1b"), SIGNED_SCHEME_DSA, CMS_SHA1 },
    { DSA_SHA2("\x01"), SIGNED_SCHEME_DSA, CMS_SHA224 },
    { DSA_SHA2("\x02"), SIGNED_SCHEME_DSA, CMS_SHA256 },
    { DSA_SHA2("\x03"), SIGNED_SCHEME_DSA, CMS_SHA384 },
    { DSA_SHA2("\x04"), SIGNED_SCHEME_DSA, CMS_SHA512 },
    { OID("\x2b\x65\x70"), SIGNED_SCHEME_ED25519, CMS_SHA512 },
};

static const struct bytes mgf1 = PKCS1("\x08");

static const char *scheme_name(enum signed_scheme scheme)
{
    switch (scheme) {
    case SIGNED_SCHEME_RSA:
        return "rsa";
    case SIGNED_SCHEME_RSA_PSS:
        return "rsa-pss";
    case SIGNED_SCHEME_ECDSA:
        return "ecdsa";
    case SIGNED_SCHEME_DSA:
        return "dsa";
    case SIGNED_SCHEME_ED25519:
        return "ed25519";
    case SIGNED_SCHEME_UNKNOWN:
        break;
    }
    return "unknown";
}

/* An AlgorithmIdentifier, its parameters left as encoded (empty where there are none). */
static struct error *read_identifier(struct ber_reader *reader, struct bytes *ret_oid,
                                     struct bytes *ret_parameters)
{
    struct ber_value value = { 0 };
    TRY(ber_expect(reader, BER_SEQUENCE, &value));
    struct ber_reader inner = ber_reader_in(&value);
    TRY(ber_oid(&inner, ret_oid));
    *ret_parameters = BYTES_NONE;
    if (!ber_at_end(&inner)) {
        TRY(ber_next(&inner, &value));
        *ret_parameters = value.whole;
    }
    return ber_expect_end(&inner);
}

static struct error *read_digest(struct ber_reader *reader, enum cms_digest *ret_digest)
{
    struct bytes oid = BYTES_NONE;
    struct bytes parameters = BYTES_NONE;
    TRY(read_identifier(reader, &oid, &parameters));
    const struct cms_digest_info *info = cms_digest_by_oid(oid);
    *ret_digest = info ? info->digest : CMS_DIGEST_UNKNOWN;
    return ber_expect_end(reader);
}

static struct error *read_mask(struct ber_reader *reader, enum cms_digest *ret_digest)
{
    struct bytes oid = BYTES_NONE;
    struct bytes parameters = BYTES_NONE;
    TRY(read_identifier(reader, &oid, &parameters));
    TRY(ber_expect_end(reader));
    *ret_digest = CMS_DIGEST_UNKNOWN;
    if (!bytes_equal(oid, mgf1)) {
        return NULL;
    }
    struct ber_reader inner = ber_reader_of(parameters);
    return read_digest(&inner, ret_digest);
}

/* The explicitly tagged field `number`; `ret_found` tells whether it is there. */
static struct error *read_field(struct ber_reader *reader, unsigned number,
                                struct ber_reader *ret_inner, bool *ret_found)
{
    struct ber_value value = { 0 };
    TRY(ber_optional(reader, BER_CONTEXT_CONSTRUCTED + number, &value, ret_found));
    if (*ret_found) {
        *ret_inner = ber_reader_in(&value);
    }
    return NULL;
}

static struct error *read_pss_fields(struct bytes parameters, struct signed_pss *pss)
{
    struct ber_reader outer = ber_reader_of(parameters);
    struct ber_value value = { 0 };
    TRY(ber_expect(&outer, BER_SEQUENCE, &value));
    struct ber_reader reader = ber_reader_in(&value);
    struct ber_reader inner = { 0 };
    bool found = false;
    uint64_t trailer = PSS_TRAILER;
    TRY(read_field(&reader, 0, &inner, &found));
    if (found) {
        TRY(read_digest(&inner, &pss->digest));
    }
    TRY(read_field(&reader, 1, &inner, &found));
    if (found) {
        TRY(read_mask(&inner, &pss->mask_digest));
    }
    TRY(read_field(&reader, 2, &inner, &found));
    if (found) {
        TRY(ber_small_integer(&inner, &pss->salt_len));
        TRY(ber_expect_end(&inner));
    }
    TRY(read_field(&reader, 3, &inner, &found));
    if (found) {
        TRY(ber_small_integer(&inner, &trailer));
        TRY(ber_expect_end(&inner));
    }
    pss->broken = trailer != PSS_TRAILER;
    return ber_expect_end(&reader);
}

/* RFC 4055 3.1: the defaults are all of SHA-1. */
static struct signed_pss read_pss(struct bytes parameters)
{
    struct signed_pss pss = { .present = parameters.len > 0,
                              .digest = CMS_SHA1,
                              .mask_digest = CMS_SHA1,
                              .salt_len = PSS_DEFAULT_SALT };
    if (pss.present) {
        CLEANUP(error_free) struct error *error = read_pss_fields(parameters, &pss);
        pss.broken = pss.broken || error != NULL;
    }
    return pss;
}

static const struct algorithm_row *find_row(struct bytes oid)
{
    for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++) {
        if (bytes_equal(algorithms[i].oid, oid)) {
            return &algorithms[i];
        }
    }
    return NULL;
}

static struct signed_algorithm make_algorithm(struct bytes oid, struct bytes parameters)
{
    struct signed_algorithm algorithm = { .scheme = SIGNED_SCHEME_UNKNOWN };
    const struct algorithm_row *row = find_row(oid);
    if (row) {
        algorithm.scheme = row->scheme;
        algorithm.digest = row->digest;
    }
    /* RFC 8410 3, RFC 8419 2.2: the parameters MUST be absent */
    if (algorithm.scheme == SIGNED_SCHEME_ED25519 && parameters.len > 0) {
        algorithm.scheme = SIGNED_SCHEME_UNKNOWN;
    }
    if (algorithm.scheme == SIGNED_SCHEME_RSA_PSS) {
        algorithm.pss = read_pss(parameters);
        algorithm.digest = algorithm.pss.digest;
    }
    algorithm.name = scheme_name(algorithm.scheme);
    return algorithm;
}

struct error *signed_algorithm_read(struct ber_reader *reader,
                                    struct signed_algorithm *ret_algorithm)
{
    struct bytes oid = BYTES_NONE;
    struct bytes parameters = BYTES_NONE;
    TRY(read_identifier(reader, &oid, &parameters));
    *ret_algorithm = make_algorithm(oid, parameters);
    /* RFC 4056 3: a signature's parameters MUST be there */
    if (!ret_algorithm->pss.present) {
        ret_algorithm->pss.broken = true;
    }
    return NULL;
}

void signed_algorithm_of_key(const struct CERTCertificateStr *certificate,
                             struct signed_algorithm *ret_algorithm)
{
    const SECAlgorithmID *identifier = &certificate->subjectPublicKeyInfo.algorithm;
    *ret_algorithm =
        make_algorithm(item_bytes(&identifier->algorithm), item_bytes(&identifier->parameters));
}

static enum cms_digest digest_for_bits(enum signed_scheme scheme, unsigned bits)
{
    /* NIST SP 800-57 part 1, table 2: 192 and 256 bits of strength */
    unsigned bits_192 = scheme == SIGNED_SCHEME_ECDSA ? 384 : RSA_BITS_192;
    unsigned bits_256 = scheme == SIGNED_SCHEME_ECDSA ? 512 : RSA_BITS_256;
    if (bits >= bits_256) {
        return CMS_SHA512;
    }
    return bits >= bits_192 ? CMS_SHA384 : CMS_SHA256;
}

enum cms_digest signed_algorithm_digest(struct CERTCertificateStr *certificate)
{
    struct signed_algorithm algorithm = { 0 };
    signed_algorithm_of_key(certificate, &algorithm);
    if (algorithm.scheme == SIGNED_SCHEME_RSA_PSS && algorithm.pss.present) {
        return algorithm.pss.broken ? CMS_DIGEST_UNKNOWN : algorithm.pss.digest;
    }
    if (algorithm.scheme == SIGNED_SCHEME_ED25519 && capabilities_ed25519()) {
        return CMS_SHA512; /* RFC 8419 3.1: with signed attributes, no other */
    }
    if (algorithm.scheme != SIGNED_SCHEME_RSA && algorithm.scheme != SIGNED_SCHEME_RSA_PSS &&
        algorithm.scheme != SIGNED_SCHEME_ECDSA) {
        return CMS_DIGEST_UNKNOWN;
    }
    CLEANUP(nss_public_key_free) SECKEYPublicKey *key = CERT_ExtractPublicKey(certificate);
    if (!key) {
        return CMS_DIGEST_UNKNOWN;
    }
    return digest_for_bits(algorithm.scheme, SECKEY_PublicKeyStrengthInBits(key));
}

static struct error *write_oid_only(struct buffer *out, struct bytes oid)
{
    size_t start = out->len;
    TRY(der_value(out, BER_OID, oid));
    return der_wrap(out, start, BER_SEQUENCE);
}

/* RFC 4055 3.1, 6: the digest, MGF1 with a digest of its own, and the length of the salt. */
static struct error *write_pss(struct buffer *out, const struct signed_pss *pss)
{
    size_t start = out->len;
    TRY(der_value(out, BER_OID, (struct bytes)PKCS1("\x0a")));
    size_t parameters = out->len;
    TRY(write_oid_only(out, cms_digest_info(pss->digest)->oid));
    TRY(der_wrap(out, parameters, BER_CONTEXT_CONSTRUCTED));
    size_t mask = out->len;
    TRY(der_value(out, BER_OID, mgf1));
    TRY(write_oid_only(out, cms_digest_info(pss->mask_digest)->oid));
    TRY(der_wrap(out, mask, BER_SEQUENCE));
    TRY(der_wrap(out, mask, BER_CONTEXT_CONSTRUCTED + 1));
    size_t salt = out->len;
    TRY(der_small_integer(out, pss->salt_len));
    TRY(der_wrap(out, salt, BER_CONTEXT_CONSTRUCTED + 2));
    TRY(der_wrap(out, parameters, BER_SEQUENCE));
    return der_wrap(out, start, BER_SEQUENCE);
}

/* rsaEncryption, with the NULL that RFC 3370 3.2 asks for, is what every reader knows. */
static struct error *write_rsa(struct buffer *out)
{
    size_t start = out->len;
    TRY(der_value(out, BER_OID, (struct bytes)PKCS1("\x01")));
    TRY(der_value(out, BER_NULL, BYTES_NONE));
    return der_wrap(out, start, BER_SEQUENCE);
}

static struct error *write_ecdsa(struct buffer *out, enum cms_digest digest)
{
    for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++) {
        if (algorithms[i].scheme == SIGNED_SCHEME_ECDSA && algorithms[i].digest == digest) {
            return write_oid_only(out, algorithms[i].oid);
        }
    }
    return error_new(ERR_CERTIFICATE_UNUSABLE, "no ECDSA with this digest");
}

static struct error *write_ed25519(struct buffer *out, enum cms_digest digest)
{
    if (digest != CMS_SHA512) {
        return error_new(ERR_CERTIFICATE_UNUSABLE, "Ed25519 goes with SHA-512 alone");
    }
    return write_oid_only(out, (struct bytes)OID("\x2b\x65\x70"));
}

/* RFC 8017 9.1.1: the longest salt that the key has room for; false: no room for any. */
static bool longest_salt(struct CERTCertificateStr *certificate,
                         const struct cms_digest_info *digest, uint64_t *ret_salt_len)
{
    CLEANUP(nss_public_key_free) SECKEYPublicKey *key = CERT_ExtractPublicKey(certificate);
    size_t bits = key ? SECKEY_PublicKeyStrengthInBits(key) : 0;
    size_t encoded = bits == 0 ? 0 : (bits - 1 + 7) / 8;
    if (encoded < digest->len + 2) {
        return false;
    }
    *ret_salt_len = encoded - digest->len - 2;
    return true;
}

/* RFC 4055 1.2: a key's parameters bind its signatures; the salt may be longer than they say. */
static bool pss_is_allowed(const struct signed_pss *bound, const struct cms_digest_info *digest,
                           uint64_t longest)
{
    return !bound->present || (!bound->broken && bound->digest == digest->digest &&
                               cms_digest_info(bound->mask_digest) && bound->salt_len <= longest);
}

static struct error *choose_pss(const struct signed_choice *choice,
                                struct signed_algorithm *algorithm, struct buffer *out)
{
    struct signed_pss bound = algorithm->pss;
    uint64_t longest = 0;
    if (!longest_salt(choice->certificate, choice->digest, &longest) ||
        !pss_is_allowed(&bound, choice->digest, longest)) {
        return error_new(ERR_CERTIFICATE_UNUSABLE,
                         "the key is bound to other parameters, or too short for this digest");
    }
    uint64_t salt_len = choice->digest->len < longest ? choice->digest->len : longest;
    enum cms_digest digest = choice->digest->digest;
    algorithm->scheme = SIGNED_SCHEME_RSA_PSS;
    algorithm->name = scheme_name(SIGNED_SCHEME_RSA_PSS);
    algorithm->pss = (struct signed_pss){
        .present = true,
        .digest = digest,
        .mask_digest = bound.present ? bound.mask_digest : digest,
        .salt_len = bound.present && bound.salt_len > salt_len ? bound.salt_len : salt_len,
    };
    return write_pss(out, &algorithm->pss);
}

/* Whether a key can sign in the way that was asked for (RFC 4055 1.2). */
static bool scheme_fits(enum cms_sign_scheme wanted, enum signed_scheme of_key)
{
    switch (wanted) {
    case CMS_SIGN_BY_KEY:
        return true;
    case CMS_SIGN_RSA:
        return of_key == SIGNED_SCHEME_RSA;
    case CMS_SIGN_RSA_PSS:
        return of_key == SIGNED_SCHEME_RSA || of_key == SIGNED_SCHEME_RSA_PSS;
    }
    return false;
}

struct error *signed_algorithm_choose(const struct signed_choice *choice,
                                      struct signed_algorithm *ret_algorithm, struct buffer *out)
{
    struct signed_algorithm algorithm = { 0 };
    signed_algorithm_of_key(choice->certificate, &algorithm);
    if (!scheme_fits(choice->scheme, algorithm.scheme)) {
        return error_new(ERR_CERTIFICATE_UNUSABLE, "a key of type %s does not sign in this way",
                         algorithm.name);
    }
    algorithm.digest = choice->digest->digest;
    *ret_algorithm = algorithm;
    switch (algorithm.scheme) {
    case SIGNED_SCHEME_RSA:
        return choice->scheme == CMS_SIGN_RSA_PSS ? choose_pss(choice, ret_algorithm, out)
                                                  : write_rsa(out);
    case SIGNED_SCHEME_RSA_PSS:
        return choose_pss(choice, ret_algorithm, out);
    case SIGNED_SCHEME_ECDSA:
        return write_ecdsa(out, choice->digest->digest);
    case SIGNED_SCHEME_ED25519:
        return write_ed25519(out, choice->digest->digest);
    case SIGNED_SCHEME_DSA:
    case SIGNED_SCHEME_UNKNOWN:
        break;
    }
    return error_new(ERR_CERTIFICATE_UNUSABLE, "a key of type %s is not used to sign",
                     algorithm.name);
}
