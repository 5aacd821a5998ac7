/* The terminal commands: each runs one and gives the exit status. */
#ifndef SEALPOST_CLI_COMMANDS_H
#define SEALPOST_CLI_COMMANDS_H

#include "base/mapping.h"
#include "cli/options.h"

#include <stdio.h>

struct host;
struct json_object;

enum exit_status { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NOT_GOOD = 3 };

typedef int command_fn(struct host *host, const struct options *options);

int command_call(struct host *host, const struct options *options);
int command_demo(struct host *host, const struct options *options);
int command_open(struct host *host, const struct options *options);
int command_protect(struct host *host, const struct options *options);

/* Prints the error as JSON on stderr, frees it; EXIT_FAILED. */
int commands_fail(struct error *error);

/* Prints a usage error in plain words; EXIT_USAGE. */
int commands_usage(const char *sentence);

/* {"message": {"base64": …}} of `message`, the parameters of the mail methods. ERR_NO_MEMORY. */
struct error *commands_message_params(struct bytes message, struct json_object **ret_params)
    MUST_USE;

/* The bytes of a Data value as a local call gives it. ERR_INTERNAL where there are none. */
struct error *commands_data(struct json_object *data, struct mapping **ret_bytes) MUST_USE;

/* Prints `value` as indented JSON that a terminal shows as it stands (cli/text.h). */
void commands_print_json(FILE *file, struct json_object *value);

#endif
