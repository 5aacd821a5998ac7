#include "mime/canonical.h"

#include <string.h>

/* Splits `text` behind its first LF. The line comes without its line end; `ret_end` is the line
 * end's length: 2, 1, or 0 at the end of the text. */
static struct bytes take_line(struct bytes *text, size_t *ret_end)
{
    const uint8_t *found = memchr(text->data, '\n', text->len);
    size_t whole = found ? (size_t)(found - text->data) + 1 : text->len;
    size_t len = found ? whole - 1 : whole;
    if (found && len > 0 && text->data[len - 1] == '\r') {
        len--;
    }
    struct bytes line = bytes_slice(*text, 0, len);
    *ret_end = whole - len;
    *text = bytes_slice(*text, whole, SIZE_MAX);
    return line;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

bool canonical_starts_like_mbox(struct bytes line)
{
    while (line.len > 0 && line.data[0] == '>') {
        line = bytes_slice(line, 1, SIZE_MAX);
    }
    return bytes_starts_with(line, BYTES_LITERAL("From "));
}

static bool line_safe(struct bytes line, size_t longest)
{
    if (line.len == 0) {
        return true;
    }
    if (line.len > longest || is_blank(line.data[line.len - 1]) ||
        canonical_starts_like_mbox(line) || bytes_equal(line, BYTES_LITERAL("."))) {
        return false;
    }
    bool bad = false;
    for (size_t i = 0; i < line.len; i++) {
        uint8_t c = line.data[i];
        bad |= c >= 0x80 || c == '\0' || c == '\r';
    }
    return !bad;
}

enum canonical_state canonical_check(struct bytes text, size_t longest)
{
    enum canonical_state state = CANONICAL_CLEAN;
    while (text.len > 0) {
        size_t end = 0;
        struct bytes line = take_line(&text, &end);
        if (!line_safe(line, longest)) {
            return CANONICAL_UNSAFE;
        }
        if (end == 1) {
            state = CANONICAL_LINE_ENDS;
        }
    }
    return state;
}

bool canonical_has_8bit(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] >= 0x80) {
            return true;
        }
    }
    return false;
}

struct error *canonical_lines(struct bytes text, struct mapping *target)
{
    while (text.len > 0) {
        size_t end = 0;
        TRY(mapping_append(target, take_line(&text, &end)));
        TRY(mapping_append(target, end > 0 ? BYTES_LITERAL("\r\n") : BYTES_NONE));
    }
    return NULL;
}

static struct bytes without_blanks(struct bytes line)
{
    while (line.len > 0 && is_blank(line.data[line.len - 1])) {
        line.len--;
    }
    return line;
}

struct error *canonical_glue(struct bytes text, struct mapping *target)
{
    while (text.len > 0) {
        size_t end = 0;
        TRY(mapping_append(target, without_blanks(take_line(&text, &end))));
        TRY(mapping_append(target, end > 0 ? BYTES_LITERAL("\r\n") : BYTES_NONE));
    }
    return NULL;
}

static struct error *append_without_cr(struct bytes line, struct buffer *target)
{
    for (size_t i = 0; i < line.len; i++) {
        TRY(buffer_append_byte(target, line.data[i] == '\r' ? ' ' : line.data[i]));
    }
    return NULL;
}

struct error *canonical_field(struct bytes field, struct buffer *target)
{
    bool first = true;
    while (field.len > 0) {
        size_t end = 0;
        struct bytes line = without_blanks(take_line(&field, &end));
        while (line.len > 0 && line.data[line.len - 1] == '\r') {
            line.len--; /* it would become a blank there */
            line = without_blanks(line);
        }
        if (line.len == 0 && !first) {
            continue; /* an empty line here would end the header */
        }
        first = false;
        TRY(append_without_cr(line, target));
        TRY(buffer_append_string(target, "\r\n"));
    }
    return NULL;
}
