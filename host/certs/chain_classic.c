#include "certs/chain_classic.h"

#include "base/limits.h"
#include "certs/chain_path.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <secerr.h>
#include <secoidt.h>

/* What a CA can say about policies, and the older code does not look at. */
static const int policy_rules[] = {
    SEC_OID_X509_POLICY_CONSTRAINTS,
    SEC_OID_X509_POLICY_MAPPINGS,
    SEC_OID_X509_INHIBIT_ANY_POLICY,
};

static bool sets_policy_rules(const struct cert *cert)
{
    bool found = false;
    for (size_t i = 0; !found && i < ARRAY_SIZE(policy_rules); i++) {
        SECItem extension = { .type = siBuffer };
        found =
            CERT_FindCertExtension(cert_decoded(cert), policy_rules[i], &extension) == SECSuccess;
        SECITEM_FreeItem(&extension, PR_FALSE);
    }
    return found;
}

bool chain_classic_must(const struct chain_request *request, const struct chain_question *question)
{
    return request->purpose == CHAIN_ENCRYPT && !question->ca &&
           cert_key_type(question->cert) == CERT_KEY_X25519;
}

/* With a log NSS goes on after what is wrong: the path is right where the keyUsage of the
 * certificate itself is all that was found, and that is one which may agree on keys. */
static bool is_accepted_but_for_usage(CERTCertificate *certificate, const struct cert *cert,
                                      int64_t at)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    CERTVerifyLog log = { .arena = arena };
    if (!arena || (cert_usages(cert) & CERT_USAGE_ENCRYPT) == 0) {
        return false;
    }
    (void)CERT_VerifyCert(CERT_GetDefaultCertDB(), certificate, PR_TRUE, certUsageEmailRecipient,
                          at, NULL, &log);
    bool right =
        log.count == 1 && log.head->depth == 0 && log.head->error == SEC_ERROR_INADEQUATE_KEY_USAGE;
    for (CERTVerifyLogNode *node = log.head; node; node = node->next) {
        nss_cert_free(node->cert);
    }
    PORT_SetError(right ? 0 : SEC_ERROR_UNTRUSTED_ISSUER);
    return right;
}

static bool is_accepted(const struct chain_request *request, const struct chain_question *question,
                        int64_t at)
{
    SECCertificateUsage usage = request->purpose == CHAIN_SIGN ? certificateUsageEmailSigner
                                                               : certificateUsageEmailRecipient;
    CLEANUP(nss_cert_free) CERTCertificate *certificate = cert_connect(question->cert);
    if (certificate && chain_classic_must(request, question)) {
        return is_accepted_but_for_usage(certificate, question->cert, at);
    }
    return certificate && CERT_VerifyCertificate(CERT_GetDefaultCertDB(), certificate, PR_TRUE,
                                                 usage, at, NULL, NULL, NULL) == SECSuccess;
}

static struct error *add_issuer(const struct chain_request *request, const struct cert *cert,
                                int64_t at, struct cert_list *path)
{
    SECCertUsage usage =
        request->purpose == CHAIN_SIGN ? certUsageEmailSigner : certUsageEmailRecipient;
    CLEANUP(nss_cert_free) CERTCertificate *certificate = cert_connect(cert);
    CLEANUP(nss_cert_free)
    CERTCertificate *issuer = certificate ? CERT_FindCertIssuer(certificate, at, usage) : NULL;
    return issuer ? chain_path_add(request, issuer, path) : NULL;
}

/* The same issuers that NSS has taken, up to the first that is trusted. */
static struct error *collect(const struct chain_request *request,
                             const struct chain_question *question, int64_t at,
                             struct cert_list *path)
{
    TRY(cert_list_add(path, question->cert));
    while (path->count < LIMIT_CHAIN) {
        const struct cert *last = path->items[path->count - 1];
        size_t before = path->count;
        enum chain_trust trust = chain_path_trust(last);
        if (trust == CHAIN_TRUST_ANCHOR || (trust == CHAIN_TRUST_PEER && path->count == 1)) {
            return NULL;
        }
        TRY(add_issuer(request, last, at, path));
        if (path->count == before) {
            return NULL;
        }
    }
    return NULL;
}

static bool holds(const struct cert_list *path)
{
    size_t last = path->count - 1;
    for (size_t i = 0; i < last; i++) {
        const struct cert *issuer = path->items[i + 1];
        bool anchor = i + 1 == last;
        if (!chain_path_is_signed_by(path->items[i], issuer) || sets_policy_rules(issuer) ||
            (!anchor && (cert_usages(issuer) & CERT_USAGE_CA) == 0)) {
            return false;
        }
    }
    return !sets_policy_rules(path->items[0]);
}

struct error *chain_classic_ask(const struct chain_request *request,
                                const struct chain_question *question, struct cert_list *path,
                                int *ret_number)
{
    if (question->anchor || question->ca) {
        *ret_number = SEC_ERROR_UNTRUSTED_ISSUER;
        return NULL;
    }
    int64_t at = chain_pkix_time(question->at);
    if (!is_accepted(request, question, at)) {
        int number = nss_error_number();
        *ret_number = number != 0 ? number : SEC_ERROR_UNTRUSTED_CERT;
        return NULL;
    }
    struct cert_list found = { 0 };
    struct error *error = collect(request, question, at, &found);
    *ret_number = !error && holds(&found) ? 0 : SEC_ERROR_UNTRUSTED_ISSUER;
    for (size_t i = 0; !error && *ret_number == 0 && i < found.count; i++) {
        error = cert_list_add(path, found.items[i]);
    }
    cert_list_done(&found);
    return error;
}
