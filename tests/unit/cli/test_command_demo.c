#include "cli/commands.h"
#include "cli/terminal.h"
#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

TestSuite(command_demo, .fini = fixture_remove);

static size_t count_entries(const char *folder)
{
    size_t count = 0;
    DIR *entries = opendir(folder);
    cr_assert_not_null(entries);
    while (readdir(entries)) { /* one thread, one stream */
        count++;
    }
    cr_assert_eq(closedir(entries), 0);
    return count;
}

static const struct terminal *run_demo(struct host *host)
{
    cr_assert_eq(mkdir("tmp", S_IRWXU), 0);
    char place[256];
    (void)snprintf(place, sizeof(place), "%s/tmp", fixture_directory());
    cr_assert_eq(setenv("TMPDIR", place, 1), 0);
    return terminal_run(host, "demo", NULL);
}

Test(command_demo, takes_no_arguments)
{
    CLEANUP(host_free) struct host *host = scene_host();
    cr_assert_eq(terminal_run(host, "demo", "x", NULL)->status, EXIT_USAGE);
}

Test(command_demo, fails_where_it_cannot_make_its_folder)
{
    CLEANUP(host_free) struct host *host = scene_host();
    cr_assert_eq(setenv("TMPDIR", "/nowhere/at/all", 1), 0);
    const struct terminal *ran = terminal_run(host, "demo", NULL);
    cr_assert_eq(ran->status, EXIT_FAILED);
    cr_assert_eq(ran->err[0], '{');
}

Test(command_demo, shows_a_good_message_with_its_text_and_an_altered_one)
{
    CLEANUP(host_free) struct host *host = scene_host();
    const struct terminal *ran = run_demo(host);
    cr_assert_eq(ran->status, EXIT_DONE, "%s", ran->err);
    cr_assert_str_eq(ran->err, "");
    cr_assert_not_null(strstr(ran->out, "\ngood: signed by alice@example.org; encrypted\n"));
    cr_assert_not_null(strstr(ran->out, "  | lunch on Friday at noon, the usual place?\n"));
    cr_assert_not_null(strstr(ran->out, "\nbad: the signature is WRONG, it names "
                                        "alice@example.org; not encrypted\n"));
    cr_assert_not_null(strstr(ran->out, "(digest-mismatch)"));
    cr_assert_not_null(strstr(ran->out, "  | lunch on Monday at noon, the usual place?\n"));
    cr_assert(terminal_safe(ran->out));
}

Test(command_demo, leaves_nothing_behind)
{
    struct host *host = scene_host();
    const struct terminal *ran = run_demo(host);
    cr_assert_eq(ran->status, EXIT_DONE, "%s", ran->err);
    cr_assert_eq(count_entries("tmp"), 2);
    host_free(host);
    cr_assert_eq(count_entries("tmp"), 2, "closing the databases made files again");
}

/* Not even the one that the command line names. */
Test(command_demo, changes_no_database_outside)
{
    static const char *const files[] = { "cert9.db", "key4.db" };
    struct buffer *before[ARRAY_SIZE(files)];
    host_free(scene_people());
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        char path[64];
        (void)snprintf(path, sizeof(path), "nssdb/%s", files[i]);
        before[i] = fixture_read(path);
    }
    struct host *host = scene_host();
    host->database = strdup("nssdb");
    cr_assert_eq(run_demo(host)->status, EXIT_DONE);
    host_free(host);
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        char path[64];
        (void)snprintf(path, sizeof(path), "nssdb/%s", files[i]);
        CLEANUP(buffer_free) struct buffer *after = fixture_read(path);
        cr_assert(bytes_equal(buffer_view(before[i]), buffer_view(after)), "%s", path);
        buffer_free(before[i]);
    }
    cr_assert_eq(count_entries("nssdb"), 2 + ARRAY_SIZE(files));
}
