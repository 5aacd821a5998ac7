/* What is left when the layers are off: the message to show, put together from the message's own
 * fields and the innermost entity, and the list of its parts with the layers that protect each. */
#ifndef SEALPOST_MAIL_PARTS_H
#define SEALPOST_MAIL_PARTS_H

#include "mail/layers.h"

/* The fields of `shown` (as received, without those about the body), then the innermost entity's
 * fields about its body, an empty line, and its body as a slice of where it lies. ERR_NO_MEMORY,
 * ERR_MESSAGE_TOO_LARGE. */
struct error *parts_compose(const struct mime_header *shown, const struct layers_end *end,
                            struct content **ret_content) MUST_USE;

/* Fills in `result->parts`. ERR_NO_MEMORY. */
struct error *parts_list(const struct layers_end *end, struct open_result *result) MUST_USE;
void parts_done(struct open_result *result);

#endif
