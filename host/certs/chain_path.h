/* The certificates of a path: the way up as far as it can be found, without judging it, and what is
 * weak, out of time or trusted in it. Internal to certs. */
#ifndef SEALPOST_CERTS_CHAIN_PATH_H
#define SEALPOST_CERTS_CHAIN_PATH_H

#include "certs/chain.h"

/* What the databases say of a certificate for e-mail, read afresh. */
enum chain_trust {
    CHAIN_TRUST_NONE,
    CHAIN_TRUST_ANCHOR, /* the user or Mozilla's list trusts it as a CA */
    CHAIN_TRUST_PEER, /* the user trusts this very certificate ("P") */
    CHAIN_TRUST_NEVER, /* marked as not to be trusted */
};
enum chain_trust chain_path_trust(const struct cert *cert);

/* The issuer that `cert` names is the subject of `issuer`. */
bool chain_path_is_named(const struct cert *cert, const struct cert *issuer);
bool chain_path_is_self_issued(const struct cert *cert);
/* ... and its key has signed `cert`. */
bool chain_path_is_signed_by(const struct cert *cert, const struct cert *issuer);

/* Takes one check of a signature off what is left for the message; false: nothing is left. */
bool chain_path_may_check(size_t *checks_left);

/* Appends NSS's certificate to `path`, as the object of the request where that has it.
 * ERR_NO_MEMORY, ERR_CMS_MALFORMED. */
struct error *chain_path_add(const struct chain_request *request,
                             struct CERTCertificateStr *certificate, struct cert_list *path)
    MUST_USE;

/* From the certificate up to an anchor, a self-issued certificate or where no issuer is found;
 * LIMIT_CHAIN certificates at most, each once. */
struct error *chain_path_walk(const struct chain_request *request, struct cert_list *path) MUST_USE;

/* Puts certificates with complete keys in place of those whose DSA keys have the parameters of the
 * key above. The signatures of the path are to be checked after that. ERR_NO_MEMORY,
 * ERR_CMS_MALFORMED. */
struct error *chain_path_inherit(struct cert_list *path) MUST_USE;

/* certificate-expired and certificate-not-yet-valid of the path at `at`. The anchor counts only
 * where it is the certificate itself (RFC 5280 6.1: an anchor is not validated). */
word_set chain_path_time_words(const struct cert_list *path, bool anchored, int64_t at);

/* weak-key of all and weak-digest of all below the anchor. */
word_set chain_path_weak_words(const struct cert_list *path, bool anchored,
                               const struct policy *policy);

#endif
