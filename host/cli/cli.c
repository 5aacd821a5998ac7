#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

enum { STATUS_DONE = 0, STATUS_USAGE = 2 };

int cli_run(int argc, char **argv, struct host *host)
{
    (void)host;
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        (void)printf("sealpost %s\n", SEALPOST_VERSION);
        return STATUS_DONE;
    }
    (void)fprintf(stderr, "usage: sealpost --version\n");
    return STATUS_USAGE;
}
