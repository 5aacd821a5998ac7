/* Ciphers of contents, with parameters read as those of a message are. */
#include "cms/cipher.h"
#include "nss/item.h"
#include "nss/nss_scope.h"
#include "vectors.h"

#include <string.h>

static enum cms_cipher cipher_of(size_t key_len, bool authenticated)
{
    switch (key_len) {
    case 16:
        return authenticated ? CMS_AES_128_GCM : CMS_AES_128_CBC;
    case 24:
        return authenticated ? CMS_AES_192_GCM : CMS_AES_192_CBC;
    default:
        return authenticated ? CMS_AES_256_GCM : CMS_AES_256_CBC;
    }
}

static PK11SymKey *import(struct bytes key, const struct cipher *cipher, CK_ATTRIBUTE_TYPE use)
{
    SECItem item;
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    return slot && item_set(&item, key) ? PK11_ImportSymKey(slot, cipher->info->mechanism,
                                                            PK11_OriginUnwrap, use, &item, NULL)
                                        : NULL;
}

/* The cipher as a message names it; refusing its parameters is refusing the vector. */
static struct error *read_cipher(const struct vector *vector, bool authenticated,
                                 struct cipher *ret_cipher, bool *ret_refused)
{
    struct bytes key = vector_of_test(vector, "key");
    const struct cms_cipher_info *info = cms_cipher_info(cipher_of(key.len, authenticated));
    struct bytes parameters = vector_der(vector, 0x04, vector_of_test(vector, "iv"));
    if (authenticated) {
        parameters = vector_der(vector, 0x30,
                                VECTOR_JOIN(vector, parameters, VECTOR_OCTETS(0x02, 0x01, 16)));
    }
    struct bytes identifier = vector_der(
        vector, 0x30, VECTOR_JOIN(vector, vector_der(vector, 0x06, info->oid), parameters));
    struct ber_reader reader = ber_reader_of(identifier);
    struct ber_value value;
    TRY(ber_expect(&reader, BER_SEQUENCE, &value));
    CLEANUP(error_free) struct error *error = cipher_read(&value, ret_cipher);
    *ret_refused = error != NULL;
    return NULL;
}

static struct error *decrypt(const struct vector *vector, const struct cipher *cipher,
                             struct bytes data, enum answer *ret_answer)
{
    struct task *task = NULL;
    CLEANUP(nss_sym_key_free)
    PK11SymKey *key = import(vector_of_test(vector, "key"), cipher, CKA_DECRYPT);
    const struct cipher_job job = { cipher, key, vector_of_test(vector, "aad"), task };
    size_t len = 0;
    uint8_t *copy = PORT_ArenaZAlloc(vector->arena, data.len + CIPHER_IV_MAX);
    if (!key || !copy) {
        return error_new(ERR_INTERNAL, "a key cannot be imported");
    }
    memcpy(copy, data.data, data.len);
    *ret_answer = ANSWER_REFUSED;
    CLEANUP(error_free) struct error *error = cipher_look(&job, data, &len);
    if (!error) {
        error = cipher_decrypt(&job, copy, data.len);
    }
    if (!error) {
        *ret_answer = vector_compare((struct bytes){ copy, len }, vector_of_test(vector, "msg"));
    }
    return NULL;
}

/* What we make of the plaintext is the vector's ciphertext, too. */
static struct error *encrypt(const struct vector *vector, const struct cipher *cipher,
                             struct bytes data, enum answer *ret_answer)
{
    struct bytes message = vector_of_test(vector, "msg");
    CLEANUP(nss_sym_key_free)
    PK11SymKey *key = import(vector_of_test(vector, "key"), cipher, CKA_ENCRYPT);
    const struct cipher_job job = { cipher, key, vector_of_test(vector, "aad"), NULL };
    size_t len = message.len + cipher_growth(cipher, message.len);
    uint8_t *copy = PORT_ArenaZAlloc(vector->arena, len);
    if (!key || !copy) {
        return error_new(ERR_INTERNAL, "a key cannot be imported");
    }
    memcpy(copy, message.data, message.len);
    TRY(cipher_encrypt(&job, copy, message.len));
    *ret_answer = vector_compare((struct bytes){ copy, len }, data);
    return NULL;
}

static struct error *check(const struct vector *vector, bool authenticated, enum answer *ret_answer)
{
    struct cipher cipher = { 0 };
    bool refused = false;
    *ret_answer = ANSWER_REFUSED;
    TRY(read_cipher(vector, authenticated, &cipher, &refused));
    if (refused) {
        return NULL;
    }
    struct bytes data =
        VECTOR_JOIN(vector, vector_of_test(vector, "ct"), vector_of_test(vector, "tag"));
    TRY(decrypt(vector, &cipher, data, ret_answer));
    if (*ret_answer == ANSWER_AGREED) {
        TRY(encrypt(vector, &cipher, data, ret_answer));
    }
    return NULL;
}

struct error *contents_cbc(const struct vector *vector, enum answer *ret_answer)
{
    return check(vector, false, ret_answer);
}

struct error *contents_gcm(const struct vector *vector, enum answer *ret_answer)
{
    return check(vector, true, ret_answer);
}
