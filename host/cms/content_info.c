#include "cms/content_info.h"

enum { BASE64_WHITE = 64, BASE64_PAD = 65, BASE64_BAD = 66 };

struct type_row {
    struct bytes oid; /* contents octets */
    enum cms_type type;
};

#define OID(octets) \
    { \
        (const uint8_t *)(octets), sizeof(octets) - 1 \
    }

static const struct type_row types[] = {
    { OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"), CMS_TYPE_DATA },
    { OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), CMS_TYPE_SIGNED },
    { OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"), CMS_TYPE_ENVELOPED },
    { OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x05"), CMS_TYPE_DIGESTED },
    { OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06"), CMS_TYPE_ENCRYPTED },
    { OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x02"), CMS_TYPE_AUTHENTICATED },
    { OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09"), CMS_TYPE_COMPRESSED },
    { OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17"), CMS_TYPE_AUTH_ENVELOPED },
};

enum cms_type content_info_type_of_oid(struct bytes oid)
{
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        if (bytes_equal(types[i].oid, oid)) {
            return types[i].type;
        }
    }
    return CMS_TYPE_OTHER;
}

struct error *content_info_read(struct bytes input, enum cms_type *ret_type,
                                struct ber_reader *ret_content)
{
    struct ber_reader reader = ber_reader_of(input);
    struct ber_value value = { 0 };
    struct bytes oid = BYTES_NONE;
    TRY(ber_expect(&reader, BER_SEQUENCE, &value));
    reader = ber_reader_in(&value);
    TRY(ber_oid(&reader, &oid));
    TRY(ber_expect(&reader, BER_CONTEXT_CONSTRUCTED, &value));
    TRY(ber_expect_end(&reader));
    *ret_type = content_info_type_of_oid(oid);
    *ret_content = ber_reader_in(&value);
    return NULL;
}

static unsigned base64_class(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26U;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52U;
    }
    switch (c) {
    case '+':
        return 62;
    case '/':
        return 63;
    case '=':
        return BASE64_PAD;
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        return BASE64_WHITE;
    default:
        return BASE64_BAD;
    }
}

/* Where decoding stands: bits not written yet, characters of the present group of four. */
struct base64_state {
    uint32_t bits;
    unsigned characters;
    unsigned padding;
    bool ended; /* a padded group was complete */
};

/* RFC 4648 4 with line breaks anywhere; false for a character that cannot stand there. */
static bool base64_take(struct base64_state *state, unsigned class, uint8_t **target)
{
    if (class == BASE64_WHITE) {
        return true;
    }
    if (class == BASE64_BAD || state->ended || (class != BASE64_PAD && state->padding > 0)) {
        return false;
    }
    if (class == BASE64_PAD) {
        state->padding++;
        class = 0;
    }
    state->bits = state->bits << 6 | class;
    if (++state->characters < 4) {
        return true;
    }
    if (state->padding > 2) {
        return false;
    }
    for (unsigned i = 0; i < 3 - state->padding; i++) {
        *(*target)++ = (uint8_t)(state->bits >> (16 - 8 * i));
    }
    state->ended = state->padding > 0;
    state->bits = 0;
    state->characters = 0;
    return true;
}

static struct error *base64_decode(struct bytes text, struct mapping **ret_mapping)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    size_t most = text.len / 4 * 3 + 3;
    uint8_t *start = NULL;
    TRY(mapping_new(most, &mapping));
    TRY(mapping_extend(mapping, most, &start));
    uint8_t *target = start;
    struct base64_state state = { 0 };
    for (size_t i = 0; i < text.len; i++) {
        if (!base64_take(&state, base64_class(text.data[i]), &target)) {
            return error_new(ERR_CMS_MALFORMED, "not base64");
        }
    }
    if (state.characters != 0) {
        return error_new(ERR_CMS_MALFORMED, "base64 that ends early");
    }
    mapping_truncate(mapping, (size_t)(target - start));
    *ret_mapping = TAKE_PTR(mapping);
    return NULL;
}

/* What stands between the lines of "-----BEGIN label-----" and "-----END": RFC 7468, with any
 * label. Text before the first line is passed over. */
static bool find_pem(struct bytes input, struct bytes *ret_text)
{
    static const struct bytes begin = OID("-----BEGIN ");
    static const struct bytes end = OID("\n-----END ");
    struct bytes rest = input;
    while (!bytes_starts_with(rest, begin)) {
        size_t line_end = bytes_find(rest, BYTES_LITERAL("\n"));
        if (line_end == SIZE_MAX) {
            return false;
        }
        rest = bytes_slice(rest, line_end + 1, rest.len);
    }
    size_t line_end = bytes_find(rest, BYTES_LITERAL("\n"));
    if (line_end == SIZE_MAX) {
        return false;
    }
    rest = bytes_slice(rest, line_end, rest.len);
    size_t len = bytes_find(rest, end);
    *ret_text = bytes_slice(rest, 0, len);
    return len != SIZE_MAX;
}

static struct bytes skip_white(struct bytes text)
{
    size_t skip = 0;
    while (skip < text.len && base64_class(text.data[skip]) == BASE64_WHITE) {
        skip++;
    }
    return bytes_slice(text, skip, text.len);
}

struct error *content_info_unarmour(struct bytes input, struct mapping **ret_mapping,
                                    struct bytes *ret_ber)
{
    if (input.len > 0 && input.data[0] == BER_SEQUENCE) {
        *ret_ber = input;
        return NULL;
    }
    struct bytes text = skip_white(input);
    /* base64 of a SEQUENCE always starts with this letter; its identifier is no base64 of one */
    if (!bytes_starts_with(text, BYTES_LITERAL("M")) ||
        bytes_find(text, BYTES_LITERAL("-")) < text.len) {
        if (!find_pem(text, &text)) {
            return error_new(ERR_CMS_MALFORMED, "neither BER nor base64 nor PEM");
        }
    }
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    TRY(base64_decode(text, &mapping));
    struct bytes ber = mapping_view(mapping);
    if (ber.len == 0 || ber.data[0] != BER_SEQUENCE) {
        return error_new(ERR_CMS_MALFORMED, "what is in base64 is not BER");
    }
    *ret_ber = ber;
    *ret_mapping = TAKE_PTR(mapping);
    return NULL;
}
