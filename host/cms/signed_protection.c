#include "cms/signed_protection.h"

#include "cms/ber.h"

/* An AlgorithmIdentifier taken apart. */
struct identifier {
    struct bytes oid;
    struct bytes parameters; /* encoded; empty for NULL and for none */
};

static struct error *read_contents(const struct ber_value *value, struct identifier *ret_identifier)
{
    struct ber_reader reader = ber_reader_in(value);
    struct ber_value parameters = { 0 };
    TRY(ber_oid(&reader, &ret_identifier->oid));
    if (!ber_at_end(&reader)) {
        TRY(ber_next(&reader, &parameters));
    }
    ret_identifier->parameters = parameters.tag == BER_NULL ? BYTES_NONE : parameters.whole;
    return ber_expect_end(&reader);
}

static struct error *read_identifier(struct ber_reader *reader, unsigned tag,
                                     struct identifier *ret_identifier)
{
    struct ber_value value = { 0 };
    TRY(ber_expect(reader, tag, &value));
    return read_contents(&value, ret_identifier);
}

static bool same(const struct identifier *a, const struct identifier *b)
{
    return bytes_equal(a->oid, b->oid) && bytes_equal(a->parameters, b->parameters);
}

static struct error *compare(struct bytes protection, struct bytes digest, struct bytes signature,
                             bool *ret_same)
{
    struct ber_reader outer = ber_reader_of(protection);
    struct ber_reader digest_reader = ber_reader_of(digest);
    struct ber_reader signature_reader = ber_reader_of(signature);
    struct ber_value value = { 0 };
    struct identifier said[2];
    struct identifier used[2];
    TRY(ber_expect(&outer, BER_SEQUENCE, &value));
    struct ber_reader inner = ber_reader_in(&value);
    TRY(read_identifier(&inner, BER_SEQUENCE, &said[0]));
    /* RFC 6211 2: in a SignerInfo signatureAlgorithm [1] is there and macAlgorithm [2] is not */
    TRY(read_identifier(&inner, BER_CONTEXT_CONSTRUCTED + 1, &said[1]));
    TRY(ber_expect_end(&inner));
    TRY(read_identifier(&digest_reader, BER_SEQUENCE, &used[0]));
    TRY(read_identifier(&signature_reader, BER_SEQUENCE, &used[1]));
    *ret_same = same(&said[0], &used[0]) && same(&said[1], &used[1]);
    return NULL;
}

bool signed_protection_holds(struct bytes protection, struct bytes digest, struct bytes signature)
{
    bool holds = false;
    if (protection.len == 0) {
        return true;
    }
    CLEANUP(error_free) struct error *error = compare(protection, digest, signature, &holds);
    return !error && holds;
}
