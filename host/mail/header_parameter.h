/* Writes one parameter of a Content-Type field and leaves everything else in it as it is. */
#ifndef SEALPOST_MAIL_HEADER_PARAMETER_H
#define SEALPOST_MAIL_HEADER_PARAMETER_H

#include "base/bytes.h"

/* Appends `field` (a whole Content-Type field with CRLF line ends) to `out` with the parameter
 * `name` set to `value`, in quotes, on a line of its own at the end. A parameter that has this name
 * already, in whatever form (RFC 2231 too), is left out: two of them would be read by some programs
 * one way and by some the other. Errors as buffer_append. */
struct error *header_parameter_set(struct bytes field, const char *name, const char *value,
                                   struct buffer *out) MUST_USE;

#endif
