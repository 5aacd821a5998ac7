#include "cms/capabilities.h"

#include "cms/algorithms.h"
#include "nss/item.h"
#include "nss/nss_scope.h"

#include <pk11pub.h>
#include <secoid.h>

/* What the tokens must know for a name to be a capability. */
struct mechanism_row {
    const char *group;
    const char *name;
    CK_MECHANISM_TYPE mechanism;
};

static const struct mechanism_row mechanisms[] = {
    { "sign", "rsa", CKM_RSA_PKCS },
    { "sign", "rsa-pss", CKM_RSA_PKCS_PSS },
    { "sign", "ecdsa", CKM_ECDSA },
    { "verify", "rsa", CKM_RSA_PKCS },
    { "verify", "rsa-pss", CKM_RSA_PKCS_PSS },
    { "verify", "ecdsa", CKM_ECDSA },
    { "verify", "dsa", CKM_DSA },
    { "keyTransport", "rsa", CKM_RSA_PKCS },
    { "keyTransport", "rsa-oaep", CKM_RSA_PKCS_OAEP },
    { "keyAgreement", "ecdh", CKM_ECDH1_DERIVE },
    { "keyAgreement", "ecdh-cofactor", CKM_ECDH1_DERIVE }, /* the same on the NIST curves */
    { "kek", "aes-wrap", CKM_AES_KEY_WRAP },
    { "kek", "3des-wrap", CKM_DES3_CBC }, /* unwrapped by hand, for reading alone */
    { "password", "pbkdf2", CKM_PKCS5_PBKD2 },
};

/* RFC 8410 3: id-X25519, id-Ed25519 */
static const uint8_t x25519[] = { 0x2b, 0x65, 0x6e };
static const uint8_t ed25519[] = { 0x2b, 0x65, 0x70 };

/* NSS's table of OIDs tells whether it reads the keys: without that, a token's mechanism is of no
 * use. Software does all that has no private key in it, so that softoken must know it, too. */
static bool is_there(struct bytes oid, CK_MECHANISM_TYPE mechanism)
{
    SECItem item;
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    return slot && item_set(&item, oid) && SECOID_FindOIDTag(&item) != SEC_OID_UNKNOWN &&
           PK11_DoesMechanism(slot, mechanism);
}

bool capabilities_ed25519(void)
{
    return is_there((struct bytes){ ed25519, sizeof ed25519 }, CKM_EDDSA);
}

bool capabilities_x25519(void)
{
    return is_there((struct bytes){ x25519, sizeof x25519 }, CKM_EC_MONTGOMERY_KEY_PAIR_GEN);
}

static struct error *add_digests(capabilities_fn *add, void *context)
{
    const struct cms_digest_info *digest = NULL;
    for (size_t i = 0; (digest = cms_digest_at(i)) != NULL; i++) {
        if (PK11_TokenExists(digest->mechanism)) {
            TRY(add(context, "digest", digest->name));
        }
    }
    return NULL;
}

/* Weak ciphers are opened, never made. */
static struct error *add_ciphers(capabilities_fn *add, void *context)
{
    const struct cms_cipher_info *cipher = NULL;
    for (size_t i = 0; (cipher = cms_cipher_at(i)) != NULL; i++) {
        if (!PK11_TokenExists(cipher->mechanism)) {
            continue;
        }
        if (!cipher->weak) {
            TRY(add(context, "encrypt", cipher->name));
        }
        TRY(add(context, "decrypt", cipher->name));
    }
    return NULL;
}

static struct error *add_edwards_and_montgomery(capabilities_fn *add, void *context)
{
    if (capabilities_ed25519()) {
        TRY(add(context, "sign", "ed25519"));
        TRY(add(context, "verify", "ed25519"));
    }
    return capabilities_x25519() ? add(context, "keyAgreement", "x25519") : NULL;
}

struct error *capabilities_list(capabilities_fn *add, void *context)
{
    TRY(add_digests(add, context));
    for (size_t i = 0; i < ARRAY_SIZE(mechanisms); i++) {
        if (PK11_TokenExists(mechanisms[i].mechanism)) {
            TRY(add(context, mechanisms[i].group, mechanisms[i].name));
        }
    }
    TRY(add_edwards_and_montgomery(add, context));
    return add_ciphers(add, context);
}
