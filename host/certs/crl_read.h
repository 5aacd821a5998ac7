/* One CRL, decoded by NSS within LIMIT_CRL, and the questions that crl.c asks of it. Internal to
 * certs; verifies and judges nothing. */
#ifndef SEALPOST_CERTS_CRL_READ_H
#define SEALPOST_CERTS_CRL_READ_H

#include "certs/cert.h"

struct CERTSignedCrlStr;
struct crl;

/* What stands before the entries, which are decoded only when crl_read_find asks: the caller has
 * checked the signature by then. NULL where the CRL is too large or can't be read: that is no
 * error, it tells nothing. `der` is borrowed and outlives the CRL. ERR_NO_MEMORY. */
struct error *crl_read(struct bytes der, struct crl **ret_crl) MUST_USE;
void crl_read_free(struct crl *crl); /* NULL is fine */
DEFINE_CLEANUP(struct crl *, crl_read_free);

/* Issued by the issuer that `cert` names. */
bool crl_read_is_of_issuer(const struct crl *crl, const struct cert *cert);
/* An indirect CRL whose issuer is the cRLIssuer of one of `cert`'s distribution points. */
bool crl_read_is_indirect_for(const struct crl *crl, const struct cert *cert);
/* `cert` has the name that issued the CRL ... */
bool crl_read_is_named_by(const struct crl *crl, const struct cert *cert);
/* ... and its key made the signature. */
bool crl_read_is_signed_by(const struct crl *crl, const struct cert *cert);
/* Its scope is attribute certificates, whose serial numbers are others. */
bool crl_read_is_foreign(const struct crl *crl);
/* The reasons of revocation (crl_scope.h) for which the CRL would list `cert`; 0 unless it is
 * complete, understood in all that is critical, fresh at `at` and with `cert` in its scope. */
unsigned crl_read_covers(const struct crl *crl, const struct cert *cert, int64_t at);
int64_t crl_read_produced_at(const struct crl *crl); /* thisUpdate, seconds since the epoch, UTC */

enum crl_entry {
    CRL_ENTRY_UNREADABLE,
    CRL_ENTRY_NONE,
    CRL_ENTRY_REVOKED,
    CRL_ENTRY_HELD,
    CRL_ENTRY_REMOVED
};

/* What the CRL's last entry for `cert` says; `ret_since` is its revocation date. */
enum crl_entry crl_read_find(struct crl *crl, const struct cert *cert, int64_t *ret_since);

#endif
