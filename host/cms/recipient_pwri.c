#include "cms/recipient_pwri.h"

#include "cms/cipher.h"
#include "cms/der.h"
#include "cms/recipient_pbkdf2.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <string.h>

/* RFC 3211 2.3.1: a count byte and three check bytes before the key, padding behind it. 255 bytes
 * of key and what belongs to them fit. */
enum { FRONT = 4, CHECKED = 3, BLOCKS_MIN = 2, WRAPPED_MAX = 272, SALT_LEN = 16 };

static const uint8_t oid_pwri_kek[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
                                        0x01, 0x09, 0x10, 0x03, 0x09 };

/* The fields of one PasswordRecipientInfo that matter. */
struct fields {
    struct recipient_pbkdf2 derivation;
    struct cipher cipher; /* of the wrapping */
    struct bytes encrypted_key;
};

/* The cleartext of a wrapped key. */
struct block {
    uint8_t data[WRAPPED_MAX];
};

static void block_done(struct block *block)
{
    explicit_bzero(block, sizeof(*block));
}
DEFINE_CLEANUP(struct block *, block_done);

/* keyEncryptionAlgorithm: id-alg-PWRI-KEK, its parameter being the cipher with its IV */
static struct error *read_wrapping(struct ber_reader *reader, struct cipher *ret_cipher)
{
    struct ber_value algorithm;
    struct ber_value inner_algorithm;
    struct bytes oid;
    TRY(ber_expect(reader, BER_SEQUENCE, &algorithm));
    struct ber_reader inner = ber_reader_in(&algorithm);
    TRY(ber_oid(&inner, &oid));
    if (!bytes_equal(oid, (struct bytes){ oid_pwri_kek, sizeof(oid_pwri_kek) })) {
        return error_new(ERR_CMS_UNSUPPORTED, "a password with an unknown way of key wrapping");
    }
    TRY(ber_expect(&inner, BER_SEQUENCE, &inner_algorithm));
    TRY(ber_expect_end(&inner));
    TRY(cipher_read(&inner_algorithm, ret_cipher));
    const struct cms_cipher_info *info = ret_cipher->info;
    if (!info || info->authenticated || info->cipher == CMS_RC2_CBC) {
        return error_new(ERR_CMS_UNSUPPORTED, "a password with an unknown cipher");
    }
    return NULL;
}

static struct error *read_fields(const struct ber_value *info, struct fields *fields)
{
    struct ber_reader reader = ber_reader_in(info);
    uint64_t version = 0;
    struct ber_value derivation;
    struct ber_value encrypted_key;
    bool found = false;
    TRY(ber_small_integer(&reader, &version));
    TRY(ber_optional(&reader, BER_CONTEXT_CONSTRUCTED, &derivation, &found));
    if (!found) { /* RFC 5652 6.2.4: the key comes from elsewhere */
        return error_new(ERR_CMS_UNSUPPORTED, "a password without a derivation");
    }
    struct ber_reader inner = ber_reader_in(&derivation);
    TRY(recipient_pbkdf2_read(&inner, &fields->derivation));
    TRY(read_wrapping(&reader, &fields->cipher));
    TRY(ber_expect(&reader, BER_OCTET_STRING, &encrypted_key));
    TRY(ber_expect_end(&reader));
    fields->encrypted_key = encrypted_key.contents;
    return NULL;
}

struct error *recipient_pwri_read(const struct ber_value *info, struct recipient_list *list)
{
    struct fields fields;
    CLEANUP(error_free) struct error *obstacle = read_fields(info, &fields);
    const struct recipient_entry entry = {
        .recipient = { .type = CMS_PASSWORD, .algorithm = obstacle ? "unknown" : "pbkdf2" },
        .info = info->whole,
    };
    return recipient_list_append(list, &entry);
}

/* One run of CBC over whole blocks, under an IV of its own. */
static bool run_cbc(const struct cipher *cipher, PK11SymKey *key, bool encrypt, struct bytes iv,
                    uint8_t *data, size_t len)
{
    SECItem parameter;
    unsigned int done = 0;
    unsigned int size = (unsigned int)len;
    if (!item_set(&parameter, iv)) {
        return false;
    }
    CK_MECHANISM_TYPE mechanism = cipher->info->mechanism;
    SECStatus status =
        encrypt ? PK11_Encrypt(key, mechanism, &parameter, data, &done, size, data, size)
                : PK11_Decrypt(key, mechanism, &parameter, data, &done, size, data, size);
    return status == SECSuccess && done == size;
}

/* RFC 3211 2.3.2: the last block under the one before it gives the IV that the outer layer began
 * with, which is the last block of the inner layer. */
static bool decrypt_twice(const struct cipher *cipher, PK11SymKey *key, struct bytes wrapped,
                          struct block *block)
{
    size_t size = cipher->info->block;
    size_t last = wrapped.len - size;
    memcpy(block->data, wrapped.data, wrapped.len);
    return run_cbc(cipher, key, false, bytes_slice(wrapped, last - size, size), block->data + last,
                   size) &&
           run_cbc(cipher, key, false, (struct bytes){ block->data + last, size }, block->data,
                   last) &&
           run_cbc(cipher, key, false, cipher->iv, block->data, wrapped.len);
}

/* The key in the cleartext; empty where the count or the check bytes are wrong. */
static struct bytes key_in(const struct block *block, size_t len)
{
    size_t count = block->data[0];
    unsigned wrong = count < CHECKED || count + FRONT > len;
    for (size_t i = 0; i < CHECKED; i++) {
        wrong |= (block->data[1 + i] ^ block->data[FRONT + i]) != 0xff;
    }
    return wrong ? BYTES_NONE : (struct bytes){ block->data + FRONT, count };
}

struct error *recipient_pwri_unwrap(const struct recipient_entry *entry, struct bytes password,
                                    const struct cipher *cipher, struct PK11SymKeyStr **ret_cek)
{
    struct ber_reader reader = ber_reader_of(entry->info);
    struct ber_value info;
    struct fields fields;
    TRY(ber_next(&reader, &info));
    TRY(read_fields(&info, &fields));
    struct bytes wrapped = fields.encrypted_key;
    size_t size = fields.cipher.info->block;
    if (wrapped.len > WRAPPED_MAX || wrapped.len < BLOCKS_MIN * size || wrapped.len % size != 0) {
        return cipher_failed();
    }
    CLEANUP(nss_sym_key_free) PK11SymKey *kek = NULL;
    struct block block;
    CLEANUP(block_done) struct block *wiped = &block;
    TRY(recipient_pbkdf2_derive(&fields.derivation, &fields.cipher, password, &kek));
    if (!decrypt_twice(&fields.cipher, kek, wrapped, wiped)) {
        return cipher_failed();
    }
    PK11SymKey *cek = cipher_import_key(cipher, key_in(&block, wrapped.len));
    if (!cek) {
        return cipher_failed();
    }
    *ret_cek = cek;
    return NULL;
}

/* RFC 3211 2.3.1: the second run goes on with the last block of the first as its IV. */
static struct error *encrypt_twice(const struct cipher *cipher, PK11SymKey *kek, struct bytes cek,
                                   struct buffer *out)
{
    size_t size = cipher->info->block;
    size_t len = (FRONT + cek.len + size - 1) / size * size;
    len = len < BLOCKS_MIN * size ? BLOCKS_MIN * size : len;
    struct block block;
    CLEANUP(block_done) struct block *wiped = &block;
    if (len > WRAPPED_MAX || cek.len < CHECKED ||
        PK11_GenerateRandom(block.data, (int)len) != SECSuccess) {
        return nss_error(ERR_INTERNAL, "there are no random bytes for the padding");
    }
    block.data[0] = (uint8_t)cek.len;
    for (size_t i = 0; i < CHECKED; i++) {
        block.data[1 + i] = (uint8_t)~cek.data[i];
    }
    memcpy(block.data + FRONT, cek.data, cek.len);
    uint8_t last[CIPHER_IV_MAX];
    bool done = run_cbc(cipher, kek, true, cipher->iv, wiped->data, len);
    memcpy(last, block.data + len - size, size);
    if (!done || !run_cbc(cipher, kek, true, (struct bytes){ last, size }, block.data, len)) {
        return nss_error(ERR_INTERNAL, "the content-encryption key cannot be wrapped");
    }
    return der_value(out, BER_OCTET_STRING, (struct bytes){ block.data, len });
}

static struct error *write_wrapping(const struct cipher *cipher, struct buffer *out)
{
    size_t start = out->len;
    TRY(der_value(out, BER_OID, (struct bytes){ oid_pwri_kek, sizeof(oid_pwri_kek) }));
    TRY(cipher_write(cipher, out));
    return der_wrap(out, start, BER_SEQUENCE);
}

struct error *recipient_pwri_make(struct bytes password, uint64_t iterations, struct bytes cek,
                                  struct buffer *out)
{
    uint8_t iv[CIPHER_IV_MAX];
    uint8_t salt[SALT_LEN];
    if (PK11_GenerateRandom(iv, sizeof(iv)) != SECSuccess ||
        PK11_GenerateRandom(salt, sizeof(salt)) != SECSuccess) {
        return nss_error(ERR_INTERNAL, "there are no random bytes");
    }
    const struct cms_cipher_info *info = cms_cipher_info(CMS_AES_256_CBC);
    const struct cipher cipher = { .info = info,
                                   .iv = { iv, info->block },
                                   .key_len = info->key_bits / 8 };
    size_t start = out->len;
    TRY(der_small_integer(out, 0));
    size_t derivation = out->len;
    TRY(recipient_pbkdf2_write((struct bytes){ salt, sizeof(salt) }, iterations, out));
    struct ber_reader reader = ber_reader_of(bytes_slice(buffer_view(out), derivation, out->len));
    struct recipient_pbkdf2 parameters;
    CLEANUP(nss_sym_key_free) PK11SymKey *kek = NULL;
    TRY(recipient_pbkdf2_read(&reader, &parameters));
    TRY_WRAP(recipient_pbkdf2_derive(&parameters, &cipher, password, &kek), ERR_INTERNAL,
             "no key comes of the password");
    TRY(der_wrap(out, derivation, BER_CONTEXT_CONSTRUCTED));
    TRY(write_wrapping(&cipher, out));
    TRY(encrypt_twice(&cipher, kek, cek, out));
    return der_wrap(out, start, BER_CONTEXT_CONSTRUCTED + 3);
}
