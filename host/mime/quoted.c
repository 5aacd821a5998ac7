#include "mime/quoted.h"

#include "mime/canonical.h"

#include <string.h>

enum {
    CHUNK = 4096,
    LINE_MAX = 75, /* characters before the "=" of a soft break (RFC 2045 6.7 rule 5) */
};

/* Collects small writes. */
struct writer {
    struct mapping *target;
    size_t used;
    uint8_t chunk[CHUNK];
};

static struct error *flush(struct writer *writer)
{
    struct bytes done = { writer->chunk, writer->used };
    writer->used = 0;
    return mapping_append(writer->target, done);
}

static struct error *put(struct writer *writer, struct bytes more)
{
    if (more.len > CHUNK - writer->used) {
        TRY(flush(writer));
    }
    if (more.len > CHUNK) {
        return mapping_append(writer->target, more);
    }
    if (more.len > 0) {
        memcpy(writer->chunk + writer->used, more.data, more.len);
        writer->used += more.len;
    }
    return NULL;
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    /* lower case is not legal and to be read all the same */
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* Splits `body` at its first line end; `ret_end` is the line end (empty at the end of `body`). */
static struct bytes take_line(struct bytes *body, struct bytes *ret_end)
{
    const uint8_t *found = memchr(body->data, '\n', body->len);
    size_t whole = found ? (size_t)(found - body->data) + 1 : body->len;
    size_t len = found ? whole - 1 : whole;
    if (found && len > 0 && body->data[len - 1] == '\r') {
        len--;
    }
    struct bytes line = bytes_slice(*body, 0, len);
    *ret_end = bytes_slice(*body, len, whole - len);
    *body = bytes_slice(*body, whole, SIZE_MAX);
    return line;
}

/* The character at an "="; the number of bytes it took. */
static size_t decode_escape(struct bytes rest, uint8_t *ret_byte)
{
    int high = rest.len > 2 ? hex_value(rest.data[1]) : -1;
    int low = rest.len > 2 ? hex_value(rest.data[2]) : -1;
    bool good = high >= 0 && low >= 0;
    *ret_byte = good ? (uint8_t)(high * 16 + low) : '=';
    return good ? 3 : 1;
}

static struct error *decode_line(struct writer *writer, struct bytes line, struct bytes end)
{
    while (line.len > 0 && is_blank(line.data[line.len - 1])) {
        line.len--; /* rule 3: was added on the way */
    }
    bool soft = line.len > 0 && line.data[line.len - 1] == '=';
    line.len -= soft ? 1 : 0;
    while (line.len > 0) {
        const uint8_t *found = memchr(line.data, '=', line.len);
        size_t plain = found ? (size_t)(found - line.data) : line.len;
        TRY(put(writer, bytes_slice(line, 0, plain)));
        line = bytes_slice(line, plain, SIZE_MAX);
        if (line.len > 0) {
            uint8_t byte = 0;
            size_t taken = decode_escape(line, &byte);
            TRY(put(writer, (struct bytes){ &byte, 1 }));
            line = bytes_slice(line, taken, SIZE_MAX);
        }
    }
    return soft ? NULL : put(writer, end);
}

struct error *quoted_decode(struct bytes body, struct mapping *target)
{
    struct writer writer = { .target = target };
    while (body.len > 0) {
        struct bytes end = BYTES_NONE;
        struct bytes line = take_line(&body, &end);
        TRY(decode_line(&writer, line, end));
    }
    TRY(flush(&writer));
    explicit_bzero(writer.chunk, sizeof(writer.chunk));
    return NULL;
}

static struct bytes encode_byte(uint8_t byte, bool plain, uint8_t text[static 3])
{
    static const char digits[] = "0123456789ABCDEF";
    text[0] = plain ? byte : '=';
    text[1] = (uint8_t)digits[byte >> 4];
    text[2] = (uint8_t)digits[byte & 15];
    return (struct bytes){ text, plain ? 1 : 3 };
}

/* `at` is in `line`, `column` in the line that is written. */
static bool may_stay(struct bytes line, size_t at, size_t column)
{
    uint8_t c = line.data[at];
    if (is_blank(c)) {
        return at + 1 < line.len;
    }
    bool quoting =
        column == 0 && c == '>' && canonical_starts_like_mbox(bytes_slice(line, at, SIZE_MAX));
    bool dangerous = quoting || (column == 0 && (c == '.' || c == 'F' || c == '-'));
    return c > ' ' && c < 0x7f && c != '=' && !dangerous;
}

static struct error *encode_line(struct writer *writer, struct bytes line)
{
    size_t column = 0;
    for (size_t i = 0; i < line.len; i++) {
        uint8_t text[3];
        struct bytes piece = encode_byte(line.data[i], may_stay(line, i, column), text);
        if (column + piece.len > LINE_MAX) {
            TRY(put(writer, BYTES_LITERAL("=\r\n")));
            column = 0;
            piece = encode_byte(line.data[i], may_stay(line, i, column), text);
        }
        TRY(put(writer, piece));
        column += piece.len;
    }
    return NULL;
}

struct error *quoted_encode(struct bytes body, struct mapping *target)
{
    struct writer writer = { .target = target };
    while (body.len > 0) {
        struct bytes end = BYTES_NONE;
        struct bytes line = take_line(&body, &end);
        TRY(encode_line(&writer, line));
        TRY(put(&writer, end.len > 0 ? BYTES_LITERAL("\r\n") : BYTES_NONE));
    }
    TRY(flush(&writer));
    explicit_bzero(writer.chunk, sizeof(writer.chunk));
    return NULL;
}
