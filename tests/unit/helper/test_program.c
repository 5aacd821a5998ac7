#include "base/clock.h"
#include "helper/program.h"
#include "helper/scripted_pinentry.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

Test(program_find, finds_nothing_on_an_empty_path)
{
    CLEANUP(string_free) char *path = NULL;
    cr_assert_eq(setenv("PATH", "", 1), 0);
    assert_ok(program_find(0, &path));
    cr_assert_null(path);
}

Test(program_find, passes_over_folders_and_files_that_are_no_programs)
{
    struct scripted_pinentry pinentry;
    scripted_pinentry_make(&pinentry, "", "", "");
    cr_assert_eq(chmod(pinentry.path, S_IRUSR), 0);
    cr_assert_eq(setenv("PATH", pinentry.folder, 1), 0);
    char folder[128];
    (void)snprintf(folder, sizeof(folder), "%s/pinentry-qt", pinentry.folder);
    cr_assert_eq(mkdir(folder, S_IRWXU), 0);
    CLEANUP(string_free) char *path = NULL;
    assert_ok(program_find(0, &path));
    cr_expect_null(path);
    cr_assert_eq(rmdir(folder), 0);
    scripted_pinentry_remove(&pinentry);
}

Test(program_find, prefers_the_desktops_choice)
{
    struct scripted_pinentry pinentry;
    scripted_pinentry_make(&pinentry, "", "", "");
    char other[128];
    (void)snprintf(other, sizeof(other), "%s/pinentry-curses", pinentry.folder);
    cr_assert_eq(link(pinentry.path, other), 0);
    cr_assert_eq(setenv("PATH", pinentry.folder, 1), 0);
    CLEANUP(string_free) char *first = NULL;
    CLEANUP(string_free) char *second = NULL;
    CLEANUP(string_free) char *third = NULL;
    assert_ok(program_find(0, &first));
    assert_ok(program_find(1, &second));
    assert_ok(program_find(2, &third));
    cr_assert_str_eq(first, pinentry.path);
    cr_assert_str_eq(second, other);
    cr_assert_null(third);
    cr_assert_eq(unlink(other), 0);
    scripted_pinentry_remove(&pinentry);
}

Test(program_needs_terminal, looks_behind_links)
{
    struct scripted_pinentry pinentry;
    scripted_pinentry_make(&pinentry, "", "", "");
    cr_assert_not(program_needs_terminal(pinentry.path));
    cr_assert_not(program_needs_terminal("/nonexistent/pinentry-tty"));
    char real[128];
    (void)snprintf(real, sizeof(real), "%s/pinentry-tty", pinentry.folder);
    cr_assert_eq(rename(pinentry.path, real), 0);
    cr_assert_eq(symlink(real, pinentry.path), 0);
    cr_assert(program_needs_terminal(pinentry.path));
    cr_assert(program_needs_terminal(real));
    cr_assert_eq(unlink(real), 0);
    scripted_pinentry_remove(&pinentry);
}

Test(program_start, lets_the_conversation_end_where_nothing_can_be_executed)
{
    pid_t pid = -1;
    int fd = -1;
    assert_ok(program_start("/nonexistent", &pid, &fd));
    char byte = 0;
    cr_assert_eq(read(fd, &byte, 1), 0);
    program_stop(pid, true);
    cr_assert_eq(close(fd), 0);
}

Test(program_stop, ends_what_a_wrapper_has_left_behind)
{
    struct scripted_pinentry pinentry;
    scripted_pinentry_make(&pinentry, "sleep 60 & echo $! >new; mv new extra; wait", "", "");
    pid_t pid = -1;
    int fd = -1;
    assert_ok(program_start(pinentry.path, &pid, &fd));
    cr_assert_eq(scripted_pinentry_pid(&pinentry), pid);
    pid_t left_behind = scripted_pinentry_extra(&pinentry);
    uint64_t begin = clock_monotonic_ms();
    program_stop(pid, false);
    cr_assert_lt(clock_monotonic_ms() - begin, 450);
    cr_assert(process_gone(left_behind, 1000));
    cr_assert_eq(close(fd), 0);
    scripted_pinentry_remove(&pinentry);
}

Test(program_stop, lets_the_program_end_by_itself)
{
    struct scripted_pinentry pinentry;
    scripted_pinentry_make(&pinentry, "sleep 0.05; echo done >extra; exit", "", "");
    pid_t pid = -1;
    int fd = -1;
    assert_ok(program_start(pinentry.path, &pid, &fd));
    program_stop(pid, true);
    char extra[128];
    (void)snprintf(extra, sizeof(extra), "%s/extra", pinentry.folder);
    cr_assert_eq(access(extra, F_OK), 0);
    cr_assert_eq(close(fd), 0);
    scripted_pinentry_remove(&pinentry);
}
