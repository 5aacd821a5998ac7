#include "enveloped_fixture.h"

#include "cms/der.h"
#include "nss/item.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <nss.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RSA_BITS = 2048, RSA_EXPONENT = 65537, MANY = 8, PATH_SIZE = 200 };

static char directory[] = "/tmp/sealpost-enveloped-XXXXXX";
static bool directory_made;

void fixture_start(void)
{
    cr_assert_eq(NSS_NoDB_Init(NULL), SECSuccess);
}

static SECKEYPrivateKey *generate(PK11SlotInfo *slot, enum party_kind kind,
                                  SECKEYPublicKey **ret_public)
{
    static const char *const curves[] = { "", "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
                                          "\x06\x05\x2b\x81\x04\x00\x22",
                                          "\x06\x05\x2b\x81\x04\x00\x23", "\x06\x03\x2b\x65\x6e" };
    static const size_t sizes[] = { 0, 10, 7, 7, 5 };
    static const CK_MECHANISM_TYPE mechanisms[] = { CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_EC_KEY_PAIR_GEN,
                                                    CKM_EC_KEY_PAIR_GEN, CKM_EC_KEY_PAIR_GEN,
                                                    CKM_EC_MONTGOMERY_KEY_PAIR_GEN };
    PK11RSAGenParams rsa = { RSA_BITS, RSA_EXPONENT };
    SECItem curve;
    cr_assert(item_set(&curve, (struct bytes){ (const uint8_t *)curves[kind], sizes[kind] }));
    bool is_rsa = kind == PARTY_RSA;
    SECKEYPrivateKey *key = PK11_GenerateKeyPairWithOpFlags(
        slot, mechanisms[kind], is_rsa ? (void *)&rsa : (void *)&curve, ret_public,
        PK11_ATTR_SESSION | PK11_ATTR_SENSITIVE, is_rsa ? CKF_UNWRAP | CKF_DECRYPT : CKF_DERIVE,
        CKF_UNWRAP | CKF_DECRYPT | CKF_DERIVE, NULL);
    cr_assert_not_null(key);
    return key;
}

/* Name ::= one RDN, commonName */
static void write_name(struct buffer *out, const char *name)
{
    size_t start = out->len;
    assert_ok(der_value(out, BER_OID, BYTES_LITERAL("\x55\x04\x03")));
    assert_ok(der_value(out, BER_UTF8_STRING, bytes_of_string(name)));
    assert_ok(der_wrap(out, start, BER_SEQUENCE));
    assert_ok(der_wrap(out, start, BER_SET));
    assert_ok(der_wrap(out, start, BER_SEQUENCE));
}

static void write_signature_algorithm(struct buffer *out)
{
    size_t start = out->len;
    assert_ok(der_value(out, BER_OID, BYTES_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b")));
    assert_ok(der_value(out, BER_NULL, BYTES_NONE));
    assert_ok(der_wrap(out, start, BER_SEQUENCE));
}

static void write_validity(struct buffer *out)
{
    size_t start = out->len;
    assert_ok(der_value(out, BER_UTC_TIME, BYTES_LITERAL("200101000000Z")));
    assert_ok(der_value(out, BER_UTC_TIME, BYTES_LITERAL("400101000000Z")));
    assert_ok(der_wrap(out, start, BER_SEQUENCE));
}

static CERTCertificate *certificate_of(struct bytes spki)
{
    uint8_t serial[8];
    cr_assert_eq(PK11_GenerateRandom(serial, sizeof(serial)), SECSuccess);
    serial[0] = 0x42; /* positive, no leading zero */
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_ok(der_value(out, BER_INTEGER, (struct bytes){ serial, sizeof(serial) }));
    write_signature_algorithm(out);
    write_name(out, "Issuer");
    write_validity(out);
    write_name(out, "Recipient");
    assert_ok(buffer_append(out, spki));
    assert_ok(der_wrap(out, 0, BER_SEQUENCE));
    write_signature_algorithm(out);
    assert_ok(der_value(out, BER_BIT_STRING, BYTES_LITERAL("\x00\x01")));
    assert_ok(der_wrap(out, 0, BER_SEQUENCE));
    SECItem der;
    cr_assert(item_set(&der, buffer_view(out)));
    CERTCertificate *certificate =
        CERT_NewTempCertificate(CERT_GetDefaultCertDB(), &der, NULL, PR_FALSE, PR_TRUE);
    cr_assert_not_null(certificate);
    return certificate;
}

/* RFC 8410 4; NSS 3.125 does not write it. */
static struct buffer *x25519_spki(const SECKEYPublicKey *key)
{
    struct buffer *spki = NULL;
    assert_ok(buffer_new(0, &spki));
    assert_ok(buffer_append(spki, BYTES_LITERAL("\x30\x05\x06\x03\x2b\x65\x6e\x03\x21\x00")));
    assert_ok(buffer_append(spki, item_bytes(&key->u.ec.publicValue)));
    assert_ok(der_wrap(spki, 0, BER_SEQUENCE));
    return spki;
}

struct party party_new(enum party_kind kind)
{
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    return party_new_on(slot, kind);
}

struct party party_new_on(PK11SlotInfo *slot, enum party_kind kind)
{
    CLEANUP(nss_public_key_free) SECKEYPublicKey *public_key = NULL;
    SECKEYPrivateKey *key = generate(slot, kind, &public_key);
    if (kind == PARTY_X25519) {
        CLEANUP(buffer_free) struct buffer *x25519 = x25519_spki(public_key);
        return (struct party){ .certificate = certificate_of(buffer_view(x25519)), .key = key };
    }
    CLEANUP(nss_item_free) SECItem *spki = SECKEY_EncodeDERSubjectPublicKeyInfo(public_key);
    return (struct party){ .certificate = certificate_of(item_bytes(spki)), .key = key };
}

struct party party_new_oaep(struct bytes parameters)
{
    CLEANUP(nss_public_key_free) SECKEYPublicKey *public_key = NULL;
    CLEANUP(buffer_free) struct buffer *spki = NULL;
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    SECKEYPrivateKey *key = generate(slot, PARTY_RSA, &public_key);
    assert_ok(buffer_new(0, &spki));
    assert_ok(der_value(spki, BER_OID, BYTES_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07")));
    assert_ok(buffer_append(spki, parameters));
    assert_ok(der_wrap(spki, 0, BER_SEQUENCE));
    size_t bits = spki->len;
    assert_ok(buffer_append(spki, BYTES_LITERAL("\x00")));
    size_t sequence = spki->len;
    assert_ok(buffer_append(spki, BYTES_LITERAL("\x02\x82\x01\x01\x00")));
    assert_ok(buffer_append(spki, item_bytes(&public_key->u.rsa.modulus)));
    assert_ok(der_value(spki, BER_INTEGER, item_bytes(&public_key->u.rsa.publicExponent)));
    assert_ok(der_wrap(spki, sequence, BER_SEQUENCE));
    assert_ok(der_wrap(spki, bits, BER_BIT_STRING));
    assert_ok(der_wrap(spki, 0, BER_SEQUENCE));
    return (struct party){ .certificate = certificate_of(buffer_view(spki)), .key = key };
}

static void openssl_make(const char *algorithm, const char *option)
{
    CLEANUP(string_free) char *key = fixture_path("key.pem");
    CLEANUP(string_free) char *der = fixture_path("key.der");
    CLEANUP(string_free) char *pem = fixture_path("certificate.pem");
    const char *const make[] = { "openssl", "genpkey", "-algorithm", algorithm, "-pkeyopt",
                                 option,    "-out",    key,          NULL };
    const char *const certify[] = { "openssl", "req",   "-x509", "-new", "-key", key,
                                    "-subj",   "/CN=x", "-out",  pem,    NULL };
    const char *const convert[] = { "openssl",  "pkcs8", "-topk8", "-nocrypt", "-in", key,
                                    "-outform", "DER",   "-out",   der,        NULL };
    fixture_run(make);
    fixture_run(certify);
    fixture_run(convert);
}

CERTCertificate *fixture_certificate(const char *name)
{
    CLEANUP(mapping_unref) struct mapping *pem = fixture_read(name);
    struct bytes text = mapping_view(pem);
    CERTCertificate *certificate =
        CERT_DecodeCertFromPackage((char *)item_pointer(text), (int)text.len);
    cr_assert_not_null(certificate);
    return certificate;
}

struct party party_from_openssl(enum party_kind kind)
{
    static const char *const options[] = { "rsa_keygen_bits:2048", "ec_paramgen_curve:P-256",
                                           "ec_paramgen_curve:P-384", "ec_paramgen_curve:P-521" };
    openssl_make(kind == PARTY_RSA ? "RSA" : "EC", options[kind]);
    CLEANUP(mapping_unref) struct mapping *key_der = fixture_read("key.der");
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    struct party party = { .certificate = fixture_certificate("certificate.pem"),
                           .pem = fixture_path("certificate.pem") };
    SECItem item;
    cr_assert(item_set(&item, mapping_view(key_der)));
    CLEANUP(nss_public_key_free) SECKEYPublicKey *own = CERT_ExtractPublicKey(party.certificate);
    SECItem *value = kind == PARTY_RSA ? &own->u.rsa.modulus : &own->u.ec.publicValue;
    cr_assert_eq(PK11_ImportDERPrivateKeyInfoAndReturnKey(slot, &item, NULL, value, PR_FALSE,
                                                          PR_TRUE, KU_ALL, &party.key, NULL),
                 SECSuccess);
    return party;
}

void party_done(struct party *party)
{
    nss_cert_free(party->certificate);
    nss_private_key_free(party->key);
    free(party->pem);
}

const char *fixture_directory(void)
{
    if (!directory_made) {
        cr_assert_not_null(mkdtemp(directory));
        directory_made = true;
    }
    return directory;
}

void fixture_remove(void)
{
    if (!directory_made) {
        return;
    }
    DIR *handle = opendir(directory);
    cr_assert_not_null(handle);
    for (struct dirent *entry = readdir(handle); entry; entry = readdir(handle)) {
        (void)unlinkat(dirfd(handle), entry->d_name, 0);
    }
    (void)closedir(handle);
    (void)rmdir(directory);
}

void fixture_run(const char *const *arguments)
{
    posix_spawn_file_actions_t actions;
    cr_assert_eq(posix_spawn_file_actions_init(&actions), 0);
    for (int fd = 0; fd < 3; fd++) {
        (void)posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    }
    union {
        const char *const *from;
        char *const *to;
    } argv = { .from = arguments };
    pid_t child = 0;
    cr_assert_eq(posix_spawnp(&child, arguments[0], &actions, NULL, argv.to, environ), 0);
    (void)posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s %s failed", arguments[0],
              arguments[1]);
}

char *fixture_path(const char *name)
{
    char *path = malloc(PATH_SIZE);
    cr_assert_not_null(path);
    int len = snprintf(path, PATH_SIZE, "%s/%s", fixture_directory(), name);
    cr_assert(len > 0 && len < PATH_SIZE);
    return path;
}

void fixture_write(const char *name, struct bytes bytes)
{
    CLEANUP(string_free) char *path = fixture_path(name);
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
    cr_assert_eq(fclose(file), 0);
}

struct mapping *fixture_read(const char *name)
{
    CLEANUP(string_free) char *path = fixture_path(name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    cr_assert(fd >= 0 && fstat(fd, &status) == 0, "%s", path);
    struct mapping *mapping = NULL;
    uint8_t *tail = NULL;
    size_t len = (size_t)status.st_size;
    assert_ok(mapping_new(len + 1, &mapping));
    assert_ok(mapping_extend(mapping, len, &tail));
    cr_assert_eq(read(fd, tail, len), (ssize_t)len);
    (void)close(fd);
    return mapping;
}

struct mapping *fixture_bytes(size_t len)
{
    struct mapping *mapping = NULL;
    uint8_t *tail = NULL;
    assert_ok(mapping_new(len + 1, &mapping));
    assert_ok(mapping_extend(mapping, len, &tail));
    uint32_t state = 12345;
    for (size_t i = 0; i < len; i++) {
        state = state * 1664525 + 1013904223;
        tail[i] = (uint8_t)(state >> 24);
    }
    return mapping;
}

struct mapping *fixture_mapping(struct bytes bytes)
{
    struct mapping *mapping = NULL;
    assert_ok(mapping_new(bytes.len + 1, &mapping));
    assert_ok(mapping_append(mapping, bytes));
    return mapping;
}

size_t fixture_recipient(const struct cms_enveloped *message, const struct party *party)
{
    struct bytes serial = item_bytes(&party->certificate->serialNumber);
    struct bytes issuer = item_bytes(&party->certificate->derIssuer);
    struct bytes key_id = item_bytes(&party->certificate->subjectKeyID);
    size_t number = 0;
    while (number < cms_enveloped_recipient_count(message)) {
        struct cms_cert_ref ref = cms_enveloped_recipient(message, number)->ref;
        bool named = bytes_equal(ref.serial, serial) && bytes_equal(ref.issuer, issuer);
        if (named || (ref.key_id.len > 0 && bytes_equal(ref.key_id, key_id))) {
            break;
        }
        number++;
    }
    cr_assert_lt(number, cms_enveloped_recipient_count(message), "no such recipient");
    return number;
}

PK11SymKey *fixture_secret_key(struct bytes value)
{
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalSlot();
    CLEANUP(mapping_unref) struct mapping *copy = fixture_mapping(value);
    SECItem item = { siBuffer, mapping_data(copy), (unsigned int)value.len };
    PK11SymKey *key =
        PK11_ImportSymKeyWithFlags(slot, CKM_AES_CBC, PK11_OriginUnwrap, CKA_FLAGS_ONLY, &item,
                                   CKF_WRAP | CKF_UNWRAP, PR_FALSE, NULL);
    cr_assert_not_null(key);
    return key;
}

struct error *fixture_make(const struct cms_encrypt_request *request, struct bytes plain,
                           struct mapping **ret_der)
{
    CLEANUP(content_unref) struct content *content = NULL;
    TRY(content_new(&content));
    TRY(content_append_copy(content, plain));
    return cms_enveloped_make(request, content, ret_der);
}

struct error *fixture_encrypt(enum cms_cipher cipher, const struct party *parties, size_t count,
                              struct bytes plain, struct mapping **ret_der)
{
    CERTCertificate *certificates[MANY] = { NULL };
    for (size_t i = 0; i < count && i < MANY; i++) {
        certificates[i] = parties[i].certificate;
    }
    CLEANUP(content_unref) struct content *content = NULL;
    TRY(content_new(&content));
    /* in two pieces, so that joining them is tested too */
    TRY(content_append_copy(content, bytes_slice(plain, 0, plain.len / 3)));
    TRY(content_append_copy(content, bytes_slice(plain, plain.len / 3, plain.len)));
    struct cms_encrypt_request request = { .recipients = certificates,
                                           .recipient_count = count,
                                           .cipher = cipher };
    return cms_enveloped_make(&request, content, ret_der);
}

struct error *fixture_open(struct mapping *der, bool in_place, const struct party *party,
                           struct mapping **ret_owner, struct bytes *ret_plain)
{
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    CLEANUP(cms_cek_free) struct cms_cek *cek = NULL;
    TRY(cms_enveloped_parse(mapping_view(der), &message));
    size_t number = fixture_recipient(message, party);
    TRY(cms_enveloped_unwrap(message, number, party->certificate, party->key, &cek));
    return cms_enveloped_decrypt(message, cek, in_place ? der : NULL, NULL, ret_owner, ret_plain);
}

void fixture_assert_opens(struct mapping *der, const struct party *party, struct bytes plain)
{
    CLEANUP(mapping_unref) struct mapping *copy = fixture_mapping(mapping_view(der));
    for (int in_place = 0; in_place < 2; in_place++) {
        CLEANUP(mapping_unref) struct mapping *owner = NULL;
        struct bytes opened = BYTES_NONE;
        assert_ok(fixture_open(copy, in_place != 0, party, &owner, &opened));
        cr_assert(bytes_equal(opened, plain), "in place %d: %zu bytes for %zu", in_place,
                  opened.len, plain.len);
        cr_assert(in_place || bytes_equal(mapping_view(copy), mapping_view(der)),
                  "the input was altered");
        /* no second copy, except where there is nothing to hold */
        cr_assert(!in_place || owner == copy || plain.len == 0);
    }
}

struct cipher fixture_cipher(enum cms_cipher which)
{
    static const uint8_t iv[] = "0123456789abcdef";
    const struct cms_cipher_info *info = cms_cipher_info(which);
    return (struct cipher){
        .info = info,
        .iv = { iv, info->authenticated ? 12 : info->block },
        .key_len = info->key_bits / 8,
        .tag_len = info->authenticated ? 16 : 0,
        .rc2_bits = which == CMS_RC2_CBC ? 128 : 0,
    };
}

struct mapping *fixture_build(const struct fixture_parts *parts)
{
    struct bytes enveloped = BYTES_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03");
    struct bytes authenticated = BYTES_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17");
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_ok(der_value(out, BER_OID, parts->authenticated ? authenticated : enveloped));
    size_t start = out->len;
    assert_ok(der_small_integer(out, 0));
    assert_ok(der_value(out, BER_SET, parts->recipients));
    size_t info = out->len;
    assert_ok(der_value(out, BER_OID, BYTES_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01")));
    assert_ok(buffer_append(out, parts->algorithm));
    assert_ok(buffer_append(out, parts->content));
    assert_ok(der_wrap(out, info, BER_SEQUENCE));
    assert_ok(buffer_append(out, parts->behind));
    assert_ok(der_wrap(out, start, BER_SEQUENCE));
    assert_ok(der_wrap(out, start, BER_CONTEXT_CONSTRUCTED));
    assert_ok(der_wrap(out, 0, BER_SEQUENCE));
    return fixture_mapping(buffer_view(out));
}

static void write_content(struct buffer *out, struct bytes encrypted, size_t segment)
{
    if (segment == 0) {
        assert_ok(der_value(out, BER_CONTEXT, encrypted));
        return;
    }
    assert_ok(buffer_append(out, BYTES_LITERAL("\xa0\x80")));
    for (size_t at = 0; at < encrypted.len; at += segment) {
        assert_ok(der_value(out, BER_OCTET_STRING, bytes_slice(encrypted, at, segment)));
    }
    assert_ok(buffer_append(out, BYTES_LITERAL("\x00\x00")));
}

struct mapping *fixture_message(const struct cipher_job *job, struct bytes recipients,
                                struct bytes plain, size_t segment, struct bytes attributes)
{
    size_t growth = cipher_growth(job->cipher, plain.len);
    CLEANUP(mapping_unref) struct mapping *encrypted = NULL;
    CLEANUP(buffer_free) struct buffer *algorithm = NULL;
    CLEANUP(buffer_free) struct buffer *content = NULL;
    CLEANUP(buffer_free) struct buffer *behind = NULL;
    uint8_t *tail = NULL;
    assert_ok(mapping_new(plain.len + growth, &encrypted));
    assert_ok(mapping_append(encrypted, plain));
    assert_ok(mapping_extend(encrypted, growth, &tail));
    assert_ok(cipher_encrypt(job, mapping_data(encrypted), plain.len));
    assert_ok(buffer_new(0, &algorithm));
    assert_ok(buffer_new(0, &content));
    assert_ok(buffer_new(0, &behind));
    assert_ok(cipher_write(job->cipher, algorithm));
    size_t len = mapping_len(encrypted) - job->cipher->tag_len;
    write_content(content, bytes_slice(mapping_view(encrypted), 0, len), segment);
    assert_ok(buffer_append(behind, attributes));
    if (job->cipher->tag_len > 0) {
        assert_ok(der_value(behind, BER_OCTET_STRING,
                            bytes_slice(mapping_view(encrypted), len, job->cipher->tag_len)));
    }
    const struct fixture_parts parts = { .authenticated = job->cipher->tag_len > 0,
                                         .recipients = recipients,
                                         .algorithm = buffer_view(algorithm),
                                         .content = buffer_view(content),
                                         .behind = buffer_view(behind) };
    return fixture_build(&parts);
}
