#include "store/trial.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"
#include "store/store.h"
#include "store/trial_extensions.h"

#include <certdb.h>
#include <cryptohi.h>
#include <string.h>

enum { RSA_BITS = 2048, RSA_EXPONENT = 65537, MOST_NAME = 64, MOST_ADDRESS = 254 };
enum { HOUR = 3600, YEAR = 365 * 24 * HOUR };

NSS_SCOPE(spki_free, CERTSubjectPublicKeyInfo *, SECKEY_DestroySubjectPublicKeyInfo(owned));
NSS_SCOPE(request_free, CERTCertificateRequest *, CERT_DestroyCertificateRequest(owned));
NSS_SCOPE(name_free, CERTName *, CERT_DestroyName(owned));
NSS_SCOPE(validity_free, CERTValidity *, CERT_DestroyValidity(owned));

/* Everything that one certificate is made from. */
struct making {
    PK11SlotInfo *slot;
    const struct trial_subject *subject;
    CERTCertificate *issuer; /* NULL: self-signed */
    SECKEYPublicKey *public_key;
    SECKEYPrivateKey *signer;
};

static bool is_address(const char *address)
{
    size_t length = strlen(address);
    const char *at = strchr(address, '@');
    if (length > MOST_ADDRESS || !at || at == address || !at[1]) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (address[i] <= ' ' || address[i] > '~') {
            return false;
        }
    }
    return true;
}

static struct error *check(const struct trial_subject *subject)
{
    size_t length = subject->name ? strlen(subject->name) : 0;
    if (length == 0 || length > MOST_NAME || !utf8_valid(bytes_of_string(subject->name))) {
        return error_new(ERR_PARAMS, "a certificate needs a name of at most %d bytes", MOST_NAME);
    }
    if (subject->address && !is_address(subject->address)) {
        return error_new(ERR_PARAMS, "that is not an e-mail address for a certificate");
    }
    return NULL;
}

static SECKEYPrivateKey *generate(PK11SlotInfo *slot, enum trial_key type,
                                  SECKEYPublicKey **ret_public)
{
    static const uint8_t p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
    PK11RSAGenParams rsa = { .keySizeInBits = RSA_BITS, .pe = RSA_EXPONENT };
    SECItem curve;
    (void)item_set(&curve, (struct bytes){ p256, sizeof(p256) });
    bool is_rsa = type == TRIAL_RSA_2048;
    return PK11_GenerateKeyPair(slot, is_rsa ? CKM_RSA_PKCS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN,
                                is_rsa ? (void *)&rsa : (void *)&curve, ret_public, PR_TRUE,
                                PR_TRUE, NULL);
}

static CERTName *make_name(PLArenaPool *arena, const char *text)
{
    CERTAVA *common_name = CERT_CreateAVA(arena, SEC_OID_AVA_COMMON_NAME, SEC_ASN1_UTF8_STRING,
                                          PORT_ArenaStrdup(arena, text));
    CERTRDN *part = common_name ? CERT_CreateRDN(arena, common_name, NULL) : NULL;
    return part ? CERT_CreateName(part, NULL) : NULL;
}

static CERTValidity *make_validity(const struct trial_subject *subject)
{
    int64_t now = clock_now();
    int64_t from = subject->not_before ? subject->not_before : now - HOUR;
    int64_t to = subject->not_after ? subject->not_after : now + YEAR;
    return CERT_CreateValidity(from * PR_USEC_PER_SEC, to * PR_USEC_PER_SEC);
}

/* 126 random bits, positive and without a leading zero: at most 20 octets (RFC 5280 4.1.2.2).
 * CERT_CreateCertificate itself takes no more than 32. */
static struct error *set_serial(CERTCertificate *certificate)
{
    uint8_t random[16];
    if (PK11_GenerateRandom(random, sizeof(random)) != SECSuccess) {
        return nss_error(ERR_INTERNAL, "there are no random numbers");
    }
    random[0] = (random[0] & 0x3f) | 0x40;
    SECItem item = { siUnsignedInteger, random, sizeof(random) };
    return SECITEM_CopyItem(certificate->arena, &certificate->serialNumber, &item) == SECSuccess
               ? NULL
               : error_no_memory();
}

static struct error *sign(const struct making *making, PLArenaPool *arena,
                          CERTCertificate *certificate, SECItem *ret_der)
{
    SECOidTag algorithm = SEC_GetSignatureAlgorithmOidTag(making->signer->keyType, SEC_OID_SHA256);
    SECItem unsigned_der = { siBuffer, NULL, 0 };
    if (SECOID_SetAlgorithmID(certificate->arena, &certificate->signature, algorithm, NULL) !=
            SECSuccess ||
        !SEC_ASN1EncodeItem(arena, &unsigned_der, certificate,
                            SEC_ASN1_GET(CERT_CertificateTemplate)) ||
        SEC_DerSignData(arena, ret_der, unsigned_der.data, (int)unsigned_der.len, making->signer,
                        algorithm) != SECSuccess) {
        return nss_error(ERR_INTERNAL, "the certificate cannot be signed");
    }
    return NULL;
}

/* The certificate's DER, in the arena. */
static struct error *issue(const struct making *making, PLArenaPool *arena, SECItem *ret_der)
{
    CLEANUP(name_free) CERTName *name = make_name(arena, making->subject->name);
    CLEANUP(validity_free) CERTValidity *validity = make_validity(making->subject);
    CLEANUP(spki_free)
    CERTSubjectPublicKeyInfo *key = SECKEY_CreateSubjectPublicKeyInfo(making->public_key);
    if (!name || !validity || !key) {
        return nss_error(ERR_INTERNAL, "the certificate's name, times or key cannot be made");
    }
    CLEANUP(request_free)
    CERTCertificateRequest *request = CERT_CreateCertificateRequest(name, key, NULL);
    CERTName *issuer = making->issuer ? &making->issuer->subject : name;
    CLEANUP(nss_cert_free)
    CERTCertificate *certificate =
        request ? CERT_CreateCertificate(1, issuer, validity, request) : NULL;
    if (!certificate) {
        return nss_error(ERR_INTERNAL, "the certificate cannot be made");
    }
    certificate->version.data[0] = SEC_CERTIFICATE_VERSION_3;
    certificate->version.len = 1;
    TRY(set_serial(certificate));
    TRY(trial_extensions_add(certificate, making->subject, making->issuer));
    return sign(making, arena, certificate, ret_der);
}

static struct error *file_certificate(const struct making *making, SECItem *der)
{
    const struct trial_subject *subject = making->subject;
    CERTCertDBHandle *database = CERT_GetDefaultCertDB();
    CLEANUP(nss_cert_free)
    CERTCertificate *certificate = CERT_NewTempCertificate(database, der, NULL, PR_FALSE, PR_TRUE);
    if (!certificate || PK11_ImportCert(making->slot, certificate, CK_INVALID_HANDLE,
                                        subject->address ? subject->address : subject->name,
                                        PR_FALSE) != SECSuccess) {
        return nss_error(ERR_INTERNAL, "the certificate cannot be stored");
    }
    CERTCertTrust trust = { 0 };
    if (subject->address) {
        return NULL;
    }
    if (CERT_DecodeTrustString(&trust, ",C,") != SECSuccess ||
        CERT_ChangeCertTrust(database, certificate, &trust) != SECSuccess) {
        return nss_error(ERR_INTERNAL, "the authority cannot be trusted");
    }
    return NULL;
}

static struct error *make_certificate(const struct making *making, struct buffer **ret_certificate)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    CLEANUP(buffer_free) struct buffer *copy = NULL;
    SECItem der = { siBuffer, NULL, 0 };
    if (!arena) {
        return error_no_memory();
    }
    TRY(issue(making, arena, &der));
    TRY(buffer_new(0, &copy));
    TRY(buffer_append(copy, item_bytes(&der)));
    TRY(file_certificate(making, &der));
    *ret_certificate = TAKE_PTR(copy);
    return NULL;
}

/* With `signer` NULL the new key signs for itself. */
static struct error *make(struct making *making, struct buffer **ret_certificate)
{
    CLEANUP(nss_public_key_free) SECKEYPublicKey *public_key = NULL;
    CLEANUP(nss_private_key_free)
    SECKEYPrivateKey *key = generate(making->slot, making->subject->key, &public_key);
    if (!key) {
        return nss_error(ERR_INTERNAL, "the key cannot be made");
    }
    making->public_key = public_key;
    making->signer = making->signer ? making->signer : key;
    struct error *error = make_certificate(making, ret_certificate);
    if (error) {
        /* no key without a certificate stays behind; the function consumes its argument */
        (void)PK11_DeleteTokenPrivateKey(TAKE_PTR(key), PR_TRUE);
        (void)PK11_DeleteTokenPublicKey(TAKE_PTR(public_key));
    }
    return error;
}

static struct error *make_alone(struct store *store, struct making *making,
                                struct buffer **ret_certificate)
{
    store_change_begin(store);
    struct error *error = make(making, ret_certificate);
    store_change_end(store);
    return error;
}

struct error *trial_ca_make(struct store *store, const struct trial_subject *subject,
                            const struct interaction *interaction, struct buffer **ret_certificate)
{
    TRY(check(subject));
    if (subject->address) {
        return error_new(ERR_PARAMS, "an authority has no address");
    }
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = NULL;
    TRY(store_key_slot(store, interaction, &slot));
    struct making making = { .slot = slot, .subject = subject };
    return make_alone(store, &making, ret_certificate);
}

static struct error *read_ca(struct bytes der, CERTCertificate **ret_certificate)
{
    SECItem item;
    if (!item_set(&item, der)) {
        return error_new(ERR_CERTIFICATE_UNUSABLE, "the authority's certificate is too long");
    }
    *ret_certificate =
        CERT_NewTempCertificate(CERT_GetDefaultCertDB(), &item, NULL, PR_FALSE, PR_TRUE);
    return *ret_certificate
               ? NULL
               : nss_error(ERR_CERTIFICATE_UNUSABLE, "the authority's certificate cannot be read");
}

struct error *trial_identity_make(struct store *store, struct bytes ca,
                                  const struct trial_subject *subject,
                                  const struct interaction *interaction,
                                  struct buffer **ret_certificate)
{
    TRY(check(subject));
    if (!subject->address) {
        return error_new(ERR_PARAMS, "an identity needs an address");
    }
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = NULL;
    CLEANUP(nss_cert_free) CERTCertificate *issuer = NULL;
    CLEANUP(store_key_free) SECKEYPrivateKey *signer = NULL;
    TRY(store_key_slot(store, interaction, &slot));
    TRY(read_ca(ca, &issuer));
    TRY(store_key(store, issuer, interaction, &signer));
    struct making making = { .slot = slot, .subject = subject, .issuer = issuer, .signer = signer };
    return make_alone(store, &making, ret_certificate);
}
