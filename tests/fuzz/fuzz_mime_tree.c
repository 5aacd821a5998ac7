/* mime_tree_parse() and the canonical form of what is not ambiguous. Children lie in order in their
 * parent's body; the canonical form has the same parts, is not ambiguous, and is its own canonical
 * form. */
#include "mime/build.h"
#include "mime/tree.h"

#include <stdlib.h>
#include <string.h>

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static struct error *check_entity(void *context, const struct mime_entity *entity)
{
    (void)context;
    const uint8_t *at = entity->body.data;
    for (size_t i = 0; i < entity->child_count; i++) {
        const struct mime_entity *child = entity->children[i];
        check(child->whole.data >= at && child->parent == entity);
        check(!child->ambiguous || entity->ambiguous);
        at = child->whole.data + child->whole.len;
    }
    check(at <= entity->body.data + entity->body.len);
    check(entity->body.data + entity->body.len == entity->whole.data + entity->whole.len);
    return NULL;
}

/* The canonical form as one run; NULL where it has none. */
static struct mapping *canonical(const struct mime_tree *tree, struct bytes *ret_view)
{
    CLEANUP(content_unref) struct content *content = NULL;
    bool fragile = false;
    struct error *error = build_canonical_entity(tree, NULL, &content, &fragile);
    struct mapping *flat = NULL;
    if (!error) {
        error = content_flatten(content, &flat, ret_view);
    }
    error_free(error);
    return flat;
}

static bool same_shape(const struct mime_entity *a, const struct mime_entity *b)
{
    if (strcmp(a->type, b->type) != 0 || a->child_count != b->child_count) {
        return false;
    }
    for (size_t i = 0; i < a->child_count; i++) {
        if (!same_shape(a->children[i], b->children[i])) {
            return false;
        }
    }
    return true;
}

static void check_canonical(const struct mime_tree *tree)
{
    struct bytes view = BYTES_NONE;
    CLEANUP(mapping_unref) struct mapping *flat = canonical(tree, &view);
    if (!flat) {
        return;
    }
    CLEANUP(mime_tree_free) struct mime_tree *again = NULL;
    error_free(mime_tree_parse(view, &again));
    check(again && !mime_tree_root(again)->ambiguous);
    check(same_shape(mime_tree_root(tree), mime_tree_root(again)));
    struct bytes second_view = BYTES_NONE;
    CLEANUP(mapping_unref) struct mapping *second = canonical(again, &second_view);
    check(second && bytes_equal(view, second_view));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mime_tree_start();
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    error_free(mime_tree_parse((struct bytes){ data, size }, &tree));
    if (tree) {
        error_free(mime_tree_walk(tree, check_entity, NULL));
        check_canonical(tree);
    }
    return 0;
}
