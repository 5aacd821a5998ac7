/* Puts a private key (PKCS#8 in DER, in the clear) and its certificate (DER) into an NSS database:
 *   import_key DATABASE NICKNAME KEY CERTIFICATE
 * softoken unwraps no Ed25519 and no X25519 key from PKCS#12 (NSS 3.125), but takes one that is
 * handed over in the clear. Such a key comes without an id, by which NSS finds it from its
 * certificate. A helper of the tests. */
#include <cert.h>
#include <keyhi.h>
#include <nss.h>
#include <pk11pub.h>
#include <prerror.h>
#include <prio.h>
#include <secitem.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 65536 };

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

static int import(SECItem *key_der, SECItem *cert_der, char *nickname)
{
    SECItem name = { siUTF8String, (unsigned char *)nickname, (unsigned)strlen(nickname) };
    PK11SlotInfo *slot = PK11_GetInternalKeySlot();
    CERTCertificate *cert =
        CERT_NewTempCertificate(CERT_GetDefaultCertDB(), cert_der, NULL, PR_FALSE, PR_TRUE);
    SECKEYPublicKey *public = cert ? CERT_ExtractPublicKey(cert) : NULL;
    if (!slot || !public) {
        return -1;
    }
    SECItem *value = &public->u.ec.publicValue;
    SECItem *id = PK11_MakeIDFromPubKey(value);
    SECKEYPrivateKey *key = NULL;
    if (!id ||
        PK11_ImportDERPrivateKeyInfoAndReturnKey(slot, key_der, &name, value, PR_TRUE, PR_TRUE,
                                                 KU_ALL, &key, NULL) != SECSuccess) {
        return -1;
    }
    if (PK11_WriteRawAttribute(PK11_TypePrivKey, key, CKA_ID, id) != SECSuccess ||
        PK11_ImportCert(slot, cert, CK_INVALID_HANDLE, nickname, PR_FALSE) != SECSuccess) {
        return -1;
    }
    SECKEYPrivateKey *found = PK11_FindKeyByAnyCert(cert, NULL);
    SECKEY_DestroyPrivateKey(key);
    SECITEM_FreeItem(id, PR_TRUE);
    SECKEY_DestroyPublicKey(public);
    CERT_DestroyCertificate(cert);
    PK11_FreeSlot(slot);
    if (!found) {
        return -1;
    }
    SECKEY_DestroyPrivateKey(found);
    return 0;
}

int main(int argc, char **argv)
{
    static unsigned char key_room[FILE_MAX];
    static unsigned char cert_room[FILE_MAX];
    SECItem key = { 0 };
    SECItem cert = { 0 };
    if (argc != 5 || read_file(argv[3], key_room, &key) != 0 ||
        read_file(argv[4], cert_room, &cert) != 0 || NSS_InitReadWrite(argv[1]) != SECSuccess) {
        (void)fputs("usage: import_key DATABASE NICKNAME KEY CERTIFICATE\n", stderr);
        return 2;
    }
    if (import(&key, &cert, argv[2]) != 0) {
        (void)fprintf(stderr, "import_key: NSS %s: %s\n", NSS_GetVersion(),
                      PR_ErrorToName(PR_GetError()));
        return 1;
    }
    return NSS_Shutdown() == SECSuccess ? 0 : 1;
}
