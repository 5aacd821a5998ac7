/* Paths in which an issuer's name is written otherwise than the subject that it names: in another
 * string type, with other capitals or spaces (RFC 5280 7.1 calls them the same; CAs that went over
 * to UTF8String have such certificates). NSS looks issuers up by the octets of the name and finds
 * none. Internal to certs. */
#ifndef SEALPOST_CERTS_CHAIN_JOIN_H
#define SEALPOST_CERTS_CHAIN_JOIN_H

#include "certs/chain.h"

#include <stdbool.h>

/* `path` comes from chain_path_walk; its signatures are good and its last certificate is trusted
 * for e-mail. Holds where one name in it is written differently and PKIX accepts what is below with
 * the CA of that name as its anchor, and that CA with the path's anchor as its own. Constraints
 * that would reach across the joint are not followed: a path that has any does not hold.
 * ERR_NO_MEMORY. */
struct error *chain_join_holds(const struct chain_request *request, const struct cert_list *path,
                               bool *ret_holds) MUST_USE;

#endif
