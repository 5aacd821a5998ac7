/* Growing anonymous memory for content as large as a message. A mapping reserves its whole address
 * range at once and makes pages usable as it grows, so that its bytes never move: a request can
 * hold a view of the first n bytes while a client appends more behind them. It is counted by
 * reference (thread-safe), kept out of core dumps, and wiped when the last reference goes. Growing
 * and truncating are for one thread at a time; the bytes that a view covers are never changed by
 * growing. */
#ifndef SEALPOST_BASE_MAPPING_H
#define SEALPOST_BASE_MAPPING_H

#include "base/bytes.h"

struct mapping;

/* An empty mapping that can grow to `limit` bytes (more than 0). One reference, owned by the
 * caller. ERR_NO_MEMORY. */
struct error *mapping_new(size_t limit, struct mapping **ret_mapping) MUST_USE;
struct mapping *mapping_ref(struct mapping *mapping); /* returns its argument; NULL stays NULL */
void mapping_unref(struct mapping *mapping); /* NULL is fine */
DEFINE_CLEANUP(struct mapping *, mapping_unref);

/* Appends a copy of `more`. ERR_NO_MEMORY; ERR_MESSAGE_TOO_LARGE above the limit, the mapping being
 * unchanged. */
struct error *mapping_append(struct mapping *mapping, struct bytes more) MUST_USE;

/* Makes `count` more bytes at the end writable and counts them in; they are zero the first time.
 * `ret_tail` is borrowed from the mapping. Errors as mapping_append. */
struct error *mapping_extend(struct mapping *mapping, size_t count, uint8_t **ret_tail) MUST_USE;

/* Cuts the length to `len`, which is at most the present one; what lay behind is wiped. */
void mapping_truncate(struct mapping *mapping, size_t len);

size_t mapping_len(const struct mapping *mapping); /* bytes */
uint8_t *mapping_data(struct mapping *mapping); /* borrowed, writable up to mapping_len */
struct bytes mapping_view(const struct mapping *mapping);

#endif
