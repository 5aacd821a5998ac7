/* Whether a browser started the program, and what it says of itself (PROTOCOL.md 5): Chromium gives
 * "chrome-extension://ID/", Firefox and Thunderbird the path of the manifest and the add-on's id.
 */
#ifndef SEALPOST_CLI_CALLER_H
#define SEALPOST_CLI_CALLER_H

#include <stdbool.h>

/* All borrowed from argv. */
struct caller {
    const char *origin;
    const char *database; /* --db; NULL: not given */
    const char *config; /* --config; NULL: not given */
};

/* False where this is no browser's command line. Options that are not known are ignored: browsers
 * add their own. */
bool caller_read(int argc, char **argv, struct caller *ret_caller);

#endif
