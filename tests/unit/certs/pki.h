/* A public key infrastructure made inside the test: NSS over a database of its own in a temporary
 * directory, certificates and CRLs with any content, sound or not. Every function fails the test
 * where it can't do its work. All DER belongs to the arena of `struct pki`. */
#ifndef SEALPOST_TESTS_UNIT_CERTS_PKI_H
#define SEALPOST_TESTS_UNIT_CERTS_PKI_H

#include "certs/chain.h"

struct PLArenaPool;
struct SECKEYPrivateKeyStr;
struct SECKEYPublicKeyStr;

#define PKI_NOW 1800000000 /* 2027-01-15, the moment at which the tests judge */
#define PKI_DAY 86400

struct pki {
    struct PLArenaPool *arena;
    char directory[64];
    unsigned last_serial;
};

/* Starts NSS over a new, empty database. */
void pki_begin(struct pki *pki);
/* Shuts NSS down and removes the database. Fails the test where a reference was leaked. */
void pki_end(struct pki *pki);

enum pki_key_kind { PKI_P256, PKI_RSA_1024, PKI_RSA_2048, PKI_DSA };
enum pki_hash { PKI_SHA256, PKI_SHA1, PKI_MD5 };

enum {
    PKI_SIGN = 0x80,
    PKI_REPUDIATE = 0x40,
    PKI_ENCIPHER = 0x20,
    PKI_AGREE = 0x08,
    PKI_CERT_SIGN = 0x04,
    PKI_CRL_SIGN = 0x02
};

struct pki_spec {
    const char *name; /* commonName; UTF8String */
    bool printable; /* commonName as PrintableString instead */
    struct bytes subject; /* DER of the whole name in place of `name` */
    const char *mail; /* rfc822Name */
    struct bytes alternative; /* content of subjectAltName in place of `mail` */
    const char *purpose; /* "email", "server", "any", NULL: no extKeyUsage */
    unsigned usage; /* first octet of keyUsage; 0: no keyUsage */
    bool ca;
    int path_length; /* of a CA; -1: none */
    struct bytes extensions; /* more of them, DER, one after the other */
    int64_t from; /* 0: a year before PKI_NOW */
    int64_t to; /* 0: a year after PKI_NOW */
    unsigned serial; /* 0: the next free one */
    enum pki_key_kind key;
    bool x25519; /* the certificate names an X25519 key, which nobody has, in place of its own */
    enum pki_hash hash;
    bool bare_key; /* the key's parameters are left out */
};

struct pki_party {
    struct cert *cert;
    struct bytes name; /* DER of the subject */
    struct SECKEYPrivateKeyStr *private_key;
    struct SECKEYPublicKeyStr *public_key;
};

/* `issuer` NULL: self-signed. */
void pki_issue(struct pki *pki, const struct pki_spec *spec, const struct pki_party *issuer,
               struct pki_party *ret_party);
/* The same for the key of `owner`, which stays the owner's. */
void pki_issue_for(struct pki *pki, const struct pki_spec *spec, const struct pki_party *issuer,
                   const struct pki_party *owner, struct pki_party *ret_party);
/* A CA with everything that a CA needs. */
void pki_authority(struct pki *pki, const char *name, const struct pki_party *issuer,
                   struct pki_party *ret_party);
/* Somebody at alice@example.org with everything that a person needs. */
void pki_person(struct pki *pki, const char *name, const struct pki_party *issuer,
                struct pki_party *ret_party);
void pki_party_done(struct pki_party *party);

/* The DER of a certificate without decoding it, for broken ones. */
struct bytes pki_der(struct pki *pki, const struct pki_spec *spec);

/* Stores the certificate in the database with these trust flags (certutil's: ",C,"). */
void pki_trust(const struct cert *cert, const char *flags);

struct pki_revoked {
    unsigned serial;
    int reason; /* -1: none */
    int64_t since;
    struct bytes extensions;
};

struct pki_crl {
    struct bytes issuer; /* name; empty: the signer's */
    int64_t from; /* 0: a day before PKI_NOW */
    int64_t to; /* 0: a day after PKI_NOW */
    const struct pki_revoked *entries;
    size_t count;
    struct bytes extensions;
};

struct bytes pki_crl(struct pki *pki, const struct pki_crl *spec, const struct pki_party *signer);

/* DER by hand. */
struct bytes pki_tlv(struct pki *pki, unsigned tag, struct bytes content);
struct bytes pki_concat(struct pki *pki, const struct bytes *parts, size_t count);
#define PKI_JOIN(pki, ...) \
    pki_concat((pki), (struct bytes[]){ __VA_ARGS__ }, \
               sizeof((struct bytes[]){ __VA_ARGS__ }) / sizeof(struct bytes))
#define PKI_OCTETS(...) \
    ((struct bytes){ (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }) })
/* An Extension; `oid` is the content of the OBJECT IDENTIFIER, `value` what the OCTET STRING holds.
 */
struct bytes pki_extension(struct pki *pki, struct bytes oid, bool critical, struct bytes value);
/* A Name of one commonName. */
struct bytes pki_name(struct pki *pki, const char *common_name, bool printable);

#endif
