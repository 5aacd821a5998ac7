#include "certs/index_read.h"

#include "nss/item.h"
#include "nss/nss_scope.h"

#include <stdlib.h>
#include <string.h>

NSS_SCOPE(nss_objects_free, PK11GenericObject *, (void)PK11_DestroyGenericObjects(owned));

static struct error *add_object(PK11GenericObject *object, struct cert_list *list)
{
    SECItem der = { .type = siBuffer };
    if (PK11_ReadRawAttribute(PK11_TypeGeneric, object, CKA_VALUE, &der) != SECSuccess) {
        return NULL; /* removed since it was listed */
    }
    CLEANUP(cert_unref) struct cert *cert = NULL;
    struct error *error = cert_from_der(item_bytes(&der), &cert);
    SECITEM_FreeItem(&der, PR_FALSE);
    if (error && error_get_code(error) == ERR_CMS_MALFORMED) {
        error_free(error); /* of no use to anybody, and no reason to find nothing */
        return NULL;
    }
    return error ? error : cert_list_add(list, cert);
}

static struct error *read_slot(PK11SlotInfo *slot, size_t limit, struct cert_list *list)
{
    if (!PK11_IsPresent(slot) || PK11_HasRootCerts(slot)) {
        return NULL;
    }
    CLEANUP(nss_objects_free)
    PK11GenericObject *first = PK11_FindGenericObjects(slot, CKO_CERTIFICATE);
    for (PK11GenericObject *object = first; object && list->count < limit;
         object = PK11_GetNextGenericObject(object)) {
        TRY(add_object(object, list));
    }
    return NULL;
}

static int compare_ids(const void *left, const void *right)
{
    struct cert *const *a = left;
    struct cert *const *b = right;
    return strcmp(cert_id(*a), cert_id(*b));
}

static void sort_and_unite(struct cert_list *list)
{
    if (list->count == 0) {
        return;
    }
    qsort((void *)list->items, list->count, sizeof(struct cert *), compare_ids);
    size_t kept = 1;
    for (size_t i = 1; i < list->count; i++) {
        if (strcmp(cert_id(list->items[i]), cert_id(list->items[kept - 1])) == 0) {
            cert_unref(list->items[i]);
        } else {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
}

struct error *index_read_all(size_t limit, struct cert_list *list)
{
    CLEANUP(nss_slot_list_free)
    PK11SlotList *slots = PK11_GetAllTokens(CKM_INVALID_MECHANISM, PR_FALSE, PR_FALSE, NULL);
    for (PK11SlotListElement *at = slots ? slots->head : NULL; at; at = at->next) {
        TRY(read_slot(at->slot, limit, list));
    }
    sort_and_unite(list);
    return NULL;
}
