#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* The first byte decides the length and the range of the second (RFC 3629 section 4, Unicode 3-7).
 */
struct lead {
    uint8_t first;
    uint8_t last;
    uint8_t length;
    uint8_t second_from;
    uint8_t second_to;
};

static const struct lead leads[] = {
    { 0x00, 0x7f, 1, 0, 0 },       { 0xc2, 0xdf, 2, 0x80, 0xbf }, { 0xe0, 0xe0, 3, 0xa0, 0xbf },
    { 0xe1, 0xec, 3, 0x80, 0xbf }, { 0xed, 0xed, 3, 0x80, 0x9f }, { 0xee, 0xef, 3, 0x80, 0xbf },
    { 0xf0, 0xf0, 4, 0x90, 0xbf }, { 0xf1, 0xf3, 4, 0x80, 0xbf }, { 0xf4, 0xf4, 4, 0x80, 0x8f },
};

static const struct lead *find_lead(uint8_t byte)
{
    for (size_t i = 0; i < ARRAY_SIZE(leads); i++) {
        if (byte >= leads[i].first && byte <= leads[i].last) {
            return &leads[i];
        }
    }
    return NULL;
}

size_t utf8_character(struct bytes text)
{
    const struct lead *lead = text.len > 0 ? find_lead(text.data[0]) : NULL;
    if (!lead || text.len < lead->length) {
        return 0;
    }
    if (lead->length > 1 && (text.data[1] < lead->second_from || text.data[1] > lead->second_to)) {
        return 0;
    }
    for (size_t i = 2; i < lead->length; i++) {
        if ((text.data[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return lead->length;
}

bool utf8_valid(struct bytes text)
{
    size_t at = 0;
    while (at < text.len) {
        size_t length = utf8_character(bytes_slice(text, at, 4));
        if (length == 0) {
            return false;
        }
        at += length;
    }
    return true;
}

static bool is_control(struct bytes character)
{
    uint8_t c = character.data[0];
    bool c0 = c < 0x20 && c != '\t';
    bool c1 = c == 0xc2 && character.data[1] < 0xa0;
    return c0 || c == 0x7f || c1;
}

struct error *utf8_sanitise(struct bytes text, char **ret_text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    /* a byte becomes three at the most; text is bounded by LIMIT_MESSAGE: no overflow */
    char *out = malloc(text.len * 3 + 1);
    if (!out) {
        return error_no_memory();
    }
    size_t used = 0;
    for (size_t at = 0; at < text.len;) {
        struct bytes rest = bytes_slice(text, at, 4);
        size_t length = utf8_character(rest);
        bool keep = length > 0 && !is_control(rest);
        memcpy(out + used, keep ? (const char *)rest.data : replacement, keep ? length : 3);
        used += keep ? length : 3;
        at += length > 0 ? length : 1;
    }
    out[used] = '\0';
    *ret_text = out;
    return NULL;
}
