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
    word_set headers; /* header-mismatch: From on an entity between two layers is another one */
    bool other_encryption; /* what is left is encrypted by other means than to recipients */
    bool ambiguous; /* some entity on the way was mime-ambiguous */
};

/* Zero-initialised is fine to give to layers_end_done. */
void layers_end_done(struct layers_end *end);

/* Takes off the layers of `input` (in `owner`, which is never altered), whose header is `outer`.
 * Appends to `result->layers`. A message/rfc822 is looked into like a part: what is signed or
 * encrypted in it covers that part alone; its root has the part's number with ".1" behind. Errors
 * as open_message. */
struct error *layers_take_off(const struct mail_context *context, const struct mime_header *outer,
                              struct mapping *owner, struct bytes input, struct open_result *result,
                              struct layers_end *ret_end) MUST_USE;

#endif
