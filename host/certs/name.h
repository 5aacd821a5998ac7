/* A distinguished name that stands alone, outside a certificate: the issuer in a CMS RecipientInfo.
 */
#ifndef SEALPOST_CERTS_NAME_H
#define SEALPOST_CERTS_NAME_H

#include "base/bytes.h"

/* The text (as cert_names_text) of a DER Name, freed with free(); the empty string where it can't
 * be read. ERR_NO_MEMORY. */
struct error *name_text(struct bytes der, char **ret_text) MUST_USE;

#endif
