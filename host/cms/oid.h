/* Object identifiers for people: dotted text, and names of those that stand in CMS messages and
 * have a word in PROTOCOL.md or a name in an RFC. Decides nothing: what an algorithm means stands
 * in algorithms.h and its neighbours. No NSS. */
#ifndef SEALPOST_CMS_OID_H
#define SEALPOST_CMS_OID_H

#include "base/bytes.h"

/* Appends "1.2.840.113549". `oid` are contents octets as ber_oid gives them. ERR_CMS_MALFORMED
 * where they are none, or more than LIMIT_OID, or an arc does not fit 64 bits; `out` is unchanged
 * then. ERR_NO_MEMORY. */
struct error *oid_text(struct bytes oid, struct buffer *out) MUST_USE;

/* A static string; NULL for one that has no name here. */
const char *oid_name(struct bytes oid);

#endif
