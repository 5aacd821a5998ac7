/* A certificate of a message: decoded, asked for all it says, and its path looked for. */
#include "certs/chain.h"
#include "certs/chain_policies.h"
#include "certs/match.h"

#include <nss.h>
#include <stdlib.h>

static void ask(struct cert *cert)
{
    struct policy policy = policy_default();
    struct cert_list extra = { 0 };
    struct chain_request request = {
        .cert = cert, .extra = &extra, .at = 1800000000, .policy = &policy
    };
    struct chain_result *result = NULL;
    error_free(cert_list_add(&extra, cert));
    error_free(cert_list_add(&extra, cert));
    if (extra.count > 0) {
        (void)chain_policies_hold(&extra);
    }
    error_free(chain_verify(&request, &result));
    if (result && result->problems == WORDS_NONE) {
        abort(); /* nothing is trusted here */
    }
    chain_result_free(result);
    cert_list_done(&extra);
    for (size_t i = 0; i < cert_address_count(cert); i++) {
        (void)match_certificate(cert, cert_address(cert, i));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!NSS_IsInitialized() && NSS_NoDB_Init(NULL) != SECSuccess) {
        abort();
    }
    struct cert *cert = NULL;
    struct error *error = cert_from_der((struct bytes){ data, size }, &cert);
    error_free(error);
    if (cert) {
        ask(cert);
    }
    cert_unref(cert);
    return 0;
}
