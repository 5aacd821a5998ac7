/* Header fields as people read them: names and decoded values, and when two of them say the same.
 * Knows nothing of protection: which field is shown with which protection is header_read's matter.
 */
#ifndef SEALPOST_MAIL_FIELDS_H
#define SEALPOST_MAIL_FIELDS_H

#include "mail/open.h"

/* Appends `field` to `list` as text, unprotected; addresses in From, Sender and Reply-To whose
 * letters are of mixed scripts stand there with A-labels. ERR_NO_MEMORY. */
struct error *fields_add(struct open_fields *list, const struct mime_field *field) MUST_USE;

/* Appends the fields of `header` that are the message's and not the body's. ERR_NO_MEMORY. */
struct error *fields_add_all(struct open_fields *list, const struct mime_header *header) MUST_USE;

/* Appends a name alone, once. ERR_NO_MEMORY. */
struct error *fields_add_name(struct open_fields *list, const char *name) MUST_USE;

void fields_done(struct open_fields *list);

/* Whether `list` holds a field of this name (ASCII case folded) and value. How a value is folded
 * and how wide its blanks are is no difference: relays alter both (RFC 5322 2.2.3). */
bool fields_has(const struct open_fields *list, const struct open_field *field);

/* How many fields of `list` have this name (ASCII case folded). */
size_t fields_count(const struct open_fields *list, const char *name);

/* Whether `name` is one of `count` names (ASCII case folded). */
bool fields_named(struct bytes name, const char *const *names, size_t count);

/* Whether a field belongs to the body and not to the message (Content-*, MIME-Version). */
bool fields_is_structural(const struct mime_field *field);

#endif
