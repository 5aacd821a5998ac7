#include "cli/input.h"
#include "cli/terminal.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void home(void)
{
    (void)fixture_directory();
}

TestSuite(input, .init = home, .fini = fixture_remove);

static mode_t mode_of(const char *path)
{
    struct stat status;
    cr_assert_eq(stat(path, &status), 0);
    return status.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO);
}

Test(input, tells_what_cannot_be_read)
{
    struct mapping *file = NULL;
    assert_error(input_read("nowhere", 10, &file), ERR_INTERNAL);
    assert_error(input_read(".", 10, &file), ERR_INTERNAL);
    assert_error(input_read("", 10, &file), ERR_INTERNAL);
    cr_assert_null(file);
}

Test(input, refuses_a_file_over_the_limit)
{
    CLEANUP(mapping_unref) struct mapping *file = NULL;
    fixture_write("file", BYTES_LITERAL("12345678"));
    assert_error(input_read("file", 7, &file), ERR_MESSAGE_TOO_LARGE);
    assert_error(input_read("/dev/zero", 1000, &file), ERR_MESSAGE_TOO_LARGE);
    cr_assert_null(file);
    assert_ok(input_read("file", 8, &file));
    cr_assert(bytes_equal(mapping_view(file), BYTES_LITERAL("12345678")));
}

Test(input, reads_standard_input_to_its_end)
{
    CLEANUP(mapping_unref) struct mapping *file = NULL;
    terminal_type("what was typed\n");
    assert_ok(input_read("-", 100, &file));
    cr_assert(bytes_equal(mapping_view(file), BYTES_LITERAL("what was typed\n")));
}

Test(input, writes_a_new_file_for_its_owner_only)
{
    CLEANUP(mapping_unref) struct mapping *file = NULL;
    (void)umask(0);
    assert_ok(file_write("new", BYTES_LITERAL("text")));
    assert_ok(input_read("new", 100, &file));
    cr_assert_eq(mode_of("new"), (mode_t)(S_IRUSR | S_IWUSR));
    cr_assert(bytes_equal(mapping_view(file), BYTES_LITERAL("text")));
}

Test(input, replaces_all_of_a_file)
{
    CLEANUP(mapping_unref) struct mapping *file = NULL;
    fixture_write("old", BYTES_LITERAL("a longer text"));
    assert_ok(file_write("old", BYTES_LITERAL("text")));
    assert_ok(input_read("old", 100, &file));
    cr_assert(bytes_equal(mapping_view(file), BYTES_LITERAL("text")));
    assert_ok(file_write("old", BYTES_NONE));
    cr_assert_eq(mode_of("old") & S_IRUSR, (mode_t)S_IRUSR);
}

Test(input, tells_what_cannot_be_written)
{
    assert_error(file_write("nowhere/file", BYTES_LITERAL("x")), ERR_INTERNAL);
    assert_error(file_write("/dev/full", BYTES_LITERAL("x")), ERR_INTERNAL);
}

Test(input, removes_a_folder_and_nothing_behind_links)
{
    cr_assert_eq(mkdir("folder", S_IRWXU), 0);
    cr_assert_eq(mkdir("folder/inner", S_IRWXU), 0);
    cr_assert_eq(mkdir("other", S_IRWXU), 0);
    fixture_write("folder/inner/file", BYTES_LITERAL("x"));
    fixture_write("other/file", BYTES_LITERAL("x"));
    cr_assert_eq(symlink("../other", "folder/link"), 0);
    assert_ok(file_remove_tree("folder"));
    cr_assert_neq(access("folder", F_OK), 0);
    cr_assert_eq(access("other/file", F_OK), 0);
    assert_error(file_remove_tree("folder"), ERR_INTERNAL);
}
