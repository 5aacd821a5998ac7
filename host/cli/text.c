#include "cli/text.h"

#include "base/utf8.h"

#include <inttypes.h>

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* The code point of a well-formed character of `length` bytes. */
static uint32_t code_point(const uint8_t *character, size_t length)
{
    static const uint8_t lead_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
    uint32_t code = character[0] & lead_bits[length];
    for (size_t i = 1; i < length; i++) {
        code = code << 6 | (character[i] & 0x3fU);
    }
    return code;
}

/* Controls, separators of lines, and the marks of the Unicode Bidirectional Algorithm (UAX 9 2). */
static bool is_hidden(uint32_t code)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } ranges[] = {
        { 0x00, 0x1f },     { 0x7f, 0x9f },     { 0x61c, 0x61c },
        { 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x2069 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static void put(FILE *file, struct bytes text)
{
    if (text.len > 0) {
        (void)fwrite(text.data, 1, text.len, file);
    }
}

/* Prints `text`; what must not be printed goes to `replace`, 0xfffd for an ill-formed byte. */
static void print(FILE *file, struct bytes text, char kept,
                  void (*replace)(FILE *file, uint32_t code))
{
    size_t start = 0; /* of what has yet to be printed */
    size_t at = 0;
    while (at < text.len) {
        size_t length = utf8_character(bytes_slice(text, at, 4));
        uint32_t code = length > 0 ? code_point(text.data + at, length) : 0xfffd;
        if (length > 0 && (code == (unsigned char)kept || !is_hidden(code))) {
            at += length;
            continue;
        }
        put(file, bytes_slice(text, start, at - start));
        replace(file, code);
        at += length > 0 ? length : 1;
        start = at;
    }
    put(file, bytes_slice(text, start, at - start));
}

static void replace_in_line(FILE *file, uint32_t code)
{
    (void)fputs(code == '\t' ? " " : replacement, file);
}

static void replace_in_json(FILE *file, uint32_t code)
{
    (void)fprintf(file, "\\u%04" PRIx32, code);
}

void text_print(FILE *file, struct bytes text)
{
    print(file, text, ' ', replace_in_line);
}

void text_print_json(FILE *file, struct bytes json)
{
    print(file, json, '\n', replace_in_json);
}
