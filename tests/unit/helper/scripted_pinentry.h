/* A pinentry made of a small script in a temporary folder, and what can be seen of it. */
#ifndef SEALPOST_TESTS_UNIT_HELPER_SCRIPTED_PINENTRY_H
#define SEALPOST_TESTS_UNIT_HELPER_SCRIPTED_PINENTRY_H

#include <stdbool.h>
#include <sys/types.h>

struct scripted_pinentry {
    char folder[64];
    char path[96]; /* of the script */
};

/* Writes the script: `start` (shell) runs before the greeting, `get_pin` and `confirm` in answer to
 * these commands; everything else is answered with OK and noted. */
void scripted_pinentry_make(struct scripted_pinentry *pinentry, const char *start,
                            const char *get_pin, const char *confirm);
void scripted_pinentry_remove(struct scripted_pinentry *pinentry);

/* Whether this very line was sent to it. */
bool scripted_pinentry_heard(const struct scripted_pinentry *pinentry, const char *line);

/* Waits until the script runs; its process, its parent's (the helper), and whatever process the
 * script has written to the file `extra`. */
pid_t scripted_pinentry_pid(const struct scripted_pinentry *pinentry);
pid_t scripted_pinentry_parent(const struct scripted_pinentry *pinentry);
pid_t scripted_pinentry_extra(const struct scripted_pinentry *pinentry);

/* Waits until it got GETPIN or CONFIRM: the dialog is open. */
void scripted_pinentry_wait_open(const struct scripted_pinentry *pinentry);

/* Whether the process is gone (or only waits to be collected) within `milliseconds`. */
bool process_gone(pid_t pid, unsigned milliseconds);

#endif
