/* The certificates of a message that may be issuers of the one in question, offered to NSS's path
 * building for the time of one call. NSS's store of temporary certificates is one for the process,
 * and PKIX keeps what it found there for minutes: a false one would stand in the way of others of
 * its name, or of its issuer and serial number, when another message is judged. So only those are
 * offered whose signatures lead to a certificate of the databases. They never enter a database.
 *
 * A message can carry hundreds of one name. NSS tries four issuers of a name at each step
 * (measured) and gives up, and takes a time that grows faster than their number; so only those are
 * offered whose key made the signature, nearest first, LIMIT_OFFER of them after LIMIT_OFFER_CHECKS
 * signatures at most, those first whose key identifier fits.
 * Internal to certs. */
#ifndef SEALPOST_CERTS_CHAIN_OFFER_H
#define SEALPOST_CERTS_CHAIN_OFFER_H

#include "certs/chain.h"

struct chain_offer;

/* ERR_NO_MEMORY. */
struct error *chain_offer_new(const struct chain_request *request, struct chain_offer **ret_offer)
    MUST_USE;
/* Whether the certificate in question is in the databases, or rests on one that is: else no path of
 * it can be good, and NSS is better not asked. */
bool chain_offer_is_grounded(const struct chain_offer *offer);
size_t chain_offer_count(const struct chain_offer *offer);
void chain_offer_free(struct chain_offer *offer); /* NULL is fine */
DEFINE_CLEANUP(struct chain_offer *, chain_offer_free);

#endif
