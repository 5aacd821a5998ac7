#include "cms/enveloped.h"

#include "cms/content_info.h"
#include "cms/enveloped_message.h"
#include "cms/recipient_kari.h"
#include "cms/recipient_kek.h"
#include "cms/recipient_ktri.h"
#include "cms/recipient_pwri.h"

#include <stdlib.h>

/* RFC 9629 3: id-ori-kem */
static const uint8_t oid_ori_kem[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
                                       0x01, 0x09, 0x10, 0x0d, 0x03 };

/* RFC 5652 6.2: RecipientInfo is a CHOICE by tag. */
enum recipient_tag {
    TAG_KTRI = BER_SEQUENCE,
    TAG_KARI = BER_CONTEXT_CONSTRUCTED + 1,
    TAG_KEKRI = BER_CONTEXT_CONSTRUCTED + 2,
    TAG_PWRI = BER_CONTEXT_CONSTRUCTED + 3,
    TAG_ORI = BER_CONTEXT_CONSTRUCTED + 4
};

/* OtherRecipientInfo ::= SEQUENCE { oriType OID, oriValue ANY }. What cannot be read is of no type
 * known, and no harm to the others. */
static enum cms_recipient_type type_of_other(const struct ber_value *info)
{
    struct ber_reader reader = ber_reader_in(info);
    struct bytes oid = BYTES_NONE;
    CLEANUP(error_free) struct error *error = ber_oid(&reader, &oid);
    bool is_kem = !error && bytes_equal(oid, (struct bytes){ oid_ori_kem, sizeof(oid_ori_kem) });
    return is_kem ? CMS_KEM : CMS_RECIPIENT_OTHER;
}

static struct error *read_skipped(const struct ber_value *info, enum cms_recipient_type type,
                                  struct recipient_list *list)
{
    const struct recipient_entry entry = {
        .recipient = { .type = type, .algorithm = "unknown" },
        .info = info->whole,
    };
    return recipient_list_append(list, &entry);
}

static struct error *read_recipient(const struct ber_value *info, struct recipient_list *list)
{
    switch (info->tag) {
    case TAG_KTRI:
        return recipient_ktri_read(info, list);
    case TAG_KARI:
        return recipient_kari_read(info, list);
    case TAG_KEKRI:
        return recipient_kek_read(info, list);
    case TAG_PWRI:
        return recipient_pwri_read(info, list);
    case TAG_ORI:
        return read_skipped(info, type_of_other(info), list);
    default:
        return read_skipped(info, CMS_RECIPIENT_OTHER, list);
    }
}

static struct error *read_recipients(struct ber_reader *reader, struct cms_enveloped *message)
{
    struct ber_value set;
    TRY(ber_expect(reader, BER_SET, &set));
    struct ber_reader inner = ber_reader_in(&set);
    while (!ber_at_end(&inner)) {
        struct ber_value info;
        TRY(ber_next(&inner, &info));
        TRY(read_recipient(&info, &message->recipients));
    }
    return NULL;
}

/* EncryptedContentInfo ::= SEQUENCE { contentType, algorithm, [0] IMPLICIT OCTET STRING OPTIONAL }
 */
static struct error *read_content(struct ber_reader *reader, struct cms_enveloped *message)
{
    struct ber_value sequence;
    struct ber_value algorithm;
    struct bytes type;
    TRY(ber_expect(reader, BER_SEQUENCE, &sequence));
    struct ber_reader inner = ber_reader_in(&sequence);
    TRY(ber_oid(&inner, &type)); /* any: what is inside is looked at when it is open */
    TRY(ber_expect(&inner, BER_SEQUENCE, &algorithm));
    TRY(cipher_read(&algorithm, &message->cipher));
    if (ber_at_end(&inner)) {
        return error_new(ERR_CMS_MALFORMED, "the encrypted content is missing");
    }
    TRY(ber_string(&inner, BER_CONTEXT, &message->content));
    return ber_expect_end(&inner);
}

/* What AuthEnvelopedData has behind the content: authAttrs [1], mac (RFC 5083 2.1). */
static struct error *read_tag(struct ber_reader *reader, struct cms_enveloped *message)
{
    struct ber_value mac;
    TRY(ber_optional(reader, BER_CONTEXT_CONSTRUCTED + 1, &message->attributes,
                     &message->has_attributes));
    TRY(ber_expect(reader, BER_OCTET_STRING, &mac));
    message->tag = mac.contents;
    return NULL;
}

static struct error *read_message(struct ber_reader *outer, struct cms_enveloped *message)
{
    struct ber_value value;
    struct ber_value ignored;
    uint64_t version = 0;
    bool found = false;
    TRY(ber_expect(outer, BER_SEQUENCE, &value));
    struct ber_reader reader = ber_reader_in(&value);
    TRY(ber_small_integer(&reader, &version));
    /* originatorInfo: certificates for static keys, which nobody uses */
    TRY(ber_optional(&reader, BER_CONTEXT_CONSTRUCTED, &ignored, &found));
    TRY(read_recipients(&reader, message));
    TRY(read_content(&reader, message));
    if (message->authenticated) {
        TRY(read_tag(&reader, message));
    }
    /* unauthAttrs [2], in EnvelopedData unprotectedAttrs [1]: nothing there is believed */
    unsigned number = message->authenticated ? 2 : 1;
    TRY(ber_optional(&reader, BER_CONTEXT_CONSTRUCTED + number, &ignored, &found));
    return ber_expect_end(&reader);
}

struct error *cms_enveloped_parse(struct bytes input, struct cms_enveloped **ret_message)
{
    enum cms_type type = CMS_TYPE_OTHER;
    struct ber_reader content;
    TRY(content_info_read(input, &type, &content));
    if (type != CMS_TYPE_ENVELOPED && type != CMS_TYPE_AUTH_ENVELOPED) {
        return error_new(ERR_CMS_UNSUPPORTED, "the message is not an encrypted one");
    }
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = calloc(1, sizeof(*message));
    if (!message) {
        return error_no_memory();
    }
    message->authenticated = type == CMS_TYPE_AUTH_ENVELOPED;
    TRY(read_message(&content, message));
    *ret_message = TAKE_PTR(message);
    return NULL;
}

void cms_enveloped_free(struct cms_enveloped *message)
{
    if (message) {
        recipient_list_done(&message->recipients);
        free(message);
    }
}

size_t cms_enveloped_recipient_count(const struct cms_enveloped *message)
{
    return message->recipients.count;
}

const struct cms_recipient *cms_enveloped_recipient(const struct cms_enveloped *message,
                                                    size_t number)
{
    return number < message->recipients.count ? &message->recipients.entries[number].recipient
                                              : NULL;
}

const struct cms_cipher_info *cms_enveloped_cipher(const struct cms_enveloped *message)
{
    return message->cipher.info;
}

bool cms_enveloped_is_authenticated(const struct cms_enveloped *message)
{
    return message->authenticated;
}

bool cms_enveloped_is_spent(const struct cms_enveloped *message)
{
    return message->spent;
}
