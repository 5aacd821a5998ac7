/* Parses input as SignedData, digests it and checks each signer with the first certificate that
 * NSS can read in it. */
#include "cms/signed.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <nss.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static CERTCertificate *find_certificate(const struct cms_signed *message)
{
    for (size_t i = 0; i < cms_signed_certificate_count(message); i++) {
        SECItem item = { 0 };
        if (!item_set(&item, cms_signed_certificate(message, i))) {
            continue;
        }
        CERTCertificate *certificate =
            CERT_NewTempCertificate(CERT_GetDefaultCertDB(), &item, NULL, PR_FALSE, PR_TRUE);
        if (certificate) {
            return certificate;
        }
    }
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(cms_signed_free) struct cms_signed *message = NULL;
    if (!NSS_IsInitialized() && NSS_NoDB_Init(NULL) != SECSuccess) {
        abort();
    }
    CLEANUP(error_free)
    struct error *error = cms_signed_parse((struct bytes){ data, size }, &message);
    if (error) {
        return 0;
    }
    CLEANUP(error_free) struct error *not_digested = cms_signed_digest(message, NULL, NULL);
    CLEANUP(nss_cert_free) CERTCertificate *certificate = find_certificate(message);
    for (size_t i = 0; !not_digested && certificate && i < cms_signed_signer_count(message); i++) {
        word_set problems = WORDS_NONE;
        bool checked = false;
        error_free(cms_signed_check(message, i, certificate, &problems, &checked));
    }
    return 0;
}
