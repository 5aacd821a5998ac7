#ifdef __clang_analyzer__ /* elsewhere clang finds the macro unused */
#define CIPHER_DEFINED_HERE
#endif
#include "cms/cipher.h"

#include "base/limits.h"
#include "cms/der.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <string.h>

/* Between two looks at the task; small enough to stay in a cache level, large enough not to matter
 */
#define CHUNK (1 * MIB)

enum { RC2_BITS_MAX = 1024, RC2_VERSION_IS_BITS = 256, RC2_DEFAULT_BITS = 32, OCTET_BITS = 8 };

struct error *cipher_failed(void)
{
    return error_new(ERR_DECRYPTION_FAILED, "the content cannot be decrypted");
}

static struct error *malformed(const char *what)
{
    return error_new(ERR_CMS_MALFORMED, "the content encryption's %s is not usable", what);
}

/* RFC 5084 3.2: GCMParameters ::= SEQUENCE { aes-nonce, aes-ICVlen DEFAULT 12 } */
static struct error *read_gcm(struct ber_reader *reader, struct cipher *cipher)
{
    struct ber_value parameters;
    TRY(ber_expect(reader, BER_SEQUENCE, &parameters));
    struct ber_reader inner = ber_reader_in(&parameters);
    struct ber_value nonce;
    TRY(ber_expect(&inner, BER_OCTET_STRING, &nonce));
    uint64_t tag_len = CIPHER_GCM_TAG_MIN;
    if (!ber_at_end(&inner)) {
        TRY(ber_small_integer(&inner, &tag_len));
    }
    TRY(ber_expect_end(&inner));
    if (nonce.contents.len == 0) {
        return malformed("nonce");
    }
    if (tag_len < CIPHER_GCM_TAG_MIN || tag_len > CIPHER_GCM_TAG) {
        return malformed("tag length");
    }
    cipher->iv = nonce.contents;
    cipher->tag_len = (size_t)tag_len;
    return NULL;
}

/* RFC 2268 6: the version number hides the effective key bits; only the values mail uses. 0: none
 */
static unsigned rc2_bits_of_version(uint64_t version)
{
    if (version >= RC2_VERSION_IS_BITS) {
        return version <= RC2_BITS_MAX ? (unsigned)version : 0;
    }
    static const struct {
        uint64_t version;
        unsigned bits;
    } table[] = { { 160, 40 }, { 120, 64 }, { 58, 128 } };
    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        if (table[i].version == version) {
            return table[i].bits;
        }
    }
    return 0;
}

/* RFC 3370 5.2: RC2CBCParameter is SEQUENCE { version, iv }, in RFC 2268 6 also a bare IV */
static struct error *read_rc2(struct ber_reader *reader, struct cipher *cipher)
{
    struct ber_value value;
    uint64_t version = 0;
    bool bare = ber_peek(reader) == BER_OCTET_STRING;
    if (bare) {
        TRY(ber_expect(reader, BER_OCTET_STRING, &value));
    } else {
        struct ber_value parameters;
        TRY(ber_expect(reader, BER_SEQUENCE, &parameters));
        struct ber_reader inner = ber_reader_in(&parameters);
        TRY(ber_small_integer(&inner, &version));
        TRY(ber_expect(&inner, BER_OCTET_STRING, &value));
        TRY(ber_expect_end(&inner));
    }
    cipher->iv = value.contents;
    cipher->rc2_bits = bare ? RC2_DEFAULT_BITS : rc2_bits_of_version(version);
    cipher->key_len = (cipher->rc2_bits + OCTET_BITS - 1) / OCTET_BITS;
    return NULL;
}

static struct error *read_iv(struct ber_reader *reader, struct cipher *cipher)
{
    struct ber_value value;
    TRY(ber_expect(reader, BER_OCTET_STRING, &value));
    cipher->iv = value.contents;
    return NULL;
}

static struct error *read_parameters(struct ber_reader *reader, struct cipher *cipher)
{
    if (cipher->info->authenticated) {
        return read_gcm(reader, cipher);
    }
    if (cipher->info->cipher == CMS_RC2_CBC) {
        TRY(read_rc2(reader, cipher));
    } else {
        TRY(read_iv(reader, cipher));
    }
    return cipher->iv.len == cipher->info->block ? NULL : malformed("IV");
}

struct error *cipher_read(const struct ber_value *algorithm, struct cipher *ret_cipher)
{
    struct ber_reader reader = ber_reader_in(algorithm);
    struct bytes oid;
    TRY(ber_oid(&reader, &oid));
    struct cipher cipher = { .info = cms_cipher_by_oid(oid) };
    if (cipher.info) {
        cipher.key_len = cipher.info->key_bits / OCTET_BITS;
        TRY(read_parameters(&reader, &cipher));
        TRY(ber_expect_end(&reader));
    }
    bool usable = cipher.info && (cipher.info->cipher != CMS_RC2_CBC || cipher.rc2_bits > 0);
    *ret_cipher = usable ? cipher : (struct cipher){ .info = NULL };
    return NULL;
}

struct error *cipher_write(const struct cipher *cipher, struct buffer *out)
{
    size_t start = out->len;
    TRY(der_value(out, BER_OID, cipher->info->oid));
    size_t parameters = out->len;
    TRY(der_value(out, BER_OCTET_STRING, cipher->iv));
    if (cipher->info->authenticated) {
        TRY(der_small_integer(out, cipher->tag_len));
        TRY(der_wrap(out, parameters, BER_SEQUENCE));
    }
    return der_wrap(out, start, BER_SEQUENCE);
}

static CK_MECHANISM_TYPE generator(const struct cipher *cipher)
{
    switch (cipher->info->cipher) {
    case CMS_3DES_CBC:
        return CKM_DES3_KEY_GEN;
    case CMS_RC2_CBC:
        return CKM_RC2_KEY_GEN;
    case CMS_CIPHER_UNKNOWN:
    case CMS_AES_128_CBC:
    case CMS_AES_192_CBC:
    case CMS_AES_256_CBC:
    case CMS_AES_128_GCM:
    case CMS_AES_192_GCM:
    case CMS_AES_256_GCM:
        break;
    }
    return CKM_AES_KEY_GEN;
}

struct error *cipher_new_key(const struct cipher *cipher, struct PK11SymKeyStr **ret_key)
{
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    if (!slot) {
        return nss_error(ERR_INTERNAL, "there is no internal token");
    }
    /* a DES key has but one size, and the token refuses to be told */
    int size = cipher->info->cipher == CMS_3DES_CBC ? 0 : (int)cipher->key_len;
    /* extractable so that it can be wrapped for the recipients, sensitive so that it is not read */
    PK11SymKey *key = PK11_TokenKeyGenWithFlags(
        slot, generator(cipher), NULL, size, NULL, CKF_ENCRYPT | CKF_DECRYPT,
        PK11_ATTR_SESSION | PK11_ATTR_SENSITIVE | PK11_ATTR_EXTRACTABLE, NULL);
    if (!key) {
        return nss_error(ERR_INTERNAL, "no content-encryption key could be made");
    }
    *ret_key = key;
    return NULL;
}

struct PK11SymKeyStr *cipher_import_key(const struct cipher *cipher, struct bytes value)
{
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    SECItem item;
    if (!slot || value.len != cipher->key_len || !item_set(&item, value)) {
        return NULL;
    }
    return PK11_ImportSymKeyWithFlags(slot, cipher->info->mechanism, PK11_OriginUnwrap,
                                      CKA_FLAGS_ONLY, &item, CKF_ENCRYPT | CKF_DECRYPT, PR_FALSE,
                                      NULL);
}

struct error *cipher_new_known_key(const struct cipher *cipher,
                                   uint8_t value[static CIPHER_KEY_MAX],
                                   struct PK11SymKeyStr **ret_key)
{
    if (cipher->key_len > CIPHER_KEY_MAX ||
        PK11_GenerateRandom(value, (int)cipher->key_len) != SECSuccess) {
        return nss_error(ERR_INTERNAL, "there are no random bytes");
    }
    PK11SymKey *key = cipher_import_key(cipher, (struct bytes){ value, cipher->key_len });
    if (!key) {
        return nss_error(ERR_INTERNAL, "no content-encryption key could be made");
    }
    *ret_key = key;
    return NULL;
}

/* The mechanism's parameters; `item` points to its neighbours. */
struct parameters {
    CK_RC2_CBC_PARAMS rc2;
    CK_GCM_PARAMS_V3 gcm;
    SECItem item;
};

static void set_cbc(struct parameters *parameters, const struct cipher *cipher, struct bytes iv)
{
    if (cipher->info->cipher != CMS_RC2_CBC) {
        parameters->item = (SECItem){ siBuffer, item_pointer(iv), (unsigned int)iv.len };
        return;
    }
    parameters->rc2.ulEffectiveBits = cipher->rc2_bits;
    memcpy(parameters->rc2.iv, iv.data, sizeof(parameters->rc2.iv));
    parameters->item =
        (SECItem){ siBuffer, (unsigned char *)&parameters->rc2, sizeof(parameters->rc2) };
}

static void set_gcm(struct parameters *parameters, const struct cipher_job *job)
{
    parameters->gcm = (CK_GCM_PARAMS_V3){
        .pIv = item_pointer(job->cipher->iv),
        .ulIvLen = job->cipher->iv.len,
        .ulIvBits = job->cipher->iv.len * OCTET_BITS,
        .pAAD = item_pointer(job->authenticated),
        .ulAADLen = job->authenticated.len,
        .ulTagBits = job->cipher->tag_len * OCTET_BITS,
    };
    parameters->item =
        (SECItem){ siBuffer, (unsigned char *)&parameters->gcm, sizeof(parameters->gcm) };
}

/* All padding bytes are looked at, none of them first (RFC 5652 6.3). 0: wrong */
static size_t padding_of(const uint8_t *last, size_t block)
{
    size_t padding = last[block - 1];
    unsigned wrong = padding == 0 || padding > block;
    for (size_t i = 0; i < block; i++) {
        unsigned inside = i + padding >= block;
        wrong |= inside & (last[i] != padding);
    }
    return wrong ? 0 : padding;
}

struct error *cipher_look(const struct cipher_job *job, struct bytes data, size_t *ret_plain_len)
{
    const struct cipher *cipher = job->cipher;
    if (cipher->info->authenticated) {
        if (data.len < cipher->tag_len) {
            return cipher_failed();
        }
        *ret_plain_len = data.len - cipher->tag_len;
        return NULL;
    }
    size_t block = cipher->info->block;
    if (data.len == 0 || data.len % block != 0 || block > CIPHER_IV_MAX) {
        return cipher_failed();
    }
    struct bytes iv =
        data.len == block ? cipher->iv : bytes_slice(data, data.len - 2 * block, block);
    struct parameters parameters;
    set_cbc(&parameters, cipher, iv);
    uint8_t scratch[CIPHER_IV_MAX] = { 0 };
    unsigned int done = 0;
    SECStatus status =
        PK11_Decrypt(job->key, cipher->info->mechanism, &parameters.item, scratch, &done,
                     sizeof(scratch), data.data + data.len - block, (unsigned int)block);
    size_t padding = padding_of(scratch, block);
    explicit_bzero(scratch, sizeof(scratch));
    if (status != SECSuccess || done != block || padding == 0) {
        return cipher_failed();
    }
    *ret_plain_len = data.len - padding;
    return NULL;
}

/* Both directions: the mechanism without padding works on whole blocks, in place. */
static struct error *run_cbc(const struct cipher_job *job, CK_ATTRIBUTE_TYPE operation,
                             uint8_t *data, size_t len)
{
    struct parameters parameters;
    set_cbc(&parameters, job->cipher, job->cipher->iv);
    CLEANUP(nss_context_free)
    PK11Context *context = PK11_CreateContextBySymKey(job->cipher->info->mechanism, operation,
                                                      job->key, &parameters.item);
    if (!context) {
        return cipher_failed();
    }
    for (size_t at = 0; at < len;) {
        TRY(task_check(job->task));
        size_t left = len - at;
        int part = (int)(left < CHUNK ? left : CHUNK);
        int done = 0;
        if (PK11_CipherOp(context, data + at, &done, part, data + at, part) != SECSuccess ||
            done != part) {
            return cipher_failed();
        }
        at += (size_t)part;
        task_progress(job->task, at, len);
    }
    return NULL;
}

/* One call: NSS has no GCM in several parts (C_DecryptUpdate fails for it). */
static struct error *decrypt_gcm(const struct cipher_job *job, uint8_t *data, size_t len)
{
    TRY(task_check(job->task));
    struct parameters parameters;
    set_gcm(&parameters, job);
    unsigned int done = 0;
    SECStatus status = PK11_Decrypt(job->key, job->cipher->info->mechanism, &parameters.item, data,
                                    &done, (unsigned int)len, data, (unsigned int)len);
    if (status != SECSuccess || done != len - job->cipher->tag_len) {
        return cipher_failed();
    }
    task_progress(job->task, len, len);
    return NULL;
}

struct error *cipher_decrypt(const struct cipher_job *job, uint8_t *data, size_t len)
{
    struct error *error = job->cipher->info->authenticated ? decrypt_gcm(job, data, len)
                                                           : run_cbc(job, CKA_DECRYPT, data, len);
    if (error) {
        explicit_bzero(data, len);
    }
    return error;
}

size_t cipher_growth(const struct cipher *cipher, size_t len)
{
    if (cipher->info->authenticated) {
        return cipher->tag_len;
    }
    return cipher->info->block - len % cipher->info->block;
}

static struct error *encrypt_gcm(const struct cipher_job *job, uint8_t *data, size_t len)
{
    TRY(task_check(job->task));
    struct parameters parameters;
    set_gcm(&parameters, job);
    unsigned int whole = (unsigned int)(len + job->cipher->tag_len);
    unsigned int done = 0;
    SECStatus status = PK11_Encrypt(job->key, job->cipher->info->mechanism, &parameters.item, data,
                                    &done, whole, data, (unsigned int)len);
    if (status != SECSuccess || done != whole) {
        return nss_error(ERR_INTERNAL, "the content cannot be encrypted");
    }
    task_progress(job->task, len, len);
    return NULL;
}

struct error *cipher_encrypt(const struct cipher_job *job, uint8_t *data, size_t len)
{
    if (job->cipher->info->authenticated) {
        return encrypt_gcm(job, data, len);
    }
    size_t padding = cipher_growth(job->cipher, len);
    memset(data + len, (int)padding, padding);
    struct error *error = run_cbc(job, CKA_ENCRYPT, data, len + padding);
    if (error && error_get_code(error) != ERR_CANCELLED) {
        return error_wrap(error, ERR_INTERNAL, "the content cannot be encrypted");
    }
    return error;
}
