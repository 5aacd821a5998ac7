#include "certs/chain_pkix.h"

#include "base/clock.h"
#include "certs/chain_classic.h"
#include "certs/chain_path.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <certt.h>
#include <prerror.h>
#include <secerr.h>

enum { MICROSECONDS = 1000000, PARAMETERS = 6, RESULTS = 3, KEPT_SECONDS = 360 };

#define FIRST_SECOND (-62135596800LL) /* 0001-01-01 */
#define LAST_SECOND 253402300799LL /* 9999-12-31 23:59:59, the last moment that ASN.1 can name */

int64_t chain_pkix_time(int64_t seconds)
{
    if (seconds < FIRST_SECOND) {
        seconds = FIRST_SECOND;
    }
    if (seconds > LAST_SECOND) {
        seconds = LAST_SECOND;
    }
    /* 0 would mean "now" to NSS */
    return seconds == 0 ? 1 : seconds * MICROSECONDS;
}

/* Without flags NSS answers SEC_ERROR_INVALID_ARGS; with no methods defined it tests no revocation,
 * and so fetches nothing. */
static const CERTRevocationFlags no_revocation = { 0 };

static SECCertificateUsage usage_of(const struct chain_request *request,
                                    const struct chain_question *question)
{
    if (question->ca) {
        return certificateUsageAnyCA;
    }
    if (question->any) {
        return certificateUsageIPsec; /* the one to which NSS admits anyExtendedKeyUsage */
    }
    return request->purpose == CHAIN_SIGN ? certificateUsageEmailSigner
                                          : certificateUsageEmailRecipient;
}

/* `anchors` NULL: the trust flags of the databases decide. */
static SECStatus call(CERTCertificate *certificate, SECCertificateUsage usage, PRTime at,
                      CERTCertList *anchors, CERTValOutParam *results)
{
    CERTRevocationFlags flags = no_revocation;
    CERTValInParam parameters[PARAMETERS] = {
        { .type = cert_pi_revocationFlags, .value.pointer.revocation = &flags },
        { .type = cert_pi_date, .value.scalar.time = at },
        { .type = cert_pi_useAIACertFetch, .value.scalar.b = PR_FALSE },
        { .type = cert_pi_end },
    };
    if (anchors) {
        parameters[3] =
            (CERTValInParam){ .type = cert_pi_trustAnchors, .value.pointer.chain = anchors };
        parameters[4] =
            (CERTValInParam){ .type = cert_pi_useOnlyTrustAnchors, .value.scalar.b = PR_TRUE };
        parameters[5] = (CERTValInParam){ .type = cert_pi_end };
    }
    return CERT_PKIXVerifyCert(certificate, usage, parameters, results, NULL);
}

static struct error *collect(const struct chain_request *request,
                             const struct chain_question *question, CERTValOutParam *results,
                             struct cert_list *path)
{
    CLEANUP(nss_cert_free) CERTCertificate *anchor = results[0].value.pointer.cert;
    CLEANUP(nss_cert_list_free) CERTCertList *chain = results[1].value.pointer.chain;
    TRY(cert_list_add(path, question->cert));
    if (chain) {
        for (CERTCertListNode *node = CERT_LIST_HEAD(chain); !CERT_LIST_END(node, chain);
             node = CERT_LIST_NEXT(node)) {
            TRY(chain_path_add(request, node->cert, path));
        }
    }
    return anchor ? chain_path_add(request, anchor, path) : NULL;
}

static struct error *list_of(const struct cert *anchor, CERTCertList **ret_list)
{
    CLEANUP(nss_cert_list_free) CERTCertList *list = CERT_NewCertList();
    CERTCertificate *certificate = list ? cert_connect(anchor) : NULL;
    if (!certificate) {
        return error_no_memory();
    }
    if (CERT_AddCertToListTail(list, certificate) != SECSuccess) {
        nss_cert_free(certificate);
        return error_no_memory();
    }
    *ret_list = TAKE_PTR(list);
    return NULL;
}

struct error *chain_pkix_ask(const struct chain_request *request,
                             const struct chain_question *question, struct cert_list *path,
                             int *ret_number)
{
    CERTValOutParam results[RESULTS] = {
        { .type = cert_po_trustAnchor },
        { .type = cert_po_certList },
        { .type = cert_po_end },
    };
    if (chain_classic_must(request, question)) {
        return chain_classic_ask(request, question, path, ret_number);
    }
    CLEANUP(nss_cert_list_free) CERTCertList *anchors = NULL;
    if (question->anchor) {
        TRY(list_of(question->anchor, &anchors));
    }
    CLEANUP(nss_cert_free) CERTCertificate *certificate = cert_connect(question->cert);
    if (!certificate) {
        return error_no_memory();
    }
    if (call(certificate, usage_of(request, question), chain_pkix_time(question->at), anchors,
             results) != SECSuccess) {
        int number = nss_error_number();
        if (number == PR_NOT_IMPLEMENTED_ERROR) {
            return chain_classic_ask(request, question, path, ret_number);
        }
        *ret_number = number != 0 ? number : SEC_ERROR_UNTRUSTED_CERT;
        return NULL;
    }
    *ret_number = 0;
    return collect(request, question, results, path);
}

struct error *chain_pkix_holds(const struct chain_request *request,
                               const struct chain_question *question, const struct cert_list *path,
                               bool *ret_holds)
{
    struct cert_list used = { 0 };
    int number = 0;
    struct error *error = chain_pkix_ask(request, question, &used, &number);
    *ret_holds = !error && number == 0;
    for (size_t i = 0; i < used.count; i++) {
        *ret_holds = *ret_holds && cert_list_find(path, cert_id(used.items[i])) != NULL;
    }
    cert_list_done(&used);
    return error;
}

/* Names that were looked for are kept until a moment; asked about a later one, PKIX drops them. */
struct error *chain_pkix_forget(const struct chain_request *request,
                                const struct chain_question *question)
{
    struct cert_list ignored = { 0 };
    struct chain_question later = *question;
    int number = 0;
    later.at = clock_now() + (int64_t)2 * KEPT_SECONDS;
    struct error *error = chain_pkix_ask(request, &later, &ignored, &number);
    cert_list_done(&ignored);
    return error;
}
