#include "base/limits.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

TestSuite(cli, .fini = fixture_remove);

Test(cli, explains_itself_where_there_is_nothing_to_do)
{
    CLEANUP(host_free) struct host *host = scene_host();
    const struct terminal *ran = terminal_run(host, NULL);
    cr_assert_eq(ran->status, EXIT_USAGE);
    cr_assert_str_eq(ran->out, "");
    cr_assert_not_null(strstr(ran->err, "sealpost open FILE.eml"));
}

Test(cli, refuses_what_is_no_command_or_option)
{
    CLEANUP(host_free) struct host *host = scene_host();
    cr_assert_eq(terminal_run(host, "Open", "x", NULL)->status, EXIT_USAGE);
    cr_assert_eq(terminal_run(host, "install", NULL)->status, EXIT_USAGE);
    cr_assert_eq(terminal_run(host, "", NULL)->status, EXIT_USAGE);
    cr_assert_eq(terminal_run(host, "open", "--nobody", NULL)->status, EXIT_USAGE);
    cr_assert_eq(terminal_run(host, "open", "x", "--at", NULL)->status, EXIT_USAGE);
    const struct terminal *ran = terminal_run(host, "open", "--nobody", NULL);
    cr_assert_str_eq(ran->out, "");
    cr_assert_str_eq(ran->err,
                     "sealpost: --nobody is no option of sealpost\nTry sealpost --help.\n");
    cr_assert_null(host->config, "a command that is wrong has begun to work");
}

Test(cli, tells_version_and_help_on_standard_output)
{
    CLEANUP(host_free) struct host *host = scene_host();
    const struct terminal *ran = terminal_run(host, "--version", NULL);
    cr_assert_eq(ran->status, EXIT_DONE);
    cr_assert_str_eq(ran->out, "sealpost " SEALPOST_VERSION "\n");
    ran = terminal_run(host, "open", "--help", NULL);
    cr_assert_eq(ran->status, EXIT_DONE);
    cr_assert_not_null(strstr(ran->out, "--output FILE"));
    cr_assert_str_eq(ran->err, "");
}

Test(cli, takes_database_and_configuration_of_the_command_line)
{
    CLEANUP(host_free) struct host *host = scene_host();
    host->database = strdup("of-the-environment");
    fixture_write("other.json", BYTES_LITERAL("{\"maxMessage\":77}"));
    const struct terminal *ran =
        terminal_run(host, "call", "databases.list", "--db", "named", "--config=other.json", NULL);
    cr_assert_eq(ran->status, EXIT_DONE, "%s", ran->err);
    cr_assert_not_null(strstr(ran->out, "named\""));
    cr_assert_null(strstr(ran->out, "of-the-environment"));
    cr_assert_str_eq(host->user_config, "other.json");
}

Test(cli, tells_a_configuration_that_is_wrong)
{
    CLEANUP(host_free) struct host *host = scene_host();
    fixture_write("other.json", BYTES_LITERAL("{\"maxMessage\":\"x\"}"));
    const struct terminal *ran =
        terminal_run(host, "call", "databases.list", "--config=other.json", NULL);
    cr_assert_eq(ran->status, EXIT_FAILED);
    cr_assert_str_eq(ran->out, "");
    cr_assert_not_null(strstr(ran->err, "\"policy-forbids\""));
    cr_assert_not_null(strstr(ran->err, "other.json"));
}

Test(cli, reads_the_pin_from_the_first_line_of_its_file)
{
    static const char *const files[] = { "pin of the card\n", "pin of the card",
                                         "pin of the card\r\nsecond line\n" };
    CLEANUP(host_free) struct host *host = scene_host();
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        fixture_write("pin", bytes_of_string(files[i]));
        (void)terminal_run(host, "call", "databases.list", "--pin-file", "pin", NULL);
        cr_assert_str_eq(host->pin, "pin of the card");
        string_free(host->pin);
        host->pin = NULL;
    }
}

Test(cli, refuses_a_pin_file_that_holds_no_pin)
{
    CLEANUP(host_free) struct host *host = scene_host();
    char text[LIMIT_PIN + 4];
    memset(text, 'a', sizeof(text));
    fixture_write("long", (struct bytes){ (const uint8_t *)text, LIMIT_PIN + 3 });
    fixture_write("nul", BYTES_LITERAL("12\0"
                                       "34\n"));
    static const char *const names[] = { "long", "nul", "nowhere", "." };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const struct terminal *ran =
            terminal_run(host, "call", "databases.list", "--pin-file", names[i], NULL);
        cr_assert_eq(ran->status, EXIT_FAILED, "%s", names[i]);
        cr_assert_str_eq(ran->out, "");
        cr_assert_eq(ran->err[0], '{');
        cr_assert_null(host->pin);
    }
}

Test(cli, uses_the_pin_and_never_prints_it)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(buffer_free) struct buffer *params = NULL;
    fixture_identity("carol");
    fixture_run("sh", "-c",
                "printf '{\"data\":{\"base64\":\"%s\"}}' \"$(base64 -w0 carol.p12)\" >params",
                NULL);
    params = fixture_read("params");
    cr_assert_null(buffer_append_byte(params, 0));
    terminal_type((const char *)params->data);
    fixture_write("pin", BYTES_LITERAL("not this one\n"));
    const struct terminal *ran =
        terminal_run(host, "call", "identities.import", "-", "--pin-file", "pin", NULL);
    cr_assert_eq(ran->status, EXIT_FAILED);
    cr_assert_not_null(strstr(ran->err, "\"import-password-incorrect\""));
    cr_assert_null(strstr(ran->err, "not this one"));

    string_free(host->pin);
    host->pin = NULL;
    terminal_type((const char *)params->data);
    fixture_write("pin", BYTES_LITERAL("p12\n"));
    ran = terminal_run(host, "call", "identities.import", "-", "--pin-file=pin", NULL);
    cr_assert_eq(ran->status, EXIT_DONE, "%s", ran->err);
    cr_assert_not_null(strstr(ran->out, "\"keys\": 1"));
}

/* The status was that of a success. */
Test(cli, fails_where_its_output_is_lost)
{
    CLEANUP(host_free) struct host *host = scene_host();
    char name[] = "sealpost";
    char option[] = "--version";
    char *words[] = { name, option, NULL };
    (void)fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    cr_assert(kept >= 0 && full >= 0);
    cr_assert_geq(dup2(full, STDOUT_FILENO), 0);
    int status = cli_run(2, words, host);
    cr_assert_geq(dup2(kept, STDOUT_FILENO), 0);
    clearerr(stdout);
    cr_assert_eq(close(kept), 0);
    cr_assert_eq(close(full), 0);
    cr_assert_eq(status, EXIT_FAILED);
}
