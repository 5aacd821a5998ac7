#include "mail/signing.h"

#include "base/limits.h"
#include "certs/chain.h"
#include "store/store.h"

/* The signer's chain without himself and without the root: a receiver either has the root or must
 * not believe one that comes with the message (RFC 8551 2.3 leaves it out too). */
static struct error *find_chain(const struct mail_context *context, struct cert *signer,
                                struct chain_result **ret_chain)
{
    const struct chain_request request = {
        .cert = signer,
        .purpose = CHAIN_SIGN,
        .at = context->at,
        .policy = context->policy,
    };
    return chain_verify(&request, ret_chain);
}

static bool is_root(const struct cert *cert)
{
    return bytes_equal(cert_issuer_der(cert), cert_subject_der(cert));
}

struct error *signing_make(const struct mail_context *context,
                           const struct signing_request *request, const struct content *content,
                           struct mapping **ret_der)
{
    CLEANUP(chain_result_free) struct chain_result *chain = NULL;
    CLEANUP(store_key_free) struct SECKEYPrivateKeyStr *key = NULL;
    struct CERTCertificateStr *signer = cert_nss(request->signer);
    TRY(find_chain(context, request->signer, &chain));
    if (!request->stand_in) {
        TRY(store_key(context->store, signer, &context->interaction, &key));
    }

    struct CERTCertificateStr *issuers[LIMIT_CHAIN] = { 0 };
    size_t count = 0;
    for (size_t i = 1; i < chain->chain.count && count < LIMIT_CHAIN; i++) {
        if (!is_root(chain->chain.items[i])) {
            issuers[count++] = cert_nss(chain->chain.items[i]);
        }
    }
    const struct cms_sign_request sign = {
        .certificate = signer,
        .key = key,
        .chain = issuers,
        .chain_count = count,
        .digest = request->digest,
        .scheme = request->scheme,
        .detached = request->detached,
        .signing_time = request->signing_time,
        .encryption_certificate = request->encryption ? cert_nss(request->encryption) : NULL,
        .stand_in = request->stand_in,
        .task = context->interaction.task,
    };
    return cms_signed_make(&sign, content, ret_der);
}
