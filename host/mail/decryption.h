/* One EnvelopedData or AuthEnvelopedData opened with the user's keys, or with a password that is
 * asked for: which recipients it has, which of them the user is, and the cleartext. Knows no MIME.
 */
#ifndef SEALPOST_MAIL_DECRYPTION_H
#define SEALPOST_MAIL_DECRYPTION_H

#include "base/content.h"
#include "certs/cert.h"
#include "cms/enveloped.h"
#include "mail/context.h"
#include "policy/words.h"

struct recipient_report {
    enum cms_recipient_type type;
    const char *algorithm; /* wire name, static */
    char *issuer; /* text; owned, NULL where the recipient is named otherwise */
    char *serial; /* hex; owned, NULL likewise */
    char *key_id; /* hex; owned, NULL likewise; of a KEK its keyIdentifier */
    struct cert *cert; /* owned; NULL: not in the databases. One that was not named, but whose key
                        * opened the message, too */
    bool mine; /* the private key, or the secret key, is at hand; or the password was right */
};

struct decryption_report {
    struct recipient_report *recipients;
    size_t recipient_count;
    const struct cms_cipher_info *cipher; /* static; NULL: unknown */
    bool authenticated; /* opened, and an AEAD's tag was right */
    bool decrypted;
    word_set problems; /* no-matching-key, token-locked, pin-cancelled, decryption-failed, … */
    word_set notices; /* cipher-weak, not-authenticated */
    size_t resume; /* not 0: the CMS was spent on one of the user's keys that did not fit, and the
                    * recipient with this number is the next to try, on fresh bytes */
    struct mapping *owner; /* holds the cleartext; owned; NULL unless decrypted */
    struct bytes plain; /* inside owner */
};

/* Opens `cms`, a ContentInfo. `writable` is the mapping it lies in where that may be altered (the
 * CMS is spent afterwards), else NULL. Recipients before `first` are not tried: 0, or `resume` of
 * the report before. That it can't be opened is a report with problems. ERR_CMS_UNSUPPORTED where
 * it is of another type; ERR_CANCELLED, ERR_NO_MEMORY, ERR_INTERNAL. */
struct error *decryption_open(const struct mail_context *context, struct bytes cms,
                              struct mapping *writable, size_t first,
                              struct decryption_report **ret_report) MUST_USE;
void decryption_report_free(struct decryption_report *report); /* NULL is fine */
DEFINE_CLEANUP(struct decryption_report *, decryption_report_free);

#endif
