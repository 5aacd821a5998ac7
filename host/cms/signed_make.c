#include "base/limits.h"
#include "cms/der.h"
#include "cms/recipient_oaep.h"
#include "cms/signed_message.h"
#include "cms/signed_signature.h"
#include "nss/item.h"
#include "nss/nss_error.h"
#include "nss/nss_scope.h"

#include <cert.h>
#include <pk11pub.h>

#define OID_VALUE(octets) BYTES_LITERAL("\x06" octets)
#define OID_DATA OID_VALUE("\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01")
#define OID_SIGNED OID_VALUE("\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")
#define OID_CONTENT_TYPE OID_VALUE("\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03")
#define OID_MESSAGE_DIGEST OID_VALUE("\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04")
#define OID_SIGNING_TIME OID_VALUE("\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05")
#define OID_CAPABILITIES OID_VALUE("\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0f")
#define OID_KEY_PREFERENCE OID_VALUE("\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0b")
#define OID_CERTIFICATE_V2 OID_VALUE("\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f")

/* All of a message but its content. */
#define SHELL_LIMIT (LIMIT_CERTIFICATES * LIMIT_CERTIFICATE + 1 * MIB)

/* What is known when the SignerInfo is written. */
struct signing {
    const struct cms_sign_request *request;
    struct signed_hash content; /* digest of the content */
    struct signed_algorithm algorithm;
    struct buffer *algorithm_der; /* owned by the caller */
};

/* Closes an attribute: value in SET in SEQUENCE. */
static struct error *end_attribute(struct buffer *out, size_t start, size_t values)
{
    TRY(der_wrap(out, values, BER_SET));
    return der_wrap(out, start, BER_SEQUENCE);
}

static struct error *write_content_type(struct buffer *out)
{
    size_t start = out->len;
    TRY(buffer_append(out, OID_CONTENT_TYPE));
    size_t values = out->len;
    TRY(buffer_append(out, OID_DATA));
    return end_attribute(out, start, values);
}

static struct error *write_message_digest(struct buffer *out, struct bytes digest)
{
    size_t start = out->len;
    TRY(buffer_append(out, OID_MESSAGE_DIGEST));
    size_t values = out->len;
    TRY(der_value(out, BER_OCTET_STRING, digest));
    return end_attribute(out, start, values);
}

static struct error *write_signing_time(struct buffer *out, int64_t time)
{
    size_t start = out->len;
    TRY(buffer_append(out, OID_SIGNING_TIME));
    size_t values = out->len;
    TRY(der_time(out, time));
    return end_attribute(out, start, values);
}

/* Whether the key that mail will be encrypted to reads OAEP with SHA-256: softoken does, while
 * cards that name the mechanism often know it with SHA-1 alone (measured). */
static bool reads_oaep(const struct cms_sign_request *request)
{
    const struct CERTCertificateStr *certificate =
        request->encryption_certificate ? request->encryption_certificate : request->certificate;
    struct signed_algorithm of_key = { 0 };
    signed_algorithm_of_key(certificate, &of_key);
    return of_key.scheme == SIGNED_SCHEME_RSA && certificate->slot &&
           PK11_IsInternal(certificate->slot) && PK11_TokenExists(CKM_RSA_PKCS_OAEP);
}

static struct error *write_oaep(struct buffer *out)
{
    struct recipient_oaep oaep = { 0 };
    TRY(recipient_oaep_choose(CMS_SHA256, &oaep));
    return recipient_oaep_write(&oaep, out);
}

/* RFC 8551 2.5.2: what the signer can decrypt, best first; a SEQUENCE, whose order is preference.
 * AES has no parameters here (RFC 3565 4.1), not even NULL: capabilities are compared octet by
 * octet. Old ciphers are read but not asked for. */
static struct error *write_capabilities(const struct cms_sign_request *request, struct buffer *out)
{
    static const enum cms_cipher ciphers[] = { CMS_AES_256_GCM, CMS_AES_192_GCM, CMS_AES_128_GCM,
                                               CMS_AES_256_CBC, CMS_AES_192_CBC, CMS_AES_128_CBC };
    size_t start = out->len;
    TRY(buffer_append(out, OID_CAPABILITIES));
    size_t values = out->len;
    for (size_t i = 0; i < ARRAY_SIZE(ciphers); i++) {
        const struct cms_cipher_info *cipher = cms_cipher_info(ciphers[i]);
        if (PK11_TokenExists(cipher->mechanism)) {
            size_t capability = out->len;
            TRY(der_value(out, BER_OID, cipher->oid));
            TRY(der_wrap(out, capability, BER_SEQUENCE));
        }
    }
    if (reads_oaep(request)) {
        TRY(write_oaep(out));
    }
    TRY(der_wrap(out, values, BER_SEQUENCE));
    return end_attribute(out, start, values);
}

static struct error *write_issuer_and_serial(struct buffer *out,
                                             const struct CERTCertificateStr *certificate,
                                             unsigned tag)
{
    size_t start = out->len;
    TRY(buffer_append(out, item_bytes(&certificate->derIssuer)));
    TRY(der_value(out, BER_INTEGER, item_bytes(&certificate->serialNumber)));
    return der_wrap(out, start, tag);
}

/* RFC 8551 2.5.3: SMIMEEncryptionKeyPreference, issuerAndSerialNumber [0] IMPLICIT. */
static struct error *write_key_preference(struct buffer *out,
                                          const struct CERTCertificateStr *certificate)
{
    size_t start = out->len;
    TRY(buffer_append(out, OID_KEY_PREFERENCE));
    size_t values = out->len;
    TRY(write_issuer_and_serial(out, certificate, BER_CONTEXT_CONSTRUCTED));
    return end_attribute(out, start, values);
}

/* RFC 5035 3: SHA-256 is the default and left out. */
static struct error *write_signing_certificate(struct buffer *out, struct bytes certificate)
{
    uint8_t value[SIGNED_DIGEST_MAX] = { 0 };
    TRY(signed_digest_hash(CMS_SHA256, certificate, value));
    size_t start = out->len;
    TRY(buffer_append(out, OID_CERTIFICATE_V2));
    size_t values = out->len;
    TRY(der_value(out, BER_OCTET_STRING,
                  (struct bytes){ value, cms_digest_info(CMS_SHA256)->len }));
    TRY(der_wrap(out, values, BER_SEQUENCE)); /* ESSCertIDv2 */
    TRY(der_wrap(out, values, BER_SEQUENCE)); /* SEQUENCE OF */
    TRY(der_wrap(out, values, BER_SEQUENCE)); /* SigningCertificateV2 */
    return end_attribute(out, start, values);
}

/* The signed attributes as they are signed: a SET in DER. */
static struct error *write_attributes(const struct signing *signing, struct buffer *out)
{
    const struct cms_sign_request *request = signing->request;
    size_t start = out->len;
    TRY(write_content_type(out));
    TRY(write_message_digest(out, signing->content.value));
    TRY(write_signing_time(out, request->signing_time));
    TRY(write_capabilities(request, out));
    TRY(write_signing_certificate(out, item_bytes(&request->certificate->derCert)));
    if (request->encryption_certificate) {
        TRY(write_key_preference(out, request->encryption_certificate));
    }
    return der_wrap_set_of(out, start, BER_SET);
}

static struct error *write_digest_algorithm(struct buffer *out,
                                            const struct cms_digest_info *digest)
{
    size_t start = out->len;
    TRY(der_value(out, BER_OID, digest->oid)); /* RFC 5754 2: no parameters */
    return der_wrap(out, start, BER_SEQUENCE);
}

/* Zeros as long as the longest signature of this key. */
static struct error *write_stand_in(const struct signing *signing, struct buffer *out)
{
    size_t start = out->len;
    size_t len = 0;
    TRY(signed_signature_size(&signing->algorithm, signing->request->certificate, &len));
    for (size_t i = 0; i < len; i++) {
        TRY(buffer_append_byte(out, 0));
    }
    return der_wrap(out, start, BER_OCTET_STRING);
}

/* Signs, and checks the signature with the certificate: neither a fault in the token nor another
 * certificate's key leaves the house. */
static struct error *sign(const struct signing *signing, struct bytes attributes,
                          struct buffer *out)
{
    const struct cms_sign_request *request = signing->request;
    uint8_t value[SIGNED_DIGEST_MAX] = { 0 };
    enum signed_outcome outcome = SIGNED_WRONG;
    struct signed_hash hash = { signing->content.digest,
                                { value, signing->content.value.len },
                                attributes };
    TRY(signed_digest_hash(hash.digest->digest, attributes, value));
    size_t start = out->len;
    TRY(signed_signature_make(&signing->algorithm, request->key, &hash, out));
    struct bytes signature = bytes_slice(buffer_view(out), start, out->len - start);
    TRY(signed_signature_verify(&signing->algorithm, request->certificate, &hash, signature,
                                &outcome));
    if (outcome != SIGNED_RIGHT) {
        return error_new(ERR_INTERNAL, "the signature does not fit the certificate");
    }
    return der_wrap(out, start, BER_OCTET_STRING);
}

static struct error *write_signer(const struct signing *signing, struct buffer *out)
{
    CLEANUP(buffer_free) struct buffer *attributes = NULL;
    TRY(buffer_new(SHELL_LIMIT, &attributes));
    TRY(write_attributes(signing, attributes));
    size_t start = out->len;
    TRY(der_small_integer(out, 1)); /* RFC 5652 5.3: issuerAndSerialNumber */
    TRY(write_issuer_and_serial(out, signing->request->certificate, BER_SEQUENCE));
    TRY(write_digest_algorithm(out, signing->content.digest));
    size_t tag = out->len;
    TRY(buffer_append(out, buffer_view(attributes)));
    out->data[tag] = BER_CONTEXT_CONSTRUCTED; /* IMPLICIT [0] in place of SET */
    TRY(buffer_append(out, buffer_view(signing->algorithm_der)));
    TRY(signing->request->stand_in ? write_stand_in(signing, out)
                                   : sign(signing, buffer_view(attributes), out));
    return der_wrap(out, start, BER_SEQUENCE);
}

/* Appends a certificate unless it is among those from `start` on. */
static struct error *write_certificate(struct buffer *out, size_t start,
                                       const struct CERTCertificateStr *certificate)
{
    struct ber_reader reader = ber_reader_of(bytes_slice(buffer_view(out), start, out->len));
    struct bytes der = item_bytes(&certificate->derCert);
    while (!ber_at_end(&reader)) {
        struct ber_value there = { 0 };
        TRY(ber_next(&reader, &there));
        if (bytes_equal(there.whole, der)) {
            return NULL;
        }
    }
    return buffer_append(out, der);
}

/* The signer's first: a SET OF in BER, so that the order is ours, and readers look there first. */
static struct error *write_certificates(const struct cms_sign_request *request, struct buffer *out)
{
    size_t start = out->len;
    TRY(write_certificate(out, start, request->certificate));
    for (size_t i = 0; i < request->chain_count; i++) {
        TRY(write_certificate(out, start, request->chain[i]));
    }
    if (request->encryption_certificate) {
        TRY(write_certificate(out, start, request->encryption_certificate));
    }
    return der_wrap(out, start, BER_CONTEXT_CONSTRUCTED);
}

static struct error *digest_content(const struct cms_sign_request *request, enum cms_digest digest,
                                    const struct content *content,
                                    uint8_t value[static SIGNED_DIGEST_MAX])
{
    CLEANUP(signed_digest_free) struct signed_digest *pass = NULL;
    bool wanted[SIGNED_DIGEST_COUNT] = { false };
    bool there = false;
    size_t total = content_size(content);
    wanted[digest] = true;
    TRY(task_check(request->task));
    TRY(signed_digest_new(wanted, total, request->task, &pass));
    struct bytes piece = BYTES_NONE;
    for (size_t i = 0; content_piece(content, i, &piece); i++) {
        TRY(signed_digest_add(pass, piece));
    }
    TRY(signed_digest_end(pass, digest, value, &there));
    task_progress(request->task, total, total);
    return there ? NULL : error_new(ERR_INTERNAL, "no token computes this digest");
}

/* What stands before the content, given how long everything behind the headers is. Headers are
 * written from the outside in, so their lengths are worked out from the inside out. */
static struct error *write_head(const struct cms_sign_request *request,
                                const struct cms_digest_info *digest, size_t content_len,
                                size_t tail_len, struct buffer *out)
{
    CLEANUP(buffer_free) struct buffer *start = NULL; /* version, digestAlgorithms */
    TRY(buffer_new(SHELL_LIMIT, &start));
    TRY(write_digest_algorithm(start, digest));
    TRY(der_wrap(start, 0, BER_SET));
    size_t set = start->len;
    struct bytes content_type = OID_DATA;
    size_t octets = der_value_size(content_len);
    size_t encapsulated = content_type.len + (request->detached ? 0 : der_value_size(octets));
    size_t signed_data = 3 + set + der_value_size(encapsulated) + tail_len;
    size_t explicit = der_value_size(signed_data);
    TRY(der_header(out, BER_SEQUENCE, OID_SIGNED.len + der_value_size(explicit)));
    TRY(buffer_append(out, OID_SIGNED));
    TRY(der_header(out, BER_CONTEXT_CONSTRUCTED, explicit));
    TRY(der_header(out, BER_SEQUENCE, signed_data));
    TRY(der_small_integer(out, 1)); /* RFC 5652 5.1: only id-data and version 1 SignerInfos */
    TRY(buffer_append(out, buffer_view(start)));
    TRY(der_header(out, BER_SEQUENCE, encapsulated));
    TRY(buffer_append(out, content_type));
    if (!request->detached) {
        TRY(der_header(out, BER_CONTEXT_CONSTRUCTED, octets));
        TRY(der_header(out, BER_OCTET_STRING, content_len));
    }
    return NULL;
}

/* Head, content and tail in one mapping. */
static struct error *assemble(const struct cms_sign_request *request, struct bytes head,
                              const struct content *content, struct bytes tail,
                              struct mapping **ret_der)
{
    CLEANUP(mapping_unref) struct mapping *der = NULL;
    TRY(mapping_new(LIMIT_MESSAGE, &der)); /* room to become base64 in place */
    TRY(mapping_append(der, head));
    struct bytes piece = BYTES_NONE;
    for (size_t i = 0; !request->detached && content_piece(content, i, &piece); i++) {
        TRY(task_check(request->task));
        TRY(mapping_append(der, piece));
    }
    TRY(mapping_append(der, tail));
    *ret_der = TAKE_PTR(der);
    return NULL;
}

static struct error *choose_digest(const struct cms_sign_request *request,
                                   const struct cms_digest_info **ret_digest)
{
    enum cms_digest suits = cms_signed_default_digest(request->certificate);
    if (suits == CMS_DIGEST_UNKNOWN) {
        return error_new(ERR_CERTIFICATE_UNUSABLE, "the certificate's key cannot sign");
    }
    const struct cms_digest_info *digest =
        cms_digest_info(request->digest == CMS_DIGEST_UNKNOWN ? suits : request->digest);
    if (!digest || digest->weak) {
        return error_new(ERR_ALGORITHM_FORBIDDEN, "signatures with this digest are not made");
    }
    *ret_digest = digest;
    return NULL;
}

struct error *cms_signed_make(const struct cms_sign_request *request, const struct content *content,
                              struct mapping **ret_der)
{
    CLEANUP(buffer_free) struct buffer *algorithm = NULL;
    CLEANUP(buffer_free) struct buffer *head = NULL;
    CLEANUP(buffer_free) struct buffer *tail = NULL;
    uint8_t value[SIGNED_DIGEST_MAX] = { 0 };
    struct signing signing = { .request = request };
    TRY(choose_digest(request, &signing.content.digest));
    TRY(buffer_new(SHELL_LIMIT, &algorithm));
    TRY(buffer_new(SHELL_LIMIT, &head));
    TRY(buffer_new(SHELL_LIMIT, &tail));
    const struct signed_choice choice = { request->certificate, request->scheme,
                                          signing.content.digest };
    TRY(signed_algorithm_choose(&choice, &signing.algorithm, algorithm));
    signing.algorithm_der = algorithm;
    if (!request->stand_in) {
        TRY(digest_content(request, signing.content.digest->digest, content, value));
    }
    signing.content.value = (struct bytes){ value, signing.content.digest->len };
    TRY(write_certificates(request, tail));
    size_t signers = tail->len;
    TRY(write_signer(&signing, tail));
    TRY(der_wrap(tail, signers, BER_SET));
    TRY(write_head(request, signing.content.digest, content_size(content), tail->len, head));
    return assemble(request, buffer_view(head), content, buffer_view(tail), ret_der);
}

enum cms_digest cms_signed_default_digest(struct CERTCertificateStr *certificate)
{
    return signed_algorithm_digest(certificate);
}
