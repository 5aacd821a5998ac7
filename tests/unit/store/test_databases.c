#include "base/limits.h"
#include "store/databases.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(databases, .fini = fixture_remove, .timeout = 30);

static const char header[] = "SQLite format 3";

static void make_files(const char *directory, struct bytes certificates, struct bytes keys)
{
    char path[64];
    (void)fixture_directory();
    cr_assert_eq(mkdir(directory, S_IRWXU), 0);
    (void)snprintf(path, sizeof(path), "%s/cert9.db", directory);
    fixture_write(path, certificates);
    (void)snprintf(path, sizeof(path), "%s/key4.db", directory);
    fixture_write(path, keys);
}

static void assert_state(const char *path, enum database_state state)
{
    struct database_list list = { 0 };
    assert_ok(databases_add(&list, path, DATABASE_NSSDB));
    cr_assert_eq(list.count, 1);
    cr_assert_eq(list.items[0].state, state);
    databases_done(&list);
}

Test(databases, reports_a_missing_directory_as_absent)
{
    (void)fixture_directory();
    assert_state("nowhere", DATABASE_ABSENT);
}

Test(databases, reports_a_file_in_place_of_the_directory_as_absent)
{
    fixture_write("file", BYTES_LITERAL("x"));
    assert_state("file", DATABASE_ABSENT);
}

Test(databases, reports_one_damaged_file_of_two_as_corrupt)
{
    make_files("db", (struct bytes){ (const uint8_t *)header, sizeof(header) },
               BYTES_LITERAL("SQLite format 2\0"));
    assert_state("db", DATABASE_CORRUPT);
}

Test(databases, reports_a_file_shorter_than_the_header_as_corrupt)
{
    make_files("db", BYTES_LITERAL("SQLite"), BYTES_LITERAL("SQLite"));
    assert_state("db", DATABASE_CORRUPT);
}

Test(databases, does_not_wait_for_a_pipe_in_place_of_a_file)
{
    (void)fixture_directory();
    cr_assert_eq(mkdir("db", S_IRWXU), 0);
    cr_assert_eq(mkfifo("db/cert9.db", S_IRUSR | S_IWUSR), 0);
    cr_assert_eq(mkfifo("db/key4.db", S_IRUSR | S_IWUSR), 0);
    assert_state("db", DATABASE_CORRUPT);
}

Test(databases, reports_two_good_files_as_openable)
{
    struct bytes good = { (const uint8_t *)header, sizeof(header) };
    make_files("db", good, good);
    assert_state("db", DATABASE_OPEN);
}

Test(databases, drops_the_prefix_that_nss_tools_use)
{
    struct bytes good = { (const uint8_t *)header, sizeof(header) };
    make_files("db", good, good);
    struct database_list list = { 0 };
    assert_ok(databases_add(&list, "sql:db", DATABASE_NSSDB));
    cr_assert_str_eq(list.items[0].path, "db");
    cr_assert_eq(list.items[0].state, DATABASE_OPEN);
    databases_done(&list);
}

Test(databases, changes_its_stamp_with_the_files)
{
    struct bytes good = { (const uint8_t *)header, sizeof(header) };
    make_files("db", good, good);
    struct database_list list = { 0 };
    assert_ok(databases_add(&list, "db", DATABASE_NSSDB));
    unsigned long before = databases_stamp(&list.items[0], 1);
    cr_assert_eq(databases_stamp(&list.items[0], 1), before);
    cr_assert_neq(databases_stamp(&list.items[0], 2), before);
    fixture_write("db/key4.db", BYTES_LITERAL("SQLite format 3 and more"));
    cr_assert_neq(databases_stamp(&list.items[0], 1), before);
    cr_assert_eq(unlink("db/cert9.db"), 0);
    cr_assert_neq(databases_stamp(&list.items[0], 1), before);
    databases_done(&list);
}

Test(databases, escapes_a_path_in_a_specification)
{
    CLEANUP(string_free) char *text = NULL;
    assert_ok(databases_specify("/it's\\here", "Name", true, &text));
    cr_assert_str_eq(text,
                     "configDir='sql:/it\\'s\\\\here' tokenDescription='Name' flags=readOnly");
}

Test(databases, refuses_a_path_above_the_limit)
{
    static char path[LIMIT_DATABASE_PATH + 2];
    memset(path, 'x', LIMIT_DATABASE_PATH + 1);
    char *text = NULL;
    assert_error(databases_specify(path, "Name", true, &text), ERR_DATABASE_UNAVAILABLE);
    path[LIMIT_DATABASE_PATH] = '\0';
    assert_ok(databases_specify(path, "Name", true, &text));
    free(text);
}
