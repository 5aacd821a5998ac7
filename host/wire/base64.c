#include "wire/base64.h"

#include <modp_b64.h>
#include <string.h>

/* Characters of the URL alphabet that are translated at a time; a multiple of four. */
enum { URL_PIECE = 4096 };

static struct error *not_base64(void)
{
    return error_new(ERR_PARAMS, "not base64");
}

static size_t padding_of(struct bytes text)
{
    size_t count = 0;
    while (count < 2 && count < text.len && text.data[text.len - 1 - count] == '=') {
        count++;
    }
    return count;
}

/* Whether the last group is what its bytes are encoded as: RFC 4648 3.5, the bits that stand for
 * nothing are zero, so that no content has two encodings. */
static bool ends_canonically(struct bytes decoded, struct bytes text)
{
    char group[8]; /* four characters and a NUL */
    size_t count = decoded.len % 3;
    if (count == 0) {
        return true;
    }
    (void)modp_b64_encode(group, (const char *)decoded.data + decoded.len - count, count);
    return memcmp(group, text.data + text.len - 4, 4) == 0;
}

struct error *base64_decode(struct mapping *mapping, struct bytes text, size_t limit)
{
    if (text.len == 0) {
        return NULL;
    }
    if (text.len % 4 != 0) {
        return not_base64();
    }
    size_t before = mapping_len(mapping);
    size_t size = text.len / 4 * 3 - padding_of(text);
    if (size > limit || before > limit - size) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "more than %zu bytes", limit);
    }
    /* libmodpbase64 may write some bytes more than it returns: BASE64_SLACK */
    uint8_t *tail = NULL;
    TRY(mapping_extend(mapping, modp_b64_decode_len(text.len), &tail));
    size_t count = modp_b64_decode((char *)tail, (const char *)text.data, text.len);
    if (count != size || !ends_canonically((struct bytes){ tail, size }, text)) {
        mapping_truncate(mapping, before);
        return not_base64();
    }
    mapping_truncate(mapping, before + size);
    return NULL;
}

/* The same four characters in the ordinary alphabet, padded; false for one that is not its own. */
static bool translate(struct bytes piece, uint8_t *target, size_t *ret_len)
{
    for (size_t i = 0; i < piece.len; i++) {
        uint8_t c = piece.data[i];
        if (c == '+' || c == '/' || c == '=') {
            return false;
        }
        c = c == '-' ? (uint8_t)'+' : c;
        target[i] = c == '_' ? (uint8_t)'/' : c;
    }
    size_t len = piece.len;
    while (len % 4 != 0) {
        target[len++] = '=';
    }
    *ret_len = len;
    return piece.len % 4 != 1;
}

struct error *base64_decode_url(struct mapping *mapping, struct bytes text, size_t limit)
{
    size_t padding = padding_of(text);
    if (padding > 0 && text.len % 4 != 0) {
        return not_base64();
    }
    size_t before = mapping_len(mapping);
    size_t end = text.len - padding;
    for (size_t at = 0; at < end; at += URL_PIECE) {
        uint8_t piece[URL_PIECE];
        size_t len = 0;
        size_t step = end - at < URL_PIECE ? end - at : URL_PIECE;
        struct error *error = translate(bytes_slice(text, at, step), piece, &len)
                                  ? base64_decode(mapping, (struct bytes){ piece, len }, limit)
                                  : not_base64();
        if (error) {
            mapping_truncate(mapping, before);
            return error;
        }
    }
    return NULL;
}

size_t base64_encode_piece(const struct content *content, size_t offset, size_t len,
                           char text[static BASE64_PIECE_TEXT])
{
    uint8_t raw[BASE64_PIECE];
    size_t wanted = len < BASE64_PIECE ? len : BASE64_PIECE;
    size_t count = content_read(content, offset, raw, wanted);
    size_t written = count > 0 ? modp_b64_encode(text, (const char *)raw, count) : 0;
    explicit_bzero(raw, sizeof(raw));
    return written;
}
