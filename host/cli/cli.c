#include "cli/cli.h"

#include "base/limits.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/options.h"
#include "ops/ops.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    command_fn *run;
} commands[] = {
    { "call", command_call },
    { "demo", command_demo },
    { "open", command_open },
    { "protect", command_protect },
};

static const char usage[] =
    "Sealpost: S/MIME for webmail with the keys you already have.\n"
    "\n"
    "  sealpost open FILE.eml [--at TIME]            open a message, the verdict first\n"
    "      [--output FILE] [--json]                  and write what was opened to a file\n"
    "  sealpost protect FILE.eml --sign --encrypt    protect a message, the result on stdout\n"
    "      [--cipher NAME] [--form detached|opaque] [--output FILE] [--json]\n"
    "      [--header-protection none|signed|confidential] [--legacy-display]\n"
    "  sealpost call METHOD [JSON|-]                 one request of the protocol\n"
    "  sealpost demo                                 show the main job with throw-away keys\n"
    "  sealpost --version | --help\n"
    "\n"
    "For every command: --db DIR (an NSS database in place of those found), --config FILE,\n"
    "--pin-file FILE. FILE may be - for standard input.\n"
    "Started by a browser, sealpost speaks the native messaging protocol.\n"
    "Exit status: 0 done; 1 refused or failed; 2 usage; open: 3 where the verdict is not good.\n";

static struct error *replace(char **member, const char *value)
{
    if (!value) {
        return NULL;
    }
    char *copy = strdup(value);
    if (!copy) {
        return error_no_memory();
    }
    free(*member);
    *member = copy;
    return NULL;
}

/* The first line of the file, without its line break. */
static struct error *read_pin(struct host *host, const char *path)
{
    CLEANUP(mapping_unref) struct mapping *file = NULL;
    TRY(input_read(path, LIMIT_PIN + 2, &file));
    struct bytes text = mapping_view(file);
    size_t end = 0;
    while (end < text.len && text.data[end] != '\n' && text.data[end] != '\r') {
        end++;
    }
    struct bytes line = bytes_slice(text, 0, end);
    if (bytes_find(line, (struct bytes){ (const uint8_t *)"", 1 }) != SIZE_MAX) {
        return error_new(ERR_PIN_INCORRECT, "%s holds a NUL", path);
    }
    return bytes_to_string(line, &host->pin);
}

static struct error *apply(struct host *host, const struct options *options)
{
    TRY(replace(&host->database, options->database));
    TRY(replace(&host->user_config, options->config));
    if (options->pin_file) {
        TRY(read_pin(host, options->pin_file));
    }
    return NULL;
}

static int complain(struct error *error)
{
    (void)fprintf(stderr, "sealpost: %s\nTry sealpost --help.\n", error_get_message(error));
    error_free(error);
    return EXIT_USAGE;
}

static int run_command(struct host *host, const struct options *options)
{
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        if (strcmp(options->arguments[0], commands[i].name) == 0) {
            return commands[i].run(host, options);
        }
    }
    return complain(error_new(ERR_PARAMS, "%s is no command of sealpost", options->arguments[0]));
}

/* A result that nobody could read was not given. */
static int finish(int status)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0) {
        return status;
    }
    return commands_fail(error_new_errno(errno, "writing the output"));
}

int cli_run(int argc, char **argv, struct host *host)
{
    struct options options = { 0 };
    struct error *error = options_read(argc, argv, &options);
    if (error) {
        return complain(error);
    }
    if (options.version) {
        (void)printf("sealpost %s\n", SEALPOST_VERSION);
        return finish(EXIT_DONE);
    }
    if (options.help) {
        (void)fputs(usage, stdout);
        return finish(EXIT_DONE);
    }
    if (options.argument_count == 0) {
        (void)fputs(usage, stderr);
        return EXIT_USAGE;
    }
    error = apply(host, &options);
    return error ? commands_fail(error) : finish(run_command(host, &options));
}
