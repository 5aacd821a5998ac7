#include "mime/outline.h"

#include "base/limits.h"
#include "mime/content_fields.h"
#include "mime/gmime_scope.h"

#include <string.h>
#include <strings.h>

struct outline {
    struct buffer *text;
    size_t lines; /* delimiter-like lines in it */
    const struct mime_entity *last; /* the entity whose fields were written last */
    bool too_large;
};

static struct bytes between(const uint8_t *start, const uint8_t *end)
{
    return (struct bytes){ start, (size_t)(end - start) };
}

static struct error *write_text(struct outline *outline, struct bytes text)
{
    if (text.len > LIMIT_OUTLINE - outline->text->len) {
        outline->too_large = true;
        return NULL;
    }
    return buffer_append(outline->text, text);
}

/* Without strlen(): a hostile message has millions of lines and 32 boundaries around each. */
static bool starts_with(struct bytes text, const char *boundary)
{
    for (size_t i = 0; boundary[i]; i++) {
        if (i == text.len || text.data[i] != (uint8_t)boundary[i]) {
            return false;
        }
    }
    return true;
}

/* Some multipart around (or at) `entity` has a boundary with which the line starts. GMime, too,
 * looks for the boundaries of all multiparts that are open at a line, and for no others. */
static bool may_delimit(const struct mime_entity *entity, struct bytes line)
{
    struct bytes text = bytes_slice(line, 2, SIZE_MAX);
    for (const struct mime_entity *at = entity; at; at = at->parent) {
        if (at->boundary && starts_with(text, at->boundary)) {
            return true;
        }
    }
    return false;
}

static struct error *write_line(struct outline *outline, struct bytes rest)
{
    const uint8_t *end = memchr(rest.data, '\n', rest.len);
    struct bytes line = end ? between(rest.data, end + 1) : rest;
    if (!may_delimit(outline->last, line)) {
        return NULL;
    }
    if (++outline->lines > LIMIT_OUTLINE_LINES) {
        outline->too_large = true;
        return NULL;
    }
    TRY(write_text(outline, line));
    /* a delimiter that the scanner missed opens a part for GMime, then, and gives it away */
    return line.len < rest.len ? write_text(outline, BYTES_LITERAL("\r\n")) : NULL;
}

/* The delimiter-like lines of what lies between two headers; `gap` starts at a line start. */
static struct error *write_gap(struct outline *outline, struct bytes gap)
{
    while (gap.len > 0 && !outline->too_large) {
        if (bytes_starts_with(gap, BYTES_LITERAL("--"))) {
            TRY(write_line(outline, gap));
        }
        const uint8_t *end = memchr(gap.data, '\n', gap.len);
        gap = end ? bytes_slice(gap, (size_t)(end - gap.data) + 1, SIZE_MAX) : BYTES_NONE;
    }
    return NULL;
}

/* Two delimiter lines in a row have an empty part between them or none, depending on who reads:
 * GMime has to see that as it is. With an empty line in between the part is there for all. */
static bool counts(const struct mime_entity *entity)
{
    if (entity->whole.len > 0 || !entity->parent) {
        return entity->whole.len > 0;
    }
    const struct bytes around = entity->parent->body;
    bool at_end = entity->whole.data == around.data + around.len;
    return !at_end && (*entity->whole.data == '\r' || *entity->whole.data == '\n');
}

static struct error *write_fields(struct outline *outline, const struct mime_entity *entity)
{
    const struct mime_header *header = entity->header;
    for (size_t i = 0; i < header->count; i++) {
        struct bytes name = bytes_slice(header->fields[i].name, 0, strlen("Content-"));
        if (!bytes_equal_ascii_nocase(name, BYTES_LITERAL("Content-"))) {
            continue;
        }
        struct bytes raw = header->fields[i].raw;
        TRY(write_text(outline, raw));
        if (raw.data[raw.len - 1] != '\n') {
            TRY(write_text(outline, BYTES_LITERAL("\r\n")));
        }
    }
    return counts(entity) ? write_text(outline, BYTES_LITERAL("\r\n")) : NULL;
}

static struct error *write_entity(struct outline *outline, const struct mime_entity *entity)
{
    if (outline->last) {
        TRY(write_gap(outline, between(outline->last->body.data, entity->whole.data)));
    }
    TRY(write_fields(outline, entity));
    outline->last = entity;
    for (size_t i = 0; i < entity->child_count && !outline->too_large; i++) {
        TRY(write_entity(outline, entity->children[i]));
    }
    return NULL;
}

static bool same_type(const struct mime_entity *entity, GMimeObject *object)
{
    GMimeContentType *type = g_mime_object_get_content_type(object);
    CLEANUP(gmime_scope_string_free)
    char *name = type ? g_mime_content_type_get_mime_type(type) : NULL;
    return name && strcasecmp(name, entity->type) == 0;
}

static bool same_boundary(const struct mime_entity *entity, GMimeObject *object)
{
    const char *boundary = g_mime_object_get_content_type_parameter(object, "boundary");
    return boundary && strcmp(boundary, entity->boundary) == 0;
}

static bool same_count(const struct mime_entity *entity, GMimeMultipart *multipart)
{
    int count = g_mime_multipart_get_count(multipart);
    return count >= 0 && (size_t)count == entity->child_count;
}

/* GMime agrees about this entity without its children. */
static bool agrees(const struct mime_entity *entity, GMimeObject *object)
{
    if (!same_type(entity, object)) {
        return false;
    }
    if (!entity->boundary) {
        return true; /* a leaf; a multipart among them is marked already */
    }
    return GMIME_IS_MULTIPART(object) && same_boundary(entity, object) &&
           same_count(entity, (GMimeMultipart *)object);
}

static void compare(struct mime_entity *entity, GMimeObject *object)
{
    if (!agrees(entity, object)) {
        entity->ambiguous = true;
        return;
    }
    for (size_t i = 0; i < entity->child_count; i++) {
        compare(entity->children[i], g_mime_multipart_get_part((GMimeMultipart *)object, (int)i));
        entity->ambiguous |= entity->children[i]->ambiguous;
    }
}

static GMimeObject *parse(struct bytes text)
{
    CLEANUP(gmime_scope_options_free) GMimeParserOptions *options = g_mime_parser_options_new();
    CLEANUP(gmime_scope_stream_unref)
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer((const char *)text.data, text.len);
    CLEANUP(gmime_scope_parser_unref) GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    return g_mime_parser_construct_part(parser, options);
}

struct error *outline_compare(struct mime_entity *root)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    TRY(buffer_new(LIMIT_OUTLINE, &text));
    const uint8_t *end = root->whole.data + root->whole.len;
    struct outline outline = { .text = text };
    TRY(write_entity(&outline, root));
    TRY(write_gap(&outline, between(outline.last->body.data, end)));
    if (outline.too_large) {
        root->ambiguous = true;
        return NULL;
    }
    if (text->len == 0) {
        return NULL; /* no fields and no empty line: nothing to have an opinion about */
    }
    CLEANUP(gmime_scope_object_unref) GMimeObject *object = parse(buffer_view(text));
    if (!object) {
        root->ambiguous = true;
        return NULL;
    }
    compare(root, object);
    return NULL;
}
