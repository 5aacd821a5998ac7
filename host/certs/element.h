/* One element of DER at a time, for the few places where NSS's decoder is too lenient or too
 * strict. Internal to certs. */
#ifndef SEALPOST_CERTS_ELEMENT_H
#define SEALPOST_CERTS_ELEMENT_H

#include "base/bytes.h"

/* Takes the first element off `rest`: its identifier octet and its content, a view into `rest`.
 * False, `rest` being unchanged, where there is none: nothing left, a tag number above 30, a length
 * that is indefinite, of more than three octets or beyond the end. */
bool element_take(struct bytes *rest, uint8_t *ret_tag, struct bytes *ret_content);

/* Appends an element. ERR_NO_MEMORY; ERR_MESSAGE_TOO_LARGE for a content of 64 KiB or more. */
struct error *element_append(struct buffer *out, uint8_t tag, struct bytes content) MUST_USE;

#endif
