#include "base/limits.h"
#include "nss/nss_scope.h"
#include "store/fixture.h"
#include "store/own_keys.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(own_keys, .fini = fixture_remove, .timeout = 30);

/* NSS's listing of objects, in place of the library's: `count` keys, of which the one at `position`
 * is alice's. The test program is one process a test. */
static struct {
    size_t count;
    size_t position;
    SECItem *id;
    int listings;
} fake;

static char objects[LIMIT_OWN_KEYS + 1];

PK11GenericObject *PK11_FindGenericObjects(PK11SlotInfo *slot, CK_OBJECT_CLASS class)
{
    bool has = PK11_IsInternalKeySlot(slot) && class == CKO_PRIVATE_KEY && fake.count > 0;
    fake.listings++;
    return has ? (PK11GenericObject *)(void *)objects : NULL;
}

PK11GenericObject *PK11_GetNextGenericObject(PK11GenericObject *object)
{
    char *next = (char *)object + 1;
    return next < objects + fake.count ? (PK11GenericObject *)(void *)next : NULL;
}

SECStatus PK11_DestroyGenericObjects(PK11GenericObject *object)
{
    (void)object;
    return SECSuccess;
}

SECStatus PK11_ReadRawAttribute(PK11ObjectType type, void *object, CK_ATTRIBUTE_TYPE attribute,
                                SECItem *item)
{
    (void)type;
    cr_assert_eq(attribute, CKA_ID);
    size_t number = (size_t)((char *)object - objects);
    SECItem other = { siBuffer, (unsigned char *)&number, sizeof(number) };
    return SECITEM_CopyItem(NULL, item, number == fake.position ? fake.id : &other);
}

static bool finds_at(size_t count, size_t position)
{
    fixture_database("db", NULL);
    fixture_identity("alice");
    struct store_options options = { .database = "db" };
    struct store *store = fixture_open(&options);
    CERTCertificate *alice = fixture_certificate("alice");
    struct own_keys *keys = NULL;
    assert_ok(own_keys_new(&keys));
    fake.count = count;
    fake.position = position;
    fake.id = own_keys_id(alice);
    cr_assert_not_null(fake.id);
    PK11SlotInfo *slot = own_keys_slot(keys, alice, 1);
    bool found = slot != NULL;
    nss_slot_free(slot);
    own_keys_free(keys);
    SECITEM_FreeItem(fake.id, PR_TRUE);
    CERT_DestroyCertificate(alice);
    fixture_close(store);
    return found;
}

Test(own_keys, finds_nothing_where_there_are_no_keys)
{
    cr_assert_not(finds_at(0, 0));
}

Test(own_keys, does_not_take_another_key)
{
    cr_assert_not(finds_at(3, 7));
}

Test(own_keys, finds_a_key_up_to_the_limit)
{
    cr_assert(finds_at(LIMIT_OWN_KEYS, LIMIT_OWN_KEYS - 1));
}

Test(own_keys, does_not_list_keys_above_the_limit)
{
    cr_assert_not(finds_at(LIMIT_OWN_KEYS + 1, LIMIT_OWN_KEYS));
}

Test(own_keys, lists_again_only_in_a_new_generation)
{
    fixture_database("db", NULL);
    fixture_identity("alice");
    struct store_options options = { .database = "db" };
    struct store *store = fixture_open(&options);
    CERTCertificate *alice = fixture_certificate("alice");
    struct own_keys *keys = NULL;
    assert_ok(own_keys_new(&keys));
    cr_assert_null(own_keys_slot(keys, alice, 7));
    int listings = fake.listings;
    cr_assert_null(own_keys_slot(keys, alice, 7));
    cr_assert_eq(fake.listings, listings);
    cr_assert_null(own_keys_slot(keys, alice, 8));
    cr_assert_gt(fake.listings, listings);
    own_keys_free(keys);
    CERT_DestroyCertificate(alice);
    fixture_close(store);
}
