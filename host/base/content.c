#include "base/content.h"

#include "base/limits.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct piece {
    struct mapping *owner; /* one reference */
    struct bytes slice;
};

struct content {
    atomic_uint references;
    size_t size;
    size_t count;
    struct piece pieces[LIMIT_CONTENT_PIECES];
};

struct error *content_new(struct content **ret_content)
{
    struct content *content = calloc(1, sizeof(*content));
    if (!content) {
        return error_no_memory();
    }
    atomic_init(&content->references, 1);
    *ret_content = content;
    return NULL;
}

struct content *content_ref(struct content *content)
{
    if (content) {
        (void)atomic_fetch_add(&content->references, 1);
    }
    return content;
}

void content_unref(struct content *content)
{
    if (!content || atomic_fetch_sub(&content->references, 1) != 1) {
        return;
    }
    for (size_t i = 0; i < content->count; i++) {
        mapping_unref(content->pieces[i].owner);
    }
    free(content);
}

struct error *content_append_slice(struct content *content, struct mapping *owner,
                                   struct bytes slice)
{
    if (slice.len == 0) {
        return NULL;
    }
    if (content->count == LIMIT_CONTENT_PIECES || slice.len > LIMIT_MESSAGE - content->size) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "the content has too many pieces or bytes");
    }
    content->pieces[content->count++] = (struct piece){ mapping_ref(owner), slice };
    content->size += slice.len;
    return NULL;
}

struct error *content_of_slice(struct mapping *owner, struct bytes slice,
                               struct content **ret_content)
{
    CLEANUP(content_unref) struct content *content = NULL;
    TRY(content_new(&content));
    TRY(content_append_slice(content, owner, slice));
    *ret_content = TAKE_PTR(content);
    return NULL;
}

struct error *content_append_copy(struct content *content, struct bytes bytes)
{
    if (bytes.len == 0) {
        return NULL;
    }
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    TRY(mapping_new(bytes.len, &mapping));
    TRY(mapping_append(mapping, bytes));
    return content_append_slice(content, mapping, mapping_view(mapping));
}

struct error *content_append_content(struct content *content, const struct content *other)
{
    return content_append_tail(content, other, 0);
}

struct error *content_append_tail(struct content *content, const struct content *other,
                                  size_t offset)
{
    for (size_t i = 0; i < other->count; i++) {
        struct bytes slice = other->pieces[i].slice;
        size_t skipped = offset < slice.len ? offset : slice.len;
        offset -= skipped;
        TRY(content_append_slice(content, other->pieces[i].owner,
                                 bytes_slice(slice, skipped, SIZE_MAX)));
    }
    return NULL;
}

size_t content_size(const struct content *content)
{
    return content->size;
}

size_t content_read(const struct content *content, size_t offset, uint8_t *target, size_t len)
{
    size_t done = 0;
    for (size_t i = 0; i < content->count && done < len; i++) {
        struct bytes slice = content->pieces[i].slice;
        if (offset >= slice.len) {
            offset -= slice.len;
            continue;
        }
        struct bytes part = bytes_slice(slice, offset, len - done);
        memcpy(target + done, part.data, part.len);
        done += part.len;
        offset = 0;
    }
    return done;
}

bool content_piece(const struct content *content, size_t number, struct bytes *ret_piece)
{
    if (number >= content->count) {
        return false;
    }
    *ret_piece = content->pieces[number].slice;
    return true;
}

struct error *content_flatten(const struct content *content, struct mapping **ret_mapping,
                              struct bytes *ret_view)
{
    if (content->count == 1) {
        *ret_mapping = mapping_ref(content->pieces[0].owner);
        *ret_view = content->pieces[0].slice;
        return NULL;
    }
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    TRY(mapping_new(content->size ? content->size : 1, &mapping));
    for (size_t i = 0; i < content->count; i++) {
        TRY(mapping_append(mapping, content->pieces[i].slice));
    }
    *ret_view = mapping_view(mapping);
    *ret_mapping = TAKE_PTR(mapping);
    return NULL;
}
