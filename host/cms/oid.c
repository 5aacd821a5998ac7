#include "cms/oid.h"

#include "base/limits.h"
#include "cms/algorithms.h"

#include <inttypes.h>

struct name_row {
    struct bytes oid; /* contents octets */
    const char *name;
};

#define OID(octets) \
    { \
        (const uint8_t *)(octets), sizeof(octets) - 1 \
    }
#define PKCS(octets) OID("\x2a\x86\x48\x86\xf7\x0d\x01" octets)
#define SMIME(octets) PKCS("\x09\x10" octets)
#define X962(octets) OID("\x2a\x86\x48\xce\x3d" octets)
#define NIST(octets) OID("\x60\x86\x48\x01\x65\x03\x04" octets)
#define CERTICOM(octets) OID("\x2b\x81\x04\x01" octets)

static const struct name_row names[] = {
    /* contents: RFC 5652, RFC 5083, RFC 3274, RFC 2634, RFC 3161 */
    { PKCS("\x07\x01"), "data" },
    { PKCS("\x07\x02"), "signed-data" },
    { PKCS("\x07\x03"), "enveloped-data" },
    { PKCS("\x07\x05"), "digested-data" },
    { PKCS("\x07\x06"), "encrypted-data" },
    { SMIME("\x01\x01"), "receipt" },
    { SMIME("\x01\x02"), "authenticated-data" },
    { SMIME("\x01\x04"), "timestamp-token-info" },
    { SMIME("\x01\x09"), "compressed-data" },
    { SMIME("\x01\x17"), "auth-enveloped-data" },
    /* attributes: RFC 5652 11, RFC 8551 2.5, RFC 2634, RFC 5035, RFC 5126, RFC 6211, RFC 7030 */
    { PKCS("\x09\x03"), "contentType" },
    { PKCS("\x09\x04"), "messageDigest" },
    { PKCS("\x09\x05"), "signingTime" },
    { PKCS("\x09\x06"), "countersignature" },
    { PKCS("\x09\x0f"), "smimeCapabilities" },
    { PKCS("\x09\x34"), "cmsAlgorithmProtect" },
    { SMIME("\x02\x01"), "receiptRequest" },
    { SMIME("\x02\x02"), "securityLabel" },
    { SMIME("\x02\x03"), "mlExpandHistory" },
    { SMIME("\x02\x04"), "contentHint" },
    { SMIME("\x02\x05"), "msgSigDigest" },
    { SMIME("\x02\x07"), "contentIdentifier" },
    { SMIME("\x02\x0a"), "contentReference" },
    { SMIME("\x02\x0b"), "encryptionKeyPreference" },
    { SMIME("\x02\x0c"), "signingCertificate" },
    { SMIME("\x02\x0e"), "timeStampToken" },
    { SMIME("\x02\x0f"), "signaturePolicy" },
    { SMIME("\x02\x10"), "commitmentType" },
    { SMIME("\x02\x11"), "signerLocation" },
    { SMIME("\x02\x15"), "completeCertificateRefs" },
    { SMIME("\x02\x16"), "completeRevocationRefs" },
    { SMIME("\x02\x17"), "certificateValues" },
    { SMIME("\x02\x18"), "revocationValues" },
    { SMIME("\x02\x2f"), "signingCertificateV2" },
    { OID("\x2b\x06\x01\x04\x01\x82\x37\x10\x04"), "microsoftRecipientInfo" },
    /* signatures: RFC 3370 3, RFC 4056, RFC 5754 3, RFC 8419, RFC 9882 */
    { PKCS("\x01\x01"), "rsa" },
    { PKCS("\x01\x04"), "rsa-md5" },
    { PKCS("\x01\x05"), "rsa-sha1" },
    { PKCS("\x01\x0a"), "rsa-pss" },
    { PKCS("\x01\x0b"), "rsa-sha256" },
    { PKCS("\x01\x0c"), "rsa-sha384" },
    { PKCS("\x01\x0d"), "rsa-sha512" },
    { PKCS("\x01\x0e"), "rsa-sha224" },
    { X962("\x02\x01"), "ec" },
    { X962("\x04\x01"), "ecdsa-sha1" },
    { X962("\x04\x03\x01"), "ecdsa-sha224" },
    { X962("\x04\x03\x02"), "ecdsa-sha256" },
    { X962("\x04\x03\x03"), "ecdsa-sha384" },
    { X962("\x04\x03\x04"), "ecdsa-sha512" },
    { OID("\x2a\x86\x48\xce\x38\x04\x01"), "dsa" },
    { OID("\x2a\x86\x48\xce\x38\x04\x03"), "dsa-sha1" },
    { NIST("\x03\x01"), "dsa-sha224" },
    { NIST("\x03\x02"), "dsa-sha256" },
    { NIST("\x03\x11"), "ml-dsa-44" },
    { NIST("\x03\x12"), "ml-dsa-65" },
    { NIST("\x03\x13"), "ml-dsa-87" },
    { OID("\x2b\x65\x70"), "ed25519" },
    { OID("\x2b\x65\x71"), "ed448" },
    /* the keys of recipients: RFC 3560, RFC 5753, RFC 8418, RFC 3565, RFC 3211 */
    { PKCS("\x01\x07"), "rsa-oaep" },
    { OID("\x2b\x81\x05\x10\x86\x48\x3f\x00\x02"), "ecdh-sha1kdf" },
    { OID("\x2b\x81\x05\x10\x86\x48\x3f\x00\x03"), "ecdh-cofactor-sha1kdf" },
    { CERTICOM("\x0b\x00"), "ecdh-sha224kdf" },
    { CERTICOM("\x0b\x01"), "ecdh-sha256kdf" },
    { CERTICOM("\x0b\x02"), "ecdh-sha384kdf" },
    { CERTICOM("\x0b\x03"), "ecdh-sha512kdf" },
    { CERTICOM("\x0e\x00"), "ecdh-cofactor-sha224kdf" },
    { CERTICOM("\x0e\x01"), "ecdh-cofactor-sha256kdf" },
    { CERTICOM("\x0e\x02"), "ecdh-cofactor-sha384kdf" },
    { CERTICOM("\x0e\x03"), "ecdh-cofactor-sha512kdf" },
    { SMIME("\x03\x06"), "3des-wrap" },
    { SMIME("\x03\x08"), "zlib" },
    { SMIME("\x03\x09"), "pwri-kek" },
    { NIST("\x01\x05"), "aes-128-wrap" },
    { NIST("\x01\x19"), "aes-192-wrap" },
    { NIST("\x01\x2d"), "aes-256-wrap" },
};

/* The next arc (X.690 8.19.2): seven bits an octet, the last one without the top bit. */
static struct error *take_arc(struct bytes *rest, uint64_t *ret_arc)
{
    uint64_t arc = 0;
    for (size_t i = 0; i < rest->len; i++) {
        if (arc > UINT64_MAX >> 7) {
            return error_new(ERR_CMS_MALFORMED, "a number in an object identifier is too large");
        }
        arc = arc << 7 | (rest->data[i] & 0x7f);
        if (!(rest->data[i] & 0x80)) {
            *rest = bytes_slice(*rest, i + 1, rest->len);
            *ret_arc = arc;
            return NULL;
        }
    }
    return error_new(ERR_CMS_MALFORMED, "an object identifier ends early");
}

static struct error *write_text(struct bytes oid, struct buffer *out)
{
    uint64_t arc = 0;
    TRY(take_arc(&oid, &arc));
    /* the first two arcs in one number; only below 2 the second one has no bound */
    uint64_t top = arc < 80 ? arc / 40 : 2;
    TRY(buffer_printf(out, "%" PRIu64 ".%" PRIu64, top, arc - 40 * top));
    while (oid.len > 0) {
        TRY(take_arc(&oid, &arc));
        TRY(buffer_printf(out, ".%" PRIu64, arc));
    }
    return NULL;
}

struct error *oid_text(struct bytes oid, struct buffer *out)
{
    if (oid.len > LIMIT_OID) {
        return error_new(ERR_CMS_MALFORMED, "an object identifier is too long");
    }
    size_t start = out->len;
    struct error *error = write_text(oid, out);
    if (error) {
        out->len = start;
    }
    return error;
}

const char *oid_name(struct bytes oid)
{
    const struct cms_digest_info *digest = cms_digest_by_oid(oid);
    const struct cms_cipher_info *cipher = cms_cipher_by_oid(oid);
    if (digest) {
        return digest->name;
    }
    if (cipher) {
        return cipher->name;
    }
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (bytes_equal(names[i].oid, oid)) {
            return names[i].name;
        }
    }
    return NULL;
}
