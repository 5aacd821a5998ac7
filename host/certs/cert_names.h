/* The names of a certificate as text: distinguished names and e-mail addresses. Internal to certs;
 * what callers see stands in cert.h. */
#ifndef SEALPOST_CERTS_CERT_NAMES_H
#define SEALPOST_CERTS_CERT_NAMES_H

#include "base/bytes.h"

struct CERTCertificateStr;
struct CERTNameStr;

/* An owned list of strings. */
struct cert_addresses {
    char **items;
    size_t count;
};

/* RFC 4514 text in valid UTF-8 without control characters, freed with free(). A name that NSS can't
 * write becomes the empty string. ERR_NO_MEMORY. */
struct error *cert_names_text(struct CERTNameStr *name, char **ret_text) MUST_USE;

/* Whether two names, given decoded and as DER, are the same (RFC 5280 7.1). Mostly they agree octet
 * by octet; the full comparison takes time that grows with the square of the length, so above
 * LIMIT_NAME other than identical names differ. */
bool cert_names_equal(struct CERTNameStr *a, struct bytes a_der, struct CERTNameStr *b,
                      struct bytes b_der);

/* The addresses by the rules of cert.h, into `addresses`, which is empty before. ERR_NO_MEMORY. */
struct error *cert_names_addresses(struct CERTCertificateStr *certificate,
                                   struct cert_addresses *addresses) MUST_USE;
void cert_names_done(struct cert_addresses *addresses);

#endif
