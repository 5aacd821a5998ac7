/* From and Sender of a message against the certificates of a signature (RFC 8550 3): which signer
 * the claimed author is, and the words that keep a verdict from being good. */
#ifndef SEALPOST_MAIL_ADDRESS_H
#define SEALPOST_MAIL_ADDRESS_H

#include "mail/signature.h"
#include "mime/address.h"

/* Sets `match` of every signer (`report` may be NULL; of From's and Sender's addresses the first
 * LIMIT_CLAIMED are compared) and gives the words about addresses:
 * address-missing (no From, an unreadable one, or a certificate without any address), multiple-from
 * (several addresses, a group, or several From fields), address-mismatch, mixed-scripts (A-labels
 * count as what they stand for), name-misleading (the text around the address holds one that is
 * neither From's nor the signer's; said where no other word is). `ret_claimed` is From's address,
 * with A-labels where scripts mix, owned by the caller, NULL unless there is exactly one.
 * ERR_NO_MEMORY, ERR_MESSAGE_MALFORMED. */
struct error *address_check(const struct mime_header *header, struct signature_report *report,
                            word_set *ret_words, char **ret_claimed) MUST_USE;

/* Makes addresses in `*text`, which is the decoded text of `field` (called `name`) and owned by the
 * caller, such that letters of mixed scripts stand there as A-labels. ERR_NO_MEMORY. */
struct error *address_show(const struct mime_field *field, const char *name, char **text) MUST_USE;

/* Whether the From fields inside a protected entity say the same as the message's: header-mismatch
 * where they don't. No From inside: nothing to say. Errors as above. */
struct error *address_check_protected(const struct mime_header *outer,
                                      const struct mime_header *inner, word_set *ret_words)
    MUST_USE;

#endif
