#include "cms/recipient_x963.h"

#include "cms/ber.h"
#include "cms/der.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <string.h>

enum { HASH_MAX = 64, SECRET_MAX = 66, KEY_MAX = 64, COUNTER_LEN = 4 };

static SECOidTag digest_of(unsigned long kdf)
{
    switch (kdf) {
    case CKD_SHA1_KDF:
        return SEC_OID_SHA1;
    case CKD_SHA224_KDF:
        return SEC_OID_SHA224;
    case CKD_SHA256_KDF:
        return SEC_OID_SHA256;
    case CKD_SHA384_KDF:
        return SEC_OID_SHA384;
    case CKD_SHA512_KDF:
        return SEC_OID_SHA512;
    default:
        return SEC_OID_UNKNOWN;
    }
}

/* Hash(secret, counter, info): one round */
static bool hash_round(PK11Context *context, struct bytes secret, uint32_t counter,
                       struct bytes info, uint8_t out[static HASH_MAX], unsigned int *ret_len)
{
    const uint8_t count[COUNTER_LEN] = { (uint8_t)(counter >> 24), (uint8_t)(counter >> 16),
                                         (uint8_t)(counter >> 8), (uint8_t)counter };
    return PK11_DigestBegin(context) == SECSuccess &&
           PK11_DigestOp(context, secret.data, (unsigned)secret.len) == SECSuccess &&
           PK11_DigestOp(context, count, sizeof(count)) == SECSuccess &&
           PK11_DigestOp(context, info.data, (unsigned)info.len) == SECSuccess &&
           PK11_DigestFinal(context, out, ret_len, HASH_MAX) == SECSuccess && *ret_len > 0;
}

bool recipient_x963_expand(unsigned long kdf, struct bytes secret, struct bytes info, uint8_t *out,
                           size_t len)
{
    SECOidTag digest = digest_of(kdf);
    CLEANUP(nss_context_free)
    PK11Context *context = digest == SEC_OID_UNKNOWN ? NULL : PK11_CreateDigestContext(digest);
    if (!context || info.len > UINT32_MAX) {
        return false;
    }
    uint8_t round[HASH_MAX];
    bool done = true;
    uint32_t counter = 1;
    for (size_t at = 0; done && at < len; counter++) {
        unsigned int made = 0;
        done = hash_round(context, secret, counter, info, round, &made);
        size_t take = len - at < made ? len - at : made;
        memcpy(out + at, round, take);
        at += take;
    }
    explicit_bzero(round, sizeof(round));
    return done;
}

/* The secret as an object of the token that can be read. */
static PK11SymKey *agree(const struct recipient_x963 *agreement, struct bytes public_data,
                         size_t secret_len)
{
    SECKEYPrivateKey *key = agreement->key;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_ATTRIBUTE readable[] = { { CKA_EXTRACTABLE, &yes, sizeof(yes) },
                                { CKA_SENSITIVE, &no, sizeof(no) } };
    CK_ECDH1_DERIVE_PARAMS parameters = { .kdf = CKD_NULL,
                                          .ulPublicDataLen = public_data.len,
                                          .pPublicData = item_pointer(public_data) };
    SECItem item = { siBuffer, (unsigned char *)&parameters, sizeof(parameters) };
    /* NSS derives with attributes from secret keys alone: the private key's handle as one of them
     */
    CLEANUP(nss_sym_key_free)
    PK11SymKey *base = PK11_SymKeyFromHandle(key->pkcs11Slot, NULL, PK11_OriginDerive,
                                             CKM_ECDH1_DERIVE, key->pkcs11ID, PR_FALSE, key->wincx);
    return base ? PK11_DeriveWithTemplate(base, CKM_ECDH1_DERIVE, &item, CKM_GENERIC_SECRET_KEY_GEN,
                                          CKA_DERIVE, (int)secret_len, readable,
                                          ARRAY_SIZE(readable), PR_FALSE)
                : NULL;
}

/* PKCS#11 2.20 left open whether the point is raw or inside an OCTET STRING. */
static PK11SymKey *agree_either_way(const struct recipient_x963 *agreement, size_t secret_len)
{
    PK11SymKey *secret = agree(agreement, agreement->point, secret_len);
    CLEANUP(buffer_free) struct buffer *encoded = NULL;
    CLEANUP(error_free) struct error *error = secret ? NULL : buffer_new(0, &encoded);
    if (!secret && !error) {
        error = der_value(encoded, BER_OCTET_STRING, agreement->point);
    }
    return secret || error ? secret : agree(agreement, buffer_view(encoded), secret_len);
}

struct PK11SymKeyStr *recipient_x963_derive(const struct recipient_x963 *agreement)
{
    size_t secret_len = agreement->point.len / 2; /* a coordinate; the form's octet drops out */
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    if (!slot || agreement->key_len > KEY_MAX || secret_len == 0 || secret_len > SECRET_MAX) {
        return NULL;
    }
    CLEANUP(nss_sym_key_free) PK11SymKey *secret = agree_either_way(agreement, secret_len);
    SECItem *value =
        secret && PK11_ExtractKeyValue(secret) == SECSuccess ? PK11_GetKeyData(secret) : NULL;
    uint8_t key[KEY_MAX];
    PK11SymKey *made = NULL;
    if (value && value->len == secret_len &&
        recipient_x963_expand(agreement->kdf, item_bytes(value), agreement->info, key,
                              agreement->key_len)) {
        SECItem item = { siBuffer, key, (unsigned int)agreement->key_len };
        made = PK11_ImportSymKey(slot, agreement->mechanism, PK11_OriginUnwrap,
                                 agreement->operation, &item, NULL);
    }
    explicit_bzero(key, sizeof(key));
    return made;
}
