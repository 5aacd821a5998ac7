#include "cms/signed_attributes.h"

#include "base/limits.h"
#include "cms/der.h"

struct attribute {
    struct bytes oid;
    struct ber_reader values;
};

#define OID(octets) \
    { \
        (const uint8_t *)(octets), sizeof(octets) - 1 \
    }

/* RFC 5652 11.4 */
static const struct bytes oid_countersignature = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x06");
/* RFC 5652 11, RFC 6211 2, RFC 2634 5.4, RFC 5035 3 */
static const struct bytes oid_content_type = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03");
static const struct bytes oid_message_digest = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04");
static const struct bytes oid_signing_time = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05");
static const struct bytes oid_protection = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x34");
static const struct bytes oid_certificate = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0c");
static const struct bytes oid_certificate_v2 = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f");

/* Attribute ::= SEQUENCE { OID, SET OF ANY }. They are to be in DER, but only what tells two
 * readers apart, an indefinite length, is told here; the values' order is the signer's. */
static struct error *read_attribute(struct ber_reader *reader, struct attribute *ret_attribute,
                                    bool *malformed)
{
    struct ber_value sequence = { 0 };
    struct ber_value set = { 0 };
    TRY(ber_expect(reader, BER_SEQUENCE, &sequence));
    struct ber_reader inner = ber_reader_in(&sequence);
    TRY(ber_oid(&inner, &ret_attribute->oid));
    TRY(ber_expect(&inner, BER_SET, &set));
    TRY(ber_expect_end(&inner));
    ret_attribute->values = ber_reader_in(&set);
    *malformed = *malformed || sequence.indefinite || set.indefinite;
    return NULL;
}

static struct error *take_content_type(struct ber_reader *reader, struct bytes content_type)
{
    struct bytes oid = BYTES_NONE;
    TRY(ber_oid(reader, &oid));
    if (!bytes_equal(oid, content_type)) {
        return error_new(ERR_CMS_MALFORMED, "contentType is another one");
    }
    return ber_expect_end(reader);
}

static struct error *take_message_digest(struct ber_reader *reader, struct bytes *ret_digest)
{
    struct ber_value value = { 0 };
    TRY(ber_expect(reader, BER_OCTET_STRING, &value));
    *ret_digest = value.contents;
    return ber_expect_end(reader);
}

static struct error *take_signing_time(struct ber_reader *reader,
                                       struct signed_attributes *attributes)
{
    TRY(ber_time(reader, &attributes->signing_time));
    attributes->has_signing_time = true;
    return ber_expect_end(reader);
}

/* SigningCertificate(V2): the first ESSCertID(v2) is the signer's. */
static struct error *take_certificate(struct ber_reader *reader, bool v2,
                                      struct signed_attributes *attributes)
{
    struct ber_value value = { 0 };
    bool found = false;
    TRY(ber_expect(reader, BER_SEQUENCE, &value));
    TRY(ber_expect_end(reader));
    struct ber_reader inner = ber_reader_in(&value);
    TRY(ber_expect(&inner, BER_SEQUENCE, &value));
    inner = ber_reader_in(&value);
    TRY(ber_expect(&inner, BER_SEQUENCE, &value));
    inner = ber_reader_in(&value);
    enum cms_digest digest = v2 ? CMS_SHA256 : CMS_SHA1;
    TRY(ber_optional(&inner, BER_SEQUENCE, &value, &found));
    if (found) {
        struct ber_reader identifier = ber_reader_in(&value);
        struct bytes oid = BYTES_NONE;
        TRY(ber_oid(&identifier, &oid));
        const struct cms_digest_info *info = cms_digest_by_oid(oid);
        digest = info && v2 ? info->digest : CMS_DIGEST_UNKNOWN;
    }
    TRY(ber_expect(&inner, BER_OCTET_STRING, &value));
    attributes->certificate_hash = value.contents;
    attributes->certificate_digest = digest;
    return NULL;
}

/* RFC 6211 2 */
static struct error *take_protection(struct ber_reader *reader, struct bytes *ret_protection)
{
    struct ber_value value = { 0 };
    TRY(ber_expect(reader, BER_SEQUENCE, &value));
    *ret_protection = value.whole;
    return ber_expect_end(reader);
}

/* The values of the attributes that are known here: each of these has exactly one. */
static struct error *take(const struct attribute *attribute, struct bytes content_type,
                          struct signed_attributes *attributes)
{
    struct ber_reader values = attribute->values;
    if (bytes_equal(attribute->oid, oid_content_type)) {
        return take_content_type(&values, content_type);
    }
    if (bytes_equal(attribute->oid, oid_message_digest)) {
        return take_message_digest(&values, &attributes->message_digest);
    }
    if (bytes_equal(attribute->oid, oid_signing_time)) {
        return take_signing_time(&values, attributes);
    }
    if (bytes_equal(attribute->oid, oid_protection)) {
        return take_protection(&values, &attributes->protection);
    }
    /* an old and a new one may stand side by side; the stronger one is looked at */
    if (bytes_equal(attribute->oid, oid_certificate) && attributes->certificate_hash.len == 0) {
        return take_certificate(&values, false, attributes);
    }
    if (bytes_equal(attribute->oid, oid_certificate_v2)) {
        return take_certificate(&values, true, attributes);
    }
    return ber_at_end(&values) ? error_new(ERR_CMS_MALFORMED, "an attribute without a value")
                               : NULL;
}

static bool is_among(struct bytes oid, const struct bytes *seen, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(seen[i], oid)) {
            return true;
        }
    }
    return false;
}

struct error *signed_attributes_read(const struct ber_value *value, struct bytes content_type,
                                     struct signed_attributes *ret_attributes)
{
    struct signed_attributes attributes = { .present = true, .contents = value->contents };
    struct ber_reader reader = ber_reader_in(value);
    struct bytes seen[LIMIT_ATTRIBUTES];
    size_t count = 0;
    while (!ber_at_end(&reader)) {
        struct attribute attribute = { 0 };
        if (count == LIMIT_ATTRIBUTES) {
            return error_new(ERR_CMS_MALFORMED, "too many attributes");
        }
        TRY(read_attribute(&reader, &attribute, &attributes.malformed));
        CLEANUP(error_free) struct error *error = take(&attribute, content_type, &attributes);
        /* RFC 5652 5.3: no attribute twice */
        if (error || is_among(attribute.oid, seen, count)) {
            attributes.malformed = true;
        }
        seen[count++] = attribute.oid;
    }
    if (!is_among(oid_content_type, seen, count) || !is_among(oid_message_digest, seen, count)) {
        attributes.malformed = true;
    }
    *ret_attributes = attributes;
    return NULL;
}

/* The values of one attribute that are SignerInfos by their looks. */
static size_t count_sequences(struct ber_reader values)
{
    size_t count = 0;
    while (!ber_at_end(&values)) {
        struct ber_value value = { 0 };
        CLEANUP(error_free) struct error *error = ber_next(&values, &value);
        if (error || value.tag != BER_SEQUENCE) {
            return count;
        }
        count++;
    }
    return count;
}

size_t signed_attributes_countersignatures(const struct ber_value *value)
{
    struct ber_reader reader = ber_reader_in(value);
    size_t count = 0;
    for (size_t seen = 0; !ber_at_end(&reader) && seen < LIMIT_ATTRIBUTES; seen++) {
        struct attribute attribute = { 0 };
        bool ignored = false;
        CLEANUP(error_free) struct error *error = read_attribute(&reader, &attribute, &ignored);
        if (error) {
            return count;
        }
        if (bytes_equal(attribute.oid, oid_countersignature)) {
            count += count_sequences(attribute.values);
        }
    }
    return count;
}

bool signed_attributes_are(struct bytes content)
{
    struct ber_reader reader = ber_reader_of(content);
    struct ber_value set = { 0 };
    struct signed_attributes attributes = { 0 };
    CLEANUP(error_free) struct error *not_a_set = ber_expect(&reader, BER_SET, &set);
    if (not_a_set) {
        return false;
    }
    CLEANUP(error_free) struct error *error = signed_attributes_read(&set, BYTES_NONE, &attributes);
    return !error && attributes.message_digest.data;
}

struct error *signed_attributes_name(const struct signed_attributes *attributes,
                                     struct bytes certificate, bool *ret_named)
{
    const struct cms_digest_info *digest = cms_digest_info(attributes->certificate_digest);
    *ret_named = true;
    if (attributes->certificate_hash.len == 0 || !digest) {
        return NULL;
    }
    uint8_t value[SIGNED_DIGEST_MAX] = { 0 };
    TRY(signed_digest_hash(digest->digest, certificate, value));
    *ret_named = bytes_equal(attributes->certificate_hash, (struct bytes){ value, digest->len });
    return NULL;
}

struct error *signed_attributes_hash(const struct signed_attributes *attributes,
                                     enum cms_digest digest,
                                     uint8_t value[static SIGNED_DIGEST_MAX])
{
    CLEANUP(buffer_free) struct buffer *header = NULL;
    CLEANUP(signed_digest_free) struct signed_digest *pass = NULL;
    bool wanted[SIGNED_DIGEST_COUNT] = { false };
    bool there = false;
    wanted[digest] = true;
    TRY(buffer_new(sizeof(size_t) + 2, &header));
    TRY(der_header(header, BER_SET, attributes->contents.len));
    TRY(signed_digest_new(wanted, attributes->contents.len, NULL, &pass));
    TRY(signed_digest_add(pass, buffer_view(header)));
    TRY(signed_digest_add(pass, attributes->contents));
    TRY(signed_digest_end(pass, digest, value, &there));
    return there ? NULL : error_new(ERR_INTERNAL, "no token computes this digest");
}

struct error *signed_attributes_encode(const struct signed_attributes *attributes,
                                       struct buffer *out)
{
    TRY(buffer_append(out, attributes->contents));
    return der_wrap(out, 0, BER_SET);
}
