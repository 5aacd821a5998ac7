#include "cms/signed_signature.h"

#include "base/limits.h"
#include "cms/capabilities.h"
#include "cms/der.h"
#include "nss/item.h"
#include "nss/newer.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <cert.h>
#include <cryptohi.h>
#include <keyhi.h>
#include <pk11pub.h>
#include <secerr.h>
#include <string.h>

enum {
    SIGNATURE_MAX = 4096, /* bytes: RSA with 32768 bits */
    DIGEST_INFO_MAX = 128
};

/* The curves that NSS knows (its other ones are not for signatures). */
static const struct bytes curves[] = {
    { (const uint8_t *)"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10 }, /* P-256 */
    { (const uint8_t *)"\x06\x05\x2b\x81\x04\x00\x22", 7 }, /* P-384 */
    { (const uint8_t *)"\x06\x05\x2b\x81\x04\x00\x23", 7 }, /* P-521 */
};

static bool curve_is_known(struct bytes parameters)
{
    for (size_t i = 0; i < ARRAY_SIZE(curves); i++) {
        if (bytes_equal(curves[i], parameters)) {
            return true;
        }
    }
    return false;
}

/* RFC 8017 9.2: DigestInfo. NULL parameters are what is to be written; some wrote none. */
static struct error *write_digest_info(struct buffer *out, const struct signed_hash *hash,
                                       bool with_null)
{
    TRY(der_value(out, BER_OID, hash->digest->oid));
    if (with_null) {
        TRY(der_value(out, BER_NULL, BYTES_NONE));
    }
    TRY(der_wrap(out, 0, BER_SEQUENCE));
    TRY(der_value(out, BER_OCTET_STRING, hash->value));
    return der_wrap(out, 0, BER_SEQUENCE);
}

static bool pss_mechanisms(const struct signed_pss *pss, CK_RSA_PKCS_PSS_PARAMS *ret_parameters)
{
    static const CK_RSA_PKCS_MGF_TYPE masks[] = {
        [CMS_SHA1] = CKG_MGF1_SHA1,     [CMS_SHA224] = CKG_MGF1_SHA224,
        [CMS_SHA256] = CKG_MGF1_SHA256, [CMS_SHA384] = CKG_MGF1_SHA384,
        [CMS_SHA512] = CKG_MGF1_SHA512,
    };
    const struct cms_digest_info *digest = cms_digest_info(pss->digest);
    if (!digest || masks[pss->digest] == 0 || masks[pss->mask_digest] == 0) {
        return false;
    }
    *ret_parameters = (CK_RSA_PKCS_PSS_PARAMS){ .hashAlg = digest->mechanism,
                                                .mgf = masks[pss->mask_digest],
                                                .sLen = pss->salt_len };
    return true;
}

/* One half of a DSA or ECDSA signature: an INTEGER above zero, written to `len` bytes. */
static struct error *read_half(struct ber_reader *reader, uint8_t *target, size_t len)
{
    struct ber_value value = { 0 };
    TRY(ber_expect(reader, BER_INTEGER, &value));
    struct bytes number = value.contents;
    if (number.len == 0 || value.whole.len != der_value_size(number.len)) {
        return error_new(ERR_CMS_MALFORMED, "a number that is not DER");
    }
    bool padded = number.len > 1 && number.data[0] == 0;
    if (number.data[0] & 0x80 || (padded && !(number.data[1] & 0x80))) {
        return error_new(ERR_CMS_MALFORMED, "a number that is negative or padded");
    }
    number = bytes_slice(number, padded ? 1 : 0, number.len);
    if (number.len > len) {
        return error_new(ERR_CMS_MALFORMED, "a number that is too large");
    }
    memcpy(target + (len - number.len), number.data, number.len);
    return NULL;
}

/* Dss-Sig-Value, Ecdsa-Sig-Value (RFC 3279 2.2.2, 2.2.3) to the two numbers that PKCS#11 takes.
 * Read here and not by DSAU_DecodeDerSigToLen, which accepts BER. */
static struct error *read_halves(struct bytes signature, uint8_t *target, size_t half)
{
    struct ber_reader reader = ber_reader_of(signature);
    struct ber_value value = { 0 };
    TRY(ber_expect(&reader, BER_SEQUENCE, &value));
    TRY(ber_expect_end(&reader));
    if (value.whole.len != der_value_size(value.contents.len) || value.indefinite) {
        return error_new(ERR_CMS_MALFORMED, "a signature that is not DER");
    }
    reader = ber_reader_in(&value);
    TRY(read_half(&reader, target, half));
    TRY(read_half(&reader, target + half, half));
    return ber_expect_end(&reader);
}

static enum signed_outcome outcome_of_failure(void)
{
    switch (nss_error_number()) {
    case SEC_ERROR_NO_TOKEN:
    case SEC_ERROR_UNSUPPORTED_KEYALG:
    case SEC_ERROR_INVALID_ALGORITHM:
    case SEC_ERROR_UNSUPPORTED_ELLIPTIC_CURVE:
        return SIGNED_UNSUPPORTED;
    default:
        return SIGNED_WRONG;
    }
}

/* The comparison itself, in the token of softoken, whatever cards are plugged in. Unlike VFY_*, it
 * rebuilds the padding and compares all of it, and asks for no policy. */
static struct error *verify_raw(SECKEYPublicKey *key, CK_MECHANISM_TYPE mechanism,
                                const SECItem *parameters, struct bytes signature,
                                struct bytes signed_bytes, enum signed_outcome *ret_outcome)
{
    SECItem signature_item = { 0 };
    SECItem signed_item = { 0 };
    if (!item_set(&signature_item, signature) || !item_set(&signed_item, signed_bytes)) {
        *ret_outcome = SIGNED_WRONG;
        return NULL;
    }
    if (PK11_VerifyWithMechanism(key, mechanism, parameters, &signature_item, &signed_item, NULL) ==
        SECSuccess) {
        *ret_outcome = SIGNED_RIGHT;
        return NULL;
    }
    if (nss_error_number() == SEC_ERROR_NO_MEMORY) {
        return error_no_memory();
    }
    *ret_outcome = outcome_of_failure();
    return NULL;
}

static struct error *verify_rsa(SECKEYPublicKey *key, const struct signed_hash *hash,
                                struct bytes signature, enum signed_outcome *ret_outcome)
{
    for (int with_null = 1; with_null >= 0; with_null--) {
        CLEANUP(buffer_free) struct buffer *info = NULL;
        TRY(buffer_new(DIGEST_INFO_MAX, &info));
        TRY(write_digest_info(info, hash, with_null != 0));
        TRY(verify_raw(key, CKM_RSA_PKCS, NULL, signature, buffer_view(info), ret_outcome));
        if (*ret_outcome != SIGNED_WRONG) {
            return NULL;
        }
    }
    return NULL;
}

/* RFC 4055 1.2 and 3.3: a key with parameters is only for signatures that have the same digests and
 * at least as long a salt. */
static bool pss_fits_key(const struct signed_pss *signature, const struct signed_pss *key)
{
    return !key->present ||
           (!key->broken && key->digest == signature->digest &&
            key->mask_digest == signature->mask_digest && key->salt_len <= signature->salt_len);
}

static struct error *verify_pss(SECKEYPublicKey *key, const struct signed_pss *pss,
                                const struct signed_hash *hash, struct bytes signature,
                                enum signed_outcome *ret_outcome)
{
    CK_RSA_PKCS_PSS_PARAMS parameters = { 0 };
    if (pss->broken || pss->salt_len > SIGNATURE_MAX) {
        *ret_outcome = SIGNED_WRONG;
        return NULL;
    }
    if (!pss_mechanisms(pss, &parameters)) {
        *ret_outcome = SIGNED_UNSUPPORTED;
        return NULL;
    }
    SECItem item = { siBuffer, (unsigned char *)&parameters, sizeof(parameters) };
    return verify_raw(key, CKM_RSA_PKCS_PSS, &item, signature, hash->value, ret_outcome);
}

/* DSA and ECDSA. */
static struct error *verify_halves(SECKEYPublicKey *key, CK_MECHANISM_TYPE mechanism,
                                   const struct signed_hash *hash, struct bytes signature,
                                   enum signed_outcome *ret_outcome)
{
    uint8_t raw[256] = { 0 };
    size_t len = SECKEY_SignatureLen(key);
    if (len == 0 || len > sizeof(raw)) {
        *ret_outcome = SIGNED_UNSUPPORTED;
        return NULL;
    }
    CLEANUP(error_free) struct error *error = read_halves(signature, raw, len / 2);
    if (error) {
        *ret_outcome = SIGNED_WRONG;
        return NULL;
    }
    /* FIPS 186-4 4.6, 6.4: the leftmost bits; NSS's DSA wants them cut by the caller */
    struct bytes value = hash->value;
    if (mechanism == CKM_DSA) {
        value = bytes_slice(value, 0, len / 2);
    }
    return verify_raw(key, mechanism, NULL, (struct bytes){ raw, len }, value, ret_outcome);
}

/* RFC 8419 3.1: pure Ed25519 signs the message itself, not its digest. */
static struct error *verify_ed25519(SECKEYPublicKey *key, const struct signed_hash *hash,
                                    struct bytes signature, enum signed_outcome *ret_outcome)
{
    if ((int)key->keyType != NEWER_KEY_EDWARDS || hash->message.len == 0) {
        *ret_outcome = SIGNED_UNSUPPORTED;
        return NULL;
    }
    return verify_raw(key, CKM_EDDSA, NULL, signature, hash->message, ret_outcome);
}

/* Of a size with which a hostile message cannot wear the host out. */
static bool key_is_bearable(SECKEYPublicKey *key)
{
    bool rsa = key->keyType == rsaKey || key->keyType == rsaPssKey || key->keyType == rsaOaepKey;
    return !rsa || SECKEY_PublicKeyStrengthInBits(key) <= LIMIT_RSA_BITS;
}

static struct error *verify_with_key(const struct signed_algorithm *algorithm, SECKEYPublicKey *key,
                                     const struct signed_hash *hash, struct bytes signature,
                                     enum signed_outcome *ret_outcome)
{
    switch (algorithm->scheme) {
    case SIGNED_SCHEME_RSA:
        return verify_rsa(key, hash, signature, ret_outcome);
    case SIGNED_SCHEME_RSA_PSS:
        return verify_pss(key, &algorithm->pss, hash, signature, ret_outcome);
    case SIGNED_SCHEME_ECDSA:
        if (key->keyType == ecKey && curve_is_known(item_bytes(&key->u.ec.DEREncodedParams))) {
            return verify_halves(key, CKM_ECDSA, hash, signature, ret_outcome);
        }
        break;
    case SIGNED_SCHEME_DSA:
        return verify_halves(key, CKM_DSA, hash, signature, ret_outcome);
    case SIGNED_SCHEME_ED25519:
        return verify_ed25519(key, hash, signature, ret_outcome);
    case SIGNED_SCHEME_UNKNOWN:
        break;
    }
    *ret_outcome = SIGNED_UNSUPPORTED;
    return NULL;
}

/* Whether a signature by this algorithm can be of this key at all. An rsaEncryption key may sign
 * with PSS as well; a key that says PSS signs in no other way (RFC 4055 1.2). */
static bool fits_key(const struct signed_algorithm *algorithm,
                     const struct signed_algorithm *of_key)
{
    if (algorithm->scheme == SIGNED_SCHEME_RSA_PSS) {
        return of_key->scheme == SIGNED_SCHEME_RSA || (of_key->scheme == SIGNED_SCHEME_RSA_PSS &&
                                                       pss_fits_key(&algorithm->pss, &of_key->pss));
    }
    return algorithm->scheme == of_key->scheme;
}

struct error *signed_signature_verify(const struct signed_algorithm *algorithm,
                                      struct CERTCertificateStr *certificate,
                                      const struct signed_hash *hash, struct bytes signature,
                                      enum signed_outcome *ret_outcome)
{
    struct signed_algorithm of_key = { 0 };
    signed_algorithm_of_key(certificate, &of_key);
    if (algorithm->scheme == SIGNED_SCHEME_UNKNOWN || of_key.scheme == SIGNED_SCHEME_UNKNOWN ||
        (algorithm->scheme == SIGNED_SCHEME_ED25519 && !capabilities_ed25519())) {
        *ret_outcome = SIGNED_UNSUPPORTED;
        return NULL;
    }
    /* a signature algorithm that names a digest must name the SignerInfo's */
    bool names_another =
        algorithm->digest != CMS_DIGEST_UNKNOWN && algorithm->digest != hash->digest->digest;
    if (names_another || !fits_key(algorithm, &of_key)) {
        *ret_outcome = SIGNED_WRONG;
        return NULL;
    }
    CLEANUP(nss_public_key_free) SECKEYPublicKey *key = CERT_ExtractPublicKey(certificate);
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    if (!key || !slot || !key_is_bearable(key) ||
        PK11_ImportPublicKey(slot, key, PR_FALSE) == CK_INVALID_HANDLE) {
        *ret_outcome = SIGNED_UNSUPPORTED;
        return NULL;
    }
    return verify_with_key(algorithm, key, hash, signature, ret_outcome);
}

static struct error *sign_raw(SECKEYPrivateKey *key, CK_MECHANISM_TYPE mechanism,
                              const SECItem *parameters, struct bytes to_sign, struct buffer *out)
{
    uint8_t *tail = NULL;
    int len = PK11_SignatureLen(key);
    if (len <= 0 || len > SIGNATURE_MAX) {
        return nss_error(ERR_INTERNAL, "the key does not tell the length of its signatures");
    }
    SECItem hash = { 0 };
    if (!item_set(&hash, to_sign)) {
        return error_new(ERR_INTERNAL, "too long to sign");
    }
    size_t start = out->len;
    TRY(buffer_extend(out, (size_t)len, &tail));
    SECItem signature = { siBuffer, tail, (unsigned)len };
    if (PK11_SignWithMechanism(key, mechanism, parameters, &signature, &hash) != SECSuccess) {
        return nss_error(ERR_INTERNAL, "the key did not sign");
    }
    if (signature.len > (unsigned)len) {
        return error_new(ERR_INTERNAL, "the signature is longer than announced");
    }
    out->len = start + signature.len;
    return NULL;
}

static struct error *sign_rsa(SECKEYPrivateKey *key, const struct signed_hash *hash,
                              struct buffer *out)
{
    CLEANUP(buffer_free) struct buffer *info = NULL;
    TRY(buffer_new(DIGEST_INFO_MAX, &info));
    TRY(write_digest_info(info, hash, true));
    return sign_raw(key, CKM_RSA_PKCS, NULL, buffer_view(info), out);
}

static struct error *sign_pss(SECKEYPrivateKey *key, const struct signed_pss *pss,
                              const struct signed_hash *hash, struct buffer *out)
{
    CK_RSA_PKCS_PSS_PARAMS parameters = { 0 };
    if (!pss_mechanisms(pss, &parameters)) {
        return error_new(ERR_CERTIFICATE_UNUSABLE, "RSA-PSS with a digest that is not known");
    }
    SECItem item = { siBuffer, (unsigned char *)&parameters, sizeof(parameters) };
    return sign_raw(key, CKM_RSA_PKCS_PSS, &item, hash->value, out);
}

/* A number as DER: without zeros in front, but one before a set top bit. */
static struct error *write_number(struct buffer *out, struct bytes number)
{
    static const uint8_t zero = 0;
    size_t skip = 0;
    while (skip + 1 < number.len && number.data[skip] == 0) {
        skip++;
    }
    number = bytes_slice(number, skip, number.len);
    size_t start = out->len;
    if (number.data[0] & 0x80) {
        TRY(buffer_append(out, (struct bytes){ &zero, 1 }));
    }
    TRY(buffer_append(out, number));
    return der_wrap(out, start, BER_INTEGER);
}

static struct error *sign_ecdsa(SECKEYPrivateKey *key, const struct signed_hash *hash,
                                struct buffer *out)
{
    CLEANUP(buffer_free) struct buffer *raw = NULL;
    TRY(buffer_new(SIGNATURE_MAX, &raw));
    TRY(sign_raw(key, CKM_ECDSA, NULL, hash->value, raw));
    if (raw->len == 0 || raw->len % 2 != 0) {
        return error_new(ERR_INTERNAL, "an ECDSA signature of %zu bytes", raw->len);
    }
    size_t start = out->len;
    size_t half = raw->len / 2;
    TRY(write_number(out, bytes_slice(buffer_view(raw), 0, half)));
    TRY(write_number(out, bytes_slice(buffer_view(raw), half, half)));
    return der_wrap(out, start, BER_SEQUENCE);
}

struct error *signed_signature_make(const struct signed_algorithm *algorithm,
                                    struct SECKEYPrivateKeyStr *key, const struct signed_hash *hash,
                                    struct buffer *out)
{
    switch (algorithm->scheme) {
    case SIGNED_SCHEME_RSA:
        return sign_rsa(key, hash, out);
    case SIGNED_SCHEME_RSA_PSS:
        return sign_pss(key, &algorithm->pss, hash, out);
    case SIGNED_SCHEME_ECDSA:
        return sign_ecdsa(key, hash, out);
    case SIGNED_SCHEME_ED25519:
        return sign_raw(key, CKM_EDDSA, NULL, hash->message, out);
    case SIGNED_SCHEME_DSA:
    case SIGNED_SCHEME_UNKNOWN:
        break;
    }
    return error_new(ERR_CERTIFICATE_UNUSABLE, "this key does not sign");
}

/* DER of a SEQUENCE of two INTEGERs below a number of `bits` bits, each with room for its sign. */
static size_t pair_size(size_t bits)
{
    return der_value_size(2 * der_value_size(bits / 8 + 1));
}

struct error *signed_signature_size(const struct signed_algorithm *algorithm,
                                    struct CERTCertificateStr *certificate, size_t *ret_size)
{
    CLEANUP(nss_public_key_free)
    SECKEYPublicKey *key = SECKEY_ExtractPublicKey(&certificate->subjectPublicKeyInfo);
    unsigned raw = key ? SECKEY_SignatureLen(key) : 0;
    switch (algorithm->scheme) {
    case SIGNED_SCHEME_RSA:
    case SIGNED_SCHEME_RSA_PSS:
        *ret_size = raw;
        break;
    case SIGNED_SCHEME_ECDSA:
        *ret_size = key ? pair_size(SECKEY_PublicKeyStrengthInBits(key)) : 0;
        break;
    case SIGNED_SCHEME_DSA:
        *ret_size = pair_size((size_t)raw * 4); /* two numbers of raw / 2 bytes */
        break;
    case SIGNED_SCHEME_ED25519:
        *ret_size = 64; /* RFC 8032 5.1.6 */
        return NULL;
    case SIGNED_SCHEME_UNKNOWN:
        *ret_size = 0;
        break;
    }
    return *ret_size > 0 && raw > 0
               ? NULL
               : error_new(ERR_CERTIFICATE_UNUSABLE, "the certificate's key cannot sign");
}
