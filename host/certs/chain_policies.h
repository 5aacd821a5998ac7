/* The certificate policies of a path (RFC 5280 6.1), for the path code of NSS that knows none
 * (chain_classic.h). Every policy will do and nothing is asked for at the start
 * (user-initial-policy-set is any-policy), so that what counts is whether the CAs' own rules leave
 * any policy; of the tree of valid policies only its lowest level is kept. Internal to certs. */
#ifndef SEALPOST_CERTS_CHAIN_POLICIES_H
#define SEALPOST_CERTS_CHAIN_POLICIES_H

#include "certs/cert.h"

/* `path` goes from a certificate to its anchor, which sets no rules. False, too, where an extension
 * about policies can't be read or names more than LIMIT_POLICIES. */
bool chain_policies_hold(const struct cert_list *path);

#endif
