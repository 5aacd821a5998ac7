/* Stands in for the helper's PIN dialog in the tests of the store: answers by a script. */
#ifndef SEALPOST_TESTS_UNIT_STORE_DIALOG_H
#define SEALPOST_TESTS_UNIT_STORE_DIALOG_H

#include <stdbool.h>

struct remote;

struct dialog {
    const char *const *answers; /* in order; NULL: cancelled */
    unsigned delay_ms; /* how long the person takes */
    int asked;
    bool saw_complaint;
    bool saw_site;
};

/* For store_options.remote; borrowed from `dialog`. */
struct remote *dialog_remote(struct dialog *dialog);

#endif
