#include "base/limits.h"
#include "nss/nss_scope.h"
#include "store/fixture.h"
#include "store/secret_key.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(secret_key, .fini = fixture_remove, .timeout = 30);

static struct store *open_database(const char *password)
{
    fixture_database("db", password);
    struct store_options options = { .database = "db", .pin = password };
    return fixture_open(&options);
}

/* A lasting key with this CKA_ID. */
static void make_with_id(const char *id)
{
    SECItem item = { siBuffer, (unsigned char *)(uintptr_t)id, (unsigned int)strlen(id) };
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalKeySlot();
    CLEANUP(nss_sym_key_free)
    PK11SymKey *key = PK11_TokenKeyGen(slot, CKM_AES_KEY_GEN, NULL, 16, &item, PR_TRUE, NULL);
    cr_assert_not_null(key);
}

static unsigned length_of(struct bytes name)
{
    CLEANUP(nss_sym_key_free) PK11SymKey *key = secret_key_find(name);
    return key ? PK11_GetKeyLength(key) : 0;
}

Test(secret_key, finds_nothing_under_no_name_a_long_one_or_another)
{
    struct store *store = open_database(NULL);
    char name[LIMIT_KEK_ID + 2] = { 0 };
    memset(name, 'k', LIMIT_KEK_ID + 1);
    make_with_id("");
    make_with_id(name);
    make_with_id("key");
    cr_assert_eq(length_of(BYTES_NONE), 0);
    cr_assert_eq(length_of(bytes_of_string(name)), 0);
    name[LIMIT_KEK_ID] = '\0';
    cr_assert_eq(length_of(bytes_of_string(name)), 0);
    make_with_id(name);
    cr_assert_eq(length_of(bytes_of_string(name)), 16, "the limit itself");
    cr_assert_eq(length_of(BYTES_LITERAL("ke")), 0);
    cr_assert_eq(length_of(BYTES_LITERAL("key\0")), 0);
    fixture_close(store);
}

Test(secret_key, finds_keys_by_identifier_and_by_nickname)
{
    struct store *store = open_database(NULL);
    make_with_id("by id");
    fixture_secret_key("by nickname", BYTES_LITERAL("0123456789abcdef0123456789abcdef"));
    fixture_secret_key("by nickname", BYTES_LITERAL("0123456789abcdef0123456789abcdef"));
    cr_assert_eq(length_of(BYTES_LITERAL("by id")), 16);
    cr_assert_eq(length_of(BYTES_LITERAL("by nickname")), 32);
    fixture_close(store);
}

/* What the store does with it: looks, unlocks the database, looks again; for a name that is
 * nobody's it unlocks nothing. */
Test(secret_key, is_found_by_the_store_once_the_database_is_unlocked)
{
    static const struct interaction silent = { .allowed = false };
    struct PK11SymKeyStr *key = NULL;
    struct store *store = open_database("secret");
    cr_assert_not_null(store);
    assert_error(store_secret_key(store, BYTES_LITERAL("kek"), &silent, &key), ERR_KEY_ABSENT);
    fixture_secret_key("kek", BYTES_LITERAL("0123456789abcdef"));
    assert_ok(store_secret_key(store, BYTES_LITERAL("kek"), &silent, &key));
    store_secret_key_free(key);
    fixture_close(store);

    struct store_options options = { .database = "db" };
    store = fixture_open(&options);
    assert_error(store_secret_key(store, BYTES_LITERAL("kek"), &silent, &key),
                 ERR_INTERACTION_FORBIDDEN);
    char name[LIMIT_KEK_ID + 2] = { 0 };
    memset(name, 'k', LIMIT_KEK_ID + 1);
    assert_error(store_secret_key(store, BYTES_NONE, &silent, &key), ERR_KEY_ABSENT);
    assert_error(store_secret_key(store, bytes_of_string(name), &silent, &key), ERR_KEY_ABSENT);
    fixture_close(store);

    options.pin = "secret";
    store = fixture_open(&options);
    assert_ok(store_secret_key(store, BYTES_LITERAL("kek"), &silent, &key));
    store_secret_key_free(key);
    store_secret_key_free(NULL);
    fixture_close(store);
}
