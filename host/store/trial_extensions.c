#include "store/trial_extensions.h"

#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <certdb.h>
#include <string.h>

enum { KEY_ID_SIZE = 20 }; /* SHA-1, RFC 5280 4.2.1.2 method (1) */

/* What an extension is added to. */
struct target {
    CERTCertificate *certificate;
    void *handle; /* NSS's, for CERT_AddExtension */
};

static struct error *add(const struct target *target, SECOidTag type, struct bytes value,
                         bool critical)
{
    SECItem item;
    if (!item_set(&item, value) ||
        CERT_AddExtension(target->handle, (int)type, &item, critical, PR_TRUE) != SECSuccess) {
        return nss_error(ERR_INTERNAL, "an extension cannot be added");
    }
    return NULL;
}

static struct error *add_constraints(const struct target *target, bool authority)
{
    static const uint8_t is_ca[] = { 0x30, 0x03, 0x01, 0x01, 0xff };
    static const uint8_t is_none[] = { 0x30, 0x00 };
    return add(target, SEC_OID_X509_BASIC_CONSTRAINTS,
               authority ? (struct bytes){ is_ca, sizeof(is_ca) }
                         : (struct bytes){ is_none, sizeof(is_none) },
               true);
}

static struct error *add_key_usage(const struct target *target, const struct trial_subject *subject)
{
    uint8_t bits = KU_DIGITAL_SIGNATURE;
    if (!subject->address) {
        bits = KU_KEY_CERT_SIGN | KU_CRL_SIGN;
    } else if (subject->key == TRIAL_RSA_2048) {
        bits |= KU_KEY_ENCIPHERMENT;
    } else {
        bits |= KU_KEY_AGREEMENT;
    }
    SECItem item = { siBuffer, &bits, sizeof(bits) };
    if (CERT_EncodeAndAddBitStrExtension(target->handle, SEC_OID_X509_KEY_USAGE, &item, PR_TRUE) !=
        SECSuccess) {
        return nss_error(ERR_INTERNAL, "the key usage cannot be added");
    }
    return NULL;
}

/* The key identifier with the DER in front of it that its extension wants. */
static struct error *add_key_id(const struct target *target, SECOidTag type, struct bytes prefix,
                                const uint8_t id[static KEY_ID_SIZE])
{
    uint8_t der[4 + KEY_ID_SIZE];
    memcpy(der, prefix.data, prefix.len);
    memcpy(der + prefix.len, id, KEY_ID_SIZE);
    return add(target, type, (struct bytes){ der, prefix.len + KEY_ID_SIZE }, false);
}

static struct error *hash_key(const CERTCertificate *certificate, uint8_t id[static KEY_ID_SIZE])
{
    const SECItem *key = &certificate->subjectPublicKeyInfo.subjectPublicKey;
    /* a BIT STRING: NSS keeps its length in bits */
    if (PK11_HashBuf(SEC_OID_SHA1, id, key->data, (PRInt32)(key->len / 8)) != SECSuccess) {
        return nss_error(ERR_INTERNAL, "the public key cannot be hashed");
    }
    return NULL;
}

static struct error *add_key_ids(const struct target *target, const CERTCertificate *issuer)
{
    uint8_t id[KEY_ID_SIZE];
    TRY(hash_key(target->certificate, id));
    TRY(add_key_id(target, SEC_OID_X509_SUBJECT_KEY_ID, BYTES_LITERAL("\x04\x14"), id));
    TRY(hash_key(issuer ? issuer : target->certificate, id));
    return add_key_id(target, SEC_OID_X509_AUTH_KEY_ID, BYTES_LITERAL("\x30\x16\x80\x14"), id);
}

static struct error *add_address(const struct target *target, const char *address)
{
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    if (!arena) {
        return error_no_memory();
    }
    CERTGeneralName name = { .type = certRFC822Name };
    SECItem encoded = { siBuffer, NULL, 0 };
    (void)item_set(&name.name.other, bytes_of_string(address)); /* trial.c bounded it */
    name.l.next = name.l.prev = &name.l;
    if (CERT_EncodeAltNameExtension(arena, &name, &encoded) != SECSuccess) {
        return nss_error(ERR_INTERNAL, "the address cannot be encoded");
    }
    return add(target, SEC_OID_X509_SUBJECT_ALT_NAME, item_bytes(&encoded), false);
}

static struct error *add_all(const struct target *target, const struct trial_subject *subject,
                             const CERTCertificate *issuer)
{
    /* SEQUENCE of the one OID id-kp-emailProtection */
    static const uint8_t email_protection[] = { 0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06,
                                                0x01, 0x05, 0x05, 0x07, 0x03, 0x04 };
    TRY(add_constraints(target, !subject->address));
    TRY(add_key_usage(target, subject));
    TRY(add_key_ids(target, issuer));
    if (!subject->address) {
        return NULL;
    }
    TRY(add(target, SEC_OID_X509_EXT_KEY_USAGE,
            (struct bytes){ email_protection, sizeof(email_protection) }, false));
    return add_address(target, subject->address);
}

struct error *trial_extensions_add(struct CERTCertificateStr *certificate,
                                   const struct trial_subject *subject,
                                   struct CERTCertificateStr *issuer)
{
    struct target target = { certificate, CERT_StartCertExtensions(certificate) };
    if (!target.handle) {
        return nss_error(ERR_INTERNAL, "the extensions cannot be started");
    }
    struct error *error = add_all(&target, subject, issuer);
    /* also after an error: it frees the handle */
    if (CERT_FinishExtensions(target.handle) != SECSuccess && !error) {
        return nss_error(ERR_INTERNAL, "the extensions cannot be encoded");
    }
    return error;
}
