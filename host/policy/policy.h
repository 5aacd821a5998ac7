/* The effective policy as plain data: defaults, overlaid by the user's configuration, overlaid by
 * the administrator's root-owned file (config/load.h). Nothing here reads files. */
#ifndef SEALPOST_POLICY_POLICY_H
#define SEALPOST_POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>

enum revocation_mode { REVOCATION_OFF, REVOCATION_SOFT, REVOCATION_HARD };

/* What is protected of the header of a message to send (RFC 9788). */
enum policy_headers {
    HEADERS_NONE,
    HEADERS_SIGNED, /* all fields, by the signature */
    HEADERS_CONFIDENTIAL /* and the subject hidden by the encryption */
};

struct policy {
    unsigned min_rsa_bits; /* bits; a shorter key is weak-key (default 2048) */
    unsigned min_dsa_bits; /* bits (default 2048) */
    bool allow_sha1; /* SHA-1 signatures are not weak-digest (default false) */
    enum revocation_mode revocation; /* default soft */
    bool network; /* OCSP, CRL, AIA and directories may be asked (default false) */
    bool collect; /* keep correspondents' certificates of good mail (default false) */
    bool mozilla_roots; /* trust the e-mail roots of libnssckbi.so (default true) */
    size_t max_message; /* bytes (default LIMIT_MESSAGE) */
    enum policy_headers headers; /* where a request says nothing (default signed) */
    unsigned keep_unlocked; /* seconds a token stays logged in after its last use (default 900) */
};

struct policy policy_default(void);

/* What must be done to mail for one address. */
struct policy_required {
    bool sign;
    bool encrypt;
};

/* The one place that answers this. The policy of this version has no such rules: nothing is
 * required of anybody. */
struct policy_required policy_required_for(const struct policy *policy, const char *address);

/* "none", "signed", "confidential". */
const char *policy_headers_text(enum policy_headers headers);

#endif
