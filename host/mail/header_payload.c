#include "mail/header_payload.h"

#include "certs/match.h"
#include "mail/header_edit.h"
#include "mime/address.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* RFC 9788 2.1.1: the parameter means something on the Cryptographic Payload and nowhere else. */
static enum header_scheme named_scheme(const struct mime_entity *root)
{
    const char *value = root->header_protection;
    if (!value) {
        return HEADER_SCHEME_NONE;
    }
    if (strcasecmp(value, "cipher") == 0) {
        return HEADER_SCHEME_CIPHER;
    }
    return strcasecmp(value, "clear") == 0 ? HEADER_SCHEME_CLEAR : HEADER_SCHEME_NONE;
}

/* `end` goes on with `input` inside `owner`, whose reference it takes, if that can be read without
 * doubt. */
static struct error *replace_end_take(struct layers_end *end, struct mapping *owner,
                                      struct bytes input, bool *ret_replaced)
{
    CLEANUP(mapping_unref) struct mapping *held = owner;
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    TRY(mime_tree_parse(input, &tree));
    if (mime_tree_root(tree)->ambiguous) {
        return NULL;
    }
    mime_tree_free(end->tree);
    mapping_unref(end->owner);
    end->tree = TAKE_PTR(tree);
    end->owner = TAKE_PTR(held);
    end->input = input;
    *ret_replaced = true;
    return NULL;
}

/* Both headers have this field once and with the same bytes, blanks around it apart. */
static bool same_id(const struct mime_header *a, const struct mime_header *b, const char *name)
{
    CLEANUP(string_free) char *first = NULL;
    CLEANUP(string_free) char *second = NULL;
    if (mime_header_count(a, name) != 1 || mime_header_count(b, name) != 1) {
        return false;
    }
    error_free(mime_field_text(mime_header_find(a, name), &first));
    error_free(mime_field_text(mime_header_find(b, name), &second));
    return first && second && strcmp(first, second) == 0;
}

static bool only_address(const struct mime_header *header, struct address_list **ret_list)
{
    error_free(address_list_read(header, "From", ret_list));
    return *ret_list && (*ret_list)->count == 1 && !(*ret_list)->malformed &&
           mime_header_count(header, "From") == 1;
}

static bool same_author(const struct mime_header *a, const struct mime_header *b)
{
    CLEANUP(address_list_free) struct address_list *first = NULL;
    CLEANUP(address_list_free) struct address_list *second = NULL;
    return only_address(a, &first) && only_address(b, &second) &&
           match_addresses_equal(first->addresses[0], second->addresses[0]);
}

/* The message inside is this one and no other that was forwarded: the wrapper says so, or, where it
 * says nothing, author and Message-ID are the same. */
static bool is_this_message(const struct mime_entity *wrapper, const struct mime_header *outer,
                            const struct mime_header *inner)
{
    if (wrapper->forwarded) {
        return strcasecmp(wrapper->forwarded, "no") == 0;
    }
    return same_author(outer, inner) && same_id(outer, inner, "Message-ID");
}

/* A From of the wrapper's own is that of the message, and what is in it another's. */
static bool is_wrapper(const struct mime_entity *root)
{
    bool plain =
        root->encoding == MIME_7BIT || root->encoding == MIME_8BIT || root->encoding == MIME_BINARY;
    return plain && !root->attachment && !root->header_protection &&
           mime_header_count(root->header, "From") == 0 &&
           (strcmp(root->type, "message/rfc822") == 0 || strcmp(root->type, "message/global") == 0);
}

/* RFC 9788 4.10.1: the payload is one message, which is no layer itself and has no hp either. */
static struct error *unwrap(const struct mime_header *outer, struct layers_end *end,
                            enum header_scheme *ret_scheme)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    const struct mime_entity *root = mime_tree_root(end->tree);
    struct error *error = mime_tree_parse(root->body, &tree);
    if (error && error_get_code(error) != ERR_NO_MEMORY) {
        error_free(error); /* no message: shown as the part that it is */
        return NULL;
    }
    TRY(error);
    const struct mime_entity *inner = mime_tree_root(tree);
    if (inner->ambiguous || inner->smime != MIME_SMIME_NONE || inner->header_protection ||
        inner->header->count == 0 || !is_this_message(root, outer, inner->header)) {
        return NULL;
    }
    bool replaced = false;
    TRY(replace_end_take(end, mapping_ref(end->owner), root->body, &replaced));
    *ret_scheme = replaced ? HEADER_SCHEME_WRAPPED : HEADER_SCHEME_NONE;
    return NULL;
}

static struct error *find_display(const struct mime_entity *leaf, const struct mime_header *header,
                                  struct header_display *ret_display)
{
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    struct bytes text = BYTES_NONE;
    struct error *error = header_edit_read(leaf, &owner, &text);
    if (error && error_get_code(error) == ERR_MESSAGE_MALFORMED) {
        error_free(error); /* a damaged text: shown as it is */
        return NULL;
    }
    TRY(error);
    *ret_display = strcmp(leaf->type, "text/html") == 0 ? header_display_in_html(text)
                                                        : header_display_in_text(text, header);
    return NULL;
}

/* RFC 9788 4.5.3 */
static struct error *remove_displays(struct layers_end *end)
{
    const struct mime_entity *root = mime_tree_root(end->tree);
    struct header_texts texts = { 0 };
    struct header_edit edits[LIMIT_MAIN_PARTS] = { 0 };
    size_t count = 0;
    header_edit_find_texts(root, &texts);
    for (size_t i = 0; i < texts.count; i++) {
        if (texts.items[i]->legacy_display) {
            edits[count].leaf = texts.items[i];
            TRY(find_display(texts.items[i], root->header, &edits[count].cut));
            count += edits[count].cut.len > 0 ? 1 : 0;
        }
    }
    if (count == 0) {
        return NULL;
    }
    struct mapping *owner = NULL;
    bool replaced = false;
    TRY(header_edit_apply(root, edits, count, &owner));
    return replace_end_take(end, owner, mapping_view(owner), &replaced);
}

struct error *header_payload_open(const struct mime_header *outer, bool encrypted,
                                  struct layers_end *end, enum header_scheme *ret_scheme)
{
    *ret_scheme = HEADER_SCHEME_NONE;
    if (!end->tree || end->ambiguous) {
        return NULL;
    }
    const struct mime_entity *root = mime_tree_root(end->tree);
    if (root->ambiguous || root->smime != MIME_SMIME_NONE) {
        return NULL; /* what stands there is a layer that could not be taken off */
    }
    if (is_wrapper(root)) {
        return unwrap(outer, end, ret_scheme);
    }
    *ret_scheme = named_scheme(root);
    return *ret_scheme == HEADER_SCHEME_CIPHER && encrypted ? remove_displays(end) : NULL;
}
