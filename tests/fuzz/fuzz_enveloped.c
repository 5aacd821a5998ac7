/* EnvelopedData and AuthEnvelopedData of a stranger: read, and opened as far as keys that fit
 * nothing can. PKCS#1 key transport gives a random key, so that decryption is reached as well; the
 * secret key and the password are those of the seeds kek-right and password-right. */
#include "cms/enveloped.h"
#include "nss/nss_scope.h"

#include <nss.h>
#include <stdlib.h>

enum { RSA_BITS = 1024, RSA_EXPONENT = 65537, TRIED = 4 };

struct keys {
    SECKEYPrivateKey *rsa;
    SECKEYPrivateKey *ec;
    CERTCertificate certificate; /* only its key is looked at */
    PK11SymKey *kek;
};

static void make_keys(struct keys *keys)
{
    uint8_t oid[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
    SECItem curve = { siBuffer, oid, sizeof(oid) };
    PK11RSAGenParams rsa = { RSA_BITS, RSA_EXPONENT };
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    CLEANUP(nss_public_key_free) SECKEYPublicKey *rsa_public = NULL;
    CLEANUP(nss_public_key_free) SECKEYPublicKey *ec_public = NULL;
    keys->rsa = PK11_GenerateKeyPair(slot, CKM_RSA_PKCS_KEY_PAIR_GEN, &rsa, &rsa_public, PR_FALSE,
                                     PR_FALSE, NULL);
    keys->ec = PK11_GenerateKeyPair(slot, CKM_EC_KEY_PAIR_GEN, &curve, &ec_public, PR_FALSE,
                                    PR_FALSE, NULL);
    CERTSubjectPublicKeyInfo *info =
        ec_public ? SECKEY_CreateSubjectPublicKeyInfo(ec_public) : NULL;
    uint8_t secret[] = "0123456789abcdef";
    SECItem value = { siBuffer, secret, sizeof(secret) - 1 };
    keys->kek =
        PK11_ImportSymKey(slot, CKM_AES_KEY_WRAP, PK11_OriginUnwrap, CKA_UNWRAP, &value, NULL);
    if (!keys->rsa || !info || !keys->kek) {
        abort();
    }
    keys->certificate.subjectPublicKeyInfo = *info;
}

static const struct keys *the_keys(void)
{
    static struct keys keys;
    if (!keys.ec) {
        if (NSS_NoDB_Init(NULL) != SECSuccess) {
            abort();
        }
        make_keys(&keys);
    }
    return &keys;
}

static struct error *unwrap(const struct cms_enveloped *message, size_t number,
                            struct cms_cek **ret_cek)
{
    static CERTCertificate certificate;
    const struct keys *keys = the_keys();
    certificate = keys->certificate;
    switch (cms_enveloped_recipient(message, number)->type) {
    case CMS_KEK:
        return cms_enveloped_unwrap_kek(message, number, keys->kek, ret_cek);
    case CMS_PASSWORD:
        return cms_enveloped_unwrap_password(message, number, BYTES_LITERAL("secret"), ret_cek);
    case CMS_KEY_AGREEMENT:
        return cms_enveloped_unwrap(message, number, &certificate, keys->ec, ret_cek);
    case CMS_KEY_TRANSPORT:
    case CMS_KEM:
    case CMS_RECIPIENT_OTHER:
        break;
    }
    return cms_enveloped_unwrap(message, number, &certificate, keys->rsa, ret_cek);
}

static void open_recipient(struct cms_enveloped *message, size_t number, struct mapping *writable)
{
    CLEANUP(cms_cek_free) struct cms_cek *cek = NULL;
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    struct bytes plain = BYTES_NONE;
    CLEANUP(error_free) struct error *error = unwrap(message, number, &cek);
    if (error) {
        return;
    }
    error = cms_enveloped_decrypt(message, cek, writable, NULL, &owner, &plain);
    if (!error && plain.len > 0 &&
        (plain.data < mapping_data(owner) ||
         plain.data + plain.len > mapping_data(owner) + mapping_len(owner))) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    CLEANUP(error_free) struct error *error = mapping_new(size + 1, &mapping);
    if (!error) {
        error = mapping_append(mapping, (struct bytes){ data, size });
    }
    if (!error) {
        error = cms_enveloped_parse(mapping_view(mapping), &message);
    }
    if (error) {
        return 0;
    }
    size_t count = cms_enveloped_recipient_count(message);
    for (size_t i = 0; i < count && i < TRIED && !cms_enveloped_is_spent(message); i++) {
        open_recipient(message, i, i % 2 == 0 ? mapping : NULL);
    }
    return 0;
}
