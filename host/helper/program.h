/* pinentry as a process: found, started with a socket as its stdin and stdout, and ended. Knows
 * nothing of what is said to it. For a process with one thread only. */
#ifndef SEALPOST_HELPER_PROGRAM_H
#define SEALPOST_HELPER_PROGRAM_H

#include "base/bytes.h"

#include <stdbool.h>
#include <sys/types.h>

/* The path of the `number`th pinentry on the PATH, best first, or NULL in `ret_path` if there are
 * not that many. Freed with free(). ERR_NO_MEMORY. */
struct error *program_find(size_t number, char **ret_path) MUST_USE;

/* Whether this is, behind all links, one of the pinentries that know terminals only. Without one,
 * pinentry-tty would take the conversation itself for the keyboard. */
bool program_needs_terminal(const char *path);

/* Starts the program in a process group of its own, with no more of the environment than a dialog
 * needs; it is killed when this process dies. `ret_fd` is this side of the conversation (CLOEXEC).
 * Where the file cannot be executed the conversation just ends at once. ERR_INTERNAL. */
struct error *program_start(const char *path, pid_t *ret_pid, int *ret_fd) MUST_USE;

/* Ends the program with everything in its process group and collects it, within half a second:
 * `patient` gives it a moment to end by itself. */
void program_stop(pid_t pid, bool patient);

#endif
