/* The first part of a multipart/signed against its signature: which bytes that is over, and where
 * it is not right over them, whether it would be right without what relays do to text. */
#ifndef SEALPOST_MAIL_COVERED_H
#define SEALPOST_MAIL_COVERED_H

#include "mail/signature.h"
#include "mime/tree.h"

/* Verifies `cms` (as signature_verify) over `part`, to the byte as it came; only where all line
 * ends of it and the multipart are LF, as Unix stores mail, over its canonical form (RFC
 * 8551 3.1.1). Where the signature is wrong over that and right over the text restored
 * (mime/restore.h), `ret_altered` has the word that says what happened, else none; the report stays
 * that of a wrong signature. Text over LIMIT_RESTORED and binary content are not looked at in that
 * way. Errors as signature_verify. */
struct error *covered_verify(const struct mail_context *context, const struct mime_entity *part,
                             struct bytes cms, word_set *ret_altered,
                             struct signature_report **ret_report) MUST_USE;

/* The bytes that a signature over `part` is checked against: those of the part, or a canonical form
 * in a mapping of its own, which then comes back with one reference. ERR_NO_MEMORY,
 * ERR_MESSAGE_TOO_LARGE. */
struct error *covered_bytes(const struct mime_entity *part, struct mapping **ret_canonical,
                            struct bytes *ret_covered) MUST_USE;

#endif
