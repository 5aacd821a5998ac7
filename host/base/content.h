/* A result's bytes as a row of slices of mappings, so that a message of new headers and a decrypted
 * body exists without a copy of the body. Immutable once handed on; counted by reference
 * (thread-safe). */
#ifndef SEALPOST_BASE_CONTENT_H
#define SEALPOST_BASE_CONTENT_H

#include "base/mapping.h"

struct content;

/* Empty content with one reference. ERR_NO_MEMORY. */
struct error *content_new(struct content **ret_content) MUST_USE;
struct content *content_ref(struct content *content); /* returns its argument; NULL stays NULL */
void content_unref(struct content *content); /* NULL is fine */
DEFINE_CLEANUP(struct content *, content_unref);

/* New content that is one slice, as by content_append_slice. Errors of both. */
struct error *content_of_slice(struct mapping *owner, struct bytes slice,
                               struct content **ret_content) MUST_USE;

/* Appends `slice`, which lies inside `owner`; takes a reference of its own to the owner.
 * ERR_MESSAGE_TOO_LARGE at LIMIT_CONTENT_PIECES slices or LIMIT_MESSAGE bytes. */
struct error *content_append_slice(struct content *content, struct mapping *owner,
                                   struct bytes slice) MUST_USE;

/* Appends a copy of `bytes`. Errors as above, and ERR_NO_MEMORY. */
struct error *content_append_copy(struct content *content, struct bytes bytes) MUST_USE;

/* Appends the slices of `other`, which stays as it is. Errors as content_append_slice. */
struct error *content_append_content(struct content *content, const struct content *other) MUST_USE;

/* The same with `other` from `offset` on, which is at most its size. */
struct error *content_append_tail(struct content *content, const struct content *other,
                                  size_t offset) MUST_USE;

size_t content_size(const struct content *content); /* bytes */

/* Copies up to `len` bytes from `offset` to `target`; the number copied, 0 at the end. */
size_t content_read(const struct content *content, size_t offset, uint8_t *target, size_t len);

/* The pieces one by one: true and `ret_piece` (borrowed) while `number` is one of them. */
bool content_piece(const struct content *content, size_t number, struct bytes *ret_piece);

/* All bytes in one mapping: the only piece's own mapping where there is just one piece that starts
 * it (no copy), else a new one. `ret_view` is what lies in it. ERR_NO_MEMORY. */
struct error *content_flatten(const struct content *content, struct mapping **ret_mapping,
                              struct bytes *ret_view) MUST_USE;

#endif
