#include "mail/header_display.h"

#include "base/limits.h"

#include <string.h>
#include <strings.h>

#define DISPLAY_CLASS "header-protection-legacy-display"

static struct bytes line_at(struct bytes text, size_t at)
{
    struct bytes rest = bytes_slice(text, at, SIZE_MAX);
    const uint8_t *end = rest.len > 0 ? memchr(rest.data, '\n', rest.len) : NULL;
    return end ? bytes_slice(rest, 0, (size_t)(end - rest.data) + 1) : rest;
}

static bool is_empty_line(struct bytes line)
{
    return bytes_equal(line, BYTES_LITERAL("\n")) || bytes_equal(line, BYTES_LITERAL("\r\n"));
}

static bool is_field_of(struct bytes line, const struct mime_header *header)
{
    for (size_t i = 0; i < header->count; i++) {
        struct bytes name = header->fields[i].name;
        if (bytes_equal_ascii_nocase(bytes_slice(line, 0, name.len), name) &&
            bytes_equal(bytes_slice(line, name.len, 1), BYTES_LITERAL(":"))) {
            return true;
        }
    }
    return false;
}

struct header_display header_display_in_text(struct bytes text, const struct mime_header *header)
{
    const struct header_display none = { 0 };
    size_t at = 0;
    while (at < text.len && at < LIMIT_LEGACY_DISPLAY) {
        struct bytes line = line_at(text, at);
        if (is_empty_line(line)) {
            return at > 0 ? (struct header_display){ 0, at + line.len } : none;
        }
        bool folded = at > 0 && (line.data[0] == ' ' || line.data[0] == '\t');
        if (!folded && !is_field_of(line, header)) {
            return none;
        }
        at += line.len;
    }
    return none;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Offset of `tag` ("<body") as a whole word, ASCII case folded, from `at` on; SIZE_MAX: none. */
static size_t find_tag(struct bytes text, size_t at, const char *tag)
{
    struct bytes word = bytes_of_string(tag);
    for (; at < text.len; at++) {
        const uint8_t *open = memchr(text.data + at, '<', text.len - at);
        if (!open) {
            return SIZE_MAX;
        }
        at = (size_t)(open - text.data);
        struct bytes next = bytes_slice(text, at + word.len, 1);
        if (bytes_equal_ascii_nocase(bytes_slice(text, at, word.len), word) && next.len == 1 &&
            (next.data[0] == '>' || is_blank(next.data[0]))) {
            return at;
        }
    }
    return SIZE_MAX;
}

/* Behind the '>' that ends the tag at `at`; `ret_tag` is the tag without it. SIZE_MAX: no end. */
static size_t tag_end(struct bytes text, size_t at, struct bytes *ret_tag)
{
    struct bytes rest = bytes_slice(text, at, LIMIT_LEGACY_DISPLAY);
    const uint8_t *close = rest.len > 0 ? memchr(rest.data, '>', rest.len) : NULL;
    if (!close) {
        return SIZE_MAX;
    }
    *ret_tag = bytes_slice(rest, 0, (size_t)(close - rest.data));
    return at + ret_tag->len + 1;
}

size_t header_display_html_start(struct bytes text)
{
    struct bytes tag = BYTES_NONE;
    size_t body = find_tag(text, 0, "<body");
    size_t start = body == SIZE_MAX ? SIZE_MAX : tag_end(text, body, &tag);
    return start == SIZE_MAX ? 0 : start;
}

struct header_display header_display_in_html(struct bytes text)
{
    const struct header_display none = { 0 };
    struct bytes tag = BYTES_NONE;
    size_t start = header_display_html_start(text);
    while (start < text.len && is_blank(text.data[start])) {
        start++;
    }
    size_t inside = find_tag(text, start, "<div") == start ? tag_end(text, start, &tag) : SIZE_MAX;
    if (inside == SIZE_MAX || bytes_find(tag, BYTES_LITERAL("\"" DISPLAY_CLASS "\"")) == SIZE_MAX) {
        return none;
    }
    size_t end = find_tag(text, inside, "</div");
    if (end == SIZE_MAX || end - inside > LIMIT_LEGACY_DISPLAY ||
        find_tag(text, inside, "<div") < end) {
        return none;
    }
    end = tag_end(text, end, &tag);
    return end == SIZE_MAX ? none : (struct header_display){ start, end - start };
}

struct error *header_display_write_text(const char *value, struct buffer *out)
{
    return buffer_printf(out, "Subject: %s\r\n\r\n", value);
}

struct error *header_display_write_html(const char *value, struct buffer *out)
{
    TRY(buffer_append_string(out, "<div class=\"" DISPLAY_CLASS "\"><pre>Subject: "));
    for (; *value; value++) {
        switch (*value) {
        case '&':
            TRY(buffer_append_string(out, "&amp;"));
            break;
        case '<':
            TRY(buffer_append_string(out, "&lt;"));
            break;
        case '>':
            TRY(buffer_append_string(out, "&gt;"));
            break;
        default:
            TRY(buffer_append_byte(out, (uint8_t)*value));
            break;
        }
    }
    return buffer_append_string(out, "</pre></div>");
}
