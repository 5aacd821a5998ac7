#include "certs/cert.h"

#include <stdlib.h>
#include <string.h>

/* Room for one more: the capacity is the next power of two, so it needs no field of its own. */
static struct error *reserve(struct cert_list *list)
{
    if (list->count != 0 && (list->count & (list->count - 1)) != 0) {
        return NULL;
    }
    size_t capacity = list->count == 0 ? 1 : 2 * list->count;
    struct cert **items = reallocarray((void *)list->items, capacity, sizeof(struct cert *));
    if (!items) {
        return error_no_memory();
    }
    list->items = items;
    return NULL;
}

struct error *cert_list_add(struct cert_list *list, struct cert *cert)
{
    TRY(reserve(list));
    list->items[list->count++] = cert_ref(cert);
    return NULL;
}

struct error *cert_list_add_once(struct cert_list *list, struct cert *cert)
{
    return cert_list_find(list, cert_id(cert)) ? NULL : cert_list_add(list, cert);
}

void cert_list_done(struct cert_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        cert_unref(list->items[i]);
    }
    free((void *)list->items);
    *list = (struct cert_list){ 0 };
}

struct cert *cert_list_find(const struct cert_list *list, const char *id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(cert_id(list->items[i]), id) == 0) {
            return list->items[i];
        }
    }
    return NULL;
}
