#include "cms/describe.h"

#include "cms/content_info.h"
#include "cms/describe_enveloped.h"
#include "cms/describe_signed.h"
#include "cms/describe_value.h"

/* The type as it stands there: content_info_read knows only some. The content may be missing
 * (RFC 5652 3 has it, PKCS #7 lets it be left out). */
static struct error *read_type(struct bytes input, struct bytes *ret_type)
{
    struct ber_reader reader = ber_reader_of(input);
    struct ber_value value = { 0 };
    TRY(ber_expect(&reader, BER_SEQUENCE, &value));
    reader = ber_reader_in(&value);
    return ber_oid(&reader, ret_type);
}

/* RFC 3274 1.1 */
static struct error *tell_compressed(const struct describe_sink *sink, struct ber_reader *reader)
{
    struct ber_value sequence = { 0 };
    uint64_t version = 0;
    TRY(ber_expect(reader, BER_SEQUENCE, &sequence));
    struct ber_reader inner = ber_reader_in(&sequence);
    TRY(ber_small_integer(&inner, &version));
    TRY(sink->number(sink->context, "version", version));
    TRY(describe_value_algorithm(sink, "compression", &inner));
    return describe_signed_content(sink, &inner);
}

struct error *describe_message(struct bytes input, const struct describe_sink *sink)
{
    struct bytes oid = BYTES_NONE;
    struct ber_reader content = { 0 };
    TRY(read_type(input, &oid));
    TRY(describe_value_oid(sink, "contentType", oid));
    enum cms_type type = content_info_type_of_oid(oid);
    switch (type) {
    case CMS_TYPE_SIGNED:
        TRY(content_info_read(input, &type, &content));
        return describe_signed(sink, &content);
    case CMS_TYPE_ENVELOPED:
    case CMS_TYPE_AUTH_ENVELOPED:
        return describe_enveloped(sink, input);
    case CMS_TYPE_COMPRESSED:
        TRY(content_info_read(input, &type, &content));
        return tell_compressed(sink, &content);
    case CMS_TYPE_OTHER:
    case CMS_TYPE_DATA:
    case CMS_TYPE_DIGESTED:
    case CMS_TYPE_ENCRYPTED:
    case CMS_TYPE_AUTHENTICATED:
        break; /* what such a type has behind its name is not read */
    }
    return NULL;
}
