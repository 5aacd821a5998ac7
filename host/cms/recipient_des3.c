#include "cms/recipient_des3.h"

#include "cms/cipher.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <secport.h>
#include <string.h>

/* what surrounds the wrapped key: a checksum behind it, and the IV of the inner layer */
enum { BLOCK = 8, OVERHEAD = 2 * BLOCK, WRAPPED_MAX = CIPHER_KEY_MAX + OVERHEAD };
enum { SHA1_LEN = 20 };

/* The two decryptions, and what comes of them: IV and inner ciphertext, then key and checksum. */
struct work {
    uint8_t outer[WRAPPED_MAX];
    uint8_t inner[WRAPPED_MAX - BLOCK];
    uint8_t digest[SHA1_LEN];
};

static void work_done(struct work *work)
{
    explicit_bzero(work, sizeof(*work));
}
DEFINE_CLEANUP(struct work *, work_done);

static bool decrypt(PK11SymKey *key, struct bytes iv, struct bytes data, uint8_t *out)
{
    SECItem parameter;
    unsigned int done = 0;
    return item_set(&parameter, iv) &&
           PK11_Decrypt(key, CKM_DES3_CBC, &parameter, out, &done, (unsigned int)data.len,
                        data.data, (unsigned int)data.len) == SECSuccess &&
           done == data.len;
}

static void reverse(uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len / 2; i++) {
        uint8_t byte = data[i];
        data[i] = data[len - 1 - i];
        data[len - 1 - i] = byte;
    }
}

/* RFC 3217 3.2, its steps 2 to 7 */
static bool open_key(PK11SymKey *wrapping_key, struct bytes wrapped, struct work *work)
{
    size_t checked_len = wrapped.len - BLOCK;
    size_t key_len = wrapped.len - OVERHEAD;
    struct bytes iv = BYTES_LITERAL("\x4a\xdd\xa2\x2c\x79\xe8\x21\x05");
    if (!decrypt(wrapping_key, iv, wrapped, work->outer)) {
        return false;
    }
    reverse(work->outer, wrapped.len);
    if (!decrypt(wrapping_key, (struct bytes){ work->outer, BLOCK },
                 (struct bytes){ work->outer + BLOCK, checked_len }, work->inner)) {
        return false;
    }
    return PK11_HashBuf(SEC_OID_SHA1, work->digest, work->inner, (PRInt32)key_len) == SECSuccess &&
           NSS_SecureMemcmp(work->digest, work->inner + key_len, BLOCK) == 0;
}

struct PK11SymKeyStr *recipient_des3_unwrap(struct PK11SymKeyStr *wrapping_key,
                                            struct bytes wrapped, const struct cipher *cipher)
{
    struct work work = { .digest = { 0 } };
    CLEANUP(work_done) struct work *wiped = &work;
    if (wrapped.len > WRAPPED_MAX || wrapped.len % BLOCK != 0 ||
        wrapped.len != cipher->key_len + OVERHEAD || !open_key(wrapping_key, wrapped, wiped)) {
        return NULL;
    }
    return cipher_import_key(cipher, (struct bytes){ work.inner, cipher->key_len });
}
