#include "base/macros.h"
#include "cli/caller.h"

#include <criterion/criterion.h>
#include <string.h>

enum { MOST_ARGUMENTS = 8 };

static bool read_line(char *const *arguments, struct caller *caller)
{
    char *argv[MOST_ARGUMENTS + 1] = { "sealpost" };
    int argc = 1;
    while (arguments[argc - 1]) {
        argv[argc] = arguments[argc - 1];
        argc++;
    }
    return caller_read(argc, argv, caller);
}

#define LINE(...) \
    (char *const[]) \
    { \
        __VA_ARGS__, NULL \
    }

Test(caller, is_no_browser_at_a_terminal)
{
    struct caller caller = { 0 };
    char *nothing[] = { "sealpost", NULL };
    cr_assert_not(caller_read(1, nothing, &caller));
    cr_assert_not(caller_read(0, nothing + 1, &caller));
    cr_assert_not(read_line(LINE("call", "host.hello"), &caller));
    cr_assert_not(read_line(LINE("open", "x.eml", "chrome-extension://abc/"), &caller));
    cr_assert_not(read_line(LINE("/a/sealpost.json"), &caller));
    cr_assert_not(read_line(LINE("/a/sealpost.json", "--db"), &caller));
    cr_assert_not(read_line(LINE("--db", "/tmp", "open"), &caller));
    cr_assert_not(read_line(LINE("chrome-extension:abc"), &caller));
}

Test(caller, tells_a_chromium)
{
    struct caller caller = { 0 };
    cr_assert(read_line(LINE("chrome-extension://abc/"), &caller));
    cr_assert_str_eq(caller.origin, "chrome-extension://abc/");
    cr_assert_null(caller.database);
    cr_assert_null(caller.config);
}

Test(caller, tells_a_firefox)
{
    struct caller caller = { 0 };
    cr_assert(read_line(LINE("/any/path/sealpost.json", "@sealpost"), &caller));
    cr_assert_str_eq(caller.origin, "@sealpost");
}

Test(caller, ignores_options_that_it_does_not_know)
{
    struct caller caller = { 0 };
    cr_assert(read_line(
        LINE("chrome-extension://abc/", "--parent-window=0", "--database=x", "--dbx", "--config"),
        &caller));
    cr_assert_null(caller.database);
    cr_assert_null(caller.config);
}

Test(caller, takes_database_and_configuration)
{
    struct caller caller = { 0 };
    cr_assert(read_line(LINE("/p/s.json", "@sealpost", "--db", "/d", "--config=/c"), &caller));
    cr_assert_str_eq(caller.database, "/d");
    cr_assert_str_eq(caller.config, "/c");
}
