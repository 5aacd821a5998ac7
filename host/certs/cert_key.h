/* What a certificate's key is and what it may be used for. Internal to certs; what callers see
 * stands in cert.h. */
#ifndef SEALPOST_CERTS_CERT_KEY_H
#define SEALPOST_CERTS_CERT_KEY_H

#include "certs/cert.h"

#include <stdbool.h>

struct cert_key {
    enum cert_key_type type;
    unsigned bits; /* 0 where NSS can't read the key */
};

struct cert_key cert_key_of(struct CERTCertificateStr *certificate);

/* Bits of enum cert_usage by basicConstraints, keyUsage, extKeyUsage (RFC 8550 section 4.4) and
 * Netscape's certificate type where there is no extKeyUsage. An extension that can't be read allows
 * nothing. */
unsigned cert_key_usages(struct CERTCertificateStr *certificate, enum cert_key_type type);

/* Whether extKeyUsage, and Netscape's certificate type where there is none, leave mail allowed to a
 * person or to a CA. */
bool cert_key_is_for_mail(struct CERTCertificateStr *certificate);

/* Whether there is an extKeyUsage that does not allow mail, whatever Netscape's type says. */
bool cert_key_forbids_mail(struct CERTCertificateStr *certificate);

/* Whether extKeyUsage allows mail by anyExtendedKeyUsage alone. */
bool cert_key_is_for_any(struct CERTCertificateStr *certificate);

/* RFC 3279 2.3.2: a DSA key whose parameters are left out has those of its issuer's DSA key. */
bool cert_key_lacks_parameters(const struct CERTCertificateStr *certificate);
/* Gives the key of `certificate`, which is the caller's alone, the parameters of `issuer`'s; false
 * where that has none to give. ERR_NO_MEMORY. */
struct error *cert_key_inherit(struct CERTCertificateStr *certificate,
                               const struct CERTCertificateStr *issuer, bool *ret_done) MUST_USE;

#endif
