#include "certs/crl.h"

#include "certs/chain_path.h"
#include "certs/crl_read.h"
#include "certs/crl_scope.h"
#include "nss/nss_scope.h"

#include <stdlib.h>

/* What all CRLs together say of one certificate of the path. */
struct finding {
    bool spoken_of;
    bool revoked;
    unsigned covered; /* the reasons for which a CRL could list it and does not */
    int64_t covered_by; /* thisUpdate of the oldest CRL that this took */
    bool held;
    int64_t held_by; /* thisUpdate of the newest CRL that holds it */
    bool removed;
    int64_t removed_by; /* thisUpdate of the newest delta that takes it off */
    int64_t produced_at; /* of what revokes it */
};

/* RFC 5280 4.2.1.3: a key that signs CRLs has cRLSign, if it has keyUsage. */
static bool may_sign_crls(const struct cert *cert)
{
    SECItem bits = { .type = siBuffer };
    if (CERT_FindKeyUsageExtension(cert_decoded(cert), &bits) != SECSuccess) {
        return true;
    }
    bool may = bits.len > 0 && (bits.data[0] & KU_CRL_SIGN) != 0;
    SECITEM_FreeItem(&bits, PR_FALSE);
    return may;
}

/* The keys by which a CRL can speak. The height of one is the place in the path of the CA that it
 * is, or that certified it: only of what stands below can it say that nothing is wrong, or a CA
 * whose key was stolen would make a key by which it vouches for itself. */
struct signers {
    struct cert_list certs;
    size_t *heights; /* of each, above 0 */
};

static void signers_done(struct signers *signers)
{
    cert_list_done(&signers->certs);
    free(signers->heights);
}
DEFINE_CLEANUP(struct signers *, signers_done);

static struct error *add_signer(struct signers *signers, struct cert *cert, size_t height)
{
    size_t before = signers->certs.count;
    TRY(cert_list_add_once(&signers->certs, cert));
    if (signers->certs.count > before) {
        signers->heights[before] = height;
    }
    return NULL;
}

static bool is_signed_by(const struct crl_request *request, const struct cert *signer,
                         const struct cert *ca)
{
    return chain_path_is_named(signer, ca) && chain_path_may_check(request->checks_left) &&
           chain_path_is_signed_by(signer, ca);
}

/* The highest CA of the path that signed a certificate which is valid; 0: none. A CRL's signer
 * stands one step beside the path at most, as a key for CRLs alone, a renewed key or the issuer of
 * an indirect CRL does. */
static size_t certified_by(const struct crl_request *request, const struct cert *signer)
{
    if (request->at < cert_not_before(signer) || request->at > cert_not_after(signer)) {
        return 0;
    }
    size_t height = request->path->count - 1;
    while (height > 0 && !is_signed_by(request, signer, request->path->items[height])) {
        height--;
    }
    return height;
}

/* The path's CAs and those certified beside them. Found before any CRL is hashed, since CRLs and
 * decoys of one name can be many and large. */
static struct error *find_signers(const struct crl_request *request, struct signers *signers)
{
    size_t extra = request->extra ? request->extra->count : 0;
    signers->heights = calloc(request->path->count + extra + 1, sizeof *signers->heights);
    if (!signers->heights) {
        return error_no_memory();
    }
    for (size_t i = 1; i < request->path->count; i++) {
        if (may_sign_crls(request->path->items[i])) {
            TRY(add_signer(signers, request->path->items[i], i));
        }
    }
    for (size_t i = 0; i < extra && request->path->count > 0; i++) {
        struct cert *signer = request->extra->items[i];
        size_t height = may_sign_crls(signer) ? certified_by(request, signer) : 0;
        if (height > 0) {
            TRY(add_signer(signers, signer, height));
        }
    }
    return NULL;
}

/* The greatest height of a key that signed the CRL; 0: none did. */
static size_t height_of(const struct crl_request *request, const struct signers *signers,
                        const struct crl *crl)
{
    size_t height = 0;
    for (size_t i = 0; i < signers->certs.count; i++) {
        const struct cert *signer = signers->certs.items[i];
        if (signers->heights[i] > height && crl_read_is_named_by(crl, signer) &&
            chain_path_may_check(request->checks_left) && crl_read_is_signed_by(crl, signer)) {
            height = signers->heights[i];
        }
    }
    return height;
}

static void note_entry(enum crl_entry entry, int64_t produced_at, struct finding *finding)
{
    switch (entry) {
    case CRL_ENTRY_REVOKED:
        finding->revoked = true;
        finding->produced_at = produced_at;
        break;
    case CRL_ENTRY_HELD:
        finding->held_by =
            finding->held && finding->held_by > produced_at ? finding->held_by : produced_at;
        finding->held = true;
        break;
    case CRL_ENTRY_REMOVED:
        finding->removed_by = finding->removed && finding->removed_by > produced_at
                                  ? finding->removed_by
                                  : produced_at;
        finding->removed = true;
        break;
    case CRL_ENTRY_NONE:
    case CRL_ENTRY_UNREADABLE:
        break;
    }
}

/* RFC 5280 6.3.3 (l): what several CRLs hold, each for some reasons, adds up. One that adds nothing
 * is not rested on. */
static void note_covered(unsigned reasons, int64_t produced_at, struct finding *finding)
{
    if ((reasons & ~finding->covered) == 0) {
        return;
    }
    if (finding->covered == 0 || produced_at < finding->covered_by) {
        finding->covered_by = produced_at;
    }
    finding->covered |= reasons;
}

/* `above`: the CRL is by a key that stands above the certificate. */
static void ask(const struct crl_request *request, struct crl *crl, const struct cert *cert,
                bool above, struct finding *finding)
{
    int64_t since = 0;
    enum crl_entry entry = crl_read_find(crl, cert, &since);
    bool listed = entry == CRL_ENTRY_REVOKED || entry == CRL_ENTRY_HELD;
    if (listed ? since <= request->at : above) {
        note_entry(entry, crl_read_produced_at(crl), finding);
    }
    if (above && (entry == CRL_ENTRY_NONE || entry == CRL_ENTRY_REMOVED)) {
        note_covered(crl_read_covers(crl, cert, request->at), crl_read_produced_at(crl), finding);
    }
}

static bool speaks_of(const struct crl *crl, const struct cert *cert)
{
    return crl_read_is_of_issuer(crl, cert) || crl_read_is_indirect_for(crl, cert);
}

/* The certificates that others vouch for: all but the anchor. */
static size_t judged_count(const struct crl_request *request)
{
    return request->path->count > 0 ? request->path->count - 1 : 0;
}

static struct error *take_crl(const struct crl_request *request, const struct signers *signers,
                              struct bytes der, struct finding *findings)
{
    CLEANUP(crl_read_free) struct crl *crl = NULL;
    TRY(crl_read(der, &crl));
    if (!crl || crl_read_is_foreign(crl)) {
        return NULL;
    }
    bool checked = false;
    size_t height = 0;
    for (size_t i = 0; i < judged_count(request); i++) {
        const struct cert *cert = request->path->items[i];
        if (!speaks_of(crl, cert)) {
            continue;
        }
        findings[i].spoken_of = true;
        height = checked ? height : height_of(request, signers, crl);
        checked = true;
        if (height > 0) {
            ask(request, crl, cert, height > i, &findings[i]);
        }
    }
    return NULL;
}

/* A hold ends where a later delta takes the certificate off (RFC 5280 5.2.4). */
static bool is_revoked(const struct finding *finding)
{
    bool lifted = finding->removed && finding->removed_by >= finding->held_by;
    return finding->revoked || (finding->held && !lifted);
}

static struct crl_verdict conclude(const struct finding *findings, size_t count)
{
    struct crl_verdict verdict = { REVOCATION_NOT_CHECKED, 0 };
    bool all = count > 0;
    for (size_t i = 0; i < count; i++) {
        const struct finding *finding = &findings[i];
        if (is_revoked(finding)) {
            int64_t produced = finding->revoked ? finding->produced_at : finding->held_by;
            return (struct crl_verdict){ REVOCATION_REVOKED, produced };
        }
        if (finding->spoken_of) {
            verdict.status = REVOCATION_UNKNOWN;
        }
        bool lifted = finding->held && finding->removed;
        all = all && (finding->covered == CRL_ALL_REASONS || lifted);
        int64_t produced = lifted ? finding->removed_by : finding->covered_by;
        if (i == 0 || produced < verdict.produced_at) {
            verdict.produced_at = produced;
        }
    }
    if (all) {
        verdict.status = REVOCATION_GOOD;
    } else {
        verdict.produced_at = 0;
    }
    return verdict;
}

static struct error *take_all(const struct crl_request *request, struct finding *findings)
{
    struct signers signers = { 0 };
    CLEANUP(signers_done) struct signers *owned = &signers;
    if (request->crl_count > 0) {
        TRY(find_signers(request, owned));
    }
    for (size_t i = 0; i < request->crl_count; i++) {
        TRY(take_crl(request, owned, request->crls[i], findings));
    }
    return NULL;
}

struct error *crl_judge(const struct crl_request *request, struct crl_verdict *ret_verdict)
{
    size_t count = judged_count(request);
    struct finding *findings = calloc(count > 0 ? count : 1, sizeof *findings);
    if (!findings) {
        return error_no_memory();
    }
    struct error *error = take_all(request, findings);
    *ret_verdict = conclude(findings, count);
    free(findings);
    return error;
}
