/* PBKDF2 (RFC 8018 5.2, A.2) as the way from a password to a key-encryption key: its
 * AlgorithmIdentifier read and written, and the derivation, which NSS does. How long that may take
 * is bounded by LIMIT_PASSWORD_ITERATIONS. NSS is running. */
#ifndef SEALPOST_CMS_RECIPIENT_PBKDF2_H
#define SEALPOST_CMS_RECIPIENT_PBKDF2_H

#include "cms/ber.h"

struct PK11SymKeyStr;
struct cipher;

/* Views of the message. */
struct recipient_pbkdf2 {
    struct bytes salt;
    uint64_t iterations;
    uint64_t key_len; /* bytes; 0: not told */
    struct bytes prf; /* OID, one that is known; empty: the default, HMAC with SHA-1 */
};

/* `reader` stands before the OID of a KeyDerivationAlgorithmIdentifier. ERR_CMS_MALFORMED;
 * ERR_CMS_UNSUPPORTED for another derivation, another source of salt, an unknown function or what
 * is over a limit. */
struct error *recipient_pbkdf2_read(struct ber_reader *reader,
                                    struct recipient_pbkdf2 *ret_parameters) MUST_USE;

/* Appends the two fields of the AlgorithmIdentifier, without the SEQUENCE around them: HMAC with
 * SHA-256, no key length. ERR_NO_MEMORY. */
struct error *recipient_pbkdf2_write(struct bytes salt, uint64_t iterations, struct buffer *out)
    MUST_USE;

/* The key for `cipher`, which is a CBC one, out of `password` (bytes as they are), in the internal
 * token, for encrypting and decrypting. ERR_DECRYPTION_FAILED where NSS refuses or the key length
 * told is another one; ERR_NO_MEMORY. */
struct error *recipient_pbkdf2_derive(const struct recipient_pbkdf2 *parameters,
                                      const struct cipher *cipher, struct bytes password,
                                      struct PK11SymKeyStr **ret_key) MUST_USE;

#endif
