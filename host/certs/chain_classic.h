/* A path without libpkix. Mozilla builds the NSS of its own programs without it, and there
 * CERT_PKIXVerifyCert only says PR_NOT_IMPLEMENTED_ERROR. NSS's older path code decides in its
 * place. It builds one path, without looking for another one, and knows no policies; what it
 * accepts is held to more here: to policies (chain_policies.h), to CAs that are some by
 * basicConstraints, to good signatures, and to names that can be read. Internal to certs. */
#ifndef SEALPOST_CERTS_CHAIN_CLASSIC_H
#define SEALPOST_CERTS_CHAIN_CLASSIC_H

#include "certs/chain_pkix.h"

/* Whether PKIX cannot answer, whatever the certificate is worth: NSS (3.125) knows no use for an
 * X25519 key, and refuses its keyUsage, which cert_key.h judges here. */
bool chain_classic_must(const struct chain_request *request, const struct chain_question *question);

/* As chain_pkix_ask. A question with an anchor of its own is always refused, by
 * SEC_ERROR_UNTRUSTED_ISSUER. ERR_NO_MEMORY, ERR_CMS_MALFORMED. */
struct error *chain_classic_ask(const struct chain_request *request,
                                const struct chain_question *question, struct cert_list *path,
                                int *ret_number) MUST_USE;

#endif
