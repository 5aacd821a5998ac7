#include "mime/header.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "mime/encoded_text.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_FIELDS = 16 };

/* bytes_slice() that keeps its place in `input` where it is empty. */
static struct bytes view(struct bytes input, size_t from, size_t to)
{
    return input.data ? (struct bytes){ input.data + from, to - from } : BYTES_NONE;
}

/* One line of `input` from `at` on, with its line break. */
static struct bytes line_at(struct bytes input, size_t at)
{
    struct bytes rest = bytes_slice(input, at, SIZE_MAX);
    const uint8_t *end = rest.len > 0 ? memchr(rest.data, '\n', rest.len) : NULL;
    return end ? bytes_slice(rest, 0, (size_t)(end - rest.data) + 1) : rest;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static bool is_empty_line(struct bytes line)
{
    return bytes_equal(line, BYTES_LITERAL("\n")) || bytes_equal(line, BYTES_LITERAL("\r\n"));
}

/* RFC 5322 3.6.8: printable characters but the colon; 4.5 allows white space before the colon. */
static bool split_name(struct bytes line, struct bytes *ret_name, size_t *ret_colon)
{
    size_t at = 0;
    while (at < line.len && line.data[at] > ' ' && line.data[at] < 0x7f && line.data[at] != ':') {
        at++;
    }
    *ret_name = bytes_slice(line, 0, at);
    while (at < line.len && is_blank(line.data[at])) {
        at++;
    }
    *ret_colon = at;
    return ret_name->len > 0 && at < line.len && line.data[at] == ':';
}

static struct bytes without_line_break(struct bytes text)
{
    if (text.len > 0 && text.data[text.len - 1] == '\n') {
        text.len--;
        if (text.len > 0 && text.data[text.len - 1] == '\r') {
            text.len--;
        }
    }
    return text;
}

static struct error *add_field(struct mime_header *header, size_t *capacity,
                               struct mime_field field)
{
    if (header->count == LIMIT_HEADER_FIELDS) {
        return error_new(ERR_MESSAGE_MALFORMED, "a header has more than %d fields",
                         LIMIT_HEADER_FIELDS);
    }
    if (header->count == *capacity) {
        size_t wanted = *capacity ? *capacity * 2 : FIRST_FIELDS;
        struct mime_field *fields = reallocarray(header->fields, wanted, sizeof(*fields));
        if (!fields) {
            return error_no_memory();
        }
        header->fields = fields;
        *capacity = wanted;
    }
    header->fields[header->count++] = field;
    return NULL;
}

/* The field that starts with `line` and goes on over all folded lines behind it (RFC 5322 2.2.3).
 */
static struct bytes whole_field(struct bytes input, size_t at, struct bytes line)
{
    size_t len = line.len;
    while (len <= LIMIT_HEADER_BLOCK) {
        struct bytes next = line_at(input, at + len);
        if (next.len == 0 || !is_blank(next.data[0])) {
            break;
        }
        len += next.len;
    }
    return bytes_slice(input, at, len);
}

static struct error *check_field(struct bytes raw, size_t block_len)
{
    if (raw.len > LIMIT_HEADER_BLOCK || block_len > LIMIT_HEADER_BLOCK - raw.len) {
        return error_new(ERR_MESSAGE_MALFORMED, "a header is larger than %zu bytes",
                         LIMIT_HEADER_BLOCK);
    }
    if (memchr(raw.data, '\0', raw.len)) {
        return error_new(ERR_MESSAGE_MALFORMED, "a header holds a NUL byte");
    }
    return NULL;
}

static struct error *read_fields(struct bytes input, size_t start, struct mime_header *header,
                                 struct bytes *ret_body)
{
    size_t capacity = 0;
    size_t at = start;
    while (at < input.len) {
        struct bytes line = line_at(input, at);
        struct bytes name = BYTES_NONE;
        size_t colon = 0;
        if (is_empty_line(line)) {
            header->block = view(input, start, at);
            *ret_body = view(input, at + line.len, input.len);
            return NULL;
        }
        if (!split_name(line, &name, &colon)) {
            break;
        }
        struct bytes raw = whole_field(input, at, line);
        TRY(check_field(raw, at - start));
        struct bytes value = without_line_break(bytes_slice(raw, colon + 1, SIZE_MAX));
        TRY(add_field(header, &capacity, (struct mime_field){ name, value, raw }));
        at += raw.len;
    }
    header->block = view(input, start, at);
    *ret_body = view(input, at, input.len);
    return NULL;
}

/* "From sender date" as mbox files have it, and not "From : sender", which is a field (RFC
 * 5322 4.5) and to be counted as one. */
static bool starts_with_mbox_line(struct bytes input)
{
    struct bytes name = BYTES_NONE;
    size_t colon = 0;
    return bytes_starts_with(input, BYTES_LITERAL("From ")) &&
           !split_name(line_at(input, 0), &name, &colon);
}

struct error *mime_header_parse(struct bytes input, struct mime_header **ret_header,
                                struct bytes *ret_body)
{
    CLEANUP(mime_header_free) struct mime_header *header = calloc(1, sizeof(*header));
    if (!header) {
        return error_no_memory();
    }
    const struct bytes mark = BYTES_LITERAL("\xef\xbb\xbf");
    size_t start = bytes_starts_with(input, mark) ? mark.len : 0;
    struct bytes rest = bytes_slice(input, start, SIZE_MAX);
    start += starts_with_mbox_line(rest) ? line_at(rest, 0).len : 0;
    struct bytes body = BYTES_NONE;
    TRY(read_fields(input, start, header, &body));
    *ret_body = body;
    *ret_header = TAKE_PTR(header);
    return NULL;
}

void mime_header_free(struct mime_header *header)
{
    if (header) {
        free(header->fields);
        free(header);
    }
}

size_t mime_header_count(const struct mime_header *header, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < header->count; i++) {
        count += bytes_equal_ascii_nocase(header->fields[i].name, bytes_of_string(name)) ? 1 : 0;
    }
    return count;
}

const struct mime_field *mime_header_find(const struct mime_header *header, const char *name)
{
    for (size_t i = 0; i < header->count; i++) {
        if (bytes_equal_ascii_nocase(header->fields[i].name, bytes_of_string(name))) {
            return &header->fields[i];
        }
    }
    return NULL;
}

/* RFC 5322 2.2.3: unfolding takes the line breaks away and nothing else. NULL: no memory. */
static char *unfold(struct bytes value)
{
    char *text = malloc(value.len + 1);
    if (!text) {
        return NULL;
    }
    size_t used = 0;
    for (size_t i = 0; i < value.len; i++) {
        bool crlf = value.data[i] == '\r' && i + 1 < value.len && value.data[i + 1] == '\n';
        if (!crlf && value.data[i] != '\n') {
            text[used++] = (char)value.data[i];
        }
    }
    text[used] = '\0';
    return text;
}

static const char *trim(char *text)
{
    size_t len = strlen(text);
    while (len > 0 && is_blank((uint8_t)text[len - 1])) {
        text[--len] = '\0';
    }
    return text + strspn(text, " \t");
}

struct error *mime_field_text(const struct mime_field *field, char **ret_text)
{
    CLEANUP(string_free) char *unfolded = unfold(field->value);
    if (!unfolded) {
        return error_no_memory();
    }
    const char *trimmed = trim(unfolded);
    if (!strstr(trimmed, "=?")) {
        /* raw 8-bit that is no UTF-8 is not guessed at: it becomes U+FFFD */
        return utf8_sanitise(bytes_of_string(trimmed), ret_text);
    }
    return encoded_text_decode(trimmed, false, ret_text);
}
