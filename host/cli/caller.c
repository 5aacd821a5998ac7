#include "cli/caller.h"

#include <stddef.h>
#include <string.h>

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static const char *find_origin(int argc, char **argv)
{
    if (argc >= 2 && starts_with(argv[1], "chrome-extension://")) {
        return argv[1];
    }
    if (argc >= 3 && ends_with(argv[1], ".json") && !starts_with(argv[2], "--")) {
        return argv[2];
    }
    return NULL;
}

/* The value of the option `name` at argv[at], as "--name=value" or as the argument behind it. */
static void read_option(int argc, char **argv, int at, const char *name, const char **value)
{
    size_t len = strlen(name);
    if (!starts_with(argv[at], name)) {
        return;
    }
    if (argv[at][len] == '=') {
        *value = argv[at] + len + 1;
    } else if (argv[at][len] == '\0' && at + 1 < argc) {
        *value = argv[at + 1];
    }
}

bool caller_read(int argc, char **argv, struct caller *ret_caller)
{
    struct caller caller = { .origin = find_origin(argc, argv) };
    for (int i = 2; i < argc; i++) {
        read_option(argc, argv, i, "--db", &caller.database);
        read_option(argc, argv, i, "--config", &caller.config);
    }
    if (!caller.origin) {
        return false;
    }
    *ret_caller = caller;
    return true;
}
