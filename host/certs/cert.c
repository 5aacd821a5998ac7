#include "certs/cert.h"

#include "base/limits.h"
#include "certs/cert_key.h"
#include "certs/cert_names.h"
#include "certs/element.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <pthread.h>
#include <secder.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { ID_BYTES = 32, ID_TEXT = 2 * ID_BYTES + 1, MICROSECONDS = 1000000 };

/* The certificate as NSS's databases know it, looked for when it is first asked for: ten thousand
 * of them are read for an index and never needed. */
struct connection {
    pthread_mutex_t lock;
    CERTCertificate *certificate; /* NULL: not asked for yet */
};

struct cert {
    atomic_uint references;
    CERTCertificate *decoded; /* never NULL; its own copy of the DER */
    struct connection *connection;
    char id[ID_TEXT];
    char *subject;
    char *issuer;
    char *serial;
    SECItem key_id;
    int64_t not_before;
    int64_t not_after;
    struct cert_key key;
    bool key_is_inherited;
    unsigned usages;
    struct cert_addresses addresses;
};

static void connection_free(struct connection *connection)
{
    if (!connection) {
        return;
    }
    nss_cert_free(connection->certificate);
    (void)pthread_mutex_destroy(&connection->lock);
    free(connection);
}

static void cert_free(struct cert *cert)
{
    connection_free(cert->connection);
    cert_names_done(&cert->addresses);
    SECITEM_FreeItem(&cert->key_id, PR_FALSE);
    string_free(cert->subject);
    string_free(cert->issuer);
    string_free(cert->serial);
    nss_cert_free(cert->decoded);
    free(cert);
}

struct cert *cert_ref(struct cert *cert)
{
    if (cert) {
        atomic_fetch_add(&cert->references, 1);
    }
    return cert;
}

void cert_unref(struct cert *cert)
{
    if (cert && atomic_fetch_sub(&cert->references, 1) == 1) {
        cert_free(cert);
    }
}

/* NSS's decoder stops at the end of the outer SEQUENCE and ignores what follows; bytes behind it
 * would give one certificate many ids. */
static bool is_one_sequence(struct bytes der)
{
    uint8_t tag = 0;
    struct bytes content;
    return element_take(&der, &tag, &content) && tag == 0x30 && der.len == 0;
}

/* NSS takes memory by the square of their number: measured, 1,000 directory names made its path
 * validation take 290 MB. */
static bool alternative_names_are_sound(const CERTCertExtension *extension)
{
    struct bytes value = item_bytes(&extension->value);
    struct bytes names;
    struct bytes name;
    uint8_t tag = 0;
    size_t count = 0;
    if (SECOID_FindOIDTag(&extension->id) != SEC_OID_X509_SUBJECT_ALT_NAME ||
        !element_take(&value, &tag, &names)) {
        return true;
    }
    while (element_take(&names, &tag, &name)) {
        count++;
    }
    return count <= LIMIT_GENERAL_NAMES;
}

/* RFC 5280 4.2: no more than one instance of an extension; NSS would take the first, others the
 * last. */
static bool extensions_are_sound(CERTCertExtension **extensions)
{
    size_t count = 0;
    for (; extensions && extensions[count]; count++) {
        if (count >= LIMIT_CERT_EXTENSIONS || !alternative_names_are_sound(extensions[count])) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if (SECITEM_CompareItem(&extensions[i]->id, &extensions[count]->id) == SECEqual) {
                return false;
            }
        }
    }
    return true;
}

/* NSS takes memory by the cube of their number: measured, 500 addresses in a subject made its path
 * validation take 850 MB, and 2,000 more than the machine had. */
static bool name_is_sound(const CERTName *name)
{
    size_t count = 0;
    for (CERTRDN **rdn = name->rdns; rdn && *rdn; rdn++) {
        for (CERTAVA **ava = (*rdn)->avas; ava && *ava; ava++) {
            count++;
        }
    }
    return count <= LIMIT_NAME_ATTRIBUTES;
}

static struct error *decode(struct bytes der, CERTCertificate **ret_decoded)
{
    SECItem view;
    if (der.len > LIMIT_CERTIFICATE || !is_one_sequence(der) || !item_set(&view, der)) {
        return error_new(ERR_CMS_MALFORMED, "a certificate is too large or not one DER value");
    }
    CLEANUP(nss_arena_free) PLArenaPool *arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    CERTCertificate *decoded = arena ? PORT_ArenaZNew(arena, CERTCertificate) : NULL;
    if (!decoded || SECITEM_CopyItem(arena, &decoded->derCert, &view) != SECSuccess) {
        return error_no_memory();
    }
    if (SEC_QuickDERDecodeItem(arena, decoded, SEC_SignedCertificateTemplate, &decoded->derCert) !=
        SECSuccess) {
        return nss_error(ERR_CMS_MALFORMED, "a certificate cannot be decoded");
    }
    if (!extensions_are_sound(decoded->extensions)) {
        return error_new(ERR_CMS_MALFORMED, "a certificate has an extension twice or too large");
    }
    if (!name_is_sound(&decoded->subject) || !name_is_sound(&decoded->issuer)) {
        return error_new(ERR_CMS_MALFORMED, "a certificate's names are too long");
    }
    decoded->referenceCount = 1;
    decoded->arena = TAKE_PTR(arena);
    *ret_decoded = decoded;
    return NULL;
}

static struct error *fill_id(struct cert *cert)
{
    uint8_t digest[ID_BYTES];
    struct bytes der = cert_der(cert);
    if (PK11_HashBuf(SEC_OID_SHA256, digest, item_pointer(der), (PRInt32)der.len) != SECSuccess) {
        return nss_error(ERR_INTERNAL, "a certificate's fingerprint cannot be made");
    }
    CLEANUP(string_free) char *hex = NULL;
    TRY(bytes_to_hex((struct bytes){ digest, sizeof digest }, &hex));
    memcpy(cert->id, hex, ID_TEXT);
    return NULL;
}

/* PRTime is in microseconds; division rounds down, before 1970 too. */
static int64_t seconds_of(PRTime time)
{
    int64_t seconds = time / MICROSECONDS;
    return time % MICROSECONDS < 0 ? seconds - 1 : seconds;
}

static struct error *fill_validity(struct cert *cert)
{
    PRTime from = 0;
    PRTime to = 0;
    if (CERT_GetCertTimes(cert->decoded, &from, &to) != SECSuccess) {
        return nss_error(ERR_CMS_MALFORMED, "a certificate's validity cannot be read");
    }
    cert->not_before = seconds_of(from);
    cert->not_after = seconds_of(to);
    return NULL;
}

/* RFC 5280 4.2.1.2, method 1: what others call a key whose certificate does not say. The bits
 * alone, unlike the digest of the whole subjectPublicKeyInfo that NSS keeps in subjectKeyID. */
static struct error *make_key_id(const CERTCertificate *decoded, SECItem *ret_id)
{
    SECItem bits = decoded->subjectPublicKeyInfo.subjectPublicKey;
    DER_ConvertBitString(&bits);
    if (!SECITEM_AllocItem(NULL, ret_id, SHA1_LENGTH)) {
        return error_no_memory();
    }
    if (PK11_HashBuf(SEC_OID_SHA1, ret_id->data, bits.data, (PRInt32)bits.len) != SECSuccess) {
        return nss_error(ERR_INTERNAL, "a key's identifier cannot be made");
    }
    return NULL;
}

static struct error *fill_key_id(struct cert *cert)
{
    if (CERT_FindSubjectKeyIDExtension(cert->decoded, &cert->key_id) == SECSuccess &&
        cert->key_id.len > 0) {
        return NULL;
    }
    SECITEM_FreeItem(&cert->key_id, PR_FALSE);
    cert->key_id = (SECItem){ .type = siBuffer };
    return make_key_id(cert->decoded, &cert->key_id);
}

static struct error *fill(struct cert *cert)
{
    CERTCertificate *decoded = cert->decoded;
    TRY(fill_id(cert));
    TRY(fill_validity(cert));
    TRY(cert_names_text(&decoded->subject, &cert->subject));
    TRY(cert_names_text(&decoded->issuer, &cert->issuer));
    TRY(bytes_to_hex(item_bytes(&decoded->serialNumber), &cert->serial));
    TRY(cert_names_addresses(decoded, &cert->addresses));
    TRY(fill_key_id(cert));
    cert->key = cert_key_of(decoded);
    cert->usages = cert_key_usages(decoded, cert->key.type);
    return NULL;
}

static struct error *connection_new(struct connection **ret_connection)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        return error_no_memory();
    }
    if (pthread_mutex_init(&connection->lock, NULL) != 0) {
        free(connection);
        return error_no_memory();
    }
    *ret_connection = connection;
    return NULL;
}

/* `known` is NSS's object of the same DER, or NULL. */
static struct error *make(struct bytes der, CERTCertificate *known, struct cert **ret_cert)
{
    CERTCertificate *decoded = NULL;
    TRY(decode(der, &decoded));
    CLEANUP(cert_unref) struct cert *cert = calloc(1, sizeof *cert);
    if (!cert) {
        nss_cert_free(decoded);
        return error_no_memory();
    }
    atomic_init(&cert->references, 1);
    cert->decoded = decoded;
    TRY(connection_new(&cert->connection));
    TRY(fill(cert));
    if (known) {
        cert->connection->certificate = CERT_DupCertificate(known);
    }
    *ret_cert = TAKE_PTR(cert);
    return NULL;
}

struct error *cert_from_der(struct bytes der, struct cert **ret_cert)
{
    return make(der, NULL, ret_cert);
}

struct error *cert_from_nss(struct CERTCertificateStr *certificate, struct cert **ret_cert)
{
    return make(item_bytes(&certificate->derCert), certificate, ret_cert);
}

struct error *cert_with_inherited_key(const struct cert *cert, const struct cert *issuer,
                                      struct cert **ret_cert)
{
    *ret_cert = NULL;
    CLEANUP(cert_unref) struct cert *complete = NULL;
    TRY(make(cert_der(cert), NULL, &complete));
    TRY(cert_key_inherit(complete->decoded, issuer->decoded, &complete->key_is_inherited));
    if (complete->key_is_inherited) {
        complete->key = cert_key_of(complete->decoded);
        *ret_cert = TAKE_PTR(complete);
    }
    return NULL;
}

bool cert_key_is_inherited(const struct cert *cert)
{
    return cert->key_is_inherited;
}

bool cert_key_is_incomplete(const struct cert *cert)
{
    return cert_key_lacks_parameters(cert->decoded);
}

/* CERT_NewTempCertificate gives the database's own object (with its trust and its token) where the
 * certificate is stored, else a temporary one that PKIX finds as an intermediate; it never writes
 * to a database. It refuses a certificate whose issuer and serial number belong to a different one
 * already, or, where two threads come with such a pair at a time, gives the other one, which would
 * then be validated in this one's place: in both cases only the decoded form is there, which no
 * path is accepted for (chain.h). */
struct CERTCertificateStr *cert_connect(const struct cert *cert)
{
    CERTCertificate *decoded = cert->decoded;
    CERTCertificate *certificate = CERT_NewTempCertificate(
        CERT_GetDefaultCertDB(), &decoded->derCert, NULL, PR_FALSE, PR_TRUE);
    if (certificate && SECITEM_CompareItem(&certificate->derCert, &decoded->derCert) != SECEqual) {
        nss_cert_free(certificate);
        certificate = NULL;
    }
    return certificate ? certificate : CERT_DupCertificate(decoded);
}

struct CERTCertificateStr *cert_nss(const struct cert *cert)
{
    struct connection *connection = cert->connection;
    (void)pthread_mutex_lock(&connection->lock);
    if (!connection->certificate) {
        connection->certificate = cert_connect(cert);
    }
    CERTCertificate *certificate = connection->certificate;
    (void)pthread_mutex_unlock(&connection->lock);
    return certificate ? certificate : cert->decoded;
}

struct CERTCertificateStr *cert_decoded(const struct cert *cert)
{
    return cert->decoded;
}

struct bytes cert_der(const struct cert *cert)
{
    return item_bytes(&cert->decoded->derCert);
}

const char *cert_id(const struct cert *cert)
{
    return cert->id;
}

const char *cert_subject(const struct cert *cert)
{
    return cert->subject;
}

const char *cert_issuer(const struct cert *cert)
{
    return cert->issuer;
}

const char *cert_serial(const struct cert *cert)
{
    return cert->serial;
}

struct bytes cert_subject_der(const struct cert *cert)
{
    return item_bytes(&cert->decoded->derSubject);
}

struct bytes cert_issuer_der(const struct cert *cert)
{
    return item_bytes(&cert->decoded->derIssuer);
}

struct bytes cert_serial_bytes(const struct cert *cert)
{
    return item_bytes(&cert->decoded->serialNumber);
}

struct bytes cert_subject_key_id(const struct cert *cert)
{
    return item_bytes(&cert->key_id);
}

int64_t cert_not_before(const struct cert *cert)
{
    return cert->not_before;
}

int64_t cert_not_after(const struct cert *cert)
{
    return cert->not_after;
}

enum cert_key_type cert_key_type(const struct cert *cert)
{
    return cert->key.type;
}

const char *cert_key_type_text(const struct cert *cert)
{
    switch (cert->key.type) {
    case CERT_KEY_RSA:
        return "rsa";
    case CERT_KEY_RSA_PSS:
        return "rsa-pss";
    case CERT_KEY_EC:
        return "ec";
    case CERT_KEY_ED25519:
        return "ed25519";
    case CERT_KEY_X25519:
        return "x25519";
    case CERT_KEY_DSA:
        return "dsa";
    case CERT_KEY_OTHER:
        return "other";
    }
    return "other";
}

unsigned cert_key_bits(const struct cert *cert)
{
    return cert->key.bits;
}

bool cert_key_is_bearable(const struct cert *cert)
{
    return cert->key.bits <= LIMIT_RSA_BITS ||
           (cert->key.type != CERT_KEY_RSA && cert->key.type != CERT_KEY_RSA_PSS);
}

unsigned cert_usages(const struct cert *cert)
{
    return cert->usages;
}

size_t cert_address_count(const struct cert *cert)
{
    return cert->addresses.count;
}

const char *cert_address(const struct cert *cert, size_t number)
{
    return number < cert->addresses.count ? cert->addresses.items[number] : NULL;
}
