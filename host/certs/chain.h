/* A certificate's path to an anchor that is trusted for e-mail, validated by NSS's PKIX code at a
 * moment, with what CRLs carried in a message say against it. Gives words, not a status: policy
 * judges. Asks no network (issue D adds that).
 *
 * Only PKIX accepts (chain_classic.h where NSS is built without it). Anchors are what the trust
 * flags of the databases and of Mozilla's list say for e-mail, read anew each time: a CA ("C"), or
 * the certificate itself ("P", or "C" on a self-signed one), whose path then is itself alone. Where
 * PKIX refuses, our own walk finds the words, and chain-untrusted stands for all that no other word
 * explains: constraints, unknown critical extensions, CAs that are none, algorithms that NSS
 * forbids (MD5: with weak-digest). A
 * certificate for anyExtendedKeyUsage alone, which NSS refuses, has a way of its own (chain_any.h).
 * A CA below the anchor whose extKeyUsage leaves mail out is none here, whatever Netscape's type
 * says of it.
 */
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
    size_t *checks_left; /* counted down with each signature by, or on, a certificate or CRL of the
                          * message that is checked; at 0 the rest are passed over. NULL: no bound
                          * but those of one path */
};

/* Plain data; freed with chain_result_free. */
struct chain_result {
    struct cert_list chain; /* from the certificate itself to the anchor, as far as it was found. A
                             * DSA key without parameters has them here from the key above */
    word_set problems;
    word_set notices;
    enum revocation_status revocation;
    enum revocation_source revocation_source;
    int64_t revocation_produced_at; /* 0: unknown */
};

/* `revocation` is that of the whole path below the anchor. Policy off: CRLs are not looked at.
 * Soft: unknown is a notice, and only where a CRL of the message speaks of the path without
 * settling it; with nothing there to check it is not-checked and no notice. Hard: all but good is
 * the problem revocation-unknown, except for a self-signed certificate trusted itself, which nobody
 * could revoke.
 *
 * A chain that fails is a result with problems: chain-incomplete, chain-untrusted,
 * certificate-expired, certificate-not-yet-valid, certificate-revoked, purpose-wrong, weak-key,
 * weak-digest (a signature of the path below the anchor by MD5 or SHA-1), revocation-unknown.
 * ERR_NO_MEMORY, ERR_INTERNAL. */
struct error *chain_verify(const struct chain_request *request, struct chain_result **ret_result)
    MUST_USE;
void chain_result_free(struct chain_result *result); /* NULL is fine */
DEFINE_CLEANUP(struct chain_result *, chain_result_free);

#endif
