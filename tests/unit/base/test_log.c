#include "base/log.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

/* Points stderr at a pipe; what was written is read after the pipe's only writer is closed. */
static int capture_start(int *ret_saved)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    *ret_saved = dup(STDERR_FILENO);
    cr_assert_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    cr_assert_eq(close(ends[1]), 0);
    return ends[0];
}

static void capture_end(int reader, int saved, char *text, size_t size)
{
    cr_assert_eq(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    cr_assert_eq(close(saved), 0);
    size_t used = 0;
    ssize_t got = 0;
    while (used < size - 1 && (got = read(reader, text + used, size - 1 - used)) > 0) {
        used += (size_t)got;
    }
    text[used] = '\0';
    cr_assert_eq(close(reader), 0);
}

Test(log_set_level_by_name, refuses_other_names_and_keeps_the_level)
{
    cr_assert(log_set_level_by_name("info"));
    cr_assert_not(log_set_level_by_name("loud"));
    cr_assert_not(log_set_level_by_name(""));
    cr_assert_not(log_set_level_by_name(NULL));
    cr_assert(log_enabled(LOG_LEVEL_INFO));
    cr_assert_not(log_enabled(LOG_LEVEL_DEBUG));
}

Test(log_set_level_by_name, takes_the_four_levels)
{
    static const char *const names[] = { "error", "warn", "info", "debug" };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        cr_assert(log_set_level_by_name(names[i]));
        for (size_t level = 0; level < ARRAY_SIZE(names); level++) {
            cr_assert_eq(log_enabled((enum log_level)level), level <= i);
        }
    }
}

Test(log_write, writes_nothing_below_the_level)
{
    char text[256];
    int saved = -1;
    int reader = capture_start(&saved);
    log_info("quiet"); /* the level is warn from the start */
    log_debug("quiet");
    capture_end(reader, saved, text, sizeof(text));
    cr_assert_str_eq(text, "");
}

Test(log_write, is_one_line_on_stderr)
{
    char text[256];
    int saved = -1;
    int reader = capture_start(&saved);
    log_warn("request %d failed", 7);
    log_error("stop");
    capture_end(reader, saved, text, sizeof(text));
    cr_assert_str_eq(text, "sealpost: warn: request 7 failed\nsealpost: error: stop\n");
}

Test(log_write, cuts_a_long_line_and_still_ends_it)
{
    char long_text[4000];
    char text[4096];
    int saved = -1;
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    int reader = capture_start(&saved);
    log_error("%s", long_text);
    capture_end(reader, saved, text, sizeof(text));
    cr_assert_leq(strlen(text), 512);
    cr_assert_eq(strchr(text, '\n'), text + strlen(text) - 1);
}
