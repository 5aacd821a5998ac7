#include "cms/describe_signed.h"

#include "base/limits.h"
#include "cms/describe_value.h"
#include "cms/recipient_list.h"
#include "cms/signed_attributes.h"

static struct error *tell_digests(const struct describe_sink *sink, struct ber_reader *reader)
{
    struct ber_value set = { 0 };
    TRY(ber_expect(reader, BER_SET, &set));
    struct ber_reader inner = ber_reader_in(&set);
    TRY(sink->open(sink->context, "digestAlgorithms", true));
    for (size_t i = 0; !ber_at_end(&inner) && i < LIMIT_DESCRIBED; i++) {
        TRY(describe_value_algorithm(sink, NULL, &inner));
    }
    sink->close(sink->context);
    return NULL;
}

/* Its length: of an OCTET STRING's contents, or, as PKCS #7 1.5 has it, of any value's. */
static struct error *measure_content(struct ber_reader *reader, size_t *ret_size)
{
    int tag = ber_peek(reader);
    struct ber_string string = { 0 };
    struct ber_value value = { 0 };
    if (tag == BER_OCTET_STRING || tag == (BER_OCTET_STRING | BER_CONSTRUCTED)) {
        TRY(ber_string(reader, BER_OCTET_STRING, &string));
        *ret_size = string.len;
        return NULL;
    }
    TRY(ber_next(reader, &value));
    *ret_size = value.contents.len;
    return NULL;
}

struct error *describe_signed_content(const struct describe_sink *sink, struct ber_reader *reader)
{
    struct ber_value value = { 0 };
    struct bytes type = BYTES_NONE;
    bool present = false;
    size_t size = 0;
    TRY(ber_expect(reader, BER_SEQUENCE, &value));
    struct ber_reader inner = ber_reader_in(&value);
    TRY(ber_oid(&inner, &type));
    TRY(ber_optional(&inner, BER_CONTEXT_CONSTRUCTED, &value, &present));
    if (present) {
        struct ber_reader content = ber_reader_in(&value);
        TRY(measure_content(&content, &size));
    }
    TRY(sink->open(sink->context, "content", false));
    TRY(describe_value_oid(sink, "type", type));
    TRY(sink->flag(sink->context, "present", present));
    if (present) {
        TRY(sink->number(sink->context, "size", size));
    }
    sink->close(sink->context);
    return NULL;
}

/* The number of values in an optional set; 0 where there is none. */
static struct error *tell_optional_count(const struct describe_sink *sink, const char *name,
                                         unsigned tag, struct ber_reader *reader)
{
    struct ber_value set = { 0 };
    bool found = false;
    TRY(ber_optional(reader, tag, &set, &found));
    return found ? describe_value_count(sink, name, &set) : sink->number(sink->context, name, 0);
}

/* The parts of a SignerInfo behind its identifier (RFC 5652 5.3). */
static struct error *tell_signature(const struct describe_sink *sink, struct ber_reader *reader)
{
    struct ber_value attributes = { 0 };
    struct ber_string signature = { 0 };
    bool found = false;
    TRY(describe_value_algorithm(sink, "digest", reader));
    TRY(ber_optional(reader, BER_CONTEXT_CONSTRUCTED, &attributes, &found));
    if (found) {
        struct signed_attributes read = { 0 };
        TRY(describe_value_attributes(sink, "signedAttributes", &attributes));
        TRY(signed_attributes_read(&attributes, BYTES_NONE, &read));
        if (read.has_signing_time) {
            TRY(sink->time(sink->context, "signingTime", read.signing_time));
        }
    }
    TRY(describe_value_algorithm(sink, "signature", reader));
    TRY(ber_string(reader, BER_OCTET_STRING, &signature));
    TRY(sink->number(sink->context, "signatureSize", signature.len));
    TRY(ber_optional(reader, BER_CONTEXT_CONSTRUCTED + 1, &attributes, &found));
    if (!found) {
        return NULL;
    }
    size_t others = signed_attributes_countersignatures(&attributes);
    TRY(describe_value_attributes(sink, "unsignedAttributes", &attributes));
    return others > 0 ? sink->number(sink->context, "countersignatures", others) : NULL;
}

static struct error *tell_signer(const struct describe_sink *sink, const struct ber_value *signer)
{
    struct ber_reader reader = ber_reader_in(signer);
    struct cms_cert_ref ref = { .key_id = BYTES_NONE };
    uint64_t version = 0;
    TRY(ber_small_integer(&reader, &version));
    TRY(recipient_list_read_ref(&reader, &ref));
    TRY(sink->open(sink->context, NULL, false));
    TRY(sink->number(sink->context, "version", version));
    TRY(describe_value_ref(sink, &ref));
    TRY(tell_signature(sink, &reader));
    sink->close(sink->context);
    return NULL;
}

static struct error *tell_signers(const struct describe_sink *sink, struct ber_reader *reader)
{
    struct ber_value set = { 0 };
    TRY(ber_expect(reader, BER_SET, &set));
    struct ber_reader inner = ber_reader_in(&set);
    TRY(sink->open(sink->context, "signers", true));
    for (size_t i = 0; !ber_at_end(&inner) && i < LIMIT_DESCRIBED; i++) {
        struct ber_value signer = { 0 };
        TRY(ber_expect(&inner, BER_SEQUENCE, &signer));
        TRY(tell_signer(sink, &signer));
    }
    sink->close(sink->context);
    return describe_value_count(sink, "signerCount", &set);
}

struct error *describe_signed(const struct describe_sink *sink, struct ber_reader *reader)
{
    struct ber_value sequence = { 0 };
    uint64_t version = 0;
    TRY(ber_expect(reader, BER_SEQUENCE, &sequence));
    struct ber_reader inner = ber_reader_in(&sequence);
    TRY(ber_small_integer(&inner, &version));
    TRY(sink->number(sink->context, "version", version));
    TRY(tell_digests(sink, &inner));
    TRY(describe_signed_content(sink, &inner));
    TRY(tell_optional_count(sink, "certificates", BER_CONTEXT_CONSTRUCTED, &inner));
    TRY(tell_optional_count(sink, "crls", BER_CONTEXT_CONSTRUCTED + 1, &inner));
    return tell_signers(sink, &inner);
}
