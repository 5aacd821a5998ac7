#include "store/secret_key.h"

#include "base/limits.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <string.h>

static PK11SymKey *find_by_nickname(PK11SlotInfo *slot, struct bytes name)
{
    char nickname[LIMIT_KEK_ID + 1];
    if (memchr(name.data, '\0', name.len)) {
        return NULL; /* no C string, so no nickname */
    }
    memcpy(nickname, name.data, name.len);
    nickname[name.len] = '\0';
    PK11SymKey *first = PK11_ListFixedKeysInSlot(slot, nickname, NULL);
    for (PK11SymKey *at = first ? PK11_GetNextSymKey(first) : NULL; at;) {
        PK11SymKey *next = PK11_GetNextSymKey(at);
        PK11_FreeSymKey(at);
        at = next;
    }
    return first;
}

static PK11SymKey *find_on_slot(PK11SlotInfo *slot, struct bytes name)
{
    SECItem id;
    if (!PK11_IsPresent(slot) || !item_set(&id, name)) {
        return NULL;
    }
    PK11SymKey *key = PK11_FindFixedKey(slot, CKM_AES_KEY_WRAP, &id, NULL);
    return key ? key : find_by_nickname(slot, name);
}

bool secret_key_can_have(struct bytes name)
{
    return name.len > 0 && name.len <= LIMIT_KEK_ID; /* without a CKA_ID a key has an empty one */
}

struct PK11SymKeyStr *secret_key_find(struct bytes name)
{
    if (!secret_key_can_have(name)) {
        return NULL;
    }
    PK11SymKey *key = NULL;
    CLEANUP(nss_slot_list_free)
    PK11SlotList *slots = PK11_GetAllTokens(CKM_INVALID_MECHANISM, PR_FALSE, PR_FALSE, NULL);
    for (PK11SlotListElement *at = slots ? slots->head : NULL; at && !key; at = at->next) {
        key = find_on_slot(at->slot, name);
    }
    return key;
}
