#include "cms/recipient_oaep.h"

#include "cms/algorithms.h"

#include <pkcs11t.h>

static const uint8_t oid_mgf1[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08 };
static const uint8_t oid_p_specified[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x09 };

static struct error *unsupported(const char *what)
{
    return error_new(ERR_CMS_UNSUPPORTED, "RSA-OAEP with an unknown %s", what);
}

static bool is_oid(struct bytes oid, const uint8_t *known, size_t len)
{
    return bytes_equal(oid, (struct bytes){ known, len });
}

/* A digest as the hash of OAEP, and as that of the mask. */
struct row {
    enum cms_digest digest;
    unsigned long hash;
    unsigned long mgf;
};

static const struct row rows[] = {
    { CMS_SHA1, CKM_SHA_1, CKG_MGF1_SHA1 },      { CMS_SHA224, CKM_SHA224, CKG_MGF1_SHA224 },
    { CMS_SHA256, CKM_SHA256, CKG_MGF1_SHA256 }, { CMS_SHA384, CKM_SHA384, CKG_MGF1_SHA384 },
    { CMS_SHA512, CKM_SHA512, CKG_MGF1_SHA512 },
};

/* A digest's AlgorithmIdentifier; its parameters are absent or NULL and mean nothing. */
static struct error *read_digest(struct ber_reader *reader, struct row *ret_row)
{
    struct ber_value algorithm;
    struct bytes oid;
    TRY(ber_expect(reader, BER_SEQUENCE, &algorithm));
    struct ber_reader inner = ber_reader_in(&algorithm);
    TRY(ber_oid(&inner, &oid));
    const struct cms_digest_info *info = cms_digest_by_oid(oid);
    for (size_t i = 0; info && i < ARRAY_SIZE(rows); i++) {
        if (rows[i].digest == info->digest) {
            *ret_row = rows[i];
            return NULL;
        }
    }
    return unsupported("digest");
}

static struct error *read_hash(struct ber_reader *reader, struct recipient_oaep *parameters)
{
    struct row row = { .hash = 0 };
    TRY(read_digest(reader, &row));
    parameters->hash = row.hash;
    return NULL;
}

static struct error *read_mask(struct ber_reader *reader, struct recipient_oaep *parameters)
{
    struct ber_value algorithm;
    struct bytes oid;
    TRY(ber_expect(reader, BER_SEQUENCE, &algorithm));
    struct ber_reader inner = ber_reader_in(&algorithm);
    TRY(ber_oid(&inner, &oid));
    if (!is_oid(oid, oid_mgf1, sizeof(oid_mgf1))) {
        return unsupported("mask");
    }
    struct row row = { .mgf = 0 };
    TRY(read_digest(&inner, &row));
    parameters->mgf = row.mgf;
    return NULL;
}

static struct error *read_label(struct ber_reader *reader, struct recipient_oaep *parameters)
{
    struct ber_value algorithm;
    struct bytes oid;
    TRY(ber_expect(reader, BER_SEQUENCE, &algorithm));
    struct ber_reader inner = ber_reader_in(&algorithm);
    TRY(ber_oid(&inner, &oid));
    if (!is_oid(oid, oid_p_specified, sizeof(oid_p_specified))) {
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
