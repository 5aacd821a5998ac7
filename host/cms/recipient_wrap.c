#include "cms/recipient_wrap.h"

#include "cms/cipher.h"
#include "cms/der.h"
#include "cms/recipient_des3.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

enum { WRAP_OVERHEAD = 8, WRAPPED_MAX = 64 };

#define OID(...) \
    { \
        (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }) \
    }
#define OID_AES(n) OID(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, n)

/* RFC 3565 4.1, RFC 3370 4.3.1. NSS has no mechanism for the latter: its key decrypts twice. */
static const struct recipient_wrap wraps[] = {
    { OID_AES(0x05), 16, CKM_AES_KEY_WRAP, CKA_UNWRAP },
    { OID_AES(0x19), 24, CKM_AES_KEY_WRAP, CKA_UNWRAP },
    { OID_AES(0x2d), 32, CKM_AES_KEY_WRAP, CKA_UNWRAP },
    { OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x03, 0x06), 24, CKM_DES3_CBC,
      CKA_DECRYPT },
};

const struct recipient_wrap *recipient_wrap_by_oid(struct bytes oid)
{
    for (size_t i = 0; i < ARRAY_SIZE(wraps); i++) {
        if (bytes_equal(wraps[i].oid, oid)) {
            return &wraps[i];
        }
    }
    return NULL;
}

const struct recipient_wrap *recipient_wrap_aes(size_t key_len)
{
    for (size_t i = 0; i < ARRAY_SIZE(wraps); i++) {
        if (wraps[i].mechanism == CKM_AES_KEY_WRAP && wraps[i].key_len == key_len) {
            return &wraps[i];
        }
    }
    return NULL;
}

static PK11SymKey *open_aes(PK11SymKey *wrapping_key, struct bytes wrapped,
                            const struct cipher *cipher)
{
    SECItem item;
    if (wrapped.len > WRAPPED_MAX || !item_set(&item, wrapped)) {
        return NULL;
    }
    CLEANUP(nss_sym_key_free)
    PK11SymKey *cek = PK11_UnwrapSymKey(wrapping_key, CKM_AES_KEY_WRAP, NULL, &item,
                                        cipher->info->mechanism, CKA_DECRYPT, 0);
    return cek && PK11_GetKeyLength(cek) == cipher->key_len ? TAKE_PTR(cek) : NULL;
}

struct PK11SymKeyStr *recipient_wrap_open(const struct recipient_wrap *wrap,
                                          struct PK11SymKeyStr *wrapping_key, struct bytes wrapped,
                                          const struct cipher *cipher)
{
    return wrap->mechanism == CKM_AES_KEY_WRAP
               ? open_aes(wrapping_key, wrapped, cipher)
               : recipient_des3_unwrap(wrapping_key, wrapped, cipher);
}

struct error *recipient_wrap_make(struct PK11SymKeyStr *wrapping_key, struct PK11SymKeyStr *cek,
                                  struct buffer *out)
{
    uint8_t room[WRAPPED_MAX];
    SECItem wrapped = { siBuffer, room, sizeof(room) };
    if (PK11_WrapSymKey(CKM_AES_KEY_WRAP, NULL, wrapping_key, cek, &wrapped) != SECSuccess ||
        wrapped.len != PK11_GetKeyLength(cek) + WRAP_OVERHEAD) {
        return nss_error(ERR_INTERNAL, "the content-encryption key cannot be wrapped");
    }
    return der_value(out, BER_OCTET_STRING, item_bytes(&wrapped));
}
