#include "certs/chain_path.h"

#include "base/limits.h"
#include "certs/cert_names.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <certdb.h>
#include <prtime.h>
#include <secder.h>
#include <secerr.h>
#include <secoidt.h>

enum { MIN_EC_BITS = 256 };

/* id-Ed25519, 1.3.101.112 (RFC 8410): not in NSS 3.87's table */
static const uint8_t ed25519[] = { 0x2b, 0x65, 0x70 };

enum chain_trust chain_path_trust(const struct cert *cert)
{
    CLEANUP(nss_cert_free) CERTCertificate *certificate = cert_connect(cert);
    CERTCertTrust trust = { 0 };
    if (!certificate || CERT_GetCertTrust(certificate, &trust) != SECSuccess) {
        return CHAIN_TRUST_NONE;
    }
    unsigned flags = trust.emailFlags;
    if ((flags & CERTDB_TRUSTED_CA) != 0) {
        return CHAIN_TRUST_ANCHOR;
    }
    if ((flags & CERTDB_TERMINAL_RECORD) == 0) {
        return CHAIN_TRUST_NONE;
    }
    if ((flags & CERTDB_TRUSTED) != 0) {
        return CHAIN_TRUST_PEER;
    }
    return (flags & CERTDB_VALID_CA) != 0 ? CHAIN_TRUST_NONE : CHAIN_TRUST_NEVER;
}

bool chain_path_is_named(const struct cert *cert, const struct cert *issuer)
{
    return cert_names_equal(&cert_decoded(cert)->issuer, cert_issuer_der(cert),
                            &cert_decoded(issuer)->subject, cert_subject_der(issuer));
}

bool chain_path_is_self_issued(const struct cert *cert)
{
    return chain_path_is_named(cert, cert);
}

bool chain_path_is_signed_by(const struct cert *cert, const struct cert *issuer)
{
    return chain_path_is_named(cert, issuer) && cert_key_is_bearable(issuer) &&
           CERT_VerifySignedDataWithPublicKeyInfo(&cert_decoded(cert)->signatureWrap,
                                                  &cert_decoded(issuer)->subjectPublicKeyInfo,
                                                  NULL) == SECSuccess;
}

bool chain_path_may_check(size_t *checks_left)
{
    if (!checks_left) {
        return true;
    }
    if (*checks_left == 0) {
        return false;
    }
    --*checks_left;
    return true;
}

static struct cert *known(const struct chain_request *request, struct bytes der)
{
    if (bytes_equal(cert_der(request->cert), der)) {
        return request->cert;
    }
    for (size_t i = 0; request->extra && i < request->extra->count; i++) {
        if (bytes_equal(cert_der(request->extra->items[i]), der)) {
            return request->extra->items[i];
        }
    }
    return NULL;
}

struct error *chain_path_add(const struct chain_request *request,
                             struct CERTCertificateStr *certificate, struct cert_list *path)
{
    struct cert *same = known(request, item_bytes(&certificate->derCert));
    if (same) {
        return cert_list_add_once(path, same);
    }
    CLEANUP(cert_unref) struct cert *cert = NULL;
    TRY(cert_from_der(item_bytes(&certificate->derCert), &cert));
    return cert_list_add_once(path, cert);
}

/* An issuer among the message's certificates whose key fits, where NSS finds none by the octets of
 * the name. Few are tried, for the reason that chain_offer.h gives. */
static struct cert *issuer_in_message(const struct chain_request *request, const struct cert *cert)
{
    size_t tried = 0;
    for (size_t i = 0; request->extra && i < request->extra->count && tried < LIMIT_OFFER; i++) {
        struct cert *issuer = request->extra->items[i];
        if (!chain_path_is_named(cert, issuer)) {
            continue;
        }
        tried++;
        /* a key that waits for the parameters of its issuer's is checked when it has them */
        if (cert_key_is_incomplete(issuer) ||
            (chain_path_may_check(request->checks_left) && chain_path_is_signed_by(cert, issuer))) {
            return issuer;
        }
    }
    return NULL;
}

static struct error *add_issuer(const struct chain_request *request, const struct cert *cert,
                                struct cert_list *path)
{
    CLEANUP(nss_cert_free) CERTCertificate *certificate = cert_connect(cert);
    CLEANUP(nss_cert_free)
    CERTCertificate *issuer =
        certificate ? CERT_FindCertIssuer(certificate, PR_Now(), certUsageEmailSigner) : NULL;
    if (issuer) {
        return chain_path_add(request, issuer, path);
    }
    struct cert *other = issuer_in_message(request, cert);
    return other ? cert_list_add_once(path, other) : NULL;
}

struct error *chain_path_walk(const struct chain_request *request, struct cert_list *path)
{
    TRY(cert_list_add(path, request->cert));
    while (path->count < LIMIT_CHAIN) {
        const struct cert *last = path->items[path->count - 1];
        size_t before = path->count;
        enum chain_trust trust = chain_path_trust(last);
        if (trust == CHAIN_TRUST_ANCHOR || trust == CHAIN_TRUST_PEER ||
            chain_path_is_self_issued(last)) {
            return NULL;
        }
        TRY(add_issuer(request, last, path));
        if (path->count == before) { /* no issuer, or a circle */
            return NULL;
        }
    }
    return NULL;
}

struct error *chain_path_inherit(struct cert_list *path)
{
    for (size_t i = path->count; i-- > 1;) {
        struct cert *complete = NULL;
        TRY(cert_with_inherited_key(path->items[i - 1], path->items[i], &complete));
        if (complete) {
            cert_unref(path->items[i - 1]);
            path->items[i - 1] = complete;
        }
    }
    return NULL;
}

word_set chain_path_time_words(const struct cert_list *path, bool anchored, int64_t at)
{
    word_set words = WORDS_NONE;
    for (size_t i = 0; i < path->count; i++) {
        if (anchored && i > 0 && i + 1 == path->count) {
            continue;
        }
        if (at < cert_not_before(path->items[i])) {
            words |= WORD_BIT(WORD_CERTIFICATE_NOT_YET_VALID);
        }
        if (at > cert_not_after(path->items[i])) {
            words |= WORD_BIT(WORD_CERTIFICATE_EXPIRED);
        }
    }
    return words;
}

static bool key_is_weak(const struct cert *cert, const struct policy *policy)
{
    switch (cert_key_type(cert)) {
    case CERT_KEY_RSA:
    case CERT_KEY_RSA_PSS:
        return cert_key_bits(cert) < policy->min_rsa_bits;
    case CERT_KEY_DSA:
        return cert_key_bits(cert) < policy->min_dsa_bits;
    case CERT_KEY_EC:
    case CERT_KEY_ED25519:
    case CERT_KEY_X25519:
        return cert_key_bits(cert) < MIN_EC_BITS;
    case CERT_KEY_OTHER:
        return true; /* nobody vouches for it */
    }
    return true;
}

enum strength { STRONG, ONLY_SHA1, WEAK };

static enum strength hash_strength(SECOidTag hash)
{
    switch (hash) {
    case SEC_OID_SHA224:
    case SEC_OID_SHA256:
    case SEC_OID_SHA384:
    case SEC_OID_SHA512:
        return STRONG;
    case SEC_OID_SHA1:
        return ONLY_SHA1;
    default:
        return WEAK;
    }
}

/* RFC 4055 3.1: the hash is in the parameters, SHA-1 if it is not. */
static enum strength pss_strength(SECAlgorithmID *algorithm)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    SECKEYRSAPSSParams parameters = { 0 };
    if (!arena || SEC_QuickDERDecodeItem(arena, &parameters, SECKEY_RSAPSSParamsTemplate,
                                         &algorithm->parameters) != SECSuccess) {
        return WEAK;
    }
    return parameters.hashAlg ? hash_strength(SECOID_GetAlgorithmTag(parameters.hashAlg))
                              : ONLY_SHA1;
}

static enum strength signature_strength(SECAlgorithmID *algorithm)
{
    if (bytes_equal(item_bytes(&algorithm->algorithm), (struct bytes){ ed25519, sizeof ed25519 })) {
        return STRONG;
    }
    switch (SECOID_GetAlgorithmTag(algorithm)) {
    case SEC_OID_PKCS1_SHA224_WITH_RSA_ENCRYPTION:
    case SEC_OID_PKCS1_SHA256_WITH_RSA_ENCRYPTION:
    case SEC_OID_PKCS1_SHA384_WITH_RSA_ENCRYPTION:
    case SEC_OID_PKCS1_SHA512_WITH_RSA_ENCRYPTION:
    case SEC_OID_ANSIX962_ECDSA_SHA224_SIGNATURE:
    case SEC_OID_ANSIX962_ECDSA_SHA256_SIGNATURE:
    case SEC_OID_ANSIX962_ECDSA_SHA384_SIGNATURE:
    case SEC_OID_ANSIX962_ECDSA_SHA512_SIGNATURE:
    case SEC_OID_NIST_DSA_SIGNATURE_WITH_SHA224_DIGEST:
    case SEC_OID_NIST_DSA_SIGNATURE_WITH_SHA256_DIGEST:
        return STRONG;
    case SEC_OID_PKCS1_SHA1_WITH_RSA_ENCRYPTION:
    case SEC_OID_ISO_SHA1_WITH_RSA_SIGNATURE:
    case SEC_OID_ANSIX9_DSA_SIGNATURE_WITH_SHA1_DIGEST:
    case SEC_OID_BOGUS_DSA_SIGNATURE_WITH_SHA1_DIGEST:
    case SEC_OID_ANSIX962_ECDSA_SHA1_SIGNATURE:
        return ONLY_SHA1;
    case SEC_OID_PKCS1_RSA_PSS_SIGNATURE:
        return pss_strength(algorithm);
    default:
        return WEAK;
    }
}

static bool digest_is_weak(const struct cert *cert, const struct policy *policy)
{
    switch (signature_strength(&cert_decoded(cert)->signature)) {
    case STRONG:
        return false;
    case ONLY_SHA1:
        return !policy->allow_sha1;
    case WEAK:
        return true;
    }
    return true;
}

word_set chain_path_weak_words(const struct cert_list *path, bool anchored,
                               const struct policy *policy)
{
    word_set words = WORDS_NONE;
    for (size_t i = 0; i < path->count; i++) {
        const struct cert *cert = path->items[i];
        bool last = anchored && i + 1 == path->count;
        if (key_is_weak(cert, policy)) {
            words |= WORD_BIT(WORD_WEAK_KEY);
        }
        /* nothing rests on the signature of what is trusted itself */
        if (!last && digest_is_weak(cert, policy)) {
            words |= WORD_BIT(WORD_WEAK_DIGEST);
        }
    }
    return words;
}
