#include "certs/chain_join.h"

#include "certs/cert_key.h"
#include "certs/chain_path.h"
#include "certs/chain_pkix.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <secoidt.h>

/* What a CA says about more than the certificate directly below it. */
static const int reaching[] = {
    SEC_OID_X509_NAME_CONSTRAINTS,
    SEC_OID_X509_POLICY_CONSTRAINTS,
    SEC_OID_X509_POLICY_MAPPINGS,
    SEC_OID_X509_INHIBIT_ANY_POLICY,
};

static bool has_extension(const struct cert *cert, int tag)
{
    SECItem extension = { .type = siBuffer };
    bool there = CERT_FindCertExtension(cert_decoded(cert), tag, &extension) == SECSuccess;
    SECITEM_FreeItem(&extension, PR_FALSE);
    return there;
}

/* Whether the CA's path length lets `below` CAs stand below it (RFC 5280 4.2.1.9). */
static bool length_allows(const struct cert *ca, size_t below)
{
    SECItem extension = { .type = siBuffer };
    if (CERT_FindCertExtension(cert_decoded(ca), SEC_OID_X509_BASIC_CONSTRAINTS, &extension) !=
        SECSuccess) {
        return true; /* an anchor of version 1; PKIX wants the extension of all others */
    }
    CERTBasicConstraints constraints = { 0 };
    SECStatus status = CERT_DecodeBasicConstraintValue(&constraints, &extension);
    SECITEM_FreeItem(&extension, PR_FALSE);
    if (status != SECSuccess || !constraints.isCA) {
        return false;
    }
    return constraints.pathLenConstraint == CERT_UNLIMITED_PATH_CONSTRAINT ||
           (constraints.pathLenConstraint >= 0 && below <= (size_t)constraints.pathLenConstraint);
}

/* Every CA from the second certificate on, the anchor too. Self-issued ones are counted, which is
 * stricter than it need be. Asked whether a certificate is a CA, PKIX does not ask what for: that
 * all of them may be for mail is seen to here. */
static bool constraints_stay_local(const struct cert_list *path)
{
    for (size_t i = 1; i < path->count; i++) {
        for (size_t k = 0; k < ARRAY_SIZE(reaching); k++) {
            if (has_extension(path->items[i], reaching[k])) {
                return false;
            }
        }
        if (!length_allows(path->items[i], i - 1) ||
            !cert_key_is_for_mail(cert_decoded(path->items[i]))) {
            return false;
        }
    }
    return true;
}

/* The place of the CA whose name is written differently below it; 0: none, or more than one. */
static size_t find_joint(const struct cert_list *path)
{
    size_t joint = 0;
    for (size_t i = 0; i + 1 < path->count; i++) {
        if (!bytes_equal(cert_issuer_der(path->items[i]), cert_subject_der(path->items[i + 1]))) {
            if (joint != 0) {
                return 0;
            }
            joint = i + 1;
        }
    }
    return joint;
}

struct error *chain_join_holds(const struct chain_request *request, const struct cert_list *path,
                               bool *ret_holds)
{
    *ret_holds = false;
    size_t joint = find_joint(path);
    if (joint == 0 || !constraints_stay_local(path) ||
        (cert_usages(path->items[joint]) & CERT_USAGE_CA) == 0) {
        return NULL;
    }
    struct chain_question lower = { .cert = request->cert,
                                    .anchor = path->items[joint],
                                    .at = request->at };
    TRY(chain_pkix_holds(request, &lower, path, ret_holds));
    if (!*ret_holds || joint + 1 == path->count) {
        return NULL;
    }
    struct chain_question upper = { .cert = path->items[joint],
                                    .ca = true,
                                    .anchor = path->items[path->count - 1],
                                    .at = request->at };
    return chain_pkix_holds(request, &upper, path, ret_holds);
}
