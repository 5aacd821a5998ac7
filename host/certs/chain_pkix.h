/* The call of NSS's PKIX validation. Internal to certs. */
#ifndef SEALPOST_CERTS_CHAIN_PKIX_H
#define SEALPOST_CERTS_CHAIN_PKIX_H

#include "certs/chain.h"

/* Validates request->cert at `at` (seconds since the epoch, UTC) against what the databases trust
 * for e-mail, without revocation and without any network. `ret_number` is 0 where NSS accepts it,
 * the path from the certificate to the anchor then being appended to `path`, else NSS's error
 * number. ERR_NO_MEMORY. */
struct error *chain_pkix_verify(const struct chain_request *request, int64_t at,
                                struct cert_list *path, int *ret_number) MUST_USE;

#endif
