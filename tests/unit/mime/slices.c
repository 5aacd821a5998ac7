#include "mime/slices.h"

#include "mime/gmime_scope.h"

#include <string.h>
#include <strings.h>

struct reading {
    struct bytes input; /* what GMime was given */
};

/* GMime 3.2 counts the CR to the body where the last delimiter of the input has no line end: an
 * oversight that changes nothing but that octet. */
static bool is_stray_cr(const struct reading *reading, gint64 end, gint64 seen)
{
    struct bytes rest = bytes_slice(reading->input, (size_t)end, SIZE_MAX);
    return seen == end + 1 && bytes_starts_with(rest, BYTES_LITERAL("\r\n--")) &&
           !memchr(rest.data + 2, '\n', rest.len - 2);
}

static const char *compare_leaf(const struct reading *reading, const struct mime_entity *entity,
                                GMimeObject *object)
{
    if (GMIME_IS_MULTIPART(object)) {
        return "a multipart for GMime alone";
    }
    if (!GMIME_IS_PART(object)) {
        return NULL; /* message/rfc822 */
    }
    GMimeDataWrapper *content = g_mime_part_get_content((GMimePart *)object);
    if (!content) {
        return entity->body.len == 0 ? NULL : "no content for GMime";
    }
    GMimeStream *stream = g_mime_data_wrapper_get_stream(content);
    gint64 start = entity->body.data - reading->input.data;
    gint64 end = start + (gint64)entity->body.len;
    if (entity->body.len == 0 && stream->bound_end <= stream->bound_start) {
        return NULL; /* nothing, wherever that is */
    }
    if (stream->bound_start != start) {
        return "another start of a body";
    }
    gint64 seen = stream->bound_end < 0 ? (gint64)reading->input.len : stream->bound_end;
    return seen == end || is_stray_cr(reading, end, seen) ? NULL : "another end of a body";
}

static bool same_type(const struct mime_entity *entity, GMimeObject *object)
{
    GMimeContentType *type = g_mime_object_get_content_type(object);
    CLEANUP(gmime_scope_string_free)
    char *name = type ? g_mime_content_type_get_mime_type(type) : NULL;
    return name && strcasecmp(name, entity->type) == 0;
}

static const char *compare_entity(const struct reading *reading, const struct mime_entity *entity,
                                  GMimeObject *object)
{
    if (!same_type(entity, object)) {
        return "another type";
    }
    if (!entity->boundary) {
        return compare_leaf(reading, entity, object);
    }
    if (!GMIME_IS_MULTIPART(object)) {
        return "no multipart for GMime";
    }
    int count = g_mime_multipart_get_count((GMimeMultipart *)object);
    if (count < 0 || (size_t)count != entity->child_count) {
        return "another number of parts";
    }
    for (int i = 0; i < count; i++) {
        const char *wrong = compare_entity(reading, entity->children[i],
                                           g_mime_multipart_get_part((GMimeMultipart *)object, i));
        if (wrong) {
            return wrong;
        }
    }
    return NULL;
}

const char *slices_compare(const struct mime_tree *tree, struct bytes input)
{
    const struct mime_entity *root = mime_tree_root(tree);
    /* what files begin with is nothing for GMime's reader of entities */
    size_t skipped = root->header->block.data ? (size_t)(root->header->block.data - input.data) : 0;
    struct reading reading = { bytes_slice(input, skipped, SIZE_MAX) };
    if (reading.input.len == 0) {
        return NULL;
    }
    CLEANUP(gmime_scope_options_free) GMimeParserOptions *options = g_mime_parser_options_new();
    CLEANUP(gmime_scope_stream_unref)
    GMimeStream *stream =
        g_mime_stream_mem_new_with_buffer((const char *)reading.input.data, reading.input.len);
    CLEANUP(gmime_scope_parser_unref) GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    g_mime_parser_set_persist_stream(parser, TRUE);
    CLEANUP(gmime_scope_object_unref)
    GMimeObject *object = g_mime_parser_construct_part(parser, options);
    return object ? compare_entity(&reading, root, object) : "nothing for GMime";
}
