#include "store/own_keys.h"

#include "base/bytes.h"
#include "base/limits.h"
#include "nss/item.h"
#include "nss/newer.h"
#include "nss/nss_scope.h"
#include "store/login.h"

#include <pthread.h>
#include <stdlib.h>

/* A name under which a key is known: a CKA_ID, or the DER of a certificate that bears the CKA_ID of
 * a key on the same card. */
struct known {
    SECItem *name;
    PK11SlotInfo *slot;
};

struct own_keys {
    pthread_mutex_t mutex;
    bool listed;
    unsigned long generation;
    struct known *items;
    size_t count;
};

typedef bool visitor(struct own_keys *keys, PK11SlotInfo *slot, PK11GenericObject *object);

struct error *own_keys_new(struct own_keys **ret_keys)
{
    struct own_keys *keys = calloc(1, sizeof(*keys));
    if (!keys) {
        return error_no_memory();
    }
    (void)pthread_mutex_init(&keys->mutex, NULL);
    *ret_keys = keys;
    return NULL;
}

static void clear(struct own_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        SECITEM_FreeItem(keys->items[i].name, PR_TRUE);
        PK11_FreeSlot(keys->items[i].slot);
    }
    free(keys->items);
    keys->items = NULL;
    keys->count = 0;
    keys->listed = false;
}

void own_keys_free(struct own_keys *keys)
{
    if (keys) {
        clear(keys);
        (void)pthread_mutex_destroy(&keys->mutex);
        free(keys);
    }
}

/* True when it was added. */
static bool add(struct own_keys *keys, PK11SlotInfo *slot, const SECItem *name)
{
    if (keys->count == LIMIT_OWN_KEYS || name->len == 0) {
        return false;
    }
    struct known *items = reallocarray(keys->items, keys->count + 1, sizeof(*items));
    if (!items) {
        return false;
    }
    keys->items = items;
    SECItem *copy = SECITEM_DupItem(name);
    if (!copy) {
        return false;
    }
    items[keys->count++] = (struct known){ copy, PK11_ReferenceSlot(slot) };
    return true;
}

static const struct known *find(const struct own_keys *keys, const SECItem *name,
                                const PK11SlotInfo *slot)
{
    for (size_t i = 0; i < keys->count; i++) {
        const struct known *known = &keys->items[i];
        if ((!slot || known->slot == slot) && SECITEM_ItemsAreEqual(known->name, name)) {
            return known;
        }
    }
    return NULL;
}

static bool add_key(struct own_keys *keys, PK11SlotInfo *slot, PK11GenericObject *object)
{
    SECItem id = { siBuffer, NULL, 0 };
    if (PK11_ReadRawAttribute(PK11_TypeGeneric, object, CKA_ID, &id) != SECSuccess) {
        return true; /* a key without an identifier can't be told from others */
    }
    bool added = add(keys, slot, &id);
    SECITEM_FreeItem(&id, PR_FALSE);
    return added;
}

static bool add_certificate(struct own_keys *keys, PK11SlotInfo *slot, PK11GenericObject *object)
{
    SECItem id = { siBuffer, NULL, 0 };
    SECItem der = { siBuffer, NULL, 0 };
    bool added = true;
    if (PK11_ReadRawAttribute(PK11_TypeGeneric, object, CKA_ID, &id) == SECSuccess && id.len > 0 &&
        find(keys, &id, slot) &&
        PK11_ReadRawAttribute(PK11_TypeGeneric, object, CKA_VALUE, &der) == SECSuccess) {
        added = add(keys, slot, &der);
    }
    SECITEM_FreeItem(&id, PR_FALSE);
    SECITEM_FreeItem(&der, PR_FALSE);
    return added;
}

static void visit(struct own_keys *keys, PK11SlotInfo *slot, CK_OBJECT_CLASS class, visitor *each)
{
    PK11GenericObject *objects = PK11_FindGenericObjects(slot, class);
    for (PK11GenericObject *object = objects; object; object = PK11_GetNextGenericObject(object)) {
        if (!each(keys, slot, object)) {
            break;
        }
    }
    if (objects) {
        (void)PK11_DestroyGenericObjects(objects);
    }
}

static void list_slot(struct own_keys *keys, PK11SlotInfo *slot)
{
    if (!PK11_IsPresent(slot) || PK11_HasRootCerts(slot)) {
        return;
    }
    size_t before = keys->count;
    visit(keys, slot, login_is_needed(slot) ? CKO_PUBLIC_KEY : CKO_PRIVATE_KEY, add_key);
    /* NSS's own databases name keys by their public value, which the certificate tells: only cards
     * need the detour, and it would be slow over 10,000 certificates */
    if (keys->count > before && !PK11_IsInternal(slot)) {
        visit(keys, slot, CKO_CERTIFICATE, add_certificate);
    }
}

static void list(struct own_keys *keys, unsigned long generation)
{
    clear(keys);
    CLEANUP(nss_slot_list_free)
    PK11SlotList *slots = PK11_GetAllTokens(CKM_INVALID_MECHANISM, PR_FALSE, PR_FALSE, NULL);
    for (PK11SlotListElement *at = slots ? slots->head : NULL; at; at = at->next) {
        list_slot(keys, at->slot);
    }
    keys->generation = generation;
    keys->listed = true;
}

SECItem *own_keys_id(CERTCertificate *certificate)
{
    CLEANUP(nss_public_key_free) SECKEYPublicKey *key = CERT_ExtractPublicKey(certificate);
    if (!key) {
        return NULL;
    }
    switch ((int)key->keyType) {
    case rsaKey:
    case rsaPssKey:
    case rsaOaepKey:
        return PK11_MakeIDFromPubKey(&key->u.rsa.modulus);
    case ecKey:
    case NEWER_KEY_EDWARDS:
    case NEWER_KEY_MONTGOMERY:
        return PK11_MakeIDFromPubKey(&key->u.ec.publicValue);
    case dsaKey:
        return PK11_MakeIDFromPubKey(&key->u.dsa.publicValue);
    default:
        return NULL;
    }
}

static PK11SlotInfo *look_up(const struct own_keys *keys, CERTCertificate *certificate)
{
    if (keys->count == 0) {
        return NULL;
    }
    CLEANUP(nss_item_free) SECItem *id = own_keys_id(certificate);
    const struct known *known = id ? find(keys, id, NULL) : NULL;
    if (!known) {
        known = find(keys, &certificate->derCert, NULL);
    }
    return known ? PK11_ReferenceSlot(known->slot) : NULL;
}

struct PK11SlotInfoStr *own_keys_slot(struct own_keys *keys, struct CERTCertificateStr *certificate,
                                      unsigned long generation)
{
    (void)pthread_mutex_lock(&keys->mutex);
    if (!keys->listed || keys->generation != generation) {
        list(keys, generation);
    }
    PK11SlotInfo *slot = look_up(keys, certificate);
    (void)pthread_mutex_unlock(&keys->mutex);
    return slot;
}
