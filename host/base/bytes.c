#include "base/bytes.h"

#include "base/limits.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FIRST_CAPACITY = 256 };

struct bytes bytes_of_string(const char *text)
{
    return text ? (struct bytes){ (const uint8_t *)text, strlen(text) } : BYTES_NONE;
}

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool bytes_starts_with(struct bytes whole, struct bytes start)
{
    return start.len <= whole.len && bytes_equal(bytes_slice(whole, 0, start.len), start);
}

static uint8_t ascii_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

bool bytes_equal_ascii_nocase(struct bytes a, struct bytes b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (ascii_lower(a.data[i]) != ascii_lower(b.data[i])) {
            return false;
        }
    }
    return true;
}

size_t bytes_find(struct bytes whole, struct bytes needle)
{
    if (needle.len == 0) {
        return 0;
    }
    if (whole.len == 0) {
        return SIZE_MAX;
    }
    const uint8_t *found = memmem(whole.data, whole.len, needle.data, needle.len);
    return found ? (size_t)(found - whole.data) : SIZE_MAX;
}

struct bytes bytes_slice(struct bytes whole, size_t offset, size_t len)
{
    if (offset >= whole.len) {
        return BYTES_NONE;
    }
    size_t rest = whole.len - offset;
    return (struct bytes){ whole.data + offset, len < rest ? len : rest };
}

struct error *buffer_new(size_t limit, struct buffer **ret_buffer)
{
    struct buffer *buffer = calloc(1, sizeof(*buffer));
    if (!buffer) {
        return error_no_memory();
    }
    buffer->limit = limit;
    *ret_buffer = buffer;
    return NULL;
}

static void wipe_and_free(uint8_t *data, size_t len)
{
    if (data) {
        explicit_bzero(data, len);
        free(data);
    }
}

void buffer_free(struct buffer *buffer)
{
    if (buffer) {
        wipe_and_free(buffer->data, buffer->capacity);
        free(buffer);
    }
}

/* Not realloc(): that could leave a copy of a secret behind, unwiped. */
static struct error *grow(struct buffer *buffer, size_t needed)
{
    size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
    while (capacity < needed) {
        capacity *= 2; /* needed is at most LIMIT_MESSAGE: no overflow */
    }
    uint8_t *data = malloc(capacity);
    if (!data) {
        return error_no_memory();
    }
    if (buffer->len > 0) {
        memcpy(data, buffer->data, buffer->len);
    }
    wipe_and_free(buffer->data, buffer->capacity);
    buffer->data = data;
    buffer->capacity = capacity;
    return NULL;
}

struct error *buffer_extend(struct buffer *buffer, size_t count, uint8_t **ret_tail)
{
    size_t limit = buffer->limit ? buffer->limit : LIMIT_MESSAGE;
    if (count > limit || buffer->len > limit - count) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "a buffer would hold more than %zu bytes", limit);
    }
    if (buffer->len + count > buffer->capacity) {
        TRY(grow(buffer, buffer->len + count));
    }
    *ret_tail = buffer->data + buffer->len;
    buffer->len += count;
    return NULL;
}

struct error *buffer_append(struct buffer *buffer, struct bytes more)
{
    if (more.len == 0) {
        return NULL;
    }
    uint8_t *tail = NULL;
    TRY(buffer_extend(buffer, more.len, &tail));
    memcpy(tail, more.data, more.len);
    return NULL;
}

struct error *buffer_append_string(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, bytes_of_string(text));
}

struct error *buffer_append_byte(struct buffer *buffer, uint8_t byte)
{
    return buffer_append(buffer, (struct bytes){ &byte, 1 });
}

struct error *buffer_printf(struct buffer *buffer, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int len = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (len < 0) {
        return error_no_memory();
    }
    struct error *error = buffer_append(buffer, (struct bytes){ (uint8_t *)text, (size_t)len });
    explicit_bzero(text, (size_t)len);
    free(text);
    return error;
}

struct bytes buffer_view(const struct buffer *buffer)
{
    return (struct bytes){ buffer->data, buffer->len };
}

struct error *bytes_to_string(struct bytes bytes, char **ret_text)
{
    char *text = malloc(bytes.len + 1);
    if (!text) {
        return error_no_memory();
    }
    if (bytes.len > 0) {
        memcpy(text, bytes.data, bytes.len);
    }
    text[bytes.len] = '\0';
    *ret_text = text;
    return NULL;
}

struct error *bytes_to_hex(struct bytes bytes, char **ret_text)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(bytes.len * 2 + 1);
    if (!text) {
        return error_no_memory();
    }
    for (size_t i = 0; i < bytes.len; i++) {
        text[2 * i] = digits[bytes.data[i] >> 4];
        text[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    text[bytes.len * 2] = '\0';
    *ret_text = text;
    return NULL;
}

void string_free(char *text)
{
    free(text);
}
