/* Which cipher one encrypted copy gets, and which key transport a recipient: pure functions of what
 * is known of the recipients. Finds nothing out and encrypts nothing.
 *
 * RFC 8551 2.7.1, with a floor: nothing below AES-128 is ever chosen, whatever is announced.
 * - AES-GCM where everybody has announced it; a program that reads the one key length of it reads
 *   the other (RFC 8551 2.7).
 * - Else AES-CBC. Who has announced nothing, or nothing of AES, is taken to read both lengths, and
 *   is sent AES-128 (RFC 8551 2.7.1.2) unless his key is stronger than that.
 * - The sender's own copy: he reads what Sealpost reads, unless he has announced less. */
#ifndef SEALPOST_MAIL_CIPHER_CHOICE_H
#define SEALPOST_MAIL_CIPHER_CHOICE_H

#include "certs/cert.h"
#include "cms/smime_capabilities.h"

/* One recipient. */
struct cipher_fact {
    enum cert_key_type key_type;
    unsigned key_bits;
    struct smime_capabilities capabilities;
    bool self; /* the sender */
};

struct cipher_choice {
    enum cms_cipher cipher;
    bool limited; /* a recipient announced a better cipher that others may not read */
    bool unannounced; /* a recipient announced what he reads, and this is not among it */
};

/* `wish` is taken as it is; CMS_CIPHER_UNKNOWN: chosen. */
struct cipher_choice cipher_choice_make(const struct cipher_fact *facts, size_t count,
                                        enum cms_cipher wish);

/* The digest of RSAES-OAEP for this recipient, or CMS_DIGEST_UNKNOWN where his key is wrapped
 * otherwise: OAEP is used where it was announced with SHA-256 or better (SHA-1 is not used when
 * sending), PKCS#1 v1.5 by everybody else, who all read it. */
enum cms_digest cipher_choice_oaep(const struct cipher_fact *fact);

#endif
