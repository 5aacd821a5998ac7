/* Whether and for whom a dialog may be raised while a request runs. Plain data, borrowed for the
 * time of the request. */
#ifndef SEALPOST_STORE_INTERACTION_H
#define SEALPOST_STORE_INTERACTION_H

#include <stdbool.h>

struct task;

struct interaction {
    bool allowed; /* false: ERR_INTERACTION_FORBIDDEN in place of a dialog */
    const char *site; /* web origin shown in the dialog; NULL: the terminal or unknown */
    struct task *task; /* a cancelled task closes the dialog; NULL: never cancelled */
};

#endif
