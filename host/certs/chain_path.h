/* The certificates of a path: the way up as far as it can be found, without judging it, and what is
 * weak, out of time or trusted in it. Internal to certs. */
#ifndef SEALPOST_CERTS_CHAIN_PATH_H
#define SEALPOST_CERTS_CHAIN_PATH_H

#include "certs/chain.h"

/* Whether the user or Mozilla's list trusts this certificate as a CA for e-mail, and whether it is
 * marked as not to be trusted. */
bool chain_path_is_anchor(const struct cert *cert);
bool chain_path_is_distrusted(const struct cert *cert);
/* Whether the user trusts this very certificate for e-mail ("P"). */
bool chain_path_is_peer(const struct cert *cert);

/* Subject and issuer are the same name. */
bool chain_path_is_self_issued(const struct cert *cert);
/* `issuer` has the name and the key by which `cert` is signed. */
bool chain_path_is_signed_by(const struct cert *cert, const struct cert *issuer);

/* Appends NSS's certificate to `path`, as the object of the request where that has it.
 * ERR_NO_MEMORY, ERR_CMS_MALFORMED. */
struct error *chain_path_add(const struct chain_request *request,
                             struct CERTCertificateStr *certificate, struct cert_list *path)
    MUST_USE;

/* From the certificate up to an anchor, a self-issued certificate or where no issuer is found;
 * LIMIT_CHAIN certificates at most, each once. */
struct error *chain_path_walk(const struct chain_request *request, struct cert_list *path) MUST_USE;

/* certificate-expired and certificate-not-yet-valid of the path at `at`. The anchor counts only
 * where it is the certificate itself (RFC 5280 6.1: an anchor is not validated). */
word_set chain_path_time_words(const struct cert_list *path, bool anchored, int64_t at);

/* weak-key of all and weak-digest of all below the anchor. */
word_set chain_path_weak_words(const struct cert_list *path, bool anchored,
                               const struct policy *policy);

#endif
