/* Content encryption (RFC 3565, 5084, 3370): reads and writes a
 * ContentEncryptionAlgorithmIdentifier, and runs the cipher over one run of bytes in place. Writes
 * AES only; 3DES and RC2 are for old mail. Knows nothing of recipients or of where the bytes lie.
 * NSS is running.
 *
 * Whatever is wrong with a key, a padding or a tag is one error with one text, on purpose: a sender
 * who can watch the answers must learn nothing from them (RFC 3218). */
#ifndef SEALPOST_CMS_CIPHER_H
#define SEALPOST_CMS_CIPHER_H

#include "base/task.h"
#include "cms/algorithms.h"
#include "cms/ber.h"

struct PK11SymKeyStr;

enum {
    CIPHER_GCM_NONCE = 12, /* bytes that are made; read: any length (RFC 5084 3.2) */
    CIPHER_GCM_TAG = 16, /* bytes that are made, and the most that are read */
    CIPHER_GCM_TAG_MIN = 12,
    CIPHER_IV_MAX = 16,
    CIPHER_KEY_MAX = 32 /* bytes of a key that is made */
};

/* An algorithm with its parameters. Plain data; `iv` is a view of what was read. */
struct cipher {
    const struct cms_cipher_info *info; /* NULL: not in the table, nothing else is set */
    struct bytes iv; /* IV or nonce */
    size_t key_len; /* bytes */
    size_t tag_len; /* bytes; 0 for CBC */
    unsigned rc2_bits; /* RC2's effective key bits */
};

/* What a run of the cipher needs. All borrowed. */
struct cipher_job {
    const struct cipher *cipher;
    struct PK11SymKeyStr *key;
    struct bytes authenticated; /* GCM's additional data; empty: none */
    struct task *task;
};

/* From the SEQUENCE of an AlgorithmIdentifier. ERR_CMS_MALFORMED where the parameters of a cipher
 * in the table cannot be read. */
struct error *cipher_read(const struct ber_value *algorithm, struct cipher *ret_cipher) MUST_USE;

/* The AlgorithmIdentifier of an AES cipher, as DER, appended. ERR_NO_MEMORY. */
struct error *cipher_write(const struct cipher *cipher, struct buffer *out) MUST_USE;

/* A random key of the cipher's size in the internal token, for encrypting, decrypting and for being
 * wrapped; its value cannot be read. ERR_INTERNAL, ERR_NO_MEMORY. */
struct error *cipher_new_key(const struct cipher *cipher, struct PK11SymKeyStr **ret_key) MUST_USE;

/* The same with a key whose value is known, for recipients whose way of wrapping needs it in
 * memory: `value` gets cipher->key_len bytes, which the caller wipes. ERR_INTERNAL. */
struct error *cipher_new_known_key(const struct cipher *cipher,
                                   uint8_t value[static CIPHER_KEY_MAX],
                                   struct PK11SymKeyStr **ret_key) MUST_USE;

/* A key of the internal token with this value, for encrypting, decrypting and for being wrapped;
 * NULL where the value does not suit the cipher. */
struct PK11SymKeyStr *cipher_import_key(const struct cipher *cipher, struct bytes value);

/* The length of the plaintext. For CBC this decrypts the last block aside and checks all of its
 * padding, so that a wrong key is nearly always found while the ciphertext is still whole. `data`
 * is the ciphertext, for GCM with the tag behind it. ERR_DECRYPTION_FAILED. */
struct error *cipher_look(const struct cipher_job *job, struct bytes data, size_t *ret_plain_len)
    MUST_USE;

/* Decrypts `len` bytes (as in cipher_look) in place. On failure they are wiped.
 * ERR_DECRYPTION_FAILED, ERR_CANCELLED. */
struct error *cipher_decrypt(const struct cipher_job *job, uint8_t *data, size_t len) MUST_USE;

/* Bytes that encryption adds to `len` bytes: the padding or the tag. */
size_t cipher_growth(const struct cipher *cipher, size_t len);

/* Encrypts `len` bytes in place; cipher_growth bytes more must be writable behind them: padding
 * inside the ciphertext, or the tag. ERR_CANCELLED, ERR_INTERNAL. */
struct error *cipher_encrypt(const struct cipher_job *job, uint8_t *data, size_t len) MUST_USE;

/* The one error for all that cannot be decrypted. */
struct error *cipher_failed(void) MUST_USE NEVER_NULL;
/* NOLINTBEGIN(readability-identifier-naming): see error.h */
#if defined(__clang_analyzer__) && !defined(CIPHER_DEFINED_HERE)
#define cipher_failed() error_never_null(cipher_failed())
#endif
/* NOLINTEND(readability-identifier-naming): their names */

#endif
