/* The arguments of a terminal command, taken apart: options that every form has, options of the
 * command, and what is left. */
#ifndef SEALPOST_CLI_OPTIONS_H
#define SEALPOST_CLI_OPTIONS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { OPTIONS_ARGUMENTS = 8 };

/* Everything borrowed from argv. */
struct options {
    const char *database; /* --db */
    const char *config; /* --config */
    const char *pin_file; /* --pin-file */
    const char *output; /* --output */
    const char *cipher; /* --cipher */
    const char *form; /* --form */
    const char *header_protection; /* --header-protection */
    const char *at; /* --at */
    bool json; /* --json */
    bool sign; /* --sign */
    bool encrypt; /* --encrypt */
    bool legacy_display; /* --legacy-display */
    bool help; /* --help */
    bool version; /* --version */
    const char *arguments[OPTIONS_ARGUMENTS]; /* the command first */
    size_t argument_count;
};

/* `--name value` and `--name=value` both do; behind `--` nothing is an option. ERR_PARAMS with a
 * plain sentence for an option that is not known, lacks its value or has one that it does not take,
 * and for too many arguments. */
struct error *options_read(int argc, char **argv, struct options *ret_options) MUST_USE;

#endif
