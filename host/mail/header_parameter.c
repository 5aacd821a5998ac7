#include "mail/header_parameter.h"

#include <string.h>

/* Where the piece that starts at `at` ends: at the next semicolon outside quotes and comments (RFC
 * 2045 5.1), or at the end. */
static size_t piece_end(struct bytes field, size_t at)
{
    bool quoted = false;
    unsigned comments = 0;
    for (; at < field.len; at++) {
        uint8_t c = field.data[at];
        if (c == '\\' && (quoted || comments > 0)) {
            at++;
        } else if (c == '"' && comments == 0) {
            quoted = !quoted;
        } else if (!quoted && c == '(') {
            comments++;
        } else if (!quoted && c == ')' && comments > 0) {
            comments--;
        } else if (!quoted && comments == 0 && c == ';') {
            return at;
        }
    }
    return field.len;
}

static bool is_white(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct bytes trim(struct bytes text)
{
    while (text.len > 0 && is_white(text.data[0])) {
        text = bytes_slice(text, 1, SIZE_MAX);
    }
    while (text.len > 0 && is_white(text.data[text.len - 1])) {
        text.len--;
    }
    return text;
}

/* "name=…", "name*=…", "name*0=…", also with blanks or a comment around the name. */
static bool names(struct bytes piece, struct bytes name)
{
    while (piece.len > 0 && piece.data[0] == '(') {
        const uint8_t *close = memchr(piece.data, ')', piece.len);
        size_t skipped = close ? (size_t)(close - piece.data) + 1 : piece.len;
        piece = trim(bytes_slice(piece, skipped, SIZE_MAX));
    }
    if (!bytes_equal_ascii_nocase(bytes_slice(piece, 0, name.len), name)) {
        return false;
    }
    struct bytes rest = trim(bytes_slice(piece, name.len, SIZE_MAX));
    return rest.len == 0 || rest.data[0] == '=' || rest.data[0] == '*' || rest.data[0] == '(';
}

struct error *header_parameter_set(struct bytes field, const char *name, const char *value,
                                   struct buffer *out)
{
    field = trim(field);
    size_t end = piece_end(field, 0);
    TRY(buffer_append(out, trim(bytes_slice(field, 0, end))));
    while (end < field.len) {
        size_t start = end + 1;
        end = piece_end(field, start);
        struct bytes piece = bytes_slice(field, start, end - start);
        struct bytes bare = trim(piece);
        if (bare.len == 0 || names(bare, bytes_of_string(name))) {
            continue;
        }
        /* with the blanks or the fold in front of it */
        piece.len = (size_t)(bare.data - piece.data) + bare.len;
        TRY(buffer_append_byte(out, ';'));
        TRY(buffer_append(out, piece));
    }
    return buffer_printf(out, ";\r\n %s=\"%s\"\r\n", name, value);
}
