#include "base/macros.h"
#include "cli/caller.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { MOST_ARGUMENTS = 8 };

/* The arguments of `line`, which are parted by single spaces, behind the program's name. */
static bool read_line(const char *line, struct caller *caller)
{
    static char text[256];
    static char program[] = "sealpost";
    char *argv[MOST_ARGUMENTS + 1] = { program };
    int argc = 1;
    (void)snprintf(text, sizeof(text), "%s", line);
    for (char *at = text; at && *at != '\0' && argc < MOST_ARGUMENTS;) {
        argv[argc++] = at;
        at = strchr(at, ' ');
        if (at) {
            *at++ = '\0';
        }
    }
    return caller_read(argc, argv, caller);
}

Test(caller, is_no_browser_at_a_terminal)
{
    static const char *const lines[] = {
        "",
        "call host.hello",
        "open x.eml chrome-extension://abc/",
        "/a/sealpost.json",
        "/a/sealpost.json --db",
        "--db /tmp open",
        "chrome-extension:abc",
    };
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        struct caller caller = { 0 };
        cr_assert_not(read_line(lines[i], &caller), "%s", lines[i]);
    }
}

Test(caller, tells_a_chromium)
{
    struct caller caller = { 0 };
    cr_assert(read_line("chrome-extension://abc/", &caller));
    cr_assert_str_eq(caller.origin, "chrome-extension://abc/");
    cr_assert_null(caller.database);
    cr_assert_null(caller.config);
}

Test(caller, tells_a_firefox)
{
    struct caller caller = { 0 };
    cr_assert(read_line("/any/path/sealpost.json @sealpost", &caller));
    cr_assert_str_eq(caller.origin, "@sealpost");
}

Test(caller, ignores_options_that_it_does_not_know)
{
    struct caller caller = { 0 };
    cr_assert(read_line("chrome-extension://abc/ --parent-window=0 --database=x --dbx --config",
                        &caller));
    cr_assert_null(caller.database);
    cr_assert_null(caller.config);
}

Test(caller, takes_database_and_configuration)
{
    struct caller caller = { 0 };
    cr_assert(read_line("/p/s.json @sealpost --db /d --config=/c", &caller));
    cr_assert_str_eq(caller.database, "/d");
    cr_assert_str_eq(caller.config, "/c");
}
