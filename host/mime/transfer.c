#include "mime/transfer.h"

#include "base/limits.h"
#include "mime/quoted.h"

#include <gmime/gmime.h>
#include <modp_b64.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLEAN_CHUNK = 4096, /* base64 characters decoded at once, a multiple of 4 */
    LINE_RAW = 48, /* bytes that make one line of base64 */
    LINE_CHARS = 64,
    LINE_SIZE = LINE_CHARS + 2,
    UU_CHUNK = 4096,
};

/* Decoded bytes on their way into the mapping; everything passes through the stack so that what
 * the libraries write beyond the result cannot hit the mapping's end. */
struct base64 {
    struct mapping *target;
    size_t used;
    char clean[CLEAN_CHUNK + 4];
    char decoded[CLEAN_CHUNK]; /* modp_b64_decode_len(CLEAN_CHUNK) is less */
};

static bool is_base64(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

static void base64_free(struct base64 *state)
{
    if (state) {
        explicit_bzero(state, sizeof(*state));
        free(state);
    }
}
DEFINE_CLEANUP(struct base64 *, base64_free);

static struct error *base64_flush(struct base64 *state)
{
    if (state->used == 0) {
        return NULL;
    }
    size_t len = modp_b64_decode(state->decoded, state->clean, state->used);
    if (len == (size_t)-1) {
        return error_new(ERR_MESSAGE_MALFORMED, "the base64 of a part is damaged");
    }
    state->used = 0;
    return mapping_append(state->target, (struct bytes){ (uint8_t *)state->decoded, len });
}

/* The last characters may lack their padding (seen in real mail); a single one is damage. */
static struct error *base64_finish(struct base64 *state)
{
    if (state->used % 4 == 1) {
        return error_new(ERR_MESSAGE_MALFORMED, "the base64 of a part is cut off");
    }
    while (state->used % 4 != 0) {
        state->clean[state->used++] = '=';
    }
    return base64_flush(state);
}

static void fill_table(bool table[static 256])
{
    for (unsigned c = 0; c < 256; c++) {
        table[c] = is_base64((uint8_t)c);
    }
}

/* Copies what is in the alphabet to `target` from `used` on; the new number of characters there. */
static size_t clean(const uint8_t *data, size_t len, const bool table[static 256], char *target,
                    size_t used)
{
    for (size_t i = 0; i < len; i++) {
        target[used] = (char)data[i];
        used += table[data[i]];
    }
    return used;
}

static struct error *decode_base64(struct bytes body, struct mapping *target)
{
    CLEANUP(base64_free) struct base64 *state = calloc(1, sizeof(*state));
    if (!state) {
        return error_no_memory();
    }
    state->target = target;
    bool table[256];
    fill_table(table);
    /* RFC 2045 6.8: padding is the end of the data */
    const uint8_t *padding = body.len > 0 ? memchr(body.data, '=', body.len) : NULL;
    size_t len = padding ? (size_t)(padding - body.data) : body.len;
    for (size_t at = 0; at < len;) {
        /* as many bytes as surely fit, without a branch for each: 35 MB pass here */
        size_t end = len - at < CLEAN_CHUNK - state->used ? len : at + CLEAN_CHUNK - state->used;
        state->used = clean(body.data + at, end - at, table, state->clean, state->used);
        at = end;
        if (state->used == CLEAN_CHUNK) {
            TRY(base64_flush(state));
        }
    }
    return base64_finish(state);
}

/* Where the lines behind "begin MODE NAME" start. */
static struct error *skip_uu_begin(struct bytes *body)
{
    struct bytes rest = *body;
    while (rest.len > 0) {
        const uint8_t *end = memchr(rest.data, '\n', rest.len);
        if (!end) {
            break;
        }
        bool begin = bytes_starts_with(rest, BYTES_LITERAL("begin "));
        rest = bytes_slice(rest, (size_t)(end - rest.data) + 1, SIZE_MAX);
        if (begin) {
            *body = rest;
            return NULL;
        }
    }
    return error_new(ERR_MESSAGE_MALFORMED, "a uuencoded part has no begin line");
}

static struct error *decode_uu(struct bytes body, struct mapping *target)
{
    TRY(skip_uu_begin(&body));
    int state = GMIME_UUDECODE_STATE_BEGIN;
    guint32 saved = 0;
    uint8_t decoded[UU_CHUNK]; /* 4 characters become 3 bytes at the most */
    for (size_t at = 0; at < body.len; at += UU_CHUNK) {
        struct bytes chunk = bytes_slice(body, at, UU_CHUNK);
        size_t len = g_mime_encoding_uudecode_step(chunk.data, chunk.len, decoded, &state, &saved);
        TRY(mapping_append(target, (struct bytes){ decoded, len }));
    }
    explicit_bzero(decoded, sizeof(decoded));
    return NULL;
}

static struct error *decode(enum mime_encoding encoding, struct bytes body, struct mapping *target)
{
    switch (encoding) {
    case MIME_BASE64:
        return decode_base64(body, target);
    case MIME_QUOTED_PRINTABLE:
        return quoted_decode(body, target);
    case MIME_UUENCODE:
        return decode_uu(body, target);
    case MIME_7BIT:
    case MIME_8BIT:
    case MIME_BINARY:
    case MIME_ENCODING_UNKNOWN:
        break;
    }
    return error_new(ERR_MESSAGE_MALFORMED, "a part has an unknown transfer encoding");
}

struct error *transfer_decode(enum mime_encoding encoding, struct bytes body,
                              struct mapping **ret_mapping, struct bytes *ret_view)
{
    if (encoding == MIME_7BIT || encoding == MIME_8BIT || encoding == MIME_BINARY) {
        *ret_mapping = NULL;
        *ret_view = body;
        return NULL;
    }
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    /* no encoding yields more than it takes */
    TRY(mapping_new(body.len ? body.len : 1, &mapping));
    TRY(decode(encoding, body, mapping));
    *ret_view = mapping_view(mapping);
    *ret_mapping = TAKE_PTR(mapping);
    return NULL;
}

/* `raw` lies somewhere behind `target`: line k ends at 66 (k + 1) from the start and the bytes not
 * yet read begin 18 per line later than where they lay, so that writing never overtakes reading. */
static void encode_lines(uint8_t *target, const uint8_t *raw, size_t len)
{
    char line[LINE_SIZE + 4];
    uint8_t piece[LINE_RAW];
    for (size_t at = 0; at < len; at += LINE_RAW) {
        size_t count = len - at < LINE_RAW ? len - at : LINE_RAW;
        memcpy(piece, raw + at, count);
        size_t chars = modp_b64_encode(line, (const char *)piece, count);
        line[chars] = '\r';
        line[chars + 1] = '\n';
        memcpy(target, line, chars + 2);
        target += chars + 2;
    }
    explicit_bzero(piece, sizeof(piece));
}

/* `raw` is at most LIMIT_MESSAGE or so, a mapping's size: no overflow. */
static size_t encoded_size(size_t raw)
{
    return (raw + 2) / 3 * 4 + (raw + LINE_RAW - 1) / LINE_RAW * 2;
}

struct error *transfer_base64(struct bytes raw, struct mapping *target)
{
    uint8_t *tail = NULL;
    TRY(mapping_extend(target, encoded_size(raw.len), &tail));
    encode_lines(tail, raw.data, raw.len);
    return NULL;
}

struct error *transfer_base64_in_place(struct mapping *mapping, size_t start)
{
    size_t len = mapping_len(mapping);
    size_t raw = start < len ? len - start : 0;
    size_t encoded = encoded_size(raw);
    if (raw == 0) {
        return NULL;
    }
    uint8_t *tail = NULL;
    TRY(mapping_extend(mapping, encoded - raw, &tail));
    uint8_t *data = mapping_data(mapping) + start;
    memmove(data + encoded - raw, data, raw);
    encode_lines(data, data + encoded - raw, raw);
    return NULL;
}
