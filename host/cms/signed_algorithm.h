/* Signature algorithms of SignerInfos: reading their AlgorithmIdentifier, and choosing one for a
 * certificate's key. No mathematics: signed_signature.h. */
#ifndef SEALPOST_CMS_SIGNED_ALGORITHM_H
#define SEALPOST_CMS_SIGNED_ALGORITHM_H

#include "cms/algorithms.h"
#include "cms/ber.h"
#include "cms/signed.h"

struct CERTCertificateStr;

enum signed_scheme {
    SIGNED_SCHEME_UNKNOWN,
    SIGNED_SCHEME_RSA, /* PKCS#1 v1.5 */
    SIGNED_SCHEME_RSA_PSS,
    SIGNED_SCHEME_ECDSA,
    SIGNED_SCHEME_DSA,
    SIGNED_SCHEME_ED25519
};

/* RSASSA-PSS-params (RFC 4055 3.1). */
struct signed_pss {
    bool present; /* in a certificate they may be left out: then there is no restriction */
    bool broken;
    enum cms_digest digest; /* CMS_DIGEST_UNKNOWN: one that is not in the table */
    enum cms_digest mask_digest;
    uint64_t salt_len; /* bytes */
};

struct signed_algorithm {
    enum signed_scheme scheme;
    const char *name; /* wire name, "unknown" */
    enum cms_digest digest; /* that the algorithm names; CMS_DIGEST_UNKNOWN where it names none */
    struct signed_pss pss;
};

/* Reads the next value, an AlgorithmIdentifier. An unknown one is no error. ERR_CMS_MALFORMED. */
struct error *signed_algorithm_read(struct ber_reader *reader,
                                    struct signed_algorithm *ret_algorithm) MUST_USE;

/* What a certificate's key is for: the scheme of its subjectPublicKeyInfo, and for an RSA-PSS key
 * the parameters that it is bound to. SIGNED_SCHEME_UNKNOWN for a key that cannot sign here. */
void signed_algorithm_of_key(const struct CERTCertificateStr *certificate,
                             struct signed_algorithm *ret_algorithm);

/* What a signature is to be made with. */
struct signed_choice {
    struct CERTCertificateStr *certificate;
    enum cms_sign_scheme scheme;
    const struct cms_digest_info *digest;
};

/* The algorithm by which the certificate's key signs so; its AlgorithmIdentifier is appended to
 * `out`. ERR_CERTIFICATE_UNUSABLE where the key has no such way, is bound to other parameters, or
 * is too short; ERR_NO_MEMORY. */
struct error *signed_algorithm_choose(const struct signed_choice *choice,
                                      struct signed_algorithm *ret_algorithm, struct buffer *out)
    MUST_USE;

/* The digest that suits a certificate's key: its strength, SHA-256 at least, or what an RSA-PSS
 * key is bound to. CMS_DIGEST_UNKNOWN for a key that cannot sign. */
enum cms_digest signed_algorithm_digest(struct CERTCertificateStr *certificate);

#endif
