/* Encrypting bytes for certificates, for the holder of a secret key and under a password that is
 * asked for: what cms.encrypt does. Knows no MIME; what mail is encrypted to is mail/seal's. */
#ifndef SEALPOST_MAIL_ENCRYPTING_H
#define SEALPOST_MAIL_ENCRYPTING_H

#include "base/content.h"
#include "certs/cert.h"
#include "cms/enveloped.h"
#include "mail/context.h"

/* All borrowed. */
struct encrypting_request {
    const struct cert_list *recipients; /* may be empty where there is another way */
    struct cms_recipient_way way; /* of all of them, as far as it is one for their keys */
    struct bytes secret_key; /* CKA_ID or nickname of a token's AES key; empty: none */
    bool password; /* a new password is asked for */
    enum cms_cipher cipher;
};

/* Encrypts. The certificates are not judged here. Errors of cms_enveloped_make, of store_secret_key
 * and of password_ask_new. */
struct error *encrypting_make(const struct mail_context *context,
                              const struct encrypting_request *request,
                              const struct content *content, struct mapping **ret_der) MUST_USE;

#endif
