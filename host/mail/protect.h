/* Making the complete messages to send: signed, encrypted or both, one for To and Cc, one for each
 * blind recipient, one for the sender's own folder. Nothing is ever sent in clear because
 * encryption failed: any doubt is an error. */
#ifndef SEALPOST_MAIL_PROTECT_H
#define SEALPOST_MAIL_PROTECT_H

#include "base/content.h"
#include "certs/cert.h"
#include "cms/algorithms.h"
#include "mail/context.h"
#include "policy/policy.h"

enum protect_form { FORM_AUTO, FORM_DETACHED, FORM_OPAQUE };
enum protect_route {
    ROUTE_GENERIC,
    ROUTE_GMAIL,
    ROUTE_GRAPH,
    ROUTE_JMAP,
    ROUTE_ROUNDCUBE,
    ROUTE_SMTP
};

struct protect_recipient {
    const char *address;
    const char *certificate; /* id; NULL: chosen */
};

/* All borrowed. */
struct protect_request {
    struct mapping *owner; /* holds `message` */
    struct bytes message; /* RFC 5322 with From and the body as MIME */
    bool sign;
    const char *signer; /* certificate id; NULL: chosen by From */
    enum protect_form form;
    bool encrypt;
    const struct protect_recipient *recipients; /* wishes for addresses of the header */
    size_t recipient_count;
    enum cms_cipher cipher; /* CMS_CIPHER_UNKNOWN: chosen */
    bool to_self; /* main is encrypted to the sender, too; his own copy always is */
    enum protect_route route;
    enum policy_headers headers; /* HEADERS_CONFIDENTIAL only with `encrypt` */
    bool legacy_display; /* a hidden subject stands in the text as well, for old readers */
    /* No key of the user's is touched and no message comes out, only its size. The copies are made
     * as ever, with zeros in place of the signature. The size is exact, except that with an ECDSA
     * or DSA key, whose signatures vary in length, it is the most that it can be (PROTOCOL.md). */
    bool dry_run;
};

enum copy_role { COPY_MAIN, COPY_BCC, COPY_SENT };

struct protect_copy {
    enum copy_role role;
    char *from; /* envelope; owned */
    char **to; /* envelope; owned */
    size_t to_count;
    struct content *content; /* owned; NULL in a dry run */
    size_t size; /* bytes; of a dry run: see protect_request */
    enum cms_cipher cipher; /* CMS_CIPHER_UNKNOWN: not encrypted */
};

struct protect_encrypted_to {
    char *address; /* owned */
    struct cert *cert; /* owned */
};

struct protect_result {
    struct protect_copy *copies;
    size_t copy_count;
    struct cert *signed_with; /* owned; NULL: not signed */
    struct protect_encrypted_to *encrypted_to;
    size_t encrypted_to_count;
    enum cms_cipher cipher; /* of the first copy; CMS_CIPHER_UNKNOWN: not encrypted */
    enum protect_form form; /* of the outermost layer */
    enum policy_headers headers; /* of the header, what was done */
    const char *warnings[8]; /* static words; NULL behind the last */
};

/* ERR_MESSAGE_MALFORMED (no From, more than one, addresses that can't be read, ambiguous MIME),
 * ERR_CERTIFICATE_UNKNOWN (an id that was named), ERR_KEY_ABSENT and ERR_CERTIFICATE_UNUSABLE (no
 * certificate to sign with), ERR_RECIPIENT_MISSING and ERR_RECIPIENT_UNUSABLE with the path
 * "recipients[n]" (n from 0 over To, Cc, Bcc) of the first one and every one by
 * error_get_recipient, the errors of store_key, ERR_MESSAGE_TOO_LARGE,
 * ERR_CANCELLED, ERR_NO_MEMORY, ERR_INTERNAL. */
struct error *protect_message(const struct mail_context *context,
                              const struct protect_request *request,
                              struct protect_result **ret_result) MUST_USE;
void protect_result_free(struct protect_result *result); /* NULL is fine */
DEFINE_CLEANUP(struct protect_result *, protect_result_free);

/* Adds a warning (a static word), once. */
void protect_warn(struct protect_result *result, const char *word);

#endif
