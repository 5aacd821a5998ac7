#include "mime/encode.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "mime/canonical.h"
#include "mime/encode_leaf.h"
#include "mime/fold.h"
#include "mime/outgoing.h"
#include "mime/quoted.h"
#include "mime/transfer.h"

#include <string.h>

struct encoder {
    struct runs *runs;
    unsigned depth; /* messages around */
    bool fragile;
};

static struct error *write_entity(struct encoder *encoder, const struct mime_entity *entity);

static bool is_a(const struct mime_entity *entity, const char *type)
{
    return strcmp(entity->type, type) == 0;
}

/* Whose leafs may get another encoding: a message that has none itself. */
static bool is_message(const struct mime_entity *entity)
{
    return is_a(entity, "message/rfc822") &&
           (entity->encoding == MIME_7BIT || entity->encoding == MIME_8BIT ||
            entity->encoding == MIME_BINARY);
}

/* The message inside; NULL: it can't be read in one way, is too deep, or is well as it is. */
static struct error *read_message(const struct encoder *encoder, const struct mime_entity *entity,
                                  struct mime_tree **ret_tree)
{
    *ret_tree = NULL;
    if (!is_message(entity) || encoder->depth >= LIMIT_MESSAGES_INSIDE ||
        canonical_check(entity->body, FOLD_LINE_MOST) == CANONICAL_CLEAN) {
        return NULL;
    }
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    struct error *error = mime_tree_parse(entity->body, &tree);
    if (error && error_get_code(error) == ERR_NO_MEMORY) {
        return error;
    }
    error_free(error);
    if (tree && !mime_tree_root(tree)->ambiguous) {
        *ret_tree = TAKE_PTR(tree);
    }
    return NULL;
}

static struct error *stays_wide(struct encoder *encoder, const struct mime_entity *entity,
                                bool *ret_wide) MUST_USE;

/* The same for a message that is read; its header stays as it is. */
static struct error *message_stays_wide(struct encoder *encoder, const struct mime_tree *message,
                                        bool *ret_wide)
{
    const struct mime_entity *root = mime_tree_root(message);
    bool wide = false;
    encoder->depth++;
    struct error *error = stays_wide(encoder, root, &wide);
    encoder->depth--;
    *ret_wide = wide || canonical_has_8bit(root->header->block);
    return error;
}

static struct error *children_stay_wide(struct encoder *encoder, const struct mime_entity *entity,
                                        bool *ret_wide)
{
    *ret_wide = false;
    for (size_t i = 0; i < entity->child_count && !*ret_wide; i++) {
        const struct mime_entity *child = entity->children[i];
        TRY(stays_wide(encoder, child, ret_wide));
        *ret_wide |= encoder->depth > 0 && canonical_has_8bit(child->header->block);
    }
    return NULL;
}

/* Whether 8-bit bytes will be left in the body. */
static struct error *stays_wide(struct encoder *encoder, const struct mime_entity *entity,
                                bool *ret_wide)
{
    *ret_wide = false;
    if (!canonical_has_8bit(entity->body)) {
        return NULL;
    }
    bool sealed = is_a(entity, "multipart/signed");
    if (entity->child_count > 0 && !sealed) {
        return children_stay_wide(encoder, entity, ret_wide);
    }
    CLEANUP(mime_tree_free) struct mime_tree *message = NULL;
    TRY(read_message(encoder, entity, &message));
    if (message) {
        return message_stays_wide(encoder, message, ret_wide);
    }
    *ret_wide = sealed || encode_leaf_fixed(entity);
    return NULL;
}

/* What a multipart or a message has to be called, if it is something else. */
static const char *true_encoding(const struct mime_entity *entity, bool wide)
{
    bool called_wide = entity->encoding == MIME_8BIT || entity->encoding == MIME_BINARY;
    if (entity->encoding != MIME_7BIT && !called_wide) {
        return NULL;
    }
    return wide == called_wide ? NULL : wide ? "8bit" : "7bit";
}

static const char *leaf_encoding(const struct mime_entity *entity, const struct encode_leaf *leaf)
{
    switch (leaf->treatment) {
    case ENCODE_QUOTED:
        return "quoted-printable";
    case ENCODE_BASE64:
        return "base64";
    case ENCODE_KEEP:
    case ENCODE_LINE_ENDS:
        break;
    }
    return true_encoding(entity, canonical_has_8bit(entity->body));
}

static bool is_content_field(const struct mime_field *field)
{
    return bytes_equal_ascii_nocase(bytes_slice(field->name, 0, strlen("Content-")),
                                    BYTES_LITERAL("Content-"));
}

static bool is_encoding_field(const struct mime_field *field)
{
    return bytes_equal_ascii_nocase(field->name, BYTES_LITERAL("Content-Transfer-Encoding"));
}

/* A field that is well stays where it lies, so that runs join up. The header of a message inside is
 * content. */
static struct error *write_field(struct encoder *encoder, const struct mime_field *field)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    bool wide = false;
    TRY(buffer_new(0, &text));
    if (encoder->depth == 0) {
        TRY(outgoing_field(field, text, &wide));
    } else {
        TRY(canonical_field(field->raw, text));
        wide = canonical_check(buffer_view(text), FOLD_LINE_MOST) != CANONICAL_CLEAN;
    }
    encoder->fragile |= wide;
    if (bytes_equal(buffer_view(text), field->raw)) {
        return runs_keep(encoder->runs, field->raw);
    }
    return runs_add(encoder->runs, buffer_view(text));
}

/* RFC 1428 has a name for what nobody knows. */
static struct error *write_default_type(struct encoder *encoder, const struct mime_entity *entity)
{
    return runs_add(encoder->runs,
                    utf8_valid(entity->body)
                        ? BYTES_LITERAL("Content-Type: text/plain; charset=utf-8\r\n")
                        : BYTES_LITERAL("Content-Type: text/plain; charset=unknown-8bit\r\n"));
}

static struct error *write_changes(struct encoder *encoder, const struct mime_header *header,
                                   const char *encoding, bool message)
{
    if (!encoding) {
        return NULL;
    }
    if (message && !mime_header_find(header, "MIME-Version")) {
        TRY(runs_add(encoder->runs, BYTES_LITERAL("MIME-Version: 1.0\r\n")));
    }
    TRY(runs_add(encoder->runs, BYTES_LITERAL("Content-Transfer-Encoding: ")));
    TRY(runs_add(encoder->runs, bytes_of_string(encoding)));
    return runs_add(encoder->runs, BYTES_LITERAL("\r\n"));
}

/* The empty line behind the header: where it lies, if it is there as CRLF. */
static struct error *write_empty_line(struct encoder *encoder, const struct mime_entity *entity)
{
    struct bytes block = entity->header->block;
    if (block.data && entity->body.data - block.data == (ptrdiff_t)block.len + 2) {
        return runs_keep(encoder->runs, (struct bytes){ block.data + block.len, 2 });
    }
    return runs_add(encoder->runs, BYTES_LITERAL("\r\n"));
}

/* `encoding` takes the place of the one there; NULL leaves that alone. */
static struct error *write_header(struct encoder *encoder, const struct mime_entity *entity,
                                  const char *encoding)
{
    const struct mime_header *header = entity->header;
    bool root = !entity->parent && encoder->depth == 0;
    for (size_t i = 0; i < header->count; i++) {
        const struct mime_field *field = &header->fields[i];
        bool wanted = !root || is_content_field(field);
        if (wanted && !(encoding && is_encoding_field(field))) {
            TRY(write_field(encoder, field));
        }
    }
    if (root && !mime_header_find(header, "Content-Type")) {
        TRY(write_default_type(encoder, entity));
    }
    TRY(write_changes(encoder, header, encoding, !entity->parent && !root));
    return write_empty_line(encoder, entity);
}

static struct error *write_lines(struct encoder *encoder, struct bytes text)
{
    struct mapping *scratch = NULL;
    TRY(runs_scratch(encoder->runs, &scratch));
    return canonical_lines(text, scratch);
}

static struct error *write_body(struct encoder *encoder, const struct encode_leaf *leaf)
{
    struct mapping *scratch = NULL;
    switch (leaf->treatment) {
    case ENCODE_KEEP:
        return runs_keep(encoder->runs, leaf->body);
    case ENCODE_LINE_ENDS:
        return write_lines(encoder, leaf->body);
    case ENCODE_QUOTED:
        TRY(runs_scratch(encoder->runs, &scratch));
        return quoted_encode(leaf->body, scratch);
    case ENCODE_BASE64:
        break;
    }
    TRY(runs_scratch(encoder->runs, &scratch));
    return transfer_base64(leaf->body, scratch);
}

static struct error *write_leaf(struct encoder *encoder, const struct mime_entity *entity)
{
    CLEANUP(encode_leaf_free) struct encode_leaf *leaf = NULL;
    bool strict = encoder->depth == 0 && !encode_leaf_fixed(entity);
    TRY(encode_leaf_decide(entity, strict ? FOLD_LINE : FOLD_LINE_MOST, &leaf));
    encoder->fragile |= leaf->fragile;
    TRY(write_header(encoder, entity, leaf_encoding(entity, leaf)));
    return write_body(encoder, leaf);
}

static struct error *write_message(struct encoder *encoder, const struct mime_entity *entity,
                                   const struct mime_tree *message)
{
    bool wide = false;
    TRY(message_stays_wide(encoder, message, &wide));
    TRY(write_header(encoder, entity, true_encoding(entity, wide)));
    encoder->depth++;
    struct error *error = write_entity(encoder, mime_tree_root(message));
    encoder->depth--;
    return error;
}

static struct error *write_signed(struct encoder *encoder, const struct mime_entity *entity)
{
    enum canonical_state state = canonical_check(entity->body, FOLD_LINE_MOST);
    encoder->fragile |= state == CANONICAL_UNSAFE;
    bool wide = canonical_has_8bit(entity->body);
    TRY(write_header(encoder, entity, true_encoding(entity, wide)));
    return state == CANONICAL_CLEAN ? runs_keep(encoder->runs, entity->body)
                                    : write_lines(encoder, entity->body);
}

/* What stands between two parts, made anew. */
static struct error *write_delimiter(struct encoder *encoder, const struct mime_entity *entity,
                                     size_t number)
{
    TRY(runs_add(encoder->runs, number > 0 ? BYTES_LITERAL("\r\n--") : BYTES_LITERAL("--")));
    TRY(runs_add(encoder->runs, bytes_of_string(entity->boundary)));
    return runs_add(encoder->runs, number == entity->child_count ? BYTES_LITERAL("--\r\n")
                                                                 : BYTES_LITERAL("\r\n"));
}

/* What stands before the part of this number; all behind the last is behind its delimiter, which
 * may be missing. */
static struct error *write_glue(struct encoder *encoder, const struct mime_entity *entity,
                                size_t number, struct bytes glue)
{
    bool present = bytes_find(glue, bytes_of_string(entity->boundary)) != SIZE_MAX;
    if (present && canonical_check(glue, FOLD_LINE) == CANONICAL_CLEAN) {
        return runs_keep(encoder->runs, glue);
    }
    CLEANUP(mapping_unref) struct mapping *text = NULL;
    TRY(mapping_new(LIMIT_MESSAGE, &text));
    TRY(canonical_glue(glue, text));
    if (present && canonical_check(mapping_view(text), FOLD_LINE) == CANONICAL_CLEAN) {
        return runs_add(encoder->runs, mapping_view(text));
    }
    return write_delimiter(encoder, entity, number);
}

static struct error *write_multipart(struct encoder *encoder, const struct mime_entity *entity)
{
    bool wide = false;
    TRY(stays_wide(encoder, entity, &wide));
    TRY(write_header(encoder, entity, true_encoding(entity, wide)));
    const uint8_t *at = entity->body.data;
    for (size_t i = 0; i < entity->child_count; i++) {
        struct bytes child = entity->children[i]->whole;
        TRY(write_glue(encoder, entity, i, (struct bytes){ at, (size_t)(child.data - at) }));
        TRY(write_entity(encoder, entity->children[i]));
        at = child.data + child.len;
    }
    const uint8_t *end = entity->body.data + entity->body.len;
    return write_glue(encoder, entity, entity->child_count,
                      (struct bytes){ at, (size_t)(end - at) });
}

static struct error *write_entity(struct encoder *encoder, const struct mime_entity *entity)
{
    if (is_a(entity, "multipart/signed")) {
        return write_signed(encoder, entity);
    }
    if (entity->child_count > 0) {
        return write_multipart(encoder, entity);
    }
    CLEANUP(mime_tree_free) struct mime_tree *message = NULL;
    TRY(read_message(encoder, entity, &message));
    return message ? write_message(encoder, entity, message) : write_leaf(encoder, entity);
}

struct error *encode_entity(struct runs *runs, const struct mime_entity *entity, bool *fragile)
{
    struct encoder encoder = { .runs = runs };
    TRY(write_entity(&encoder, entity));
    *fragile |= encoder.fragile;
    return NULL;
}
