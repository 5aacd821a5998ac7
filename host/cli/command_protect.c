#include "base/limits.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/sentence.h"
#include "ops/ops.h"
#include "rpc/local.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>

static struct error *add_wishes(struct json_object *params, const struct options *options)
{
    struct json_object *sign = NULL;
    struct json_object *encrypt = NULL;
    if (options->sign) {
        TRY(json_add_object(params, "sign", &sign));
    }
    if (sign && options->form) {
        TRY(json_add_string(sign, "form", options->form));
    }
    if (options->encrypt) {
        TRY(json_add_object(params, "encrypt", &encrypt));
    }
    if (encrypt && options->cipher) {
        TRY(json_add_string(encrypt, "cipher", options->cipher));
    }
    if (options->header_protection) {
        TRY(json_add_string(params, "headerProtection", options->header_protection));
    }
    if (options->legacy_display) {
        TRY(json_add_bool(params, "legacyDisplay", true));
    }
    return NULL;
}

static struct error *protect_file(struct host *host, const struct options *options,
                                  struct json_object **ret_result)
{
    CLEANUP(mapping_unref) struct mapping *file = NULL;
    CLEANUP(json_free) struct json_object *params = NULL;
    TRY(input_read(options->arguments[1], LIMIT_MESSAGE, &file));
    TRY(commands_message_params(mapping_view(file), &params));
    TRY(add_wishes(params, options));
    return local_call(ops_methods(), host, "message.protect", params, ret_result);
}

static void print_warnings(struct json_object *result)
{
    struct json_object *warnings = NULL;
    if (!json_get_array(result, "warnings", &warnings)) {
        return;
    }
    for (size_t i = 0; i < json_object_array_length(warnings); i++) {
        const char *word = json_object_get_string(json_object_array_get_idx(warnings, i));
        (void)fprintf(stderr, "sealpost: %s\n", sentence_of(word));
    }
}

/* The copies behind the first do not fit into one file, and nobody must believe that they did. */
static void print_left_out(struct json_object *copies)
{
    size_t blind = 0;
    for (size_t i = 1; i < json_object_array_length(copies); i++) {
        const char *role = NULL;
        if (json_get_string(json_object_array_get_idx(copies, i), "role", &role) &&
            strcmp(role, "bcc") == 0) {
            blind++;
        }
    }
    if (blind > 0) {
        (void)fprintf(stderr,
                      "sealpost: %zu blind recipient%s, not written here; "
                      "--json gives them all.\n",
                      blind, blind == 1 ? " needs another copy" : "s need other copies");
    }
}

/* The first copy: main, or the only blind one. */
static struct error *write_copy(struct json_object *result, const char *path)
{
    struct json_object *copies = NULL;
    struct json_object *message = NULL;
    CLEANUP(mapping_unref) struct mapping *bytes = NULL;
    if (!json_get_array(result, "copies", &copies) ||
        !json_get_object(json_object_array_get_idx(copies, 0), "message", &message)) {
        return error_new(ERR_INTERNAL, "the result holds no copy");
    }
    print_left_out(copies);
    TRY(commands_data(message, &bytes));
    return file_write(path, mapping_view(bytes));
}

int command_protect(struct host *host, const struct options *options)
{
    if (options->argument_count != 2) {
        return commands_usage("protect takes one file");
    }
    if (!options->sign && !options->encrypt) {
        return commands_usage("protect needs --sign, --encrypt or both");
    }
    if ((options->form && !options->sign) || (options->cipher && !options->encrypt)) {
        return commands_usage("--form goes with --sign, --cipher with --encrypt");
    }
    CLEANUP(json_free) struct json_object *result = NULL;
    struct error *error = protect_file(host, options, &result);
    if (error) {
        return commands_fail(error);
    }
    if (options->json) {
        commands_print_json(stdout, result);
        return EXIT_DONE;
    }
    print_warnings(result);
    error = write_copy(result, options->output);
    return error ? commands_fail(error) : EXIT_DONE;
}
