#include "cms/smime_capabilities.h"

#include "base/limits.h"
#include "certs/cert.h"
#include "cms/ber.h"
#include "cms/smime_profiles.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <cert.h>
#include <secitem.h>

/* RFC 4055 4.1 */
#define OID_OAEP BYTES_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07")
#define OID_MGF1 BYTES_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08")

/* An AlgorithmIdentifier: a digest's, with its parameters passed over. */
static struct error *read_digest(struct ber_reader *reader, enum cms_digest *ret_digest)
{
    struct ber_value value = { 0 };
    struct bytes oid = BYTES_NONE;
    TRY(ber_expect(reader, BER_SEQUENCE, &value));
    struct ber_reader inner = ber_reader_in(&value);
    TRY(ber_oid(&inner, &oid));
    const struct cms_digest_info *info = cms_digest_by_oid(oid);
    *ret_digest = info ? info->digest : CMS_DIGEST_UNKNOWN;
    return NULL;
}

static struct error *read_mask(struct ber_reader *reader, enum cms_digest *ret_digest)
{
    struct ber_value value = { 0 };
    struct bytes oid = BYTES_NONE;
    TRY(ber_expect(reader, BER_SEQUENCE, &value));
    struct ber_reader inner = ber_reader_in(&value);
    TRY(ber_oid(&inner, &oid));
    if (!bytes_equal(oid, OID_MGF1)) {
        *ret_digest = CMS_DIGEST_UNKNOWN;
        return NULL;
    }
    return read_digest(&inner, ret_digest);
}

/* RSAES-OAEP-params (RFC 4055 4.1): both digests are SHA-1 where they are left out. A label of its
 * own (pSourceAlgorithm) is nothing that we would send. */
static struct error *read_oaep(struct ber_reader *reader, struct smime_capabilities *capabilities)
{
    enum cms_digest digest = CMS_SHA1;
    enum cms_digest mask = CMS_SHA1;
    struct ber_value value = { 0 };
    bool found = false;
    TRY(ber_expect(reader, BER_SEQUENCE, &value));
    struct ber_reader inner = ber_reader_in(&value);
    TRY(ber_optional(&inner, BER_CONTEXT_CONSTRUCTED, &value, &found));
    if (found) {
        struct ber_reader field = ber_reader_in(&value);
        TRY(read_digest(&field, &digest));
    }
    TRY(ber_optional(&inner, BER_CONTEXT_CONSTRUCTED + 1, &value, &found));
    if (found) {
        struct ber_reader field = ber_reader_in(&value);
        TRY(read_mask(&field, &mask));
    }
    if (digest == mask && digest != CMS_DIGEST_UNKNOWN && ber_at_end(&inner)) {
        capabilities->oaep |= 1U << digest;
    }
    return NULL;
}

static struct error *read_capability(const struct ber_value *capability,
                                     struct smime_capabilities *capabilities)
{
    struct ber_reader reader = ber_reader_in(capability);
    struct bytes oid = BYTES_NONE;
    TRY(ber_oid(&reader, &oid));
    const struct cms_cipher_info *cipher = cms_cipher_by_oid(oid);
    if (cipher) {
        capabilities->ciphers |= 1U << cipher->cipher;
    } else if (bytes_equal(oid, OID_OAEP) && !ber_at_end(&reader)) {
        error_free(read_oaep(&reader, capabilities)); /* in a form of its own: passed over */
    }
    return NULL;
}

static struct error *read_list(struct bytes der, struct smime_capabilities *capabilities)
{
    struct ber_reader reader = ber_reader_of(der);
    struct ber_value value = { 0 };
    TRY(ber_expect(&reader, BER_SEQUENCE, &value));
    TRY(ber_expect_end(&reader));
    reader = ber_reader_in(&value);
    for (size_t i = 0; !ber_at_end(&reader); i++) {
        if (i == LIMIT_CAPABILITIES) {
            return error_new(ERR_CMS_MALFORMED, "too many capabilities");
        }
        TRY(ber_expect(&reader, BER_SEQUENCE, &value));
        TRY(read_capability(&value, capabilities));
        capabilities->known = true;
    }
    return ber_expect_end(&reader);
}

struct smime_capabilities smime_capabilities_read(struct bytes der)
{
    struct smime_capabilities capabilities = { 0 };
    struct error *error = NULL;
    if (der.len <= LIMIT_CAPABILITIES_SIZE) {
        error = read_list(der, &capabilities);
    }
    if (error) {
        error_free(error);
        return (struct smime_capabilities){ 0 };
    }
    return capabilities;
}

static struct smime_capabilities certified(const struct cert *cert)
{
    SECItem extension = { 0 };
    struct smime_capabilities capabilities = { 0 };
    if (CERT_FindCertExtension(cert_decoded(cert), SEC_OID_PKCS9_SMIME_CAPABILITIES, &extension) ==
        SECSuccess) {
        capabilities = smime_capabilities_read(item_bytes(&extension));
        SECITEM_FreeItem(&extension, PR_FALSE);
    }
    return capabilities;
}

struct smime_capabilities smime_capabilities_of(const struct cert *cert,
                                                const struct smime_profiles *profiles)
{
    struct smime_capabilities announced = { 0 };
    if (profiles) {
        announced = smime_profiles_find(profiles, cert);
    }
    return announced.known ? announced : certified(cert);
}
