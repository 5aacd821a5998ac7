/* SECItem ↔ struct bytes. The only place where const is cast away for NSS, which takes its inputs
 * through non-const pointers but does not write to them. */
#ifndef SEALPOST_NSS_ITEM_H
#define SEALPOST_NSS_ITEM_H

#include "base/bytes.h"

#include <stdbool.h>

struct SECItemStr;

/* A view of `item`'s bytes; empty for NULL. */
struct bytes item_bytes(const struct SECItemStr *item);

/* Fills `ret_item` with a view of `bytes`: nothing is copied, nothing must be freed. Input only.
 * False (and an empty item) where the length does not fit NSS's unsigned int. */
bool item_set(struct SECItemStr *ret_item, struct bytes bytes);

/* The pointer of a view for NSS functions that take unsigned char * as input. */
unsigned char *item_pointer(struct bytes bytes);

#endif
