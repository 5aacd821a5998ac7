/* Evidence: a signed message with all that somebody else needs to check its signatures later, as a
 * ZIP archive, with a report in plain text. Opens the message as message.open does; what it says of
 * the signatures is what was found then, and every file in the archive is listed with its SHA-256.
 *
 * The archive holds: message.eml, the message as it came; report.txt; and for each signature n,
 * outermost first, signature-n.p7s or .p7m (the CMS), signature-n-content.mime (the very bytes that
 * it is over), signature-n-chain.pem (signers and intermediates), signature-n-anchors.pem (where
 * the chain was believed to end; only if it was), signature-n-crls.pem (what the message carried).
 * An encrypted message is decrypted first: its signatures, and the cleartext that they are over,
 * then stand in the archive in the clear, and no key does. */
#ifndef SEALPOST_MAIL_EVIDENCE_H
#define SEALPOST_MAIL_EVIDENCE_H

#include "base/content.h"
#include "mail/context.h"

/* `message` lies in `owner` (both stay unchanged). The same message judged at the same moment by
 * the same databases gives the same bytes. Errors as open_message; ERR_MESSAGE_TOO_LARGE where the
 * archive would be larger than LIMIT_MESSAGE. */
struct error *evidence_make(const struct mail_context *context, struct mapping *owner,
                            struct bytes message, struct content **ret_zip) MUST_USE;

#endif
