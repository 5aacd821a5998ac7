/* E-mail addresses against certificates, by RFC 8550 section 3 and RFC 9598: the local part
 * compared as it is written, except that ASCII case is folded (what every mail system in use does;
 * a certificate for Alice@ and a From of alice@ are the same mailbox), the domain case-folded and
 * as A-labels. Never NFKC, never look-alikes. */
#ifndef SEALPOST_CERTS_MATCH_H
#define SEALPOST_CERTS_MATCH_H

#include "certs/cert.h"

#include <stdbool.h>

/* The form in which two addresses are compared: ASCII letters folded to lower case, the domain as
 * A-labels (IDNA 2008); freed with free(). NULL for an address that matches nothing (see below).
 * ERR_NO_MEMORY. */
struct error *match_normalise(const char *address, char **ret_normal) MUST_USE;

/* Both are addr-specs in UTF-8 ("local@domain"). Anything without exactly one usable @ matches
 * nothing, not even itself; so does everything where memory is out. NULL is fine. */
bool match_addresses_equal(const char *a, const char *b);

/* `address` with the A-labels of its domain as the letters they stand for (for looking at those),
 * or as A-labels (for showing it where the letters deceive); as it is where it is none or its
 * domain can't be converted. Freed with free(). ERR_NO_MEMORY. */
struct error *match_with_letters(const char *address, char **ret_address) MUST_USE;
struct error *match_with_a_labels(const char *address, char **ret_address) MUST_USE;

/* Whether one of the certificate's addresses equals `address`. */
bool match_certificate(const struct cert *cert, const char *address);

#endif
