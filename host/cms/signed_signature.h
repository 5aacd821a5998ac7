/* Checking and making a signature value over a digest that is there already. Policy is left out on
 * purpose: a signature with MD5 or a short key is told right or wrong, and others say what that is
 * worth. NSS's own VFY_* functions mix the two. */
#ifndef SEALPOST_CMS_SIGNED_SIGNATURE_H
#define SEALPOST_CMS_SIGNED_SIGNATURE_H

#include "cms/signed_algorithm.h"

struct CERTCertificateStr;
struct SECKEYPrivateKeyStr;

enum signed_outcome { SIGNED_RIGHT, SIGNED_WRONG, SIGNED_UNSUPPORTED };

/* What was signed, by its digest. */
struct signed_hash {
    const struct cms_digest_info *digest;
    struct bytes value;
    struct bytes message; /* all of it, which Ed25519 needs; empty: not at hand in one piece */
};

/* Checks `signature` over `hash`. Wrong is, too, an algorithm that does not fit the key or the
 * digest. ERR_NO_MEMORY. */
struct error *signed_signature_verify(const struct signed_algorithm *algorithm,
                                      struct CERTCertificateStr *certificate,
                                      const struct signed_hash *hash, struct bytes signature,
                                      enum signed_outcome *ret_outcome) MUST_USE;

/* Signs `hash`; appends the signature value as CMS has it. ERR_INTERNAL, ERR_TOKEN_ABSENT,
 * ERR_TOKEN_LOCKED, ERR_NO_MEMORY. */
struct error *signed_signature_make(const struct signed_algorithm *algorithm,
                                    struct SECKEYPrivateKeyStr *key, const struct signed_hash *hash,
                                    struct buffer *out) MUST_USE;

/* The most bytes that a signature by this certificate's key has as CMS has it: exact but for ECDSA
 * and DSA, whose two integers are shorter now and then. ERR_CERTIFICATE_UNUSABLE. */
struct error *signed_signature_size(const struct signed_algorithm *algorithm,
                                    struct CERTCertificateStr *certificate, size_t *ret_size)
    MUST_USE;

#endif
