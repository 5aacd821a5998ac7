/* A certificate's path to an anchor that is trusted for e-mail, validated by NSS's PKIX code at a
 * moment, with what CRLs carried in a message say against it. Gives words, not a status: policy
 * judges. Asks no network (issue D adds that). */
#ifndef SEALPOST_CERTS_CHAIN_H
#define SEALPOST_CERTS_CHAIN_H

#include "certs/cert.h"
#include "policy/policy.h"
#include "policy/words.h"

enum chain_purpose { CHAIN_SIGN, CHAIN_ENCRYPT };

enum revocation_status {
    REVOCATION_GOOD,
    REVOCATION_REVOKED,
    REVOCATION_UNKNOWN,
    REVOCATION_NOT_CHECKED
};
enum revocation_source {
    REVOCATION_FROM_NONE,
    REVOCATION_FROM_OCSP,
    REVOCATION_FROM_CRL,
    REVOCATION_FROM_MESSAGE,
    REVOCATION_FROM_CACHE
};

struct chain_request {
    struct cert *cert;
    const struct cert_list *extra; /* certificates of the message, untrusted; NULL: none */
    const struct bytes *crls; /* DER CRLs of the message: they may revoke, never vouch */
    size_t crl_count;
    enum chain_purpose purpose;
    int64_t at; /* seconds since the epoch, UTC */
    const struct policy *policy;
};

/* Plain data; freed with chain_result_free. */
struct chain_result {
    struct cert_list chain; /* from the certificate itself to the anchor, as far as it was found */
    word_set problems;
    word_set notices;
    enum revocation_status revocation;
    enum revocation_source revocation_source;
    int64_t revocation_produced_at; /* 0: unknown */
};

/* A chain that fails is a result with problems: chain-incomplete, chain-untrusted,
 * certificate-expired, certificate-not-yet-valid, certificate-revoked, purpose-wrong, weak-key,
 * weak-digest (a signature of the path below the anchor by MD5 or SHA-1), revocation-unknown.
 * ERR_NO_MEMORY, ERR_INTERNAL. */
struct error *chain_verify(const struct chain_request *request, struct chain_result **ret_result)
    MUST_USE;
void chain_result_free(struct chain_result *result); /* NULL is fine */
DEFINE_CLEANUP(struct chain_result *, chain_result_free);

#endif
