#include "certs/stored.h"

#include "nss/nss_scope.h"

#include <cert.h>
#include <certdb.h>
#include <pk11pub.h>

enum stored_trust stored_trust_of(const struct cert *cert)
{
    CERTCertTrust trust = { 0 };
    if (CERT_GetCertTrust(cert_nss(cert), &trust) != SECSuccess) {
        return STORED_TRUST_NONE;
    }
    unsigned flags = trust.emailFlags;
    if (flags & CERTDB_TRUSTED_CA) {
        return STORED_TRUST_CA;
    }
    if ((flags & CERTDB_TERMINAL_RECORD) && (flags & CERTDB_TRUSTED)) {
        return STORED_TRUST_PEER;
    }
    /* a terminal record without trust says that nobody may be believed for it */
    return flags & CERTDB_TERMINAL_RECORD ? STORED_TRUST_DISTRUST : STORED_TRUST_NONE;
}

struct error *stored_token(const struct cert *cert, char **ret_token)
{
    const CERTCertificate *certificate = cert_nss(cert);
    const char *name = certificate->slot ? PK11_GetTokenName(certificate->slot) : NULL;
    *ret_token = NULL;
    return name ? bytes_to_string(bytes_of_string(name), ret_token) : NULL;
}

word_set stored_problems(const struct cert *cert, int64_t at)
{
    if (at > cert_not_after(cert)) {
        return WORD_BIT(WORD_CERTIFICATE_EXPIRED);
    }
    return at < cert_not_before(cert) ? WORD_BIT(WORD_CERTIFICATE_NOT_YET_VALID) : WORDS_NONE;
}
