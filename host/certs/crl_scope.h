/* The scope of a CRL: its extensions, and the distribution points of certificates that they are
 * held against (RFC 5280 4.2.1.13, 5.2, 5.3). Internal to certs. */
#ifndef SEALPOST_CERTS_CRL_SCOPE_H
#define SEALPOST_CERTS_CRL_SCOPE_H

#include "certs/cert.h"

struct CERTCertExtensionStr;
struct CERTNameStr;
struct PLArenaPool;

/* ReasonFlags (RFC 5280 4.2.1.13) as bits: the first octet's, then aACompromise of the second. The
 * unused bit of the first is nobody's. */
#define CRL_ALL_REASONS 0x7f80U

struct crl_scope {
    bool not_understood; /* a critical extension is unknown, or one of ours can't be read */
    bool delta;
    bool indirect;
    bool only_users;
    bool only_cas;
    bool only_attributes;
    unsigned reasons; /* that the CRL holds: CRL_ALL_REASONS unless it names some */
    struct buffer *points; /* CRLDistributionPoints made of the IDP's name; NULL: it has none */
};

/* From a CRL's extensions (NULL-terminated, NULL: none), into `scope`, which is empty before.
 * ERR_NO_MEMORY. */
struct error *crl_scope_read(struct CERTCertExtensionStr **extensions, struct crl_scope *scope)
    MUST_USE;
void crl_scope_done(struct crl_scope *scope);

/* The reasons of revocation for which the scope holds `cert` (RFC 5280 6.3.3 (d)), bits of
 * CRL_ALL_REASONS; 0: it does not hold it. `own_issuer`: the CRL's issuer is the certificate's. */
unsigned crl_scope_covers(const struct crl_scope *scope, const struct cert *cert, bool own_issuer);

/* Whether `name`, whose DER is `der`, is the cRLIssuer of one of `cert`'s distribution points. */
bool crl_scope_names_issuer(const struct cert *cert, struct CERTNameStr *name, struct bytes der);

/* Whether an entry with these extensions is one of `cert`'s issuer; `before` is the answer for the
 * entry before, which stands where this one names no issuer. */
bool crl_scope_entry_issuer(struct CERTCertExtensionStr **extensions, const struct cert *cert,
                            struct PLArenaPool *arena, bool before);

#endif
