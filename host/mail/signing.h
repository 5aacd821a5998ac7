/* Signing with a certificate of the user's: its chain is found, its key fetched from the token,
 * both handed to cms. Knows no MIME: what is signed are bytes, what comes out is CMS. */
#ifndef SEALPOST_MAIL_SIGNING_H
#define SEALPOST_MAIL_SIGNING_H

#include "base/content.h"
#include "certs/cert.h"
#include "cms/signed.h"
#include "mail/context.h"

/* All borrowed. */
struct signing_request {
    struct cert *signer;
    struct cert *encryption; /* see cms_sign_request; NULL: none is named */
    enum cms_digest digest; /* CMS_DIGEST_UNKNOWN: by the key's strength */
    enum cms_sign_scheme scheme;
    bool detached;
    int64_t signing_time; /* seconds since the epoch, UTC */
    bool stand_in; /* see cms_sign_request: no key is touched and nothing is signed */
};

/* Signs; the signer's chain is included as far as it is known, without the root. The chain is not
 * judged here. Errors of store_key and cms_signed_make. */
struct error *signing_make(const struct mail_context *context,
                           const struct signing_request *request, const struct content *content,
                           struct mapping **ret_der) MUST_USE;

#endif
