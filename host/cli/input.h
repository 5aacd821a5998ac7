/* Whole files in and out for the terminal commands. */
#ifndef SEALPOST_CLI_INPUT_H
#define SEALPOST_CLI_INPUT_H

#include "base/content.h"

/* Reads a file ("-": standard input) of at most `limit` bytes. ERR_MESSAGE_TOO_LARGE; ERR_INTERNAL
 * with the system's reason where it can't be read. */
struct error *input_read(const char *path, size_t limit, struct mapping **ret_file) MUST_USE;

/* Writes (NULL or "-": standard output); an existing file is replaced, mode 0600 for a new one.
 * ERR_INTERNAL with the system's reason. */
struct error *file_write(const char *path, struct bytes bytes) MUST_USE;

/* Removes a folder with everything in it, never following links out of it. ERR_INTERNAL. */
struct error *file_remove_tree(const char *path) MUST_USE;

#endif
