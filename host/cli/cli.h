/* The commands of a terminal: sealpost call, open, protect, demo, --version, --help. */
#ifndef SEALPOST_CLI_CLI_H
#define SEALPOST_CLI_CLI_H

struct host;

/* Runs the command that the arguments name; the exit status (PROTOCOL.md 5). */
int cli_run(int argc, char **argv, struct host *host);

#endif
