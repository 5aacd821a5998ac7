#include "cms/content_info.h"
#include "cms/signed_message.h"
#include "cms/signed_protection.h"

#include <stdlib.h>

/* digestAlgorithms: only that they can be read. Which digests are needed, the SignerInfos say: the
 * set may be empty, or lack one (RFC 5652 5.1). */
static struct error *read_digest_algorithms(struct ber_reader *reader)
{
    struct ber_value set = { 0 };
    return ber_expect(reader, BER_SET, &set);
}

/* RFC 5652 5.2.1: PKCS #7 1.5 has any type here where RFC 5652 has an OCTET STRING; what is
 * digested then are the contents octets. */
static struct error *read_any_content(struct ber_reader *reader, struct ber_string *ret_content)
{
    struct ber_value value = { 0 };
    TRY(ber_next(reader, &value));
    *ret_content = (struct ber_string){
        .whole = value.whole, .len = value.contents.len, .segments = 1, .first = value.contents
    };
    return NULL;
}

static struct error *read_content(struct ber_reader *reader, struct cms_signed *message)
{
    struct ber_value value = { 0 };
    TRY(ber_expect(reader, BER_SEQUENCE, &value));
    struct ber_reader inner = ber_reader_in(&value);
    TRY(ber_oid(&inner, &message->content_type));
    TRY(ber_optional(&inner, BER_CONTEXT_CONSTRUCTED, &value, &message->has_content));
    TRY(ber_expect_end(&inner));
    if (!message->has_content) {
        return NULL;
    }
    struct ber_reader content = ber_reader_in(&value);
    int tag = ber_peek(&content);
    if (tag == BER_OCTET_STRING || tag == (BER_OCTET_STRING | BER_CONSTRUCTED) ||
        cms_signed_content_is_data(message)) {
        TRY(ber_string(&content, BER_OCTET_STRING, &message->content));
    } else {
        TRY(read_any_content(&content, &message->content));
    }
    return ber_expect_end(&content);
}

/* One of CertificateSet or RevocationInfoChoices: the kind that is a plain SEQUENCE is kept, the
 * others (attribute certificates, other formats; RFC 5652 10.2) are passed over. */
struct choice_list {
    unsigned tag; /* of the set */
    size_t limit;
    size_t value_limit; /* bytes of one value */
    struct bytes *values;
    size_t *count;
};

static struct error *read_choices(struct ber_reader *reader, const struct choice_list *list)
{
    struct ber_value set = { 0 };
    bool found = false;
    TRY(ber_optional(reader, list->tag, &set, &found));
    if (!found) {
        return NULL;
    }
    struct ber_reader inner = ber_reader_in(&set);
    for (size_t seen = 0; !ber_at_end(&inner); seen++) {
        struct ber_value value = { 0 };
        TRY(ber_next(&inner, &value));
        if (seen == list->limit || value.whole.len > list->value_limit) {
            return error_new(ERR_CMS_MALFORMED, "too many or too large certificates or CRLs");
        }
        if (value.tag == BER_SEQUENCE) {
            list->values[(*list->count)++] = value.whole;
        }
    }
    return NULL;
}

/* SignerIdentifier (RFC 5652 5.3). */
static struct error *read_signer_identifier(struct ber_reader *reader, struct cms_cert_ref *ref)
{
    if (ber_peek(reader) != BER_SEQUENCE) {
        struct ber_string key_id = { 0 };
        TRY(ber_string(reader, BER_CONTEXT, &key_id));
        if (key_id.segments != 1) {
            return error_new(ERR_CMS_MALFORMED, "a key identifier in pieces");
        }
        ref->key_id = key_id.first;
        return NULL;
    }
    struct ber_value value = { 0 };
    struct ber_value issuer = { 0 };
    TRY(ber_expect(reader, BER_SEQUENCE, &value));
    struct ber_reader inner = ber_reader_in(&value);
    TRY(ber_expect(&inner, BER_SEQUENCE, &issuer));
    ref->issuer = issuer.whole;
    TRY(ber_integer(&inner, &ref->serial));
    return ber_expect_end(&inner);
}

static struct error *read_digest_algorithm(struct ber_reader *reader, struct cms_signer *view)
{
    struct ber_value value = { 0 };
    struct bytes oid = BYTES_NONE;
    TRY(ber_expect(reader, BER_SEQUENCE, &value));
    struct ber_reader inner = ber_reader_in(&value);
    TRY(ber_oid(&inner, &oid));
    const struct cms_digest_info *info = cms_digest_by_oid(oid);
    view->digest = info ? info->digest : CMS_DIGEST_UNKNOWN;
    view->digest_name = info ? info->name : "unknown";
    return NULL;
}

static struct error *read_attributes(struct ber_reader *reader, struct bytes content_type,
                                     struct signed_signer *signer)
{
    struct ber_value value = { 0 };
    bool found = false;
    TRY(ber_optional(reader, BER_CONTEXT_CONSTRUCTED, &value, &found));
    if (!found) {
        return NULL;
    }
    TRY(signed_attributes_read(&value, content_type, &signer->attributes));
    signer->view.has_signing_time = signer->attributes.has_signing_time;
    signer->view.signing_time = signer->attributes.signing_time;
    return NULL;
}

static struct error *read_signature(struct ber_reader *reader, struct bytes *ret_signature)
{
    struct ber_string signature = { 0 };
    TRY(ber_string(reader, BER_OCTET_STRING, &signature));
    if (signature.segments != 1) {
        return error_new(ERR_CMS_MALFORMED, "a signature in pieces");
    }
    *ret_signature = signature.first;
    return NULL;
}

/* The encoding of the next value; empty where it can't be read, which whoever reads it will say. */
static struct bytes next_whole(const struct ber_reader *reader)
{
    struct ber_reader ahead = *reader;
    struct ber_value value = { 0 };
    CLEANUP(error_free) struct error *error = ber_next(&ahead, &value);
    return error ? BYTES_NONE : value.whole;
}

static struct error *read_signer(struct ber_reader *reader, struct bytes content_type,
                                 struct signed_signer *signer)
{
    struct ber_value value = { 0 };
    uint64_t version = 0;
    bool found = false;
    TRY(ber_expect(reader, BER_SEQUENCE, &value));
    struct ber_reader inner = ber_reader_in(&value);
    TRY(ber_small_integer(&inner, &version));
    TRY(read_signer_identifier(&inner, &signer->view.ref));
    struct bytes digest = next_whole(&inner);
    TRY(read_digest_algorithm(&inner, &signer->view));
    TRY(read_attributes(&inner, content_type, signer));
    struct bytes signature = next_whole(&inner);
    TRY(signed_algorithm_read(&inner, &signer->algorithm));
    if (!signed_protection_holds(signer->attributes.protection, digest, signature)) {
        signer->attributes.malformed = true;
    }
    signer->view.signature_name = signer->algorithm.name;
    TRY(read_signature(&inner, &signer->signature));
    TRY(ber_optional(&inner, BER_CONTEXT_CONSTRUCTED + 1, &value, &found));
    if (found) {
        signer->view.countersignature_count = signed_attributes_countersignatures(&value);
    }
    return ber_expect_end(&inner);
}

static struct error *read_signers(struct ber_reader *reader, struct cms_signed *message)
{
    struct ber_value set = { 0 };
    TRY(ber_expect(reader, BER_SET, &set));
    struct ber_reader inner = ber_reader_in(&set);
    while (!ber_at_end(&inner)) {
        if (message->signer_count == LIMIT_SIGNERS) {
            return error_new(ERR_CMS_MALFORMED, "too many signers");
        }
        TRY(read_signer(&inner, message->content_type, &message->signers[message->signer_count]));
        message->signer_count++;
    }
    return NULL;
}

static struct error *read_signed_data(struct ber_reader *reader, struct cms_signed *message)
{
    const struct choice_list certificates = { BER_CONTEXT_CONSTRUCTED, LIMIT_CERTIFICATES,
                                              LIMIT_CERTIFICATE, message->certificates,
                                              &message->certificate_count };
    const struct choice_list crls = { BER_CONTEXT_CONSTRUCTED + 1, LIMIT_CRLS, LIMIT_MESSAGE,
                                      message->crls, &message->crl_count };
    struct ber_value sequence = { 0 };
    uint64_t version = 0;
    TRY(ber_expect(reader, BER_SEQUENCE, &sequence));
    TRY(ber_expect_end(reader));
    struct ber_reader inner = ber_reader_in(&sequence);
    TRY(ber_small_integer(&inner, &version));
    TRY(read_digest_algorithms(&inner));
    TRY(read_content(&inner, message));
    TRY(read_choices(&inner, &certificates));
    TRY(read_choices(&inner, &crls));
    TRY(read_signers(&inner, message));
    return ber_expect_end(&inner);
}

struct error *cms_signed_parse(struct bytes input, struct cms_signed **ret_signed)
{
    enum cms_type type = CMS_TYPE_OTHER;
    struct ber_reader content = { 0 };
    TRY(content_info_read(input, &type, &content));
    if (type != CMS_TYPE_SIGNED) {
        return error_new(ERR_CMS_UNSUPPORTED, "not SignedData");
    }
    CLEANUP(cms_signed_free) struct cms_signed *message = calloc(1, sizeof(*message));
    if (!message) {
        return error_no_memory();
    }
    TRY(read_signed_data(&content, message));
    *ret_signed = TAKE_PTR(message);
    return NULL;
}
