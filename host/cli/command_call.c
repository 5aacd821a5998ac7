#include "base/limits.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "ops/ops.h"
#include "rpc/local.h"
#include "wire/json.h"

#include <string.h>

static struct error *read_params(const struct options *options, struct json_object **ret_params)
{
    const char *text = options->argument_count > 2 ? options->arguments[2] : "{}";
    if (strcmp(text, "-") != 0) {
        return json_parse(bytes_of_string(text), ret_params);
    }
    CLEANUP(mapping_unref) struct mapping *input = NULL;
    TRY(input_read("-", LIMIT_FRAME_IN, &input));
    return json_parse(mapping_view(input), ret_params);
}

int command_call(struct host *host, const struct options *options)
{
    if (options->argument_count < 2 || options->argument_count > 3) {
        return commands_usage("call takes a method and its parameters as JSON");
    }
    CLEANUP(json_free) struct json_object *params = NULL;
    CLEANUP(json_free) struct json_object *result = NULL;
    struct error *error = read_params(options, &params);
    if (!error) {
        error = local_call(ops_methods(), host, options->arguments[1], params, &result);
    }
    if (error) {
        return commands_fail(error);
    }
    commands_print_json(stdout, result);
    return EXIT_DONE;
}
