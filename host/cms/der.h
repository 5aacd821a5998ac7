/* A writer of DER (X.690 10 and 11). Values are built from the inside out into buffers, or, for a
 * message's outer shell, as headers whose lengths are known beforehand. ERR_NO_MEMORY,
 * ERR_MESSAGE_TOO_LARGE throughout. */
#ifndef SEALPOST_CMS_DER_H
#define SEALPOST_CMS_DER_H

#include "base/bytes.h"

/* Bytes that identifier and length octets take for `len` bytes of contents. */
size_t der_header_size(size_t len);
/* `len` plus its header. */
size_t der_value_size(size_t len);

struct error *der_header(struct buffer *out, unsigned tag, size_t len) MUST_USE;
struct error *der_value(struct buffer *out, unsigned tag, struct bytes contents) MUST_USE;
/* Wraps everything from offset `start` of `out` on into one value with `tag`. */
struct error *der_wrap(struct buffer *out, size_t start, unsigned tag) MUST_USE;
struct error *der_small_integer(struct buffer *out, uint64_t number) MUST_USE;
/* UTCTime from 1950 to 2049, else GeneralizedTime (RFC 5652 11.3). ERR_INTERNAL outside the years 0
 * to 9999. */
struct error *der_time(struct buffer *out, int64_t seconds) MUST_USE;
/* SET OF: wraps the values from `start` on as a SET, sorted as X.690 11.6 asks. ERR_INTERNAL where
 * they are no values. */
struct error *der_wrap_set_of(struct buffer *out, size_t start, unsigned tag) MUST_USE;

#endif
