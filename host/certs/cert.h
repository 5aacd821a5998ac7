/* A certificate: NSS's object with what Sealpost tells about it. Reference-counted, immutable,
 * thread-safe. Says nothing about trust in it (chain.h). */
#ifndef SEALPOST_CERTS_CERT_H
#define SEALPOST_CERTS_CERT_H

#include "base/bytes.h"

#include <stdint.h>

struct CERTCertificateStr;
struct cert;

enum cert_key_type {
    CERT_KEY_RSA,
    CERT_KEY_RSA_PSS,
    CERT_KEY_EC,
    CERT_KEY_ED25519,
    CERT_KEY_X25519,
    CERT_KEY_DSA,
    CERT_KEY_OTHER
};

enum cert_usage { /* bits of cert_usages */
                  CERT_USAGE_SIGN =
                      1, /* digitalSignature or nonRepudiation, e-mail protection allowed */
                  CERT_USAGE_ENCRYPT =
                      2, /* keyEncipherment or keyAgreement as the key type asks, likewise */
                  CERT_USAGE_CA = 4,
};

/* From DER; the bytes are copied. ERR_CMS_MALFORMED above LIMIT_CERTIFICATE, where bytes follow the
 * certificate, where NSS can't decode it, where an extension is there twice or there are more than
 * LIMIT_CERT_EXTENSIONS, a name has more than LIMIT_NAME_ATTRIBUTES or
 * subjectAltName more than LIMIT_GENERAL_NAMES. ERR_NO_MEMORY. */
struct error *cert_from_der(struct bytes der, struct cert **ret_cert) MUST_USE;
/* Around NSS's object, which gains a reference. ERR_NO_MEMORY, ERR_CMS_MALFORMED. */
struct error *cert_from_nss(struct CERTCertificateStr *certificate, struct cert **ret_cert)
    MUST_USE;
/* The same certificate with the parameters of its DSA key filled in from its issuer's key (RFC 3279
 * 2.3.2), in cert_decoded alone: only for a path whose signatures are then checked, since with
 * parameters of his own choice anybody could sign. NULL where it lacks none, or the issuer has none
 * to give. ERR_NO_MEMORY, ERR_CMS_MALFORMED. */
struct error *cert_with_inherited_key(const struct cert *cert, const struct cert *issuer,
                                      struct cert **ret_cert) MUST_USE;
/* Whether it came from there. */
bool cert_key_is_inherited(const struct cert *cert);
/* Whether its key can't be used without. */
bool cert_key_is_incomplete(const struct cert *cert);
struct cert *cert_ref(struct cert *cert); /* returns its argument; NULL stays NULL */
void cert_unref(struct cert *cert); /* NULL is fine */
DEFINE_CLEANUP(struct cert *, cert_unref);

/* Borrowed, never NULL: the database's object where the certificate is stored there, else a
 * temporary one. Nothing is ever written to a database. */
struct CERTCertificateStr *cert_nss(const struct cert *cert);
/* The same as a reference of the caller's own, looked for anew and not kept: trust is read afresh
 * where nobody else holds the object. Freed with CERT_DestroyCertificate; NULL: no memory. */
struct CERTCertificateStr *cert_connect(const struct cert *cert);
/* Borrowed: the certificate as decoded by itself, without any look-up and so without trust or
 * token; enough where only its fields are read. */
struct CERTCertificateStr *cert_decoded(const struct cert *cert);
struct bytes cert_der(const struct cert *cert); /* borrowed, as all that follow */
const char *cert_id(const struct cert *cert); /* SHA-256 of the DER, 64 hex digits */
const char *cert_subject(const struct cert *cert); /* RFC 4514 text, UTF-8 */
const char *cert_issuer(const struct cert *cert);
const char *cert_serial(const struct cert *cert); /* hex */
struct bytes cert_subject_der(const struct cert *cert);
struct bytes cert_issuer_der(const struct cert *cert);
struct bytes cert_serial_bytes(const struct cert *cert); /* content octets of the INTEGER */
/* Of the extension, else the SHA-1 of the key (RFC 5280 4.2.1.2, method 1); never empty. */
struct bytes cert_subject_key_id(const struct cert *cert);
int64_t cert_not_before(const struct cert *cert); /* seconds since the epoch, UTC */
int64_t cert_not_after(const struct cert *cert);
enum cert_key_type cert_key_type(const struct cert *cert);
const char *cert_key_type_text(const struct cert *cert); /* "rsa", "rsa-pss", "ec", "ed25519", … */
/* No RSA key of more than LIMIT_RSA_BITS, with which a hostile message could wear the host out. */
bool cert_key_is_bearable(const struct cert *cert);
unsigned cert_key_bits(const struct cert *cert);
unsigned cert_usages(const struct cert *cert); /* bits of enum cert_usage */

/* E-mail addresses: rfc822Name and SmtpUTF8Mailbox of subjectAltName (RFC 8550 3, RFC 9598), then
 * emailAddress of the subject where the former give none. UTF-8, as the certificate writes them; a
 * value with a NUL, a control character or a space is left out. At most LIMIT_CERT_ADDRESSES. */
size_t cert_address_count(const struct cert *cert);
const char *cert_address(const struct cert *cert, size_t number);

/* A list that owns one reference to each; zero-initialised is empty. */
struct cert_list {
    struct cert **items;
    size_t count;
};

/* Takes a reference of its own. ERR_NO_MEMORY. */
struct error *cert_list_add(struct cert_list *list, struct cert *cert) MUST_USE;
/* Adds unless the list holds the same DER. ERR_NO_MEMORY. */
struct error *cert_list_add_once(struct cert_list *list, struct cert *cert) MUST_USE;
void cert_list_done(struct cert_list *list);
/* borrowed from the list, NULL if it is not in it */
struct cert *cert_list_find(const struct cert_list *list, const char *id);

#endif
