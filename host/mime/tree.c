#include "mime/tree.h"

#include "base/limits.h"
#include "mime/boundary.h"
#include "mime/content_fields.h"
#include "mime/gmime_scope.h"
#include "mime/outline.h"
#include "mime/smime_type.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An entity with what it owns; the public part points into the rest. */
struct node {
    struct mime_entity entity; /* first: a pointer to it is a pointer to the node */
    struct mime_header *header;
    struct content_fields *fields;
    char *number;
};

struct mime_tree {
    struct node *root;
    size_t entities;
    size_t fields; /* header fields of all entities */
    bool inner; /* of a message in a message, for looking at boundaries alone */
};

/* What the recursion hands down. */
struct place {
    struct mime_tree *tree;
    struct mime_entity *parent; /* NULL for the root */
    size_t index; /* among the parent's children */
    unsigned depth; /* multiparts around */
};

static void node_free(struct node *node)
{
    if (!node) {
        return;
    }
    for (size_t i = 0; i < node->entity.child_count; i++) {
        node_free((struct node *)node->entity.children[i]);
    }
    free(node->entity.children);
    mime_header_free(node->header);
    content_fields_free(node->fields);
    free(node->number);
    free(node);
}
DEFINE_CLEANUP(struct node *, node_free);

static struct error *make_number(const struct place *place, char **ret_number)
{
    int done = place->parent
                   ? asprintf(ret_number, "%s.%zu", place->parent->number, place->index + 1)
                   : asprintf(ret_number, "1");
    if (done < 0) {
        *ret_number = NULL;
        return error_no_memory();
    }
    return NULL;
}

/* An inner part whose header cannot be read is a leaf of unknown content, not the end of the whole
 * message. */
static struct error *parse_header(const struct place *place, struct bytes whole, struct node *node)
{
    struct error *error = mime_header_parse(whole, &node->header, &node->entity.body);
    if (!error || !place->parent || error_get_code(error) != ERR_MESSAGE_MALFORMED) {
        return error;
    }
    error_free(error);
    node->entity.ambiguous = true;
    return mime_header_parse(BYTES_NONE, &node->header, &node->entity.body);
}

static bool has_lone_cr(struct bytes block)
{
    for (size_t at = 0; block.data && at < block.len; at++) {
        const uint8_t *found = memchr(block.data + at, '\r', block.len - at);
        if (!found) {
            return false;
        }
        at = (size_t)(found - block.data);
        if (at + 1 == block.len || block.data[at + 1] != '\n') {
            return true;
        }
    }
    return false;
}

/* A line that is no field ended the header, or a delimiter did, some line of it ends in a lone CR,
 * or a part begins with what only files begin with: parsers differ about where the body starts or
 * which fields there are. RFC 2046 5.1.1 has parts without an empty line; programs write one. */
static bool header_odd(const struct node *node)
{
    struct bytes block = node->header->block;
    struct bytes body = node->entity.body;
    if (node->entity.parent && block.data && block.data != node->entity.whole.data) {
        return true;
    }
    bool no_empty_line = body.len > 0 && block.data && body.data == block.data + block.len;
    bool cut_off =
        node->entity.parent && block.data && block.len > 0 && block.data[block.len - 1] != '\n';
    return no_empty_line || cut_off || has_lone_cr(block);
}

static bool in_digest(const struct mime_entity *parent)
{
    return parent && strcmp(parent->type, "multipart/digest") == 0;
}

static struct error *read_node(const struct place *place, struct bytes whole, struct node *node)
{
    struct mime_entity *entity = &node->entity;
    entity->whole = whole;
    entity->parent = place->parent;
    TRY(make_number(place, &node->number));
    TRY(parse_header(place, whole, node));
    place->tree->fields += node->header->count;
    if (place->tree->fields > LIMIT_MIME_FIELDS) {
        return error_new(ERR_MESSAGE_MALFORMED, "a message has more than %d header fields",
                         LIMIT_MIME_FIELDS);
    }
    TRY(content_fields_read(node->header, in_digest(place->parent), &node->fields));
    if (entity->ambiguous) { /* the header was not readable */
        entity->body = whole;
    }
    const struct content_fields *fields = node->fields;
    entity->number = node->number;
    entity->header = node->header;
    entity->type = fields->type;
    entity->filename = fields->filename;
    entity->protocol = fields->protocol;
    entity->micalg = fields->micalg;
    entity->smime_type = fields->smime_type;
    entity->header_protection = fields->header_protection;
    entity->forwarded = fields->forwarded;
    entity->charset = fields->charset;
    entity->legacy_display = fields->legacy_display;
    entity->boundary = fields->boundary;
    entity->attachment = fields->attachment;
    entity->encoding = fields->encoding;
    return NULL;
}

static bool only_blanks(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!strchr(" \t\r\n", text.data[i]) || text.data[i] == '\0') {
            return false;
        }
    }
    return true;
}

/* A boundary that is the start of one around it, or the other way round, or the same. */
static bool boundary_reused(const struct mime_entity *entity)
{
    struct bytes own = bytes_of_string(entity->boundary);
    for (const struct mime_entity *at = entity->parent; at; at = at->parent) {
        struct bytes other = bytes_of_string(at->boundary);
        if (bytes_starts_with(own, other) || bytes_starts_with(other, own)) {
            return true;
        }
    }
    return false;
}

/* What some go into as it stands: RFC 2046 5.2.1 forbids encodings (and GMime looks at none), RFC
 * 6532 3.7 allows them. */
static bool is_message(const struct mime_entity *entity)
{
    bool plain = entity->encoding == MIME_7BIT || entity->encoding == MIME_8BIT ||
                 entity->encoding == MIME_BINARY;
    /* base64 that is not decoded has no field */
    bool fields =
        plain || (entity->body.len > 0 && memchr(entity->body.data, ':', entity->body.len));
    return (fields && strcmp(entity->type, "message/rfc822") == 0) ||
           (plain && strcmp(entity->type, "message/global") == 0);
}

static struct error *parse_entity(const struct place *place, struct bytes whole);

/* A look into a message in a message: whether some multipart of it has a boundary of one around.
 * Then a reader who goes into messages, and looks for the inner boundary first, sees other parts.
 */
struct look {
    const struct mime_entity *outer; /* the message/rfc822 */
    unsigned depth;
    bool reused;
};

static struct error *look_inside(struct look *look, struct bytes message) MUST_USE;

static struct error *look_at(void *context, const struct mime_entity *entity)
{
    struct look *look = context;
    /* a header that is read in another way can hold such a multipart */
    look->reused = look->reused || entity->ambiguous;
    for (const struct mime_entity *at = look->outer->parent; at && entity->boundary;
         at = at->parent) {
        look->reused =
            look->reused || !at->boundary ||
            bytes_starts_with(bytes_of_string(at->boundary), bytes_of_string(entity->boundary)) ||
            bytes_starts_with(bytes_of_string(entity->boundary), bytes_of_string(at->boundary));
    }
    return is_message(entity) && !look->reused ? look_inside(look, entity->body) : NULL;
}

/* What can't be read, or lies too deep, counts as reused. */
static struct error *look_inside(struct look *look, struct bytes message)
{
    if (look->depth == LIMIT_MIME_DEPTH) {
        look->reused = true;
        return NULL;
    }
    CLEANUP(mime_tree_free) struct mime_tree *tree = calloc(1, sizeof(*tree));
    if (!tree) {
        return error_no_memory();
    }
    tree->inner = true;
    look->depth++;
    struct place place = { .tree = tree };
    struct error *error = parse_entity(&place, message);
    if (error && error_get_code(error) != ERR_NO_MEMORY) {
        error_free(error);
        look->reused = true;
        return NULL;
    }
    TRY(error);
    /* a line that a delimiter cuts off is part of the header for some */
    struct bytes block = tree->root->header->block;
    bool cut = block.len == message.len && (block.len == 0 || block.data[block.len - 1] != '\n');
    look->reused = look->reused || cut;
    error = mime_tree_walk(tree, look_at, look);
    look->depth--;
    return error;
}

static struct error *check_message(const struct place *place, struct mime_entity *entity)
{
    struct look look = { .outer = entity };
    if (place->tree->inner || !place->parent || !is_message(entity)) {
        return NULL;
    }
    TRY(look_inside(&look, entity->body));
    entity->ambiguous = entity->ambiguous || look.reused;
    return NULL;
}

static struct error *parse_children(const struct place *place, const struct boundary_parts *parts,
                                    struct mime_entity *entity)
{
    if (parts->count == 0) {
        return NULL;
    }
    entity->children = calloc(parts->count, sizeof(struct mime_entity *));
    if (!entity->children) {
        return error_no_memory();
    }
    for (size_t i = 0; i < parts->count; i++) {
        struct place inner = { place->tree, entity, i, place->depth + 1 };
        TRY(parse_entity(&inner, parts->items[i]));
    }
    return NULL;
}

/* The break in front of a delimiter that ends the multipart, and the one behind it, which belongs
 * to the delimiter of a multipart around: see boundary_scan. */
static bool last_breaks_differ(const struct mime_entity *entity)
{
    struct bytes body = entity->body;
    const uint8_t *found = body.len > 0 ? memrchr(body.data, '\n', body.len) : NULL;
    const uint8_t *end = body.data + body.len;
    if (!entity->parent || !found || found + 1 == end) {
        return false;
    }
    const struct bytes around = entity->parent->body;
    struct bytes line = { found + 1, (size_t)(end - found) - 1 };
    bool delimiter =
        bytes_starts_with(line, BYTES_LITERAL("--")) &&
        bytes_starts_with(bytes_slice(line, 2, SIZE_MAX), bytes_of_string(entity->boundary));
    if (!delimiter || end == around.data + around.len) {
        return false;
    }
    bool before = found > body.data && found[-1] == '\r';
    return before != (*end == '\r');
}

/* Between two delimiter lines without a line between them there is an empty part or none. */
static bool is_doubtful(struct bytes part, struct bytes body)
{
    bool at_end = part.data == body.data + body.len;
    return part.len == 0 && (at_end || (*part.data != '\r' && *part.data != '\n'));
}

static bool any_doubtful(const struct boundary_parts *parts, struct bytes body)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (is_doubtful(parts->items[i], body)) {
            return true;
        }
    }
    return false;
}

static struct error *parse_multipart(const struct place *place, struct mime_entity *entity)
{
    if (place->depth == LIMIT_MIME_DEPTH) {
        return error_new(ERR_NESTING_TOO_DEEP, "more than %d multiparts in each other",
                         LIMIT_MIME_DEPTH);
    }
    CLEANUP(boundary_parts_free) struct boundary_parts *parts = NULL;
    TRY(boundary_scan(entity->body, bytes_of_string(entity->boundary), &parts));
    entity->extra_text = !only_blanks(parts->preamble) || !only_blanks(parts->epilogue);
    if (parts->near_miss || parts->count == 0 || boundary_reused(entity) ||
        last_breaks_differ(entity) || any_doubtful(parts, entity->body)) {
        entity->ambiguous = true;
    }
    return parse_children(place, parts, entity);
}

/* Hands the finished node to its parent, or to the tree. */
static void attach(const struct place *place, struct node *node)
{
    struct mime_entity *parent = place->parent;
    if (parent) {
        parent->children[parent->child_count++] = &node->entity;
        parent->ambiguous |= node->entity.ambiguous;
    } else {
        place->tree->root = node;
    }
}

static struct error *parse_entity(const struct place *place, struct bytes whole)
{
    if (++place->tree->entities > LIMIT_MIME_PARTS) {
        return error_new(ERR_MESSAGE_MALFORMED, "a message has more than %d parts",
                         LIMIT_MIME_PARTS);
    }
    CLEANUP(node_free) struct node *node = calloc(1, sizeof(*node));
    if (!node) {
        return error_no_memory();
    }
    TRY(read_node(place, whole, node));
    if (node->entity.ambiguous || node->fields->odd || header_odd(node)) {
        node->entity.ambiguous = true;
    }
    if (node->entity.boundary) {
        TRY(parse_multipart(place, &node->entity));
    } else {
        TRY(check_message(place, &node->entity));
    }
    node->entity.smime = smime_type_of(&node->entity);
    attach(place, TAKE_PTR(node));
    return NULL;
}

struct error *mime_tree_parse(struct bytes input, struct mime_tree **ret_tree)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = calloc(1, sizeof(*tree));
    if (!tree) {
        return error_no_memory();
    }
    if (!input.data) {
        input = BYTES_LITERAL(""); /* so that every view has a place to point to */
    }
    struct place place = { .tree = tree };
    TRY(parse_entity(&place, input));
    TRY(outline_compare(&tree->root->entity));
    *ret_tree = TAKE_PTR(tree);
    return NULL;
}

void mime_tree_free(struct mime_tree *tree)
{
    if (tree) {
        node_free(tree->root);
        free(tree);
    }
}

const struct mime_entity *mime_tree_root(const struct mime_tree *tree)
{
    return &tree->root->entity;
}

static struct error *walk(const struct mime_entity *entity, mime_visit_fn *visit, void *context)
{
    TRY(visit(context, entity));
    for (size_t i = 0; i < entity->child_count; i++) {
        TRY(walk(entity->children[i], visit, context));
    }
    return NULL;
}

struct error *mime_tree_walk(const struct mime_tree *tree, mime_visit_fn *visit, void *context)
{
    return walk(mime_tree_root(tree), visit, context);
}

void mime_tree_start(void)
{
    g_mime_init();
}
