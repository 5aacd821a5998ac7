/* A terminal for the tests of the commands: runs the command line in this process and keeps what it
 * prints. */
#ifndef SEALPOST_TESTS_UNIT_CLI_TERMINAL_H
#define SEALPOST_TESTS_UNIT_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct host;

/* What came of the last run. Static: one a test. */
struct terminal {
    int status;
    char out[65536]; /* NUL-terminated */
    char err[16384];
};

/* Runs `sealpost` with these words, the list ending with NULL; in the home folder of the scene. */
const struct terminal *terminal_run(struct host *host, ...) __attribute__((sentinel));

/* What the next run reads from standard input. */
void terminal_type(const char *text);

/* Whether a terminal shows the text as it stands: no control character but line breaks, no mark of
 * writing direction. */
bool terminal_safe(const char *text);

/* What `print` prints, as text. */
void terminal_text(void (*print)(FILE *file, void *context), void *context, char *text,
                   size_t size);

#endif
