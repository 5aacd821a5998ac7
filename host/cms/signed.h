/* SignedData (RFC 5652 5): reading, checking and making. Reading never needs a key or a database;
 * who the signer is and whether to believe the certificate is found out by the caller. The object
 * holds views of its input, which must outlive it and stay unchanged until all checks are done. */
#ifndef SEALPOST_CMS_SIGNED_H
#define SEALPOST_CMS_SIGNED_H

#include "base/content.h"
#include "base/task.h"
#include "cms/algorithms.h"
#include "cms/ber.h"
#include "policy/words.h"

#include <stdint.h>

struct CERTCertificateStr;
struct SECKEYPrivateKeyStr;
struct cms_signed;

/* How a CMS message names a certificate (RFC 5652 5.3, 6.2.1): either issuer and serial, or a key
 * identifier; what is not there is empty. */
struct cms_cert_ref {
    struct bytes issuer; /* DER Name */
    struct bytes serial; /* contents octets of the INTEGER */
    struct bytes key_id;
};

/* Parses. `input` is a ContentInfo. ERR_CMS_MALFORMED; ERR_CMS_UNSUPPORTED for a content that is
 * not SignedData. An algorithm that is not known is no error here. */
struct error *cms_signed_parse(struct bytes input, struct cms_signed **ret_signed) MUST_USE;
void cms_signed_free(struct cms_signed *message); /* NULL is fine */
DEFINE_CLEANUP(struct cms_signed *, cms_signed_free);

/* eContent: NULL where there is none (detached or certs-only). Borrowed. */
const struct ber_string *cms_signed_content(const struct cms_signed *message);
/* Whether eContentType is id-data. */
bool cms_signed_content_is_data(const struct cms_signed *message);

/* What it carries, as DER views; not judged. */
size_t cms_signed_certificate_count(const struct cms_signed *message);
struct bytes cms_signed_certificate(const struct cms_signed *message, size_t number);
size_t cms_signed_crl_count(const struct cms_signed *message);
struct bytes cms_signed_crl(const struct cms_signed *message, size_t number);

/* One SignerInfo, as read. */
struct cms_signer {
    struct cms_cert_ref ref;
    enum cms_digest digest;
    const char *digest_name; /* wire name, "unknown" */
    const char *signature_name; /* "rsa", "rsa-pss", "ecdsa", "dsa", "ed25519", "unknown" */
    bool has_signing_time;
    int64_t signing_time; /* seconds since the epoch, UTC; claimed by the signer */
    /* how many others say that they signed this signature (RFC 5652 11.4): counted, not checked,
     * and like all unsigned attributes without any say in what is right */
    size_t countersignature_count;
};
size_t cms_signed_signer_count(const struct cms_signed *message);
const struct cms_signer *cms_signed_signer(const struct cms_signed *message, size_t number);

/* Digests the content once, for all signers: `detached` where that is given (a view of the received
 * bytes), else eContent. Required before cms_signed_check. ERR_CANCELLED, ERR_INTERNAL. */
struct error *cms_signed_digest(struct cms_signed *message, const struct bytes *detached,
                                struct task *task) MUST_USE;

/* Checks the mathematics of one SignerInfo with the signer's certificate: message digest, signed
 * attributes (RFC 5652 5.3, 5.4, 11: exactly one contentType that fits, one messageDigest, no
 * attribute twice; a signing certificate attribute names this certificate, RFC 5035 5; an
 * algorithm protection attribute names the algorithms used, RFC 6211; without
 * signed attributes the content is id-data and not itself their encoding), signature. Attributes
 * with definite lengths are hashed as they came, in the order they came, as a SET. A detached
 * signature without its content is a digest-mismatch. A signature algorithm that names another
 * digest than the SignerInfo, or does not fit the key, is a signature-mismatch. `ret_problems` gets
 * digest-mismatch, signature-mismatch, attributes-malformed, algorithm-unsupported, weak-digest;
 * empty is right. `ret_checked` is false where an unknown algorithm left it open. ERR_INTERNAL,
 * ERR_NO_MEMORY. */
struct error *cms_signed_check(const struct cms_signed *message, size_t number,
                               struct CERTCertificateStr *certificate, word_set *ret_problems,
                               bool *ret_checked) MUST_USE;

/* How an RSA key signs. Other keys have one way, CMS_SIGN_BY_KEY. */
enum cms_sign_scheme {
    CMS_SIGN_BY_KEY, /* PKCS #1 v1.5 for rsaEncryption, RSA-PSS for id-RSASSA-PSS */
    CMS_SIGN_RSA, /* PKCS #1 v1.5; not with a key that is for RSA-PSS alone (RFC 4055 1.2) */
    CMS_SIGN_RSA_PSS /* RFC 4056, the salt as long as the digest */
};

/* What to sign. All borrowed. */
struct cms_sign_request {
    struct CERTCertificateStr *certificate;
    struct SECKEYPrivateKeyStr *key;
    struct CERTCertificateStr *const *chain; /* more certificates to include, without the root */
    size_t chain_count;
    enum cms_digest digest; /* CMS_DIGEST_UNKNOWN: by the key's strength, SHA-256 at least */
    enum cms_sign_scheme scheme;
    bool detached;
    int64_t signing_time; /* seconds since the epoch, UTC */
    /* What the signer wants mail to be encrypted with (RFC 8551 2.5.3): named in a signed attribute
     * and included. NULL: no such attribute. Whoever composes mail passes the certificate by which
     * the sender himself can decrypt, the signing one where it is for both. */
    struct CERTCertificateStr *encryption_certificate;
    /* No key is used, `key` is NULL, and zeros stand in for the signature and the content's digest,
     * of the length that they have at most: to find out how large a message will be. What comes out
     * must not be sent. */
    bool stand_in;
    struct task *task;
};

/* Makes a DER ContentInfo with one signer and the signed attributes contentType, messageDigest,
 * signingTime (UTCTime until 2049), SMIMECapabilities (what the tokens found here can decrypt; OAEP
 * where softoken has the key that mail comes to), signingCertificateV2 and, where asked for, the
 * encryption key preference, as a DER SET. Certificates are included once each, the signer's first.
 * ERR_CERTIFICATE_UNUSABLE for a key that can't sign, or not by this scheme and digest,
 * ERR_ALGORITHM_FORBIDDEN for a weak digest, ERR_TOKEN_ABSENT, ERR_CANCELLED, ERR_INTERNAL. */
struct error *cms_signed_make(const struct cms_sign_request *request, const struct content *content,
                              struct mapping **ret_der) MUST_USE;

/* The digest that cms_signed_make chooses for a certificate: what micalg has to say. */
enum cms_digest cms_signed_default_digest(struct CERTCertificateStr *certificate);

#endif
