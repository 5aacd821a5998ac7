/* Ephemeral-static ECDH on the NIST curves (RFC 5753) and, where NSS has it, X25519 (RFC 8418): the
 * part of a KeyAgreeRecipientInfo that says how the keys are agreed on, and the agreement itself.
 * Other schemes are read and left alone. What is wrapped for whom is recipient_kari's business. NSS
 * is running. */
#ifndef SEALPOST_CMS_RECIPIENT_AGREEMENT_H
#define SEALPOST_CMS_RECIPIENT_AGREEMENT_H

#include "cms/enveloped.h"

struct PK11SymKeyStr;
struct SECKEYPrivateKeyStr;
struct SECKEYPublicKeyStr;

/* How a message agrees. Views of the message, and rows of static tables. */
struct recipient_agreement {
    struct bytes key_oid; /* algorithm of the originator's key; empty: it is not in the message */
    struct bytes key_parameters; /* DER; empty where absent or NULL */
    struct bytes point; /* the originator's public key */
    struct bytes material; /* ukm */
    bool has_material;
    const struct recipient_scheme *scheme; /* NULL: unknown */
    struct bytes wrap_algorithm; /* contents of the AlgorithmIdentifier */
    const struct recipient_wrap *wrapping; /* NULL: unknown */
};

/* Reads version, originator, ukm and keyEncryptionAlgorithm; leaves the reader before the
 * RecipientEncryptedKeys. ERR_CMS_MALFORMED. */
struct error *recipient_agreement_read(struct ber_reader *reader,
                                       struct recipient_agreement *ret_agreement) MUST_USE;

/* "ecdh", "x25519" or "unknown"; static. */
const char *recipient_agreement_name(const struct recipient_agreement *agreement);
/* Whether it can be carried out: ECDH with a key derivation and a wrapping that are known. */
bool recipient_agreement_is_known(const struct recipient_agreement *agreement);

/* What Sealpost writes for a curve (its DER parameters) and a content-encryption key of `cek_len`
 * bytes, the `way` wanted. `algorithm` is empty, gets the wrapping's encoding, and must, like
 * `way`, outlive the result. ERR_RECIPIENT_UNUSABLE for a curve that is not known,
 * ERR_ALGORITHM_FORBIDDEN for more keying material than LIMIT_KEYING_MATERIAL, ERR_NO_MEMORY. */
struct error *recipient_agreement_choose(struct bytes curve, size_t cek_len,
                                         const struct cms_recipient_way *way,
                                         struct buffer *algorithm,
                                         struct recipient_agreement *ret_agreement) MUST_USE;
/* Appends version, originator with the ephemeral key, any ukm, and keyEncryptionAlgorithm.
 * ERR_NO_MEMORY. */
struct error *recipient_agreement_write(const struct recipient_agreement *agreement,
                                        const struct SECKEYPublicKeyStr *ephemeral,
                                        struct buffer *out) MUST_USE;

/* ECDH and key derivation, both in the token that has the private key, or ECDH there alone; the
 * wrapping key is for wrapping where `wrap`, else for unwrapping. `*ret_key` is NULL where NSS
 * fails. ERR_CMS_MALFORMED for keying material out of all bounds, ERR_NO_MEMORY. */
struct error *recipient_agreement_derive(const struct recipient_agreement *agreement,
                                         struct SECKEYPrivateKeyStr *private_key,
                                         struct SECKEYPublicKeyStr *public_key, bool wrap,
                                         struct PK11SymKeyStr **ret_key) MUST_USE;

/* A key pair of the internal token for one message; NULL where there is none. */
struct SECKEYPrivateKeyStr *recipient_agreement_new_key(struct bytes curve,
                                                        struct SECKEYPublicKeyStr **ret_public);

/* Whether the originator's key is of the kind that this curve (its DER parameters) has. */
bool recipient_agreement_fits(const struct recipient_agreement *agreement, struct bytes curve);

/* Whether this is one of the curves, by its DER parameters. */
bool recipient_agreement_knows_curve(struct bytes curve);

/* Whether `point` is an uncompressed point of the curve whose DER parameters these are: the
 * internal token is asked, which refuses any other (an invalid-curve attack would lay a key on a
 * card bare that does not look). False too where it cannot be found out. */
bool recipient_agreement_point_is_valid(struct bytes curve, struct bytes point);

/* The same for the use of a private key: softoken checks the point itself, other tokens may not. */
bool recipient_agreement_point_is_safe(struct SECKEYPrivateKeyStr *key, struct bytes curve,
                                       struct bytes point);

#endif
