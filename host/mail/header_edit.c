#include "mail/header_edit.h"

#include "mail/header_parameter.h"
#include "mime/canonical.h"
#include "mime/quoted.h"
#include "mime/transfer.h"

#include <string.h>

static bool is_text(const struct mime_entity *entity)
{
    bool readable = entity->encoding != MIME_UUENCODE && entity->encoding != MIME_ENCODING_UNKNOWN;
    return readable && !entity->attachment &&
           (strcmp(entity->type, "text/plain") == 0 || strcmp(entity->type, "text/html") == 0);
}

/* The tree is at most LIMIT_MIME_DEPTH deep, and so is the descent. */
void header_edit_find_texts(const struct mime_entity *root, struct header_texts *ret_texts)
{
    if (root->smime != MIME_SMIME_NONE || strcmp(root->type, "multipart/signed") == 0 ||
        ret_texts->count == LIMIT_MAIN_PARTS) {
        return;
    }
    if (root->child_count == 0) {
        if (is_text(root)) {
            ret_texts->items[ret_texts->count++] = root;
        }
        return;
    }
    size_t shown = strcmp(root->type, "multipart/alternative") == 0 ? root->child_count : 1;
    for (size_t i = 0; i < shown; i++) {
        header_edit_find_texts(root->children[i], ret_texts);
    }
}

struct error *header_edit_read(const struct mime_entity *leaf, struct mapping **ret_owner,
                               struct bytes *ret_text)
{
    return transfer_decode(leaf->encoding, leaf->body, ret_owner, ret_text);
}

static struct error *write_mark(const struct mime_field *field, struct mapping *target)
{
    CLEANUP(buffer_free) struct buffer *clean = NULL;
    CLEANUP(buffer_free) struct buffer *marked = NULL;
    TRY(buffer_new(0, &clean));
    TRY(buffer_new(0, &marked));
    TRY(canonical_field(field->raw, clean));
    TRY(header_parameter_set(buffer_view(clean), "hp-legacy-display", "1", marked));
    return mapping_append(target, buffer_view(marked));
}

static struct bytes between(const uint8_t *start, const uint8_t *end)
{
    return (struct bytes){ start, (size_t)(end - start) };
}

/* The header and the empty line of a leaf, from `start` on. */
static struct error *write_head(const struct header_edit *edit, const uint8_t *start,
                                struct mapping *target)
{
    const struct mime_header *header = edit->leaf->header;
    const struct mime_field *type = mime_header_find(header, "Content-Type");
    const uint8_t *end = edit->leaf->body.data;
    if (edit->mark && type) {
        TRY(mapping_append(target, between(start, type->raw.data)));
        TRY(write_mark(type, target));
        start = type->raw.data + type->raw.len;
    } else if (edit->mark) {
        const uint8_t *behind = header->block.data + header->block.len;
        TRY(mapping_append(target, between(start, behind)));
        TRY(mapping_append(target, BYTES_LITERAL("Content-Type: text/plain; charset=utf-8;\r\n"
                                                 " hp-legacy-display=\"1\"\r\n")));
        start = behind;
    }
    return mapping_append(target, between(start, end));
}

static struct error *compose_text(const struct header_edit *edit, struct bytes text,
                                  struct mapping *target)
{
    size_t behind = edit->cut.start + edit->cut.len;
    TRY(mapping_append(target, bytes_slice(text, 0, edit->cut.start)));
    TRY(mapping_append(target, edit->insert));
    return mapping_append(target, bytes_slice(text, behind, SIZE_MAX));
}

static struct error *write_text(const struct header_edit *edit, struct mapping *target)
{
    CLEANUP(mapping_unref) struct mapping *decoded = NULL;
    CLEANUP(mapping_unref) struct mapping *text = NULL;
    struct bytes before = BYTES_NONE;
    TRY(header_edit_read(edit->leaf, &decoded, &before));
    if (!decoded) {
        return compose_text(edit, before, target);
    }
    TRY(mapping_new(LIMIT_MESSAGE, &text));
    TRY(compose_text(edit, before, text));
    return edit->leaf->encoding == MIME_QUOTED_PRINTABLE
               ? quoted_encode(mapping_view(text), target)
               : transfer_base64(mapping_view(text), target);
}

struct error *header_edit_apply(const struct mime_entity *root, const struct header_edit *edits,
                                size_t count, struct mapping **ret_mapping)
{
    CLEANUP(mapping_unref) struct mapping *target = NULL;
    TRY(mapping_new(LIMIT_MESSAGE, &target));
    const uint8_t *at = root->whole.data;
    const uint8_t *end = root->whole.data + root->whole.len;
    for (size_t i = 0; i < count; i++) {
        TRY(write_head(&edits[i], at, target));
        TRY(write_text(&edits[i], target));
        at = edits[i].leaf->body.data + edits[i].leaf->body.len;
    }
    TRY(mapping_append(target, between(at, end)));
    *ret_mapping = TAKE_PTR(target);
    return NULL;
}
