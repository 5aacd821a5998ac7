#include "nss/nss_scope.h"
#include "store/fixture.h"
#include "store/store.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(store_create, .fini = fixture_remove, .timeout = 30);

Test(store_create, refuses_where_a_database_is)
{
    fixture_database("db", NULL);
    assert_error(store_create_database("db"), ERR_DATABASE_UNAVAILABLE);
}

Test(store_create, refuses_where_no_directory_can_be)
{
    fixture_write("file", BYTES_LITERAL("x"));
    assert_error(store_create_database("file/db"), ERR_DATABASE_UNAVAILABLE);
}

Test(store_create, makes_a_database_that_opens_without_a_password)
{
    (void)fixture_directory();
    assert_ok(store_create_database("a/b/nssdb"));
    struct stat status;
    cr_assert_eq(stat("a/b/nssdb", &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0700);
    struct store_options options = { .database = "a/b/nssdb" };
    struct store *store = fixture_open(&options);
    cr_assert_eq(store_database(store, 0).state, DATABASE_OPEN);
    PK11SlotInfo *slot = NULL;
    assert_ok(store_key_slot(store, NULL, &slot));
    cr_assert_not(PK11_NeedLogin(slot));
    PK11_FreeSlot(slot);
    fixture_close(store);
}

Test(store_create, works_while_a_store_is_open)
{
    struct store_options options = { 0 };
    (void)fixture_directory();
    struct store *store = fixture_open(&options);
    assert_ok(store_create_database("new"));
    cr_assert_eq(access("new/key4.db", F_OK), 0);
    fixture_close(store);
}
