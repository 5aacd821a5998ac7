#include "certs/chain_classic.h"

#include "base/limits.h"
#include "certs/cert_key.h"
#include "certs/chain_path.h"
#include "certs/chain_policies.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <secerr.h>
#include <secoidt.h>

bool chain_classic_must(const struct chain_request *request, const struct chain_question *question)
{
    return request->purpose == CHAIN_ENCRYPT && !question->ca &&
           cert_key_type(question->cert) == CERT_KEY_X25519;
}

/* Whether all critical extensions that NSS does not know are the rules on policies, which are
 * judged here. */
static bool only_policies_are_unknown(const CERTCertificate *certificate)
{
    for (CERTCertExtension **at = certificate->extensions; at && *at; at++) {
        const SECOidData *known = SECOID_FindOID(&(*at)->id);
        struct bytes critical = item_bytes(&(*at)->critical);
        bool is_critical = critical.len > 0 && critical.data[0] != 0;
        if (!is_critical || (known && known->supportedExtension == SUPPORTED_CERT_EXTENSION)) {
            continue;
        }
        switch (known ? known->offset : SEC_OID_UNKNOWN) {
        case SEC_OID_X509_POLICY_CONSTRAINTS:
        case SEC_OID_X509_POLICY_MAPPINGS:
        case SEC_OID_X509_INHIBIT_ANY_POLICY:
            break;
        default:
            return false;
        }
    }
    return true;
}

/* What NSS found wrong and is no fault: the keyUsage of an X25519 certificate itself, where it is
 * one that may agree on keys; its extKeyUsage, where that allows any (RFC 8550 4.4.4); and rules on
 * policies. */
static bool is_excused(const struct chain_request *request, const struct chain_question *question,
                       const CERTVerifyLogNode *node)
{
    switch (node->error) {
    case SEC_ERROR_INADEQUATE_KEY_USAGE:
        return node->depth == 0 && chain_classic_must(request, question) &&
               (cert_usages(question->cert) & CERT_USAGE_ENCRYPT) != 0;
    case SEC_ERROR_INADEQUATE_CERT_TYPE:
        return node->depth == 0 && cert_key_is_for_any(cert_decoded(question->cert));
    case SEC_ERROR_UNKNOWN_CRITICAL_EXTENSION:
        return node->cert && only_policies_are_unknown(node->cert);
    default:
        return false;
    }
}

/* With a log NSS goes on after what is wrong: the path is right where all that was found is
 * excused. */
static bool is_accepted_but(const struct chain_request *request,
                            const struct chain_question *question, CERTCertificate *certificate,
                            int64_t at)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    CERTVerifyLog log = { .arena = arena };
    SECCertUsage usage =
        request->purpose == CHAIN_SIGN ? certUsageEmailSigner : certUsageEmailRecipient;
    if (!arena) {
        return false;
    }
    (void)CERT_VerifyCert(CERT_GetDefaultCertDB(), certificate, PR_TRUE, usage, at, NULL, &log);
    bool right = log.count > 0;
    for (CERTVerifyLogNode *node = log.head; node; node = node->next) {
        right = right && is_excused(request, question, node);
        nss_cert_free(node->cert);
    }
    return right;
}

static bool is_accepted(const struct chain_request *request, const struct chain_question *question,
                        int64_t at)
{
    SECCertificateUsage usage = request->purpose == CHAIN_SIGN ? certificateUsageEmailSigner
                                                               : certificateUsageEmailRecipient;
    CLEANUP(nss_cert_free) CERTCertificate *certificate = cert_connect(question->cert);
    if (!certificate) {
        return false;
    }
    if (CERT_VerifyCertificate(CERT_GetDefaultCertDB(), certificate, PR_TRUE, usage, at, NULL, NULL,
                               NULL) == SECSuccess) {
        return true;
    }
    int number = nss_error_number();
    bool right = is_accepted_but(request, question, certificate, at);
    PORT_SetError(number);
    return right;
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

/* At names that it cannot read NSS ends its walk without a word in the log: there none of what
 * stands above, name constraints first of all, was looked at. */
static bool names_are_readable(const struct cert *cert)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    return arena && CERT_GetCertificateNames(cert_decoded(cert), arena);
}

static bool holds(const struct cert_list *path)
{
    size_t last = path->count - 1;
    for (size_t i = 0; i < last; i++) {
        const struct cert *issuer = path->items[i + 1];
        bool anchor = i + 1 == last;
        if (!names_are_readable(path->items[i]) ||
            !chain_path_is_signed_by(path->items[i], issuer) ||
            (!anchor && (cert_usages(issuer) & CERT_USAGE_CA) == 0)) {
            return false;
        }
    }
    return chain_policies_hold(path);
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
