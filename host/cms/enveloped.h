/* EnvelopedData (RFC 5652 6) and AuthEnvelopedData (RFC 5083): reading, opening, making.
 * Views of the input as in signed.h. A recipient type that is not known never stops the others. */
#ifndef SEALPOST_CMS_ENVELOPED_H
#define SEALPOST_CMS_ENVELOPED_H

#include "base/content.h"
#include "base/task.h"
#include "cms/algorithms.h"
#include "cms/ber.h"
#include "cms/signed.h"

struct PK11SymKeyStr;
struct cms_enveloped;
struct cms_cek; /* a content-encryption key, inside the token */

enum cms_recipient_type {
    CMS_KEY_TRANSPORT,
    CMS_KEY_AGREEMENT,
    CMS_KEK,
    CMS_PASSWORD,
    CMS_KEM,
    CMS_RECIPIENT_OTHER
};

/* One recipient: a KeyAgreeRecipientInfo with n RecipientEncryptedKeys counts as n. */
struct cms_recipient {
    enum cms_recipient_type type;
    struct cms_cert_ref ref; /* of key transport and key agreement; of a KEK the key_id alone */
    const char *algorithm; /* "rsa", "rsa-oaep", "ecdh", "x25519", "aes-wrap", "3des-wrap",
                            * "pbkdf2", "unknown", … */
};

/* `input` is a ContentInfo of either type. ERR_CMS_MALFORMED; ERR_CMS_UNSUPPORTED for another
 * content type. */
struct error *cms_enveloped_parse(struct bytes input, struct cms_enveloped **ret_message) MUST_USE;
void cms_enveloped_free(struct cms_enveloped *message); /* NULL is fine */
DEFINE_CLEANUP(struct cms_enveloped *, cms_enveloped_free);

size_t cms_enveloped_recipient_count(const struct cms_enveloped *message);
const struct cms_recipient *cms_enveloped_recipient(const struct cms_enveloped *message,
                                                    size_t number); /* borrowed */
/* NULL for a cipher that is not in the table. */
const struct cms_cipher_info *cms_enveloped_cipher(const struct cms_enveloped *message);
bool cms_enveloped_is_authenticated(const struct cms_enveloped *message); /* AuthEnvelopedData */

/* Unwraps the content-encryption key for one recipient with his certificate and private key. No
 * oracle (RFC 3218): a bad PKCS#1 block gives a random key of the right size, never an error of its
 * own. ERR_CMS_UNSUPPORTED, ERR_DECRYPTION_FAILED, ERR_NO_MEMORY. */
struct error *cms_enveloped_unwrap(const struct cms_enveloped *message, size_t number,
                                   struct CERTCertificateStr *certificate,
                                   struct SECKEYPrivateKeyStr *key, struct cms_cek **ret_cek)
    MUST_USE;
/* The same with the secret key that a CMS_KEK recipient names, and with the password of a
 * CMS_PASSWORD recipient (which takes up to seconds). ERR_CMS_MALFORMED too. */
struct error *cms_enveloped_unwrap_kek(const struct cms_enveloped *message, size_t number,
                                       struct PK11SymKeyStr *kek, struct cms_cek **ret_cek)
    MUST_USE;
struct error *cms_enveloped_unwrap_password(const struct cms_enveloped *message, size_t number,
                                            struct bytes password, struct cms_cek **ret_cek)
    MUST_USE;
void cms_cek_free(struct cms_cek *cek); /* NULL is fine */
DEFINE_CLEANUP(struct cms_cek *, cms_cek_free);

/* Decrypts. `writable` is the mapping that the input lies in where it may be altered: the content
 * is then decrypted in place, and the message object is spent afterwards; NULL: the input stays as
 * it is and a new mapping is used. For GCM nothing is released before the tag is
 * checked. `ret_owner` holds a reference for the caller, `ret_plain` lies inside it.
 * ERR_DECRYPTION_FAILED for everything that is wrong with key, padding or tag (one word, on
 * purpose); ERR_CMS_UNSUPPORTED for the cipher; ERR_CANCELLED; ERR_NO_MEMORY. */
struct error *cms_enveloped_decrypt(struct cms_enveloped *message, struct cms_cek *cek,
                                    struct mapping *writable, struct task *task,
                                    struct mapping **ret_owner, struct bytes *ret_plain) MUST_USE;

/* Whether a decryption in place has consumed the content: it can't be decrypted again. Most wrong
 * keys for a CBC cipher are found before that, and another key can then be tried in place. */
bool cms_enveloped_is_spent(const struct cms_enveloped *message);

/* How the key goes to one recipient. Zero-initialised: the default for his key. */
struct cms_recipient_way {
    bool oaep; /* an rsaEncryption key gets RSA-OAEP in place of PKCS#1 v1.5 */
    enum cms_digest oaep_digest; /* CMS_SHA256 (the default, 0), CMS_SHA384, CMS_SHA512 */
    bool cofactor; /* an EC key gets the cofactor scheme in place of the standard one */
    struct bytes material; /* ukm of key agreement; empty: none */
};

/* What to encrypt. All borrowed. Of certificates, KEK and password there is at least one. */
struct cms_encrypt_request {
    struct CERTCertificateStr *const *recipients; /* up to LIMIT_RECIPIENTS in all */
    size_t recipient_count;
    const struct cms_recipient_way *ways; /* one for each of recipients; NULL: the defaults */
    struct PK11SymKeyStr *kek; /* an AES key of a token; NULL: none */
    struct bytes kek_id; /* by which the recipient knows it */
    struct bytes password; /* UTF-8; empty: none */
    unsigned password_iterations; /* up to LIMIT_…; 0: DEFAULT_PASSWORD_ITERATIONS */
    enum cms_cipher cipher; /* an AES one */
    struct task *task;
};

/* Makes a DER ContentInfo: EnvelopedData for CBC, AuthEnvelopedData for GCM. RSA keys get PKCS#1
 * v1.5 key transport or OAEP, RSAES-OAEP keys OAEP alone (as their parameters say, RFC 4055 4), EC
 * keys ephemeral-static ECDH with the digest and the wrapping that fit curve and cipher. SHA-1 is
 * never written, in OAEP neither. The mapping holds the content once; it is encrypted in place.
 * ERR_RECIPIENT_UNUSABLE, ERR_ALGORITHM_FORBIDDEN, ERR_CANCELLED, ERR_NO_MEMORY,
 * ERR_MESSAGE_TOO_LARGE, ERR_INTERNAL. */
struct error *cms_enveloped_make(const struct cms_encrypt_request *request,
                                 const struct content *content, struct mapping **ret_der) MUST_USE;

#endif
