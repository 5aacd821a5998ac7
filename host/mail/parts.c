#include "mail/parts.h"

#include "base/limits.h"
#include "mail/fields.h"
#include "mime/canonical.h"

#include <stdlib.h>
#include <string.h>

void parts_done(struct open_result *result)
{
    for (size_t i = 0; i < result->part_count; i++) {
        free(result->parts[i].number);
        free(result->parts[i].type);
        free(result->parts[i].filename);
    }
    free(result->parts);
    result->parts = NULL;
    result->part_count = 0;
}

/* Fields are taken over, MIME-Version apart, in a form that all readers end at the same place: no
 * folded line of blanks alone, at which some see the end of the header, and no lone CR, at which
 * some see the end of a line. Else a sender whom nobody vouches for could put text in front of the
 * content that was signed or encrypted. */
static struct error *append_fields(const struct mime_header *header, bool structural,
                                   struct buffer *out)
{
    for (size_t i = 0; i < header->count; i++) {
        const struct mime_field *field = &header->fields[i];
        if (fields_is_structural(field) != structural ||
            bytes_equal_ascii_nocase(field->name, BYTES_LITERAL("MIME-Version"))) {
            continue;
        }
        TRY(canonical_field(field->raw, out));
    }
    return NULL;
}

struct error *parts_compose(const struct mime_header *shown, const struct layers_end *end,
                            struct content **ret_content)
{
    CLEANUP(buffer_free) struct buffer *fields = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    TRY(buffer_new(0, &fields));
    TRY(append_fields(shown, false, fields));
    TRY(buffer_append_string(fields, "MIME-Version: 1.0\r\n"));
    struct bytes body = end->input;
    if (end->tree) {
        const struct mime_entity *root = mime_tree_root(end->tree);
        TRY(append_fields(root->header, true, fields));
        body = root->body;
    }
    TRY(buffer_append_string(fields, "\r\n"));
    TRY(content_new(&content));
    TRY(content_append_copy(content, buffer_view(fields)));
    TRY(content_append_slice(content, end->owner, body));
    *ret_content = TAKE_PTR(content);
    return NULL;
}

struct listing {
    struct open_result *result;
    size_t capacity;
};

/* The layers over an entity: all whole ones, and those on the part that it is or lies in. */
static void mark_layers(const struct open_result *result, const char *number,
                        struct open_part *part)
{
    for (size_t i = 0; i < result->layer_count; i++) {
        const struct open_layer *layer = &result->layers[i];
        size_t len = strlen(layer->part);
        bool here = layer->inside == SIZE_MAX && strncmp(number, layer->part, len) == 0 &&
                    (number[len] == '\0' || number[len] == '.');
        if (!layer->whole && !here) {
            continue;
        }
        if (layer->kind == LAYER_ENCRYPTED) {
            part->encrypted_by |= UINT32_C(1) << i;
        } else if (layer->kind == LAYER_SIGNED) {
            part->signed_by |= UINT32_C(1) << i;
        }
    }
}

static struct error *list_entity(void *context, const struct mime_entity *entity)
{
    struct listing *listing = context;
    struct open_result *result = listing->result;
    if (result->part_count == listing->capacity) {
        return NULL;
    }
    struct open_part *part = &result->parts[result->part_count++];
    part->number = strdup(entity->number);
    part->type = strdup(entity->type);
    part->filename = entity->filename ? strdup(entity->filename) : NULL;
    if (!part->number || !part->type || (entity->filename && !part->filename)) {
        return error_no_memory();
    }
    part->size = entity->body.len;
    mark_layers(result, entity->number, part);
    return NULL;
}

struct error *parts_list(const struct layers_end *end, struct open_result *result)
{
    if (!end->tree) {
        return NULL;
    }
    struct listing listing = { .result = result, .capacity = LIMIT_MIME_PARTS + 1 };
    result->parts = calloc(listing.capacity, sizeof(*result->parts));
    if (!result->parts) {
        return error_no_memory();
    }
    return mime_tree_walk(end->tree, list_entity, &listing);
}
