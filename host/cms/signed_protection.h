/* CMSAlgorithmProtection (RFC 6211): a signed attribute that repeats which digest and signature
 * algorithm the signer used, since the fields that say so are not signed themselves. */
#ifndef SEALPOST_CMS_SIGNED_PROTECTION_H
#define SEALPOST_CMS_SIGNED_PROTECTION_H

#include "base/bytes.h"

#include <stdbool.h>

/* Whether `protection`, the attribute's value, says the same as the SignerInfo: `digest` and
 * `signature` are its AlgorithmIdentifiers. NULL for parameters is the same as none. True where
 * `protection` is empty: then there is no such attribute. */
bool signed_protection_holds(struct bytes protection, struct bytes digest, struct bytes signature);

#endif
