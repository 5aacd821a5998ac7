#include "helper/escape.h"

#include "base/utf8.h"

#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"

static struct error *append_character(struct buffer *line, struct bytes character)
{
    uint8_t first = character.data[0];
    if (character.len == 1 && (first < 0x20 || first == '%')) {
        return buffer_printf(line, "%%%02X", first);
    }
    return buffer_append(line, character);
}

struct error *escape_append_own(struct buffer *line, const char *text)
{
    for (const char *at = text; *at; at++) {
        TRY(append_character(line, (struct bytes){ (const uint8_t *)at, 1 }));
    }
    return NULL;
}

/* The code point of a well-formed character. */
static uint32_t code_point(struct bytes character)
{
    static const uint8_t first_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    uint32_t value = character.data[0] & first_bits[character.len];
    for (size_t i = 1; i < character.len; i++) {
        value = value << 6 | (character.data[i] & 0x3f);
    }
    return value;
}

/* Characters that have no place in one line of plain text. */
static bool is_left_out(uint32_t point)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } ranges[] = {
        { 0x00, 0x1f }, /* C0 controls */
        { 0x7f, 0x9f }, /* DEL, C1 controls */
        { 0xad, 0xad }, /* soft hyphen */
        { 0x34f, 0x34f }, /* combining grapheme joiner */
        { 0x61c, 0x61c }, /* Arabic letter mark */
        { 0x115f, 0x1160 }, /* Hangul fillers */
        { 0x17b4, 0x17b5 }, /* Khmer inherent vowels */
        { 0x180b, 0x180f }, /* Mongolian selectors */
        { 0x200b, 0x200f }, /* zero width, direction marks */
        { 0x2028, 0x202e }, /* separators, embeddings, overrides */
        { 0x2060, 0x206f }, /* word joiner, isolates, deprecated controls */
        { 0x3164, 0x3164 }, /* Hangul filler */
        { 0xfe00, 0xfe0f }, /* variation selectors */
        { 0xfeff, 0xfeff }, /* byte order mark */
        { 0xffa0, 0xffa0 }, /* half-width Hangul filler */
        { 0xfff0, 0xfffb }, /* specials */
        { 0xe0000, 0xe0fff }, /* tags, variation selectors */
    };
    for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
        if (point >= ranges[i].first && point <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static bool is_white(struct bytes character)
{
    uint8_t first = character.data[0];
    return first == '\t' || first == '\n' || first == '\r';
}

/* The next character of `rest` that is shown, in `ret_character`; false at the end. */
static bool next_shown(struct bytes *rest, struct bytes *ret_character)
{
    while (rest->len > 0) {
        size_t len = utf8_character(*rest);
        struct bytes character = { rest->data, len };
        size_t step = len ? len : 1;
        *rest = (struct bytes){ rest->data + step, rest->len - step };
        if (len > 0 && (is_white(character) || !is_left_out(code_point(character)))) {
            *ret_character = character;
            return true;
        }
    }
    return false;
}

/* What stands in the place of characters that mean something to a dialog. */
static struct bytes made_plain(struct bytes character)
{
    if (is_white(character)) {
        return BYTES_LITERAL(" ");
    }
    if (character.data[0] == '<') {
        return BYTES_LITERAL("\xe2\x80\xb9");
    }
    if (character.data[0] == '>') {
        return BYTES_LITERAL("\xe2\x80\xba");
    }
    return character;
}

struct error *escape_append_foreign(struct buffer *line, struct bytes text, size_t budget)
{
    struct bytes rest = text;
    struct bytes character = BYTES_NONE;
    size_t used = 0;
    while (next_shown(&rest, &character)) {
        character = made_plain(character);
        size_t cost = character.data[0] == '%' ? 3 : character.len;
        if (used + cost + strlen(ELLIPSIS) > budget) {
            return buffer_append_string(line, ELLIPSIS);
        }
        TRY(append_character(line, character));
        used += cost;
    }
    return NULL;
}
