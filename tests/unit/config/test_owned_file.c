#include "base/limits.h"
#include "config/config_folder.h"
#include "config/owned_file.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct config_folder folder;

static void set_up(void)
{
    config_folder_make(&folder);
}

static void tear_down(void)
{
    config_folder_remove(&folder);
}

TestSuite(owned_file_read, .init = set_up, .fini = tear_down);

static struct error *read_as(uid_t owner)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    struct error *error = owned_file_read(folder.policy, owner, &text);
    cr_assert(error || text, "there is a file");
    return error;
}

Test(owned_file_read, refuses_a_file_of_another_user)
{
    config_folder_write_text(folder.policy, "{}");
    assert_error(read_as(geteuid() + 1), ERR_POLICY_FORBIDS);
    assert_ok(read_as(geteuid()));
    assert_ok(read_as(OWNED_FILE_ANY));
}

Test(owned_file_read, refuses_a_file_that_others_can_write)
{
    config_folder_write_text(folder.policy, "{}");
    cr_assert_eq(chmod(folder.policy, 0620), 0);
    assert_error(read_as(geteuid()), ERR_POLICY_FORBIDS);
    cr_assert_eq(chmod(folder.policy, 0602), 0);
    assert_error(read_as(geteuid()), ERR_POLICY_FORBIDS);
    cr_assert_eq(chmod(folder.policy, 0644), 0);
    assert_ok(read_as(geteuid()));
}

Test(owned_file_read, refuses_a_symbolic_link_to_an_owned_file)
{
    config_folder_write_text(folder.user, "{}");
    cr_assert_eq(symlink(folder.user, folder.policy), 0);
    assert_error(read_as(geteuid()), ERR_POLICY_FORBIDS);
    assert_ok(read_as(OWNED_FILE_ANY));
}

Test(owned_file_read, refuses_what_is_no_regular_file)
{
    cr_assert_eq(mkfifo(folder.policy, 0600), 0);
    assert_error(read_as(geteuid()), ERR_POLICY_FORBIDS);
    assert_error(read_as(OWNED_FILE_ANY), ERR_POLICY_FORBIDS);
    cr_assert_eq(unlink(folder.policy), 0);
    cr_assert_eq(mkdir(folder.policy, 0700), 0);
    assert_error(read_as(OWNED_FILE_ANY), ERR_POLICY_FORBIDS);
    cr_assert_eq(rmdir(folder.policy), 0);
}

Test(owned_file_read, refuses_a_file_over_the_limit)
{
    char *text = calloc(1, LIMIT_CONFIG_FILE + 1);
    cr_assert_not_null(text);
    config_folder_write(folder.policy, text, LIMIT_CONFIG_FILE + 1);
    assert_error(read_as(OWNED_FILE_ANY), ERR_POLICY_FORBIDS);
    config_folder_write(folder.policy, text, LIMIT_CONFIG_FILE);
    assert_ok(read_as(OWNED_FILE_ANY));
    free(text);
}

Test(owned_file_read, takes_an_absent_file_for_none)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(owned_file_read(folder.policy, OWNED_FILE_ANY, &text));
    cr_assert_null(text);
    assert_ok(owned_file_read("/dev/null/policy.json", 0, &text));
    cr_assert_null(text);
}

Test(owned_file_read, reads_it_whole)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    config_folder_write_text(folder.policy, "{ \"network\": true }\n");
    assert_ok(owned_file_read(folder.policy, geteuid(), &text));
    cr_assert(bytes_equal(buffer_view(text), BYTES_LITERAL("{ \"network\": true }\n")));
}
