#include "cms/smime_profiles.h"

#include "base/limits.h"
#include "certs/match.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <pkcs11n.h>
#include <stdlib.h>
#include <string.h>

NSS_SCOPE(nss_objects_free, PK11GenericObject *, (void)PK11_DestroyGenericObjects(owned));

struct profile {
    char *address; /* as match_normalise gives it; owned */
    SECItem *subject; /* DER; owned */
    struct smime_capabilities capabilities;
};

struct smime_profiles {
    struct profile *items;
    size_t count;
    size_t limit;
};

void smime_profiles_free(struct smime_profiles *profiles)
{
    if (!profiles) {
        return;
    }
    for (size_t i = 0; i < profiles->count; i++) {
        string_free(profiles->items[i].address);
        nss_item_free(profiles->items[i].subject);
    }
    free(profiles->items);
    free(profiles);
}

/* NULL where it is not there. */
static SECItem *read_attribute(PK11GenericObject *object, CK_ATTRIBUTE_TYPE type)
{
    SECItem value = { 0 };
    if (PK11_ReadRawAttribute(PK11_TypeGeneric, object, type, &value) != SECSuccess) {
        return NULL;
    }
    SECItem *copy = SECITEM_DupItem(&value);
    SECITEM_FreeItem(&value, PR_FALSE);
    return copy;
}

static struct error *add_object(PK11GenericObject *object, struct smime_profiles *profiles)
{
    CLEANUP(nss_item_free) SECItem *address = read_attribute(object, CKA_NSS_EMAIL);
    CLEANUP(nss_item_free) SECItem *value = read_attribute(object, CKA_VALUE);
    struct smime_capabilities capabilities = smime_capabilities_read(item_bytes(value));
    struct bytes text = item_bytes(address);
    while (text.len > 0 && text.data[text.len - 1] == '\0') {
        text.len--;
    }
    if (!capabilities.known || text.len == 0 || text.len > LIMIT_ADDRESS) {
        return NULL;
    }
    CLEANUP(string_free) char *string = NULL;
    CLEANUP(string_free) char *normal = NULL;
    TRY(bytes_to_string(text, &string));
    TRY(match_normalise(string, &normal));
    if (!normal) {
        return NULL;
    }
    profiles->items[profiles->count++] = (struct profile){
        .address = TAKE_PTR(normal),
        .subject = read_attribute(object, CKA_SUBJECT),
        .capabilities = capabilities,
    };
    return NULL;
}

static struct error *read_slot(PK11SlotInfo *slot, struct smime_profiles *profiles)
{
    if (!PK11_IsInternal(slot) || !PK11_IsPresent(slot)) {
        return NULL; /* only NSS's own databases have them */
    }
    CLEANUP(nss_objects_free)
    PK11GenericObject *first = PK11_FindGenericObjects(slot, CKO_NSS_SMIME);
    for (PK11GenericObject *object = first; object && profiles->count < profiles->limit;
         object = PK11_GetNextGenericObject(object)) {
        TRY(add_object(object, profiles));
    }
    return NULL;
}

struct error *smime_profiles_new(size_t limit, struct smime_profiles **ret_profiles)
{
    CLEANUP(smime_profiles_free) struct smime_profiles *profiles = calloc(1, sizeof(*profiles));
    if (!profiles) {
        return error_no_memory();
    }
    profiles->items = calloc(limit, sizeof(*profiles->items));
    if (!profiles->items) {
        return error_no_memory();
    }
    profiles->limit = limit;
    CLEANUP(nss_slot_list_free)
    PK11SlotList *slots = PK11_GetAllTokens(CKM_INVALID_MECHANISM, PR_FALSE, PR_FALSE, NULL);
    for (PK11SlotListElement *at = slots ? slots->head : NULL; at; at = at->next) {
        TRY(read_slot(at->slot, profiles));
    }
    *ret_profiles = TAKE_PTR(profiles);
    return NULL;
}

/* Of profiles for one address that of the same subject, else the first. */
static void look_for(const struct smime_profiles *profiles, const struct cert *cert,
                     const char *normal, const struct profile **found)
{
    for (size_t i = 0; i < profiles->count; i++) {
        const struct profile *profile = &profiles->items[i];
        bool same = bytes_equal(item_bytes(profile->subject), cert_subject_der(cert));
        if ((same || !*found) && strcmp(profile->address, normal) == 0) {
            *found = profile;
        }
    }
}

/* There can be thousands of profiles, and as many recipients: no address is normalised for each
 * pair of them. */
struct smime_capabilities smime_profiles_find(const struct smime_profiles *profiles,
                                              const struct cert *cert)
{
    const struct profile *found = NULL;
    for (size_t i = 0; i < cert_address_count(cert); i++) {
        CLEANUP(string_free) char *normal = NULL;
        error_free(match_normalise(cert_address(cert, i), &normal)); /* as if it were not there */
        if (normal) {
            look_for(profiles, cert, normal, &found);
        }
    }
    return found ? found->capabilities : (struct smime_capabilities){ 0 };
}
