#include "base/limits.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/verdict_text.h"
#include "ops/ops.h"
#include "rpc/local.h"
#include "wire/json.h"

#include <string.h>

static struct error *open_file(struct host *host, const struct options *options,
                               struct json_object **ret_result)
{
    CLEANUP(mapping_unref) struct mapping *file = NULL;
    CLEANUP(json_free) struct json_object *params = NULL;
    TRY(input_read(options->arguments[1], LIMIT_MESSAGE, &file));
    TRY(commands_message_params(mapping_view(file), &params));
    if (options->at) {
        TRY(json_add_string(params, "at", options->at));
    }
    return local_call(ops_methods(), host, "message.open", params, ret_result);
}

/* What stands inside the layers, also where the verdict is not good: the exit status tells that. */
static struct error *write_content(struct json_object *result, const char *path)
{
    struct json_object *content = NULL;
    CLEANUP(mapping_unref) struct mapping *bytes = NULL;
    if (!json_get_object(result, "content", &content)) {
        return error_new(ERR_INTERNAL, "the result holds no content");
    }
    TRY(commands_data(content, &bytes));
    return file_write(path, mapping_view(bytes));
}

/* Where the content goes to standard output the verdict must not stand in between. */
static FILE *verdict_file(const struct options *options)
{
    return options->output && strcmp(options->output, "-") == 0 ? stderr : stdout;
}

static struct error *show(struct json_object *result, const struct options *options)
{
    FILE *out = verdict_file(options);
    if (options->json) {
        commands_print_json(out, result);
    } else {
        verdict_text_line(out, result);
        verdict_text_details(out, result);
    }
    return options->output ? write_content(result, options->output) : NULL;
}

static bool is_good(struct json_object *result)
{
    struct json_object *signature = NULL;
    const char *status = NULL;
    return json_get_object(result, "signature", &signature) &&
           json_get_string(signature, "status", &status) && strcmp(status, "good") == 0;
}

int command_open(struct host *host, const struct options *options)
{
    if (options->argument_count != 2) {
        return commands_usage("open takes one file");
    }
    CLEANUP(json_free) struct json_object *result = NULL;
    struct error *error = open_file(host, options, &result);
    if (!error) {
        error = show(result, options);
    }
    if (error) {
        return commands_fail(error);
    }
    return is_good(result) ? EXIT_DONE : EXIT_NOT_GOOD;
}
