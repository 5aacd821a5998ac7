#include "cms/describe_enveloped.h"

#include "base/limits.h"
#include "cms/content_info.h"
#include "cms/describe_value.h"
#include "cms/enveloped.h"

static const char *type_text(enum cms_recipient_type type)
{
    static const char *const texts[] = {
        [CMS_KEY_TRANSPORT] = "key-transport",
        [CMS_KEY_AGREEMENT] = "key-agreement",
        [CMS_KEK] = "kek",
        [CMS_PASSWORD] = "password",
        [CMS_KEM] = "kem",
        [CMS_RECIPIENT_OTHER] = "other",
    };
    return texts[type];
}

static struct error *tell_recipients(const struct describe_sink *sink,
                                     const struct cms_enveloped *message)
{
    size_t count = cms_enveloped_recipient_count(message);
    TRY(sink->open(sink->context, "recipients", true));
    for (size_t i = 0; i < count && i < LIMIT_DESCRIBED; i++) {
        const struct cms_recipient *recipient = cms_enveloped_recipient(message, i);
        TRY(sink->open(sink->context, NULL, false));
        TRY(sink->text(sink->context, "type", type_text(recipient->type)));
        TRY(describe_value_ref(sink, &recipient->ref));
        TRY(sink->text(sink->context, "algorithm", recipient->algorithm));
        sink->close(sink->context);
    }
    sink->close(sink->context);
    return sink->number(sink->context, "recipientCount", count);
}

/* EncryptedContentInfo (RFC 5652 6.1). */
static struct error *tell_content(const struct describe_sink *sink, struct ber_reader *reader)
{
    struct ber_value sequence = { 0 };
    struct ber_string content = { 0 };
    struct bytes type = BYTES_NONE;
    TRY(ber_expect(reader, BER_SEQUENCE, &sequence));
    struct ber_reader inner = ber_reader_in(&sequence);
    TRY(ber_oid(&inner, &type));
    TRY(sink->open(sink->context, "content", false));
    TRY(describe_value_oid(sink, "type", type));
    TRY(describe_value_algorithm(sink, "cipher", &inner));
    TRY(ber_string(&inner, BER_CONTEXT, &content)); /* not missing: it was parsed before */
    TRY(sink->number(sink->context, "size", content.len));
    sink->close(sink->context);
    return NULL;
}

static struct error *tell_optional_attributes(const struct describe_sink *sink, const char *name,
                                              unsigned tag, struct ber_reader *reader)
{
    struct ber_value set = { 0 };
    bool found = false;
    TRY(ber_optional(reader, tag, &set, &found));
    return found ? describe_value_attributes(sink, name, &set) : NULL;
}

/* What stands behind the content (RFC 5083 2.1). */
static struct error *tell_tag(const struct describe_sink *sink, struct ber_reader *reader)
{
    struct ber_value mac = { 0 };
    TRY(tell_optional_attributes(sink, "authenticatedAttributes", BER_CONTEXT_CONSTRUCTED + 1,
                                 reader));
    TRY(ber_expect(reader, BER_OCTET_STRING, &mac));
    TRY(sink->number(sink->context, "macSize", mac.contents.len));
    return tell_optional_attributes(sink, "unauthenticatedAttributes", BER_CONTEXT_CONSTRUCTED + 2,
                                    reader);
}

struct error *describe_enveloped(const struct describe_sink *sink, struct bytes input)
{
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    enum cms_type type = CMS_TYPE_OTHER;
    struct ber_reader outer = { 0 };
    struct ber_value value = { 0 };
    bool originator = false;
    uint64_t version = 0;
    TRY(cms_enveloped_parse(input, &message));
    TRY(content_info_read(input, &type, &outer));
    TRY(ber_expect(&outer, BER_SEQUENCE, &value));
    struct ber_reader reader = ber_reader_in(&value);
    TRY(ber_small_integer(&reader, &version));
    TRY(sink->number(sink->context, "version", version));
    TRY(ber_optional(&reader, BER_CONTEXT_CONSTRUCTED, &value, &originator));
    TRY(sink->flag(sink->context, "originatorInfo", originator));
    TRY(tell_recipients(sink, message));
    TRY(ber_expect(&reader, BER_SET, &value));
    TRY(tell_content(sink, &reader));
    if (cms_enveloped_is_authenticated(message)) {
        return tell_tag(sink, &reader);
    }
    return tell_optional_attributes(sink, "unprotectedAttributes", BER_CONTEXT_CONSTRUCTED + 1,
                                    &reader);
}
