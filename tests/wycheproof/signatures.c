/* Signatures, checked as those of a SignerInfo are. */
#include "cms/capabilities.h"
#include "cms/signed_signature.h"
#include "nss/item.h"
#include "nss/nss_scope.h"
#include "vectors.h"

#include <keyhi.h>

/* AlgorithmIdentifiers, as a SignerInfo would have them */
static const uint8_t rsa_sha256[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                      0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00 };
static const uint8_t ecdsa_sha256[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                        0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
static const uint8_t ed25519[] = { 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70 };

/* RFC 4055 3.1: RSASSA-PSS with SHA-256, MGF1 of the same and 32 bytes of salt */
static struct bytes pss_sha256(const struct vector *vector)
{
    const struct bytes sha256 = VECTOR_OCTETS(0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
                                              0x03, 0x04, 0x02, 0x01, 0x05, 0x00);
    const struct bytes pss =
        VECTOR_OCTETS(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a);
    const struct bytes mgf1 =
        VECTOR_OCTETS(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08);
    struct bytes mask = vector_der(vector, 0x30, VECTOR_JOIN(vector, mgf1, sha256));
    struct bytes salt = VECTOR_OCTETS(0x02, 0x01, 0x20);
    struct bytes parameters =
        VECTOR_JOIN(vector, vector_der(vector, 0xa0, sha256), vector_der(vector, 0xa1, mask),
                    vector_der(vector, 0xa2, salt));
    return vector_der(vector, 0x30, VECTOR_JOIN(vector, pss, vector_der(vector, 0x30, parameters)));
}

/* As much of a certificate as holds a key. */
static CERTSubjectPublicKeyInfo *public_key(const struct vector *vector)
{
    SECItem der;
    struct bytes encoded = vector_of_group(vector, "publicKeyDer");
    return item_set(&der, encoded) ? SECKEY_DecodeDERSubjectPublicKeyInfo(&der) : NULL;
}

static enum answer answer_of(enum signed_outcome outcome)
{
    switch (outcome) {
    case SIGNED_RIGHT:
        return ANSWER_AGREED;
    case SIGNED_WRONG:
        return ANSWER_REFUSED;
    case SIGNED_UNSUPPORTED:
        return ANSWER_ABSENT;
    }
    return ANSWER_ABSENT;
}

static struct error *check(const struct vector *vector, struct bytes identifier,
                           const struct signed_hash *hash, enum answer *ret_answer)
{
    struct ber_reader reader = ber_reader_of(identifier);
    struct signed_algorithm algorithm = { 0 };
    TRY(signed_algorithm_read(&reader, &algorithm));
    CERTSubjectPublicKeyInfo *info = public_key(vector);
    if (!info) {
        return error_new(ERR_INTERNAL, "a public key cannot be read");
    }
    CERTCertificate certificate = { .subjectPublicKeyInfo = *info };
    enum signed_outcome outcome = SIGNED_UNSUPPORTED;
    struct error *error = signed_signature_verify(&algorithm, &certificate, hash,
                                                  vector_of_test(vector, "sig"), &outcome);
    SECKEY_DestroySubjectPublicKeyInfo(info);
    *ret_answer = answer_of(outcome);
    return error;
}

static struct error *check_hashed(const struct vector *vector, struct bytes identifier,
                                  enum answer *ret_answer)
{
    uint8_t digest[32];
    struct bytes message = vector_of_test(vector, "msg");
    if (PK11_HashBuf(SEC_OID_SHA256, digest, item_pointer(message), (PRInt32)message.len) !=
        SECSuccess) {
        return error_new(ERR_INTERNAL, "a message cannot be hashed");
    }
    const struct signed_hash hash = { .digest = cms_digest_info(CMS_SHA256),
                                      .value = { digest, sizeof digest } };
    return check(vector, identifier, &hash, ret_answer);
}

struct error *signatures_rsa(const struct vector *vector, enum answer *ret_answer)
{
    return check_hashed(vector, (struct bytes){ rsa_sha256, sizeof rsa_sha256 }, ret_answer);
}

struct error *signatures_pss(const struct vector *vector, enum answer *ret_answer)
{
    return check_hashed(vector, pss_sha256(vector), ret_answer);
}

struct error *signatures_ecdsa(const struct vector *vector, enum answer *ret_answer)
{
    return check_hashed(vector, (struct bytes){ ecdsa_sha256, sizeof ecdsa_sha256 }, ret_answer);
}

/* RFC 8419 3.1: of the message itself */
struct error *signatures_ed25519(const struct vector *vector, enum answer *ret_answer)
{
    const struct signed_hash hash = { .digest = cms_digest_info(CMS_SHA512),
                                      .message = vector_of_test(vector, "msg") };
    *ret_answer = ANSWER_ABSENT;
    if (!capabilities_ed25519()) {
        return NULL;
    }
    return check(vector, (struct bytes){ ed25519, sizeof ed25519 }, &hash, ret_answer);
}
