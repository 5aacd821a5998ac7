#include "certs/chain_offer.h"

#include "base/limits.h"
#include "certs/chain_path.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <stdlib.h>

struct chain_offer {
    const struct cert *certs[LIMIT_OFFER];
    CERTCertificate *connected[LIMIT_OFFER];
    size_t count;
    size_t checks; /* signatures checked so far */
};

size_t chain_offer_count(const struct chain_offer *offer)
{
    return offer->count;
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

static bool is_offered(const struct chain_offer *offer, const struct cert *cert)
{
    for (size_t i = 0; i < offer->count; i++) {
        if (offer->certs[i] == cert) {
            return true;
        }
    }
    return false;
}

static bool has_room(const struct chain_offer *offer)
{
    return offer->count < LIMIT_OFFER && offer->checks < LIMIT_OFFER_CHECKS;
}

static struct error *add(struct chain_offer *offer, const struct cert *cert)
{
    CERTCertificate *certificate = cert_connect(cert);
    if (!certificate) {
        return error_no_memory();
    }
    offer->certs[offer->count] = cert;
    offer->connected[offer->count++] = certificate;
    return NULL;
}

/* Those that `cert` names as its issuer; `fitting`: the ones whose key identifier it names too, or
 * else the others. */
static struct error *add_issuers(const struct chain_request *request, const struct cert *cert,
                                 bool fitting, struct chain_offer *offer)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    if (!arena) {
        return error_no_memory();
    }
    struct bytes wanted = authority_key_id(cert, arena);
    for (size_t i = 0; i < request->extra->count && has_room(offer); i++) {
        const struct cert *issuer = request->extra->items[i];
        bool fits = wanted.len > 0 && bytes_equal(wanted, cert_subject_key_id(issuer));
        if (fits != fitting || issuer == cert || is_offered(offer, issuer) ||
            !chain_path_is_named(cert, issuer)) {
            continue;
        }
        offer->checks++;
        if (chain_path_may_be_signed_by(cert, issuer)) {
            TRY(add(offer, issuer));
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
    size_t done = 0;
    const struct cert *cert = request->cert;
    while (request->extra && cert) {
        TRY(add_issuers(request, cert, true, offer));
        TRY(add_issuers(request, cert, false, offer));
        cert = done < offer->count ? offer->certs[done++] : NULL;
    }
    *ret_offer = TAKE_PTR(offer);
    return NULL;
}
