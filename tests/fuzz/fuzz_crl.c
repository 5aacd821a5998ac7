/* Two octets with the length of a certificate, the certificate, and a CRL held against it, as if
 * its signature were good. */
#include "certs/crl_read.h"

#include <nss.h>
#include <stdlib.h>

static void ask(struct crl *crl, const struct cert *cert)
{
    int64_t since = 0;
    (void)crl_read_is_foreign(crl);
    (void)crl_read_is_of_issuer(crl, cert);
    (void)crl_read_is_indirect_for(crl, cert);
    (void)crl_read_is_signed_by(crl, cert);
    (void)crl_read_covers(crl, cert, crl_read_produced_at(crl));
    (void)crl_read_find(crl, cert, &since);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!NSS_IsInitialized() && NSS_NoDB_Init(NULL) != SECSuccess) {
        abort();
    }
    if (size < 2) {
        return 0;
    }
    struct bytes input = { data, size };
    size_t length = (size_t)data[0] << 8 | data[1];
    struct cert *cert = NULL;
    struct crl *crl = NULL;
    error_free(cert_from_der(bytes_slice(input, 2, length), &cert));
    if (cert) {
        error_free(crl_read(bytes_slice(input, 2 + length, SIZE_MAX), &crl));
    }
    if (crl) {
        ask(crl, cert);
    }
    crl_read_free(crl);
    cert_unref(cert);
    return 0;
}
