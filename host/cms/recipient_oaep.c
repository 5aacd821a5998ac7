#include "cms/recipient_oaep.h"

#include "cms/algorithms.h"

#include <pkcs11t.h>

static const uint8_t OID_MGF1[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08 };
static const uint8_t OID_P_SPECIFIED[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x09 };

static struct error *unsupported(const char *what)
{
    return error_new(ERR_CMS_UNSUPPORTED, "RSA-OAEP with an unknown %s", what);
}

static bool is_oid(struct bytes oid, const uint8_t *known, size_t len)
{
    return bytes_equal(oid, (struct bytes){ known, len });
}

static unsigned long mgf_of(enum cms_digest digest)
{
    switch (digest) {
    case CMS_SHA1:
        return CKG_MGF1_SHA1;
    case CMS_SHA224:
        return CKG_MGF1_SHA224;
    case CMS_SHA256:
        return CKG_MGF1_SHA256;
    case CMS_SHA384:
        return CKG_MGF1_SHA384;
    case CMS_SHA512:
        return CKG_MGF1_SHA512;
    case CMS_MD5:
    case CMS_DIGEST_UNKNOWN:
        break;
    }
    return 0;
}

/* A digest's AlgorithmIdentifier; its parameters are absent or NULL and mean nothing. */
static struct error *read_digest(struct ber_reader *reader, const struct cms_digest_info **ret_info)
{
    struct ber_value algorithm;
    struct bytes oid;
    TRY(ber_expect(reader, BER_SEQUENCE, &algorithm));
    struct ber_reader inner = ber_reader_in(&algorithm);
    TRY(ber_oid(&inner, &oid));
    const struct cms_digest_info *info = cms_digest_by_oid(oid);
    if (!info || mgf_of(info->digest) == 0) {
        return unsupported("digest");
    }
    *ret_info = info;
    return NULL;
}

static struct error *read_hash(struct ber_reader *reader, struct recipient_oaep *parameters)
{
    const struct cms_digest_info *info = NULL;
    TRY(read_digest(reader, &info));
    parameters->hash = info->mechanism;
    return NULL;
}

static struct error *read_mask(struct ber_reader *reader, struct recipient_oaep *parameters)
{
    struct ber_value algorithm;
    struct bytes oid;
    TRY(ber_expect(reader, BER_SEQUENCE, &algorithm));
    struct ber_reader inner = ber_reader_in(&algorithm);
    TRY(ber_oid(&inner, &oid));
    if (!is_oid(oid, OID_MGF1, sizeof(OID_MGF1))) {
        return unsupported("mask");
    }
    const struct cms_digest_info *info = NULL;
    TRY(read_digest(&inner, &info));
    parameters->mgf = mgf_of(info->digest);
    return NULL;
}

static struct error *read_label(struct ber_reader *reader, struct recipient_oaep *parameters)
{
    struct ber_value algorithm;
    struct bytes oid;
    TRY(ber_expect(reader, BER_SEQUENCE, &algorithm));
    struct ber_reader inner = ber_reader_in(&algorithm);
    TRY(ber_oid(&inner, &oid));
    if (!is_oid(oid, OID_P_SPECIFIED, sizeof(OID_P_SPECIFIED))) {
        return unsupported("label source");
    }
    struct ber_value label;
    TRY(ber_expect(&inner, BER_OCTET_STRING, &label));
    parameters->label = label.contents;
    return NULL;
}

struct error *recipient_oaep_read(struct ber_reader *reader, struct recipient_oaep *ret_parameters)
{
    static struct error *(*const read_part[])(
        struct ber_reader *, struct recipient_oaep *) = { read_hash, read_mask, read_label };
    struct recipient_oaep parameters = { .hash = CKM_SHA_1, .mgf = CKG_MGF1_SHA1 };
    struct ber_value sequence;
    bool found = false;
    TRY(ber_optional(reader, BER_SEQUENCE, &sequence, &found));
    if (found) {
        struct ber_reader inner = ber_reader_in(&sequence);
        for (unsigned i = 0; i < ARRAY_SIZE(read_part); i++) {
            struct ber_value part;
            TRY(ber_optional(&inner, BER_CONTEXT_CONSTRUCTED + i, &part, &found));
            if (found) {
                struct ber_reader part_reader = ber_reader_in(&part);
                TRY(read_part[i](&part_reader, &parameters));
            }
        }
        TRY(ber_expect_end(&inner));
    }
    *ret_parameters = parameters;
    return NULL;
}
