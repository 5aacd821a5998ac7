/* EnvelopedData and AuthEnvelopedData of a stranger: read, and opened as far as keys that fit
 * nothing can. PKCS#1 key transport gives a random key, so that decryption is reached as well. */
#include "cms/enveloped.h"
#include "nss/nss_scope.h"

#include <nss.h>
#include <stdlib.h>

enum { RSA_BITS = 1024, RSA_EXPONENT = 65537, TRIED = 4 };

struct keys {
    SECKEYPrivateKey *rsa;
    SECKEYPrivateKey *ec;
    CERTCertificate certificate; /* only its key is looked at */
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
    if (!keys->rsa || !info) {
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

static void open_recipient(struct cms_enveloped *message, size_t number, struct mapping *writable)
{
    static CERTCertificate certificate;
    const struct keys *keys = the_keys();
    certificate = keys->certificate;
    bool agreement = cms_enveloped_recipient(message, number)->type == CMS_KEY_AGREEMENT;
    CLEANUP(cms_cek_free) struct cms_cek *cek = NULL;
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    struct bytes plain = BYTES_NONE;
    CLEANUP(error_free)
    struct error *error =
        cms_enveloped_unwrap(message, number, &certificate, agreement ? keys->ec : keys->rsa, &cek);
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
