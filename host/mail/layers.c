#include "mail/layers.h"

#include "base/limits.h"
#include "mail/run.h"
#include "mime/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void layers_end_done(struct layers_end *end)
{
    mime_tree_free(end->tree);
    mapping_unref(end->owner);
}

struct parts_walk {
    struct run *parent;
    const char *base; /* number that the tree's root has in what holds the layers found in it */
    unsigned depth;
    struct bytes taken; /* the last part that was looked into: what lies in it is done */
};

static struct error *take_parts(struct run *run, const char *base, unsigned depth) MUST_USE;

/* The cleartext of a part's layers, alone; nothing where the first one could not be taken off. */
static struct error *keep_part_content(struct run *part, struct bytes whole, size_t first_layer)
{
    struct open_result *result = part->work->result;
    if (result->layer_count == first_layer || part->input.data == whole.data) {
        return NULL;
    }
    struct open_layer *layer = &result->layers[first_layer];
    TRY(content_new(&layer->content));
    return content_append_slice(layer->content, part->owner, part->input);
}

/* The layers of one part, whose tree is made, and what lies on parts of it. */
static struct error *take_one_part(struct run *part, unsigned depth)
{
    struct bytes whole = part->input;
    size_t first = part->work->result->layer_count;
    TRY(run_take(part));
    TRY(keep_part_content(part, whole, first));
    bool taken = part->work->result->layer_count > first;
    if (taken) {
        part->inside = first;
    }
    return take_parts(part, taken ? "1" : part->part, depth + 1);
}

static struct error *take_part(const struct parts_walk *walk, const struct mime_entity *entity,
                               const char *number)
{
    struct run part = {
        .work = walk->parent->work,
        .owner = mapping_ref(walk->parent->owner),
        .input = entity->whole,
        .part = number,
        .inside = walk->parent->inside,
    };
    struct error *error = mime_tree_parse(part.input, &part.tree);
    if (!error) {
        error = take_one_part(&part, walk->depth);
    }
    run_done(&part);
    return error;
}

/* The message inside a message/rfc822, which RFC 2046 5.2.1 wants as it is and some gateways
 * encode. `ret_decoded` may stay NULL. */
static struct error *forwarded_message(const struct mime_entity *entity,
                                       struct mapping **ret_decoded, struct bytes *ret_message,
                                       struct mime_tree **ret_tree)
{
    TRY(transfer_decode(entity->encoding, entity->body, ret_decoded, ret_message));
    return mime_tree_parse(*ret_message, ret_tree);
}

/* What a forwarded message is protected by says nothing about the message that forwards it: its
 * layers are those of a part. One that can't be read is an attachment like any other. */
static struct error *take_forwarded(const struct parts_walk *walk, const struct mime_entity *entity,
                                    const char *number)
{
    struct work *work = walk->parent->work;
    CLEANUP(mapping_unref) struct mapping *decoded = NULL;
    struct run part = { .work = work, .inside = walk->parent->inside };
    if (work->forwarded_left == 0) {
        return NULL;
    }
    work->forwarded_left--;
    struct error *error = forwarded_message(entity, &decoded, &part.input, &part.tree);
    if (error && (error_get_code(error) == ERR_MESSAGE_MALFORMED ||
                  error_get_code(error) == ERR_NESTING_TOO_DEEP)) {
        error_free(error);
        return NULL;
    }
    TRY(error);
    CLEANUP(string_free) char *inner = NULL;
    part.owner = mapping_ref(decoded ? decoded : walk->parent->owner);
    error = asprintf(&inner, "%s.1", number) < 0 ? error_no_memory() : NULL;
    part.part = inner;
    if (!error) {
        error = take_one_part(&part, walk->depth);
    }
    run_done(&part);
    return error;
}

static bool lies_in(struct bytes outer, struct bytes inner)
{
    return inner.data >= outer.data && inner.data < outer.data + outer.len;
}

/* RFC 2046 5.2.1, RFC 6532 3.7 */
static bool is_forwarded(const struct mime_entity *entity)
{
    return strcmp(entity->type, "message/rfc822") == 0 ||
           strcmp(entity->type, "message/global") == 0;
}

static bool is_layered_part(const struct mime_entity *entity)
{
    return entity->parent && entity->smime != MIME_SMIME_NONE &&
           entity->parent->smime != MIME_SMIME_SIGNED_MULTIPART;
}

static struct error *visit_part(void *context, const struct mime_entity *entity)
{
    struct parts_walk *walk = context;
    bool forwarded = is_forwarded(entity);
    if ((!forwarded && !is_layered_part(entity)) || lies_in(walk->taken, entity->whole)) {
        return NULL;
    }
    walk->taken = entity->whole;
    /* the tree's root is "1" in itself */
    CLEANUP(string_free) char *number = NULL;
    if (asprintf(&number, "%s%s", walk->base, entity->number + 1) < 0) {
        number = NULL;
        return error_no_memory();
    }
    return forwarded ? take_forwarded(walk, entity, number) : take_part(walk, entity, number);
}

/* Layers on parts of the innermost entity; depth is bounded by the number of layers. */
static struct error *take_parts(struct run *run, const char *base, unsigned depth)
{
    if (!run->tree || depth >= LIMIT_LAYERS || run->work->result->layer_count == LIMIT_LAYERS) {
        return NULL;
    }
    struct parts_walk walk = { .parent = run, .base = base, .depth = depth };
    return mime_tree_walk(run->tree, visit_part, &walk);
}

/* RFC 1847 2.2, RFC 3156 4: PGP is left alone, but a signature around it is one around encryption
 * all the same. */
static bool is_otherwise_encrypted(const struct mime_entity *root)
{
    return strcmp(root->type, "multipart/encrypted") == 0;
}

struct error *layers_take_off(const struct mail_context *context, const struct mime_header *outer,
                              struct mapping *owner, struct bytes input, struct open_result *result,
                              struct layers_end *ret_end)
{
    struct work work = {
        .context = context,
        .result = result,
        .outer = outer,
        .room = LIMIT_MESSAGE,
        .forwarded_left = LIMIT_FORWARDED,
    };
    struct run run = {
        .work = &work,
        .owner = mapping_ref(owner),
        .input = input,
        .part = "1",
        .inside = SIZE_MAX,
        .whole = true,
    };
    struct error *error = mime_tree_parse(input, &run.tree);
    if (!error) {
        error = run_take(&run);
    }
    if (!error) {
        error = take_parts(&run, "1", 0);
    }
    if (error) {
        run_done(&run);
        return error;
    }
    *ret_end = (struct layers_end){
        .owner = run.owner,
        .input = run.input,
        .tree = run.tree,
        .headers = run.headers,
        .other_encryption =
            run.other_encryption || (run.tree && is_otherwise_encrypted(mime_tree_root(run.tree))),
        .ambiguous = run.ambiguous,
    };
    return NULL;
}
