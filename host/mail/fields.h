/* Header fields of a message for people: names and decoded values, the fields that the protected
 * entity itself carries (RFC 9788), what differs, and what is to be shown. */
#ifndef SEALPOST_MAIL_FIELDS_H
#define SEALPOST_MAIL_FIELDS_H

#include "mail/open.h"

/* Fills in `outer`, `protected`, `shown` and `differences` of `result`. `outer` is the message's
 * header, `inner` that of the innermost entity where layers were taken off (NULL: none were),
 * `protection` what those layers give. ERR_NO_MEMORY. */
struct error *fields_read(const struct mime_header *outer, const struct mime_header *inner,
                          enum header_protection protection, struct open_result *result) MUST_USE;

void fields_done(struct open_fields *fields);

/* Whether a field belongs to the body and not to the message (Content-*, MIME-Version). */
bool fields_is_structural(const struct mime_field *field);

#endif
