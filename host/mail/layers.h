/* The walk that takes layers off: from one entity inwards as long as the whole of it is a layer,
 * then into the parts of what is left. Fills in the layers of an open_result and tells where the
 * run of whole layers ended. */
#ifndef SEALPOST_MAIL_LAYERS_H
#define SEALPOST_MAIL_LAYERS_H

#include "mail/open.h"

/* Where a run of layers ended: the entity in which nothing more can be taken off. */
struct layers_end {
    struct mapping *owner; /* holds `input`; owned */
    struct bytes input; /* the innermost entity: header and body */
    struct mime_tree *tree; /* over `input`; owned */
    bool ambiguous; /* some entity on the way was mime-ambiguous */
};

/* Zero-initialised is fine to give to layers_end_done. */
void layers_end_done(struct layers_end *end);

/* Takes off the layers of `input` (in `owner`, which is never altered). Appends to
 * `result->layers`. Errors as open_message. */
struct error *layers_take_off(const struct mail_context *context, struct mapping *owner,
                              struct bytes input, struct open_result *result,
                              struct layers_end *ret_end) MUST_USE;

#endif
