/* The X.509 extensions (RFC 5280 4.2) of the certificates that trial.c makes. */
#ifndef SEALPOST_STORE_TRIAL_EXTENSIONS_H
#define SEALPOST_STORE_TRIAL_EXTENSIONS_H

#include "base/error.h"
#include "store/trial.h"

struct CERTCertificateStr;

/* Adds to `certificate`, which has its public key, all extensions that fit `subject`; `issuer` is
 * the authority's certificate, or NULL for a self-signed one. ERR_INTERNAL. */
struct error *trial_extensions_add(struct CERTCertificateStr *certificate,
                                   const struct trial_subject *subject,
                                   struct CERTCertificateStr *issuer) MUST_USE;

#endif
