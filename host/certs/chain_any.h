/* Paths of a certificate whose extKeyUsage allows mail by anyExtendedKeyUsage alone. RFC 8550 4.4.4
 * has receivers take it; NSS does not know it for mail. PKIX is then asked for another usage to
 * which NSS admits it, and what is special to mail is seen to here. Internal to certs. */
#ifndef SEALPOST_CERTS_CHAIN_ANY_H
#define SEALPOST_CERTS_CHAIN_ANY_H

#include "certs/chain.h"

#include <stdbool.h>

/* `path` comes from chain_path_walk; its signatures are good. Holds where its last certificate is a
 * CA that is trusted for e-mail, all CAs are for mail, and PKIX accepts the path up to that anchor
 * for a key that signs; one that only receives keys does not hold. Whether the key fits the
 * request's purpose is the caller's to see. ERR_NO_MEMORY. */
struct error *chain_any_holds(const struct chain_request *request, const struct cert_list *path,
                              bool *ret_holds) MUST_USE;

#endif
