#include "mime/encode_leaf.h"

#include "base/limits.h"
#include "mime/canonical.h"
#include "mime/transfer.h"

#include <stdlib.h>
#include <string.h>

void encode_leaf_free(struct encode_leaf *leaf)
{
    if (leaf) {
        mapping_unref(leaf->decoded);
        free(leaf);
    }
}

static bool has_type(const struct mime_entity *entity, const char *start)
{
    return strncmp(entity->type, start, strlen(start)) == 0;
}

bool encode_leaf_fixed(const struct mime_entity *entity)
{
    /* RFC 6532 3.7: message/global may have any encoding */
    bool message = has_type(entity, "message/") && !has_type(entity, "message/global");
    return message || entity->encoding == MIME_ENCODING_UNKNOWN;
}

static bool is_encoded(const struct mime_entity *entity)
{
    return entity->encoding == MIME_BASE64 || entity->encoding == MIME_QUOTED_PRINTABLE ||
           entity->encoding == MIME_UUENCODE;
}

static bool contains_nocase(struct bytes text, struct bytes wanted)
{
    for (size_t i = 0; i + wanted.len <= text.len; i++) {
        if (bytes_equal_ascii_nocase(bytes_slice(text, i, wanted.len), wanted)) {
            return true;
        }
    }
    return false;
}

/* Characters of two or four bytes: LF in them is no line end. */
static bool wide_charset(const struct mime_entity *entity)
{
    static const char *const names[] = { "utf-16", "utf-32", "utf16", "utf32", "ucs-2", "ucs-4" };
    const struct mime_field *type = mime_header_find(entity->header, "Content-Type");
    for (size_t i = 0; type && i < ARRAY_SIZE(names); i++) {
        if (contains_nocase(type->value, bytes_of_string(names[i]))) {
            return true;
        }
    }
    return false;
}

static bool has_lone_lf(struct bytes text)
{
    for (size_t at = 0; at < text.len; at++) {
        const uint8_t *found = memchr(text.data + at, '\n', text.len - at);
        if (!found) {
            return false;
        }
        at = (size_t)(found - text.data);
        if (at == 0 || text.data[at - 1] != '\r') {
            return true;
        }
    }
    return false;
}

/* Hard line breaks become CRLF before quoted-printable is taken off (RFC 2045 6.7 rule 4), so that
 * an encoded LF is told from a line end. */
static struct error *decode(const struct mime_entity *entity, struct encode_leaf *leaf)
{
    CLEANUP(mapping_unref) struct mapping *lines = NULL;
    struct bytes source = entity->body;
    if (entity->encoding == MIME_QUOTED_PRINTABLE) {
        TRY(mapping_new(LIMIT_MESSAGE, &lines));
        TRY(canonical_lines(source, lines));
        source = mapping_view(lines);
    }
    return transfer_decode(entity->encoding, source, &leaf->decoded, &leaf->body);
}

/* Quoted-printable is for text with lines. */
static enum encode_treatment choose(const struct mime_entity *entity,
                                    const struct encode_leaf *leaf)
{
    struct bytes body = leaf->body;
    bool binary = !has_type(entity, "text/") || entity->encoding == MIME_BASE64 ||
                  entity->encoding == MIME_UUENCODE || wide_charset(entity) ||
                  (body.len > 0 && memchr(body.data, '\0', body.len)) ||
                  (leaf->decoded && has_lone_lf(body));
    return binary ? ENCODE_BASE64 : ENCODE_QUOTED;
}

/* A line end that is not one must not be made CRLF. */
static bool line_ends_are_content(const struct mime_entity *entity)
{
    bool text = has_type(entity, "text/");
    return text ? wide_charset(entity) && !is_encoded(entity) : entity->encoding == MIME_BINARY;
}

static struct error *decide(const struct mime_entity *entity, size_t longest,
                            struct encode_leaf *leaf)
{
    bool fixed = encode_leaf_fixed(entity);
    enum canonical_state state = canonical_check(entity->body, longest);
    if (state == CANONICAL_CLEAN) {
        return NULL;
    }
    leaf->treatment = ENCODE_LINE_ENDS;
    leaf->fragile = fixed && state == CANONICAL_UNSAFE;
    if (fixed || (state == CANONICAL_LINE_ENDS && !line_ends_are_content(entity))) {
        return NULL;
    }
    if (is_encoded(entity)) {
        TRY(decode(entity, leaf));
    }
    leaf->treatment = choose(entity, leaf);
    return NULL;
}

struct error *encode_leaf_decide(const struct mime_entity *entity, size_t longest,
                                 struct encode_leaf **ret_leaf)
{
    CLEANUP(encode_leaf_free) struct encode_leaf *leaf = calloc(1, sizeof(*leaf));
    if (!leaf) {
        return error_no_memory();
    }
    leaf->body = entity->body;
    TRY(decide(entity, longest, leaf));
    *ret_leaf = TAKE_PTR(leaf);
    return NULL;
}
