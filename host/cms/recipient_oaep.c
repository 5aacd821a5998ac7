#include "cms/recipient_oaep.h"

#include "cms/der.h"

#include <pkcs11t.h>

static const uint8_t oid_oaep[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x07 };
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

struct error *recipient_oaep_choose(enum cms_digest digest, struct recipient_oaep *ret_parameters)
{
    enum cms_digest wanted = digest == CMS_DIGEST_UNKNOWN ? CMS_SHA256 : digest;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].digest == wanted && wanted != CMS_SHA1) {
            *ret_parameters = (struct recipient_oaep){ .hash = rows[i].hash, .mgf = rows[i].mgf };
            return NULL;
        }
    }
    return error_new(ERR_ALGORITHM_FORBIDDEN, "the digest is not one for RSA-OAEP");
}

bool recipient_oaep_is_strong(const struct recipient_oaep *parameters)
{
    return parameters->hash != CKM_SHA_1 && parameters->mgf != CKG_MGF1_SHA1;
}

/* RFC 4055 2.1: with NULL */
static struct error *write_digest(enum cms_digest digest, struct buffer *out)
{
    size_t start = out->len;
    TRY(der_value(out, BER_OID, cms_digest_info(digest)->oid));
    TRY(der_value(out, BER_NULL, BYTES_NONE));
    return der_wrap(out, start, BER_SEQUENCE);
}

static struct error *write_hash(const struct recipient_oaep *parameters, struct buffer *out)
{
    size_t start = out->len;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].hash == parameters->hash) {
            TRY(write_digest(rows[i].digest, out));
        }
    }
    return der_wrap(out, start, BER_CONTEXT_CONSTRUCTED);
}

static struct error *write_mask(const struct recipient_oaep *parameters, struct buffer *out)
{
    size_t start = out->len;
    TRY(der_value(out, BER_OID, (struct bytes){ oid_mgf1, sizeof(oid_mgf1) }));
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].mgf == parameters->mgf) {
            TRY(write_digest(rows[i].digest, out));
        }
    }
    TRY(der_wrap(out, start, BER_SEQUENCE));
    return der_wrap(out, start, BER_CONTEXT_CONSTRUCTED + 1);
}

static struct error *write_label(const struct recipient_oaep *parameters, struct buffer *out)
{
    size_t start = out->len;
    if (parameters->label.len == 0) {
        return NULL;
    }
    TRY(der_value(out, BER_OID, (struct bytes){ oid_p_specified, sizeof(oid_p_specified) }));
    TRY(der_value(out, BER_OCTET_STRING, parameters->label));
    TRY(der_wrap(out, start, BER_SEQUENCE));
    return der_wrap(out, start, BER_CONTEXT_CONSTRUCTED + 2);
}

struct error *recipient_oaep_write(const struct recipient_oaep *parameters, struct buffer *out)
{
    size_t start = out->len;
    TRY(der_value(out, BER_OID, (struct bytes){ oid_oaep, sizeof(oid_oaep) }));
    size_t sequence = out->len;
    TRY(write_hash(parameters, out));
    TRY(write_mask(parameters, out));
    TRY(write_label(parameters, out));
    TRY(der_wrap(out, sequence, BER_SEQUENCE));
    return der_wrap(out, start, BER_SEQUENCE);
}
