#include "cms/describe_value.h"

#include "base/limits.h"
#include "certs/name.h"
#include "cms/oid.h"

/* Dotted text of LIMIT_OID octets: at most 20 digits and a dot for one arc, which has two octets
 * then at the least; a NUL. */
#define OID_TEXT_LIMIT (LIMIT_OID * 21 + 1)

static struct error *tell_oid(const struct describe_sink *sink, struct bytes oid)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    const char *name = oid_name(oid);
    TRY(buffer_new(OID_TEXT_LIMIT, &text));
    TRY(oid_text(oid, text));
    TRY(buffer_append_byte(text, '\0'));
    TRY(sink->text(sink->context, "oid", (const char *)text->data));
    return name ? sink->text(sink->context, "name", name) : NULL;
}

struct error *describe_value_oid(const struct describe_sink *sink, const char *name,
                                 struct bytes oid)
{
    TRY(sink->open(sink->context, name, false));
    TRY(tell_oid(sink, oid));
    sink->close(sink->context);
    return NULL;
}

struct error *describe_value_algorithm(const struct describe_sink *sink, const char *name,
                                       struct ber_reader *reader)
{
    struct ber_value value = { 0 };
    struct bytes oid = BYTES_NONE;
    TRY(ber_expect(reader, BER_SEQUENCE, &value));
    struct ber_reader inner = ber_reader_in(&value);
    TRY(ber_oid(&inner, &oid));
    return describe_value_oid(sink, name, oid);
}

static struct error *count_values(const struct ber_value *set, size_t *ret_count)
{
    struct ber_reader reader = ber_reader_in(set);
    for (*ret_count = 0; !ber_at_end(&reader); ++*ret_count) {
        struct ber_value value = { 0 };
        TRY(ber_next(&reader, &value));
    }
    return NULL;
}

struct error *describe_value_count(const struct describe_sink *sink, const char *name,
                                   const struct ber_value *set)
{
    size_t count = 0;
    TRY(count_values(set, &count));
    return sink->number(sink->context, name, count);
}

static struct error *tell_attribute(const struct describe_sink *sink, struct ber_reader *reader)
{
    struct ber_value value = { 0 };
    struct bytes oid = BYTES_NONE;
    TRY(ber_expect(reader, BER_SEQUENCE, &value));
    struct ber_reader inner = ber_reader_in(&value);
    TRY(ber_oid(&inner, &oid));
    TRY(ber_expect(&inner, BER_SET, &value));
    TRY(sink->open(sink->context, NULL, false));
    TRY(tell_oid(sink, oid));
    TRY(describe_value_count(sink, "values", &value));
    sink->close(sink->context);
    return NULL;
}

struct error *describe_value_attributes(const struct describe_sink *sink, const char *name,
                                        const struct ber_value *set)
{
    struct ber_reader reader = ber_reader_in(set);
    TRY(sink->open(sink->context, name, true));
    for (size_t count = 0; !ber_at_end(&reader); count++) {
        if (count == LIMIT_ATTRIBUTES) {
            return error_new(ERR_CMS_MALFORMED, "too many attributes");
        }
        TRY(tell_attribute(sink, &reader));
    }
    sink->close(sink->context);
    return NULL;
}

/* The start of what can be as long as the message. */
static struct error *tell_hex(const struct describe_sink *sink, const char *name,
                              struct bytes octets)
{
    return sink->hex(sink->context, name, bytes_slice(octets, 0, LIMIT_OID));
}

struct error *describe_value_ref(const struct describe_sink *sink, const struct cms_cert_ref *ref)
{
    if (ref->key_id.len > 0) {
        TRY(tell_hex(sink, "keyId", ref->key_id));
    }
    if (ref->issuer.len == 0) {
        return NULL;
    }
    if (ref->issuer.len <= LIMIT_NAME) {
        CLEANUP(string_free) char *issuer = NULL;
        TRY(name_text(ref->issuer, &issuer));
        TRY(sink->text(sink->context, "issuer", issuer));
    }
    return tell_hex(sink, "serial", ref->serial);
}
