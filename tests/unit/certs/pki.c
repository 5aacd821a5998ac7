#include "certs/pki.h"

#include "base/clock.h"
#include "certs/pki_dsa.h"
#include "nss/item.h"
#include "nss/nss_scope.h"
#include "support/support.h"

#include <certdb.h>
#include <criterion/criterion.h>
#include <cryptohi.h>
#include <ftw.h>
#include <nss.h>
#include <secoid.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OID_COMMON_NAME PKI_OCTETS(0x55, 4, 3)
#define OID_KEY_USAGE PKI_OCTETS(0x55, 0x1d, 15)
#define OID_ALTERNATIVE PKI_OCTETS(0x55, 0x1d, 17)
#define OID_CONSTRAINTS PKI_OCTETS(0x55, 0x1d, 19)
#define OID_EXTENDED PKI_OCTETS(0x55, 0x1d, 37)
#define OID_REASON PKI_OCTETS(0x55, 0x1d, 21)

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

/* The database of the test that runs in this process; a failed one does not come to pki_end. */
static char leftover[64];

static void remove_leftover(void)
{
    if (leftover[0]) {
        (void)nftw(leftover, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    }
}

void pki_begin(struct pki *pki)
{
    *pki = (struct pki){ .arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE), .last_serial = 1000 };
    (void)snprintf(pki->directory, sizeof pki->directory, "/tmp/sealpost-certs-XXXXXX");
    cr_assert_not_null(mkdtemp(pki->directory));
    memcpy(leftover, pki->directory, sizeof leftover);
    cr_assert_eq(atexit(remove_leftover), 0);
    char database[80];
    (void)snprintf(database, sizeof database, "sql:%s", pki->directory);
    cr_assert_eq(NSS_InitReadWrite(database), SECSuccess);
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalKeySlot();
    cr_assert_eq(PK11_InitPin(slot, NULL, ""), SECSuccess);
}

void pki_end(struct pki *pki)
{
    PORT_FreeArena(pki->arena, PR_FALSE);
    cr_assert_eq(NSS_Shutdown(), SECSuccess, "a reference to something of NSS's was leaked");
    remove_leftover();
    leftover[0] = '\0';
}

static uint8_t *room(struct pki *pki, size_t len)
{
    uint8_t *data = PORT_ArenaAlloc(pki->arena, len + 1);
    cr_assert_not_null(data);
    return data;
}

struct bytes pki_concat(struct pki *pki, const struct bytes *parts, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        len += parts[i].len;
    }
    uint8_t *data = room(pki, len);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > 0) {
            memcpy(data + at, parts[i].data, parts[i].len);
        }
        at += parts[i].len;
    }
    return (struct bytes){ data, len };
}

struct bytes pki_tlv(struct pki *pki, unsigned tag, struct bytes content)
{
    uint8_t header[5] = { (uint8_t)tag };
    size_t len = 2;
    if (content.len < 0x80) {
        header[1] = (uint8_t)content.len;
    } else {
        header[1] = 0x83;
        header[2] = (uint8_t)(content.len >> 16);
        header[3] = (uint8_t)(content.len >> 8);
        header[4] = (uint8_t)content.len;
        len = 5;
    }
    /* DER wants the shortest length */
    if (content.len >= 0x80 && content.len < 0x10000) {
        header[1] = 0x82;
        memmove(header + 2, header + 3, 2);
        len = 4;
    }
    if (content.len >= 0x80 && content.len < 0x100) {
        header[1] = 0x81;
        header[2] = (uint8_t)content.len;
        len = 3;
    }
    return PKI_JOIN(pki, { header, len }, content);
}

static struct bytes text(struct pki *pki, unsigned tag, const char *value)
{
    return pki_tlv(pki, tag, bytes_of_string(value));
}

struct bytes pki_name(struct pki *pki, const char *common_name, bool printable)
{
    struct bytes oid = pki_tlv(pki, 6, OID_COMMON_NAME);
    struct bytes value = text(pki, printable ? 0x13 : 0x0c, common_name);
    struct bytes pair = pki_tlv(pki, 0x30, PKI_JOIN(pki, oid, value));
    return pki_tlv(pki, 0x30, pki_tlv(pki, 0x31, pair));
}

struct bytes pki_extension(struct pki *pki, struct bytes oid, bool critical, struct bytes value)
{
    struct bytes flag = critical ? pki_tlv(pki, 1, PKI_OCTETS(0xff)) : BYTES_NONE;
    return pki_tlv(pki, 0x30, PKI_JOIN(pki, pki_tlv(pki, 6, oid), flag, pki_tlv(pki, 4, value)));
}

static struct bytes generalized_time(struct pki *pki, int64_t seconds)
{
    char iso[CLOCK_TEXT_SIZE];
    clock_format(seconds, iso);
    char digits[CLOCK_TEXT_SIZE] = "";
    size_t used = 0;
    for (const char *at = iso; *at; at++) {
        if ((*at >= '0' && *at <= '9') || *at == 'Z') {
            digits[used++] = *at;
        }
    }
    return text(pki, 0x18, digits);
}

static struct bytes integer(struct pki *pki, unsigned value)
{
    uint8_t octets[] = { 0, (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                         (uint8_t)value };
    size_t skip = 0;
    while (skip < 4 && octets[skip] == 0 && octets[skip + 1] < 0x80) {
        skip++;
    }
    return pki_tlv(pki, 2, PKI_JOIN(pki, { octets + skip, sizeof octets - skip }));
}

static SECOidTag algorithm_tag(KeyType key, enum pki_hash hash)
{
    if (key == ecKey) {
        return hash == PKI_SHA1 ? SEC_OID_ANSIX962_ECDSA_SHA1_SIGNATURE
                                : SEC_OID_ANSIX962_ECDSA_SHA256_SIGNATURE;
    }
    if (key == dsaKey) {
        return SEC_OID_NIST_DSA_SIGNATURE_WITH_SHA256_DIGEST;
    }
    switch (hash) {
    case PKI_SHA256:
        return SEC_OID_PKCS1_SHA256_WITH_RSA_ENCRYPTION;
    case PKI_SHA1:
        return SEC_OID_PKCS1_SHA1_WITH_RSA_ENCRYPTION;
    case PKI_MD5:
        return SEC_OID_PKCS1_MD5_WITH_RSA_ENCRYPTION;
    }
    return SEC_OID_UNKNOWN;
}

static struct bytes algorithm(struct pki *pki, SECOidTag tag)
{
    SECAlgorithmID id = { 0 };
    cr_assert_eq(SECOID_SetAlgorithmID(pki->arena, &id, tag, NULL), SECSuccess);
    SECItem *der = SEC_ASN1EncodeItem(pki->arena, NULL, &id, SECOID_AlgorithmIDTemplate);
    cr_assert_not_null(der);
    return item_bytes(der);
}

static struct bytes sign(struct pki *pki, struct bytes content, SECOidTag tag,
                         SECKEYPrivateKey *key)
{
    SECItem signature = { .type = siBuffer };
    if (tag == SEC_OID_PKCS1_MD5_WITH_RSA_ENCRYPTION) {
        (void)NSS_SetAlgorithmPolicy(SEC_OID_MD5, NSS_USE_ALG_IN_ANY_SIGNATURE, 0);
    }
    cr_assert_eq(SEC_SignData(&signature, item_pointer(content), (int)content.len, key, tag),
                 SECSuccess);
    (void)NSS_SetAlgorithmPolicy(SEC_OID_MD5, 0, NSS_USE_ALG_IN_ANY_SIGNATURE);
    struct bytes bits = pki_tlv(pki, 3, PKI_JOIN(pki, PKI_OCTETS(0), item_bytes(&signature)));
    SECITEM_FreeItem(&signature, PR_FALSE);
    return pki_tlv(pki, 0x30, PKI_JOIN(pki, content, algorithm(pki, tag), bits));
}

static void make_key(struct pki *pki, enum pki_key_kind kind, struct pki_party *party)
{
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    if (kind == PKI_DSA) {
        party->private_key = pki_dsa_key(pki->arena, slot, &party->public_key);
        return;
    }
    PK11RSAGenParams rsa = { kind == PKI_RSA_1024 ? 1024 : 2048, 65537 };
    /* DER of the OBJECT IDENTIFIER prime256v1 */
    uint8_t p256[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };
    SECItem curve = { siBuffer, p256, sizeof p256 };
    party->private_key = kind == PKI_P256
                             ? PK11_GenerateKeyPair(slot, CKM_EC_KEY_PAIR_GEN, &curve,
                                                    &party->public_key, PR_FALSE, PR_FALSE, NULL)
                             : PK11_GenerateKeyPair(slot, CKM_RSA_PKCS_KEY_PAIR_GEN, &rsa,
                                                    &party->public_key, PR_FALSE, PR_FALSE, NULL);
    cr_assert_not_null(party->private_key);
}

/* RFC 8410 4 */
static struct bytes x25519_info(struct pki *pki)
{
    static const uint8_t point[33] = { 0, 9 };
    struct bytes oid = pki_tlv(pki, 6, PKI_OCTETS(0x2b, 0x65, 0x6e));
    struct bytes bits = pki_tlv(pki, 3, (struct bytes){ point, sizeof point });
    return pki_tlv(pki, 0x30, PKI_JOIN(pki, pki_tlv(pki, 0x30, oid), bits));
}

static struct bytes public_key_info(struct pki *pki, SECKEYPublicKey *key, bool bare)
{
    CERTSubjectPublicKeyInfo *info = SECKEY_CreateSubjectPublicKeyInfo(key);
    cr_assert_not_null(info);
    if (bare) {
        info->algorithm.parameters.len = 0;
    }
    SECItem *der = SEC_ASN1EncodeItem(pki->arena, NULL, info, CERT_SubjectPublicKeyInfoTemplate);
    cr_assert_not_null(der);
    SECKEY_DestroySubjectPublicKeyInfo(info);
    return item_bytes(der);
}

static struct bytes constraints(struct pki *pki, const struct pki_spec *spec)
{
    if (!spec->ca) {
        return BYTES_NONE;
    }
    struct bytes length =
        spec->path_length >= 0 ? integer(pki, (unsigned)spec->path_length) : BYTES_NONE;
    struct bytes flag = pki_tlv(pki, 1, PKI_OCTETS(0xff));
    return pki_extension(pki, OID_CONSTRAINTS, true,
                         pki_tlv(pki, 0x30, PKI_JOIN(pki, flag, length)));
}

static struct bytes key_usage(struct pki *pki, const struct pki_spec *spec)
{
    if (spec->usage == 0) {
        return BYTES_NONE;
    }
    struct bytes bits =
        pki_tlv(pki, 3, PKI_JOIN(pki, PKI_OCTETS(0), PKI_OCTETS((uint8_t)spec->usage)));
    return pki_extension(pki, OID_KEY_USAGE, true, bits);
}

static struct bytes extended_usage(struct pki *pki, const struct pki_spec *spec)
{
    if (!spec->purpose) {
        return BYTES_NONE;
    }
    const struct bytes mail = PKI_OCTETS(0x2b, 6, 1, 5, 5, 7, 3, 4);
    const struct bytes server = PKI_OCTETS(0x2b, 6, 1, 5, 5, 7, 3, 1);
    const struct bytes any = PKI_OCTETS(0x55, 0x1d, 37, 0);
    struct bytes oid = strcmp(spec->purpose, "server") == 0 ? server : mail;
    oid = strcmp(spec->purpose, "any") == 0 ? any : oid;
    return pki_extension(pki, OID_EXTENDED, false, pki_tlv(pki, 0x30, pki_tlv(pki, 6, oid)));
}

static struct bytes alternative(struct pki *pki, const struct pki_spec *spec)
{
    struct bytes names = spec->mail ? text(pki, 0x81, spec->mail) : spec->alternative;
    if (names.len == 0) {
        return BYTES_NONE;
    }
    return pki_extension(pki, OID_ALTERNATIVE, false, pki_tlv(pki, 0x30, names));
}

static struct bytes extensions(struct pki *pki, const struct pki_spec *spec)
{
    struct bytes all =
        PKI_JOIN(pki, constraints(pki, spec), key_usage(pki, spec), extended_usage(pki, spec),
                 alternative(pki, spec), spec->extensions);
    return all.len > 0 ? pki_tlv(pki, 0xa3, pki_tlv(pki, 0x30, all)) : BYTES_NONE;
}

static struct bytes validity(struct pki *pki, int64_t from, int64_t to, int64_t margin)
{
    struct bytes start = generalized_time(pki, from != 0 ? from : PKI_NOW - margin);
    struct bytes end = generalized_time(pki, to != 0 ? to : PKI_NOW + margin);
    return PKI_JOIN(pki, start, end);
}

static struct bytes make(struct pki *pki, const struct pki_spec *spec, struct bytes issuer_name,
                         SECKEYPrivateKey *issuer_key, const struct pki_party *subject)
{
    SECOidTag tag = algorithm_tag(SECKEY_GetPrivateKeyType(issuer_key), spec->hash);
    struct bytes version = pki_tlv(pki, 0xa0, integer(pki, 2));
    struct bytes serial = integer(pki, spec->serial != 0 ? spec->serial : ++pki->last_serial);
    struct bytes valid =
        pki_tlv(pki, 0x30, validity(pki, spec->from, spec->to, (int64_t)365 * PKI_DAY));
    struct bytes head = PKI_JOIN(pki, version, serial, algorithm(pki, tag), issuer_name);
    struct bytes tail = PKI_JOIN(
        pki, subject->name,
        spec->x25519 ? x25519_info(pki) : public_key_info(pki, subject->public_key, spec->bare_key),
        extensions(pki, spec));
    return sign(pki, pki_tlv(pki, 0x30, PKI_JOIN(pki, head, valid, tail)), tag, issuer_key);
}

static struct bytes subject_of(struct pki *pki, const struct pki_spec *spec)
{
    return spec->subject.len > 0 ? spec->subject : pki_name(pki, spec->name, spec->printable);
}

void pki_issue(struct pki *pki, const struct pki_spec *spec, const struct pki_party *issuer,
               struct pki_party *ret_party)
{
    *ret_party = (struct pki_party){ .name = subject_of(pki, spec) };
    make_key(pki, spec->key, ret_party);
    struct bytes der = make(pki, spec, issuer ? issuer->name : ret_party->name,
                            issuer ? issuer->private_key : ret_party->private_key, ret_party);
    assert_ok(cert_from_der(der, &ret_party->cert));
}

void pki_issue_for(struct pki *pki, const struct pki_spec *spec, const struct pki_party *issuer,
                   const struct pki_party *owner, struct pki_party *ret_party)
{
    struct pki_party subject = *owner;
    subject.name = subject_of(pki, spec);
    *ret_party = (struct pki_party){ .name = subject.name };
    struct bytes der = make(pki, spec, issuer->name, issuer->private_key, &subject);
    assert_ok(cert_from_der(der, &ret_party->cert));
}

struct bytes pki_der(struct pki *pki, const struct pki_spec *spec)
{
    struct pki_party party = { .name = subject_of(pki, spec) };
    make_key(pki, spec->key, &party);
    struct bytes der = make(pki, spec, party.name, party.private_key, &party);
    pki_party_done(&party);
    return der;
}

void pki_authority(struct pki *pki, const char *name, const struct pki_party *issuer,
                   struct pki_party *ret_party)
{
    struct pki_spec spec = {
        .name = name, .ca = true, .path_length = -1, .usage = PKI_CERT_SIGN | PKI_CRL_SIGN
    };
    pki_issue(pki, &spec, issuer, ret_party);
}

void pki_person(struct pki *pki, const char *name, const struct pki_party *issuer,
                struct pki_party *ret_party)
{
    struct pki_spec spec = {
        .name = name, .mail = "alice@example.org", .purpose = "email", .usage = PKI_SIGN | PKI_AGREE
    };
    pki_issue(pki, &spec, issuer, ret_party);
}

void pki_party_done(struct pki_party *party)
{
    cert_unref(party->cert);
    nss_private_key_free(party->private_key);
    nss_public_key_free(party->public_key);
    *party = (struct pki_party){ 0 };
}

void pki_trust(const struct cert *cert, const char *flags)
{
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalKeySlot();
    CERTCertificate *certificate = cert_nss(cert);
    if (!certificate->isperm) {
        cr_assert_eq(PK11_ImportCert(slot, certificate, CK_INVALID_HANDLE, cert_id(cert), PR_FALSE),
                     SECSuccess);
    }
    CERTCertTrust trust;
    cr_assert_eq(CERT_DecodeTrustString(&trust, flags), SECSuccess);
    cr_assert_eq(CERT_ChangeCertTrust(CERT_GetDefaultCertDB(), certificate, &trust), SECSuccess);
}

static struct bytes revoked(struct pki *pki, const struct pki_revoked *entry)
{
    struct bytes reason = BYTES_NONE;
    if (entry->reason >= 0) {
        reason = pki_extension(pki, OID_REASON, false,
                               pki_tlv(pki, 0x0a, PKI_OCTETS((uint8_t)entry->reason)));
    }
    struct bytes all = PKI_JOIN(pki, reason, entry->extensions);
    struct bytes tail = all.len > 0 ? pki_tlv(pki, 0x30, all) : BYTES_NONE;
    return pki_tlv(
        pki, 0x30,
        PKI_JOIN(pki, integer(pki, entry->serial), generalized_time(pki, entry->since), tail));
}

struct bytes pki_crl(struct pki *pki, const struct pki_crl *spec, const struct pki_party *signer)
{
    SECOidTag tag = algorithm_tag(SECKEY_GetPrivateKeyType(signer->private_key), PKI_SHA256);
    struct bytes entries = BYTES_NONE;
    for (size_t i = 0; i < spec->count; i++) {
        entries = PKI_JOIN(pki, entries, revoked(pki, &spec->entries[i]));
    }
    if (spec->count > 0) {
        entries = pki_tlv(pki, 0x30, entries);
    }
    struct bytes more = spec->extensions.len > 0
                            ? pki_tlv(pki, 0xa0, pki_tlv(pki, 0x30, spec->extensions))
                            : BYTES_NONE;
    struct bytes issuer = spec->issuer.len > 0 ? spec->issuer : signer->name;
    struct bytes content = PKI_JOIN(pki, integer(pki, 1), algorithm(pki, tag), issuer,
                                    validity(pki, spec->from, spec->to, PKI_DAY), entries, more);
    return sign(pki, pki_tlv(pki, 0x30, content), tag, signer->private_key);
}
