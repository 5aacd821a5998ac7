/* One run of layers: taken off one entity as long as the whole of what is left is a layer. What
 * lies in parts of the entity is not looked at. Internal to layers.c. */
#ifndef SEALPOST_MAIL_RUN_H
#define SEALPOST_MAIL_RUN_H

#include "mail/open.h"

/* What all runs of one message share. */
struct work {
    const struct mail_context *context;
    struct open_result *result;
    const struct mime_header *outer; /* the message's own */
    size_t room; /* bytes that may still come out of compressed content */
    size_t forwarded_left; /* messages in messages that may still be looked into */
};

/* One run of layers: where it stands, and what it belongs to. */
struct run {
    struct work *work;
    struct mapping *owner; /* one reference */
    struct bytes input;
    struct mime_tree *tree; /* over input */
    const char *part; /* number of the entity that the run began with */
    size_t inside; /* see open_layer */
    word_set headers; /* words about From fields on the way */
    bool whole;
    bool ambiguous;
    bool other_encryption; /* it ends at a CMS that is encrypted, but to nobody */
    bool stuck; /* a layer that can't be taken off: the run ends at it */
};

/* Takes off the layers of `run->tree`, which is over `run->input`, and appends them to the result.
 * Afterwards input, tree (NULL: what is left is no MIME) and owner are those of what is left.
 * Errors as open_message. */
struct error *run_take(struct run *run) MUST_USE;

/* Frees what the run owns: tree and owner. */
void run_done(struct run *run);

#endif
