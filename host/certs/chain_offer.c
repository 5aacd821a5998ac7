#include "certs/chain_offer.h"

#include "base/limits.h"
#include "certs/chain_path.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <certdb.h>
#include <stdlib.h>

/* Certificates of the message that a path could lead over, the one in question first, and whose key
 * signed which of them. */
struct web {
    const struct cert *certs[LIMIT_OFFER + 1];
    bool signs[LIMIT_OFFER + 1][LIMIT_OFFER + 1]; /* [issuer][certificate] */
    bool grounded[LIMIT_OFFER + 1];
    size_t count;
    size_t checks; /* signatures checked so far */
};

struct chain_offer {
    struct web web;
    CERTCertificate *connected[LIMIT_OFFER];
    size_t count;
};

size_t chain_offer_count(const struct chain_offer *offer)
{
    return offer->count;
}

bool chain_offer_is_grounded(const struct chain_offer *offer)
{
    return offer->web.grounded[0];
}

void chain_offer_free(struct chain_offer *offer)
{
    if (offer) {
        for (size_t i = 0; i < offer->count; i++) {
            nss_cert_free(offer->connected[i]);
        }
        free(offer);
    }
}

/* RFC 5280 4.2.1.1: keyIdentifier [0] of authorityKeyIdentifier, as a copy in `arena`. */
static struct bytes authority_key_id(const struct cert *cert, PLArenaPool *arena)
{
    SECItem extension = { .type = siBuffer };
    if (CERT_FindCertExtension(cert_decoded(cert), SEC_OID_X509_AUTH_KEY_ID, &extension) !=
        SECSuccess) {
        return BYTES_NONE;
    }
    CERTAuthKeyID *id = CERT_DecodeAuthKeyID(arena, &extension);
    SECItem copy = { .type = siBuffer };
    if (id && SECITEM_CopyItem(arena, &copy, &id->keyID) != SECSuccess) {
        copy.len = 0;
    }
    SECITEM_FreeItem(&extension, PR_FALSE);
    return item_bytes(&copy);
}

/* The place of `issuer` in the web; count: it is not there. */
static size_t place_of(const struct web *web, const struct cert *issuer)
{
    size_t place = 0;
    while (place < web->count && web->certs[place] != issuer) {
        place++;
    }
    return place;
}

/* Of the certificate in question, which is offered to nobody, the signature may wait until the
 * issuer's key has its parameters. */
static bool may_have_signed(const struct chain_request *request, const struct cert *cert,
                            const struct cert *issuer)
{
    return (cert == request->cert && cert_key_is_incomplete(issuer)) ||
           (chain_path_may_check(request->checks_left) && chain_path_is_signed_by(cert, issuer));
}

/* Those that the certificate at `child` names as its issuer; `fitting`: the ones whose key
 * identifier it names too, or else the others. */
static struct error *add_issuers(const struct chain_request *request, size_t child, bool fitting,
                                 struct web *web)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    if (!arena) {
        return error_no_memory();
    }
    const struct cert *cert = web->certs[child];
    struct bytes wanted = authority_key_id(cert, arena);
    for (size_t i = 0; i < request->extra->count && web->checks < LIMIT_OFFER_CHECKS; i++) {
        const struct cert *issuer = request->extra->items[i];
        bool fits = wanted.len > 0 && bytes_equal(wanted, cert_subject_key_id(issuer));
        size_t place = place_of(web, issuer);
        if (fits != fitting || issuer == cert || place > LIMIT_OFFER ||
            !chain_path_is_named(cert, issuer)) {
            continue;
        }
        web->checks++;
        if (may_have_signed(request, cert, issuer)) {
            web->certs[place] = issuer;
            web->count += place == web->count ? 1 : 0;
            web->signs[place][child] = true;
        }
    }
    return NULL;
}

/* Whether the certificate is in a database, or the key of one that is has signed it. */
static bool rests_on_stored(const struct cert *cert)
{
    SECItem issuer;
    (void)item_set(&issuer, cert_issuer_der(cert));
    CLEANUP(nss_cert_free)
    CERTCertificate *same =
        CERT_FindCertByDERCert(CERT_GetDefaultCertDB(), &cert_decoded(cert)->derCert);
    PRBool stored = PR_FALSE;
    if (same && CERT_GetCertIsPerm(same, &stored) == SECSuccess && stored &&
        bytes_equal(item_bytes(&same->derCert), cert_der(cert))) {
        return true;
    }
    CLEANUP(nss_cert_list_free)
    CERTCertList *list =
        CERT_CreateSubjectCertList(NULL, CERT_GetDefaultCertDB(), &issuer, 0, PR_FALSE);
    if (!list) {
        return false;
    }
    for (CERTCertListNode *node = CERT_LIST_HEAD(list); !CERT_LIST_END(node, list);
         node = CERT_LIST_NEXT(node)) {
        if (CERT_GetCertIsPerm(node->cert, &stored) == SECSuccess && stored &&
            CERT_VerifySignedDataWithPublicKeyInfo(&cert_decoded(cert)->signatureWrap,
                                                   &node->cert->subjectPublicKeyInfo,
                                                   NULL) == SECSuccess) {
            return true;
        }
    }
    return false;
}

/* What rests on the certificate at `place` does so on a stored one. */
static void ground(struct web *web, size_t place)
{
    size_t waiting[LIMIT_OFFER + 1] = { place };
    web->grounded[place] = true;
    for (size_t count = 1; count > 0;) {
        const bool *signs = web->signs[waiting[--count]];
        for (size_t i = 0; i < web->count; i++) {
            if (signs[i] && !web->grounded[i]) {
                web->grounded[i] = true;
                waiting[count++] = i;
            }
        }
    }
}

static struct error *offer_grounded(struct chain_offer *offer)
{
    for (size_t i = 1; i < offer->web.count; i++) {
        if (offer->web.grounded[i]) {
            CERTCertificate *certificate = cert_connect(offer->web.certs[i]);
            if (!certificate) {
                return error_no_memory();
            }
            offer->connected[offer->count++] = certificate;
        }
    }
    return NULL;
}

struct error *chain_offer_new(const struct chain_request *request, struct chain_offer **ret_offer)
{
    CLEANUP(chain_offer_free) struct chain_offer *offer = calloc(1, sizeof *offer);
    if (!offer) {
        return error_no_memory();
    }
    struct web *web = &offer->web;
    web->certs[web->count++] = request->cert;
    for (size_t i = 0; request->extra && i < web->count; i++) {
        TRY(add_issuers(request, i, true, web));
        TRY(add_issuers(request, i, false, web));
    }
    for (size_t i = web->count; i > 0; i--) {
        if (!web->grounded[i - 1] && rests_on_stored(web->certs[i - 1])) {
            ground(web, i - 1);
        }
    }
    TRY(offer_grounded(offer));
    *ret_offer = TAKE_PTR(offer);
    return NULL;
}
