#include "base/limits.h"
#include "cms/cipher.h"
#include "cms/der.h"
#include "cms/enveloped.h"
#include "cms/recipient_kari.h"
#include "cms/recipient_kek.h"
#include "cms/recipient_ktri.h"
#include "cms/recipient_pwri.h"
#include "nss/newer.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <string.h>

static const uint8_t oid_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01 };
static const uint8_t oid_enveloped[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03 };
static const uint8_t oid_auth_enveloped[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
                                              0x01, 0x09, 0x10, 0x01, 0x17 };

/* RFC 5652 6.1, RFC 5083 2.1 */
enum {
    VERSION_TRANSPORT_ONLY = 0,
    VERSION_OTHER = 2,
    VERSION_PASSWORD = 3,
    VERSION_AUTHENTICATED = 0
};

/* What stands around the content, made before it. */
struct shell {
    struct buffer *recipients; /* RecipientInfos, DER */
    struct buffer *algorithm; /* ContentEncryptionAlgorithmIdentifier, DER */
    uint64_t version; /* that the recipients ask for in EnvelopedData */
};

/* The content-encryption key, and its value where that is known. */
struct secret {
    PK11SymKey *key;
    uint8_t value[CIPHER_KEY_MAX];
};

static void secret_done(struct secret *secret)
{
    nss_sym_key_free(secret->key);
    explicit_bzero(secret, sizeof(*secret));
}
DEFINE_CLEANUP(struct secret *, secret_done);

static struct error *check_count(const struct cms_encrypt_request *request)
{
    size_t count = request->recipient_count;
    if (count <= LIMIT_RECIPIENTS) {
        count += request->kek ? 1 : 0;
        count += request->password.len > 0 ? 1 : 0;
    }
    if (count == 0 || count > LIMIT_RECIPIENTS) {
        return error_new(ERR_RECIPIENT_UNUSABLE, "%zu recipients; between 1 and %d are possible",
                         count, LIMIT_RECIPIENTS);
    }
    return NULL;
}

static struct error *check_request(const struct cms_encrypt_request *request,
                                   const struct content *content)
{
    const struct cms_cipher_info *info = cms_cipher_info(request->cipher);
    if (!info || info->weak) {
        return error_new(ERR_ALGORITHM_FORBIDDEN, "the cipher is not one to encrypt with");
    }
    TRY(check_count(request));
    if (content_size(content) > LIMIT_MESSAGE) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "the content is larger than a message may be");
    }
    return NULL;
}

static struct error *write_recipient(const CERTCertificate *certificate,
                                     const struct cms_recipient_way *way, PK11SymKey *cek,
                                     struct shell *shell)
{
    CLEANUP(nss_public_key_free) SECKEYPublicKey *rsa = recipient_ktri_public_key(certificate);
    if (rsa) {
        return recipient_ktri_make(certificate, rsa, way, cek, shell->recipients);
    }
    CLEANUP(nss_public_key_free)
    SECKEYPublicKey *key = SECKEY_ExtractPublicKey(&certificate->subjectPublicKeyInfo);
    if (!key) {
        return recipient_list_unusable("the recipient's key cannot be read");
    }
    if (key->keyType == ecKey || (int)key->keyType == NEWER_KEY_MONTGOMERY) {
        shell->version = VERSION_OTHER;
        return recipient_kari_make(certificate, key, way, cek, shell->recipients);
    }
    return error_new(ERR_RECIPIENT_UNUSABLE, "the recipient's key is not for encryption");
}

static struct error *write_certificates(const struct cms_encrypt_request *request, PK11SymKey *cek,
                                        struct shell *shell)
{
    const struct cms_recipient_way usual = { .oaep = false };
    for (size_t i = 0; i < request->recipient_count; i++) {
        TRY(task_check(request->task));
        TRY(write_recipient(request->recipients[i], request->ways ? &request->ways[i] : &usual, cek,
                            shell));
    }
    return NULL;
}

static struct error *write_recipients(const struct cms_encrypt_request *request,
                                      const struct cipher *cipher, const struct secret *secret,
                                      struct shell *shell)
{
    TRY(write_certificates(request, secret->key, shell));
    if (request->kek) {
        shell->version = VERSION_OTHER;
        TRY(recipient_kek_make(request->kek, request->kek_id, secret->key, shell->recipients));
    }
    if (request->password.len > 0) {
        unsigned iterations = request->password_iterations;
        shell->version = VERSION_PASSWORD;
        TRY(task_check(request->task));
        TRY(recipient_pwri_make(
            request->password, iterations ? iterations : DEFAULT_PASSWORD_ITERATIONS,
            (struct bytes){ secret->value, cipher->key_len }, shell->recipients));
    }
    return der_wrap_set_of(shell->recipients, 0, BER_SET);
}

/* Where all recipients have certificates, nobody can read the key, this process included. Wrapping
 * under a password needs its value, and a token can only take a key from another one by it. */
static struct error *new_secret(const struct cms_encrypt_request *request,
                                const struct cipher *cipher, struct secret *secret)
{
    return request->kek || request->password.len > 0
               ? cipher_new_known_key(cipher, secret->value, &secret->key)
               : cipher_new_key(cipher, &secret->key);
}

/* The lengths from the inside out, then the headers from the outside in. */
static struct error *write_front(const struct shell *shell, const struct cipher *cipher,
                                 size_t encrypted_len, struct buffer *out)
{
    bool tagged = cipher->info->authenticated;
    struct bytes type = { oid_enveloped, sizeof(oid_enveloped) };
    uint64_t version = shell->version;
    if (tagged) {
        type = (struct bytes){ oid_auth_enveloped, sizeof(oid_auth_enveloped) };
        version = VERSION_AUTHENTICATED;
    }
    size_t info_len =
        der_value_size(sizeof(oid_data)) + shell->algorithm->len + der_value_size(encrypted_len);
    size_t data_len = der_value_size(1) + shell->recipients->len + der_value_size(info_len) +
                      (tagged ? der_value_size(cipher->tag_len) : 0);
    TRY(der_header(out, BER_SEQUENCE,
                   der_value_size(type.len) + der_value_size(der_value_size(data_len))));
    TRY(der_value(out, BER_OID, type));
    TRY(der_header(out, BER_CONTEXT_CONSTRUCTED, der_value_size(data_len)));
    TRY(der_header(out, BER_SEQUENCE, data_len));
    TRY(der_small_integer(out, version));
    TRY(buffer_append(out, buffer_view(shell->recipients)));
    TRY(der_header(out, BER_SEQUENCE, info_len));
    TRY(der_value(out, BER_OID, (struct bytes){ oid_data, sizeof(oid_data) }));
    TRY(buffer_append(out, buffer_view(shell->algorithm)));
    return der_header(out, BER_CONTEXT, encrypted_len);
}

static struct error *append_content(const struct content *content, struct task *task,
                                    struct mapping *der)
{
    struct bytes piece;
    for (size_t i = 0; content_piece(content, i, &piece); i++) {
        for (size_t at = 0; at < piece.len; at += MIB) {
            TRY(task_check(task));
            TRY(mapping_append(der, bytes_slice(piece, at, MIB)));
        }
    }
    return NULL;
}

/* The cipher puts the tag behind the ciphertext; the mac's header belongs between them. */
static struct error *insert_tag_header(struct mapping *der, size_t tag_len)
{
    CLEANUP(buffer_free) struct buffer *header = NULL;
    uint8_t *tail = NULL;
    TRY(buffer_new(0, &header));
    TRY(der_header(header, BER_OCTET_STRING, tag_len));
    TRY(mapping_extend(der, header->len, &tail));
    uint8_t *tag = tail - tag_len;
    memmove(tag + header->len, tag, tag_len);
    memcpy(tag, header->data, header->len);
    return NULL;
}

/* Front, content once, encrypted where it lies. */
static struct error *assemble(const struct cipher_job *job, const struct shell *shell,
                              const struct content *content, struct mapping **ret_der)
{
    const struct cipher *cipher = job->cipher;
    size_t len = content_size(content);
    size_t growth = cipher_growth(cipher, len);
    CLEANUP(buffer_free) struct buffer *front = NULL;
    TRY(buffer_new(0, &front));
    TRY(write_front(shell, cipher, cipher->info->authenticated ? len : len + growth, front));
    size_t tag_header = cipher->info->authenticated ? der_header_size(cipher->tag_len) : 0;
    size_t total = front->len + len + growth + tag_header;
    if (total > LIMIT_MESSAGE) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "the encrypted message would be too large");
    }
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    uint8_t *tail = NULL;
    TRY(mapping_new(LIMIT_MESSAGE, &der)); /* room to become base64 in place */
    TRY(mapping_append(der, buffer_view(front)));
    TRY(append_content(content, job->task, der));
    TRY(mapping_extend(der, growth, &tail));
    TRY(cipher_encrypt(job, mapping_data(der) + front->len, len));
    if (tag_header > 0) {
        TRY(insert_tag_header(der, cipher->tag_len));
    }
    *ret_der = TAKE_PTR(der);
    return NULL;
}

/* A cipher of this kind with a fresh random IV, which `iv` holds. */
static struct error *choose_cipher(enum cms_cipher which, uint8_t *iv, struct cipher *ret_cipher)
{
    const struct cms_cipher_info *info = cms_cipher_info(which);
    size_t iv_len = info->authenticated ? CIPHER_GCM_NONCE : info->block;
    *ret_cipher = (struct cipher){
        .info = info,
        .iv = { iv, iv_len },
        .key_len = info->key_bits / 8,
        .tag_len = info->authenticated ? CIPHER_GCM_TAG : 0,
    };
    if (PK11_GenerateRandom(iv, (int)iv_len) != SECSuccess) {
        return nss_error(ERR_INTERNAL, "there are no random bytes");
    }
    return NULL;
}

struct error *cms_enveloped_make(const struct cms_encrypt_request *request,
                                 const struct content *content, struct mapping **ret_der)
{
    TRY(check_request(request, content));
    uint8_t iv[CIPHER_IV_MAX];
    struct cipher cipher;
    TRY(choose_cipher(request->cipher, iv, &cipher));
    struct secret secret = { .key = NULL };
    CLEANUP(secret_done) struct secret *wiped = &secret;
    TRY(new_secret(request, &cipher, wiped));
    CLEANUP(buffer_free) struct buffer *recipients = NULL;
    CLEANUP(buffer_free) struct buffer *algorithm = NULL;
    TRY(buffer_new(0, &recipients));
    TRY(buffer_new(0, &algorithm));
    struct shell shell = { .recipients = recipients,
                           .algorithm = algorithm,
                           .version = VERSION_TRANSPORT_ONLY };
    TRY(write_recipients(request, &cipher, wiped, &shell));
    TRY(cipher_write(&cipher, algorithm));
    const struct cipher_job job = { .cipher = &cipher, .key = secret.key, .task = request->task };
    return assemble(&job, &shell, content, ret_der);
}
