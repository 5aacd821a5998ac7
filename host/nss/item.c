#include "nss/item.h"

#include <limits.h>
#include <seccomon.h>

struct bytes item_bytes(const struct SECItemStr *item)
{
    return item ? (struct bytes){ item->data, item->len } : BYTES_NONE;
}

unsigned char *item_pointer(struct bytes bytes)
{
    union {
        const uint8_t *from;
        unsigned char *to;
    } pointer = { .from = bytes.data };
    return pointer.to;
}

bool item_set(struct SECItemStr *ret_item, struct bytes bytes)
{
    bool fits = bytes.len <= UINT_MAX;
    *ret_item = (SECItem){ .type = siBuffer };
    if (fits) {
        ret_item->data = item_pointer(bytes);
        ret_item->len = (unsigned int)bytes.len;
    }
    return fits;
}
