/* A helper of the tests, for what NSS's own tools do not offer; it runs with the NSS that is on the
 * library path.
 *   nss_helper key DATABASE NICKNAME KEY CERTIFICATE   a private key (PKCS#8 in DER, in the clear)
 *                                                      and its certificate (DER) into a database
 *   nss_helper secret DATABASE NAME FILE               an AES key, with this name, into a database
 *   nss_helper mechanisms                              what softoken has, one mechanism a line
 * softoken unwraps no Ed25519 and no X25519 key from PKCS#12 (NSS 3.125), but takes one that is
 * handed over in the clear. Such a key comes without an id, by which NSS finds it from its
 * certificate. */
#include <cert.h>
#include <keyhi.h>
#include <nss.h>
#include <pk11pub.h>
#include <prerror.h>
#include <secitem.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 65536, EDWARDS_KEY = 10, MONTGOMERY_KEY = 11 };

static const struct {
    const char *name;
    CK_MECHANISM_TYPE mechanism;
} mechanisms[] = {
    { "CKM_RSA_PKCS", CKM_RSA_PKCS },
    { "CKM_RSA_PKCS_PSS", CKM_RSA_PKCS_PSS },
    { "CKM_RSA_PKCS_OAEP", CKM_RSA_PKCS_OAEP },
    { "CKM_ECDSA", CKM_ECDSA },
    { "CKM_EDDSA", CKM_EDDSA },
    { "CKM_DSA", CKM_DSA },
    { "CKM_ECDH1_DERIVE", CKM_ECDH1_DERIVE },
    { "CKM_EC_MONTGOMERY_KEY_PAIR_GEN", CKM_EC_MONTGOMERY_KEY_PAIR_GEN },
    { "CKM_HKDF_DERIVE", CKM_HKDF_DERIVE },
    { "CKM_AES_KEY_WRAP", CKM_AES_KEY_WRAP },
    { "CKM_AES_CBC", CKM_AES_CBC },
    { "CKM_AES_GCM", CKM_AES_GCM },
    { "CKM_DES3_CBC", CKM_DES3_CBC },
    { "CKM_RC2_CBC", CKM_RC2_CBC },
};

static int read_file(const char *path, unsigned char *room, SECItem *ret_item)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return -1;
    }
    size_t len = fread(room, 1, FILE_MAX, file);
    (void)fclose(file);
    *ret_item = (SECItem){ siBuffer, room, (unsigned)len };
    return len > 0 && len < FILE_MAX ? 0 : -1;
}

static SECItem *public_value(SECKEYPublicKey *key)
{
    switch ((int)key->keyType) {
    case rsaKey:
    case rsaPssKey:
        return &key->u.rsa.modulus;
    case dsaKey:
        return &key->u.dsa.publicValue;
    case ecKey:
    case EDWARDS_KEY:
    case MONTGOMERY_KEY:
        return &key->u.ec.publicValue;
    default:
        return NULL;
    }
}

static int import_key(PK11SlotInfo *slot, SECItem *key_der, SECItem *cert_der, char *nickname)
{
    SECItem name = { siUTF8String, (unsigned char *)nickname, (unsigned)strlen(nickname) };
    CERTCertificate *cert =
        CERT_NewTempCertificate(CERT_GetDefaultCertDB(), cert_der, NULL, PR_FALSE, PR_TRUE);
    SECKEYPublicKey *public = cert ? CERT_ExtractPublicKey(cert) : NULL;
    SECItem *value = public ? public_value(public) : NULL;
    SECItem *id = value ? PK11_MakeIDFromPubKey(value) : NULL;
    SECKEYPrivateKey *key = NULL;
    if (!id ||
        PK11_ImportDERPrivateKeyInfoAndReturnKey(slot, key_der, &name, value, PR_TRUE, PR_TRUE,
                                                 KU_ALL, &key, NULL) != SECSuccess ||
        PK11_WriteRawAttribute(PK11_TypePrivKey, key, CKA_ID, id) != SECSuccess ||
        PK11_ImportCert(slot, cert, CK_INVALID_HANDLE, nickname, PR_FALSE) != SECSuccess) {
        return -1;
    }
    SECKEYPrivateKey *found = PK11_FindKeyByAnyCert(cert, NULL);
    SECKEY_DestroyPrivateKey(key);
    SECITEM_FreeItem(id, PR_TRUE);
    SECKEY_DestroyPublicKey(public);
    CERT_DestroyCertificate(cert);
    if (!found) {
        return -1;
    }
    SECKEY_DestroyPrivateKey(found);
    return 0;
}

static int import_secret(PK11SlotInfo *slot, SECItem *secret, const char *name)
{
    SECItem id = { siBuffer, (unsigned char *)name, (unsigned)strlen(name) };
    PK11SymKey *key =
        PK11_ImportSymKeyWithFlags(slot, CKM_AES_KEY_WRAP, PK11_OriginUnwrap, CKA_UNWRAP, secret,
                                   CKF_UNWRAP | CKF_WRAP, PR_TRUE, NULL);
    if (!key || PK11_SetSymKeyNickname(key, name) != SECSuccess ||
        PK11_WriteRawAttribute(PK11_TypeSymKey, key, CKA_ID, &id) != SECSuccess) {
        return -1;
    }
    PK11_FreeSymKey(key);
    return 0;
}

static int list_mechanisms(void)
{
    PK11SlotInfo *slot = PK11_GetInternalSlot();
    for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++) {
        if (PK11_DoesMechanism(slot, mechanisms[i].mechanism)) {
            (void)puts(mechanisms[i].name);
        }
    }
    PK11_FreeSlot(slot);
    return 0;
}

static int run(int argc, char **argv)
{
    static unsigned char first_room[FILE_MAX];
    static unsigned char second_room[FILE_MAX];
    SECItem first = { 0 };
    SECItem second = { 0 };
    if (argc == 2 && strcmp(argv[1], "mechanisms") == 0) {
        return NSS_NoDB_Init(NULL) == SECSuccess ? list_mechanisms() : -1;
    }
    if (argc < 5 || read_file(argv[4], first_room, &first) != 0 ||
        NSS_InitReadWrite(argv[2]) != SECSuccess) {
        return -1;
    }
    PK11SlotInfo *slot = PK11_GetInternalKeySlot();
    int result = -1;
    if (argc == 5 && strcmp(argv[1], "secret") == 0) {
        result = import_secret(slot, &first, argv[3]);
    } else if (argc == 6 && strcmp(argv[1], "key") == 0 &&
               read_file(argv[5], second_room, &second) == 0) {
        result = import_key(slot, &first, &second, argv[3]);
    }
    PK11_FreeSlot(slot);
    return result;
}

int main(int argc, char **argv)
{
    if (run(argc, argv) != 0) {
        (void)fprintf(stderr, "nss_helper: NSS %s: %s\n", NSS_GetVersion(),
                      PR_GetError() != 0 ? PR_ErrorToName(PR_GetError()) : "wrong arguments");
        return 1;
    }
    return NSS_Shutdown() == SECSuccess ? 0 : 1;
}
