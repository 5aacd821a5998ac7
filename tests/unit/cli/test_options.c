#include "cli/options.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { MOST_WORDS = 16 };

/* Reads a command line given as one text, its words apart by blanks. */
static struct error *read_line(const char *line, struct options *ret_options)
{
    static char text[256];
    static char *words[MOST_WORDS];
    char *rest = NULL;
    int count = 0;
    cr_assert_lt(strlen(line), sizeof(text));
    memcpy(text, line, strlen(line) + 1);
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        cr_assert_lt(count, MOST_WORDS);
        words[count++] = word;
    }
    return options_read(count, words, ret_options);
}

Test(options, refuses_what_it_does_not_know)
{
    static const char *const lines[] = {
        "sealpost --nobody",      "sealpost open x --Json",   "sealpost --jsonx",
        "sealpost --js",          "sealpost ---json",         "sealpost --=x",
        "sealpost --nobody=json", "sealpost open --pin 1234",
    };
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        struct options options = { .json = true };
        assert_error(read_line(lines[i], &options), ERR_PARAMS);
        cr_assert(options.json, "an error has changed the options");
    }
}

Test(options, refuses_an_option_without_its_value)
{
    static const char *const names[] = {
        "--db",     "--config", "--pin-file", "--output",
        "--cipher", "--form",   "--at",       "--header-protection"
    };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        char line[64];
        struct options options = { 0 };
        (void)snprintf(line, sizeof(line), "sealpost open %s", names[i]);
        assert_error(read_line(line, &options), ERR_PARAMS);
    }
}

/* --json=false was taken as --json */
Test(options, refuses_a_value_that_an_option_does_not_take)
{
    static const char *const lines[] = {
        "sealpost --json=false", "sealpost --sign=",     "sealpost --encrypt=bob@example.org",
        "sealpost --help=x",     "sealpost --version=2", "sealpost --legacy-display=no"
    };
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        struct options options = { 0 };
        assert_error(read_line(lines[i], &options), ERR_PARAMS);
    }
}

Test(options, refuses_too_many_arguments)
{
    struct options options = { 0 };
    assert_ok(read_line("sealpost 1 2 3 4 5 6 7 8", &options));
    cr_assert_eq(options.argument_count, (size_t)OPTIONS_ARGUMENTS);
    assert_error(read_line("sealpost 1 2 3 4 5 6 7 8 9", &options), ERR_PARAMS);
    assert_error(read_line("sealpost 1 2 3 4 5 6 7 8 -- 9", &options), ERR_PARAMS);
}

Test(options, takes_a_value_behind_a_blank_or_an_equals_sign)
{
    struct options options = { 0 };
    assert_ok(read_line("sealpost open --db /a --config=/b x.eml --at=2026-01-01T00:00:00Z --json",
                        &options));
    cr_assert_str_eq(options.database, "/a");
    cr_assert_str_eq(options.config, "/b");
    cr_assert_str_eq(options.at, "2026-01-01T00:00:00Z");
    cr_assert(options.json);
    cr_assert_eq(options.argument_count, 2);
    cr_assert_str_eq(options.arguments[0], "open");
    cr_assert_str_eq(options.arguments[1], "x.eml");
}

Test(options, takes_the_value_as_it_stands)
{
    struct options options = { 0 };
    assert_ok(read_line("sealpost --output=a=b --pin-file= --db --json", &options));
    cr_assert_str_eq(options.output, "a=b");
    cr_assert_str_eq(options.pin_file, "");
    cr_assert_str_eq(options.database, "--json");
    cr_assert(!options.json);
}

Test(options, ends_them_with_two_dashes)
{
    struct options options = { 0 };
    assert_ok(read_line("sealpost --json -- --sign -- -", &options));
    cr_assert(options.json);
    cr_assert(!options.sign);
    cr_assert_eq(options.argument_count, 3);
    cr_assert_str_eq(options.arguments[0], "--sign");
    cr_assert_str_eq(options.arguments[1], "--");
    cr_assert_str_eq(options.arguments[2], "-");
}

Test(options, are_all_off_where_nothing_is_given)
{
    struct options options = { .sign = true };
    assert_ok(read_line("sealpost", &options));
    cr_assert(!options.sign && !options.encrypt && !options.help && !options.version);
    cr_assert_null(options.database);
    cr_assert_eq(options.argument_count, 0);
}
