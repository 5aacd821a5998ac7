/* What CRLs carried in a message say against the certificates of a path whose signatures were
 * verified up to an anchor. They count for this one judgement only and never enter a cache or a
 * database. Internal to certs; fetches nothing.
 *
 * Anything signed by the issuer (or by a key that the path's CAs certified for CRLs, RFC 5280
 * 6.3.3) may revoke, old CRLs and deltas too. To call a certificate good takes a fresh, complete
 * CRL whose scope (issuingDistributionPoint) covers it, in which all that is critical is
 * understood, and whose key the path has above that certificate; or several that each hold some
 * reasons of revocation and together all of them.
 */
#ifndef SEALPOST_CERTS_CRL_H
#define SEALPOST_CERTS_CRL_H

#include "certs/chain.h"

struct crl_request {
    const struct cert_list *path; /* from the certificate to the anchor */
    const struct cert_list *extra; /* where keys that sign CRLs are looked for; NULL: none */
    const struct bytes *crls; /* DER; one above LIMIT_CRL or that can't be read tells nothing */
    size_t crl_count;
    int64_t at; /* seconds since the epoch, UTC */
    size_t *checks_left; /* as in chain.h */
};

struct crl_verdict {
    /* REVOKED: a certificate of the path is; GOOD: none is and each below the anchor is covered;
     * UNKNOWN: a CRL speaks of the path without settling it; NOT_CHECKED: none speaks of it. */
    enum revocation_status status;
    int64_t produced_at; /* of the oldest CRL that the status rests on; 0: none */
};

/* ERR_NO_MEMORY. */
struct error *crl_judge(const struct crl_request *request, struct crl_verdict *ret_verdict)
    MUST_USE;

#endif
