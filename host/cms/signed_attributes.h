/* The signed attributes of a SignerInfo: the rules of RFC 5652 5.3, 5.4 and 11, strictly. */
#ifndef SEALPOST_CMS_SIGNED_ATTRIBUTES_H
#define SEALPOST_CMS_SIGNED_ATTRIBUTES_H

#include "cms/algorithms.h"
#include "cms/ber.h"
#include "cms/signed_digest.h"

/* All bytes are views of the input. */
struct signed_attributes {
    bool present;
    bool malformed; /* a rule is broken */
    struct bytes contents; /* the attributes without the identifier and length around them */
    struct bytes message_digest;
    struct bytes certificate_hash; /* of a signing certificate attribute; else empty */
    enum cms_digest certificate_digest; /* its digest */
    struct bytes protection; /* of an algorithm protection attribute, whole; else empty */
    bool has_signing_time;
    int64_t signing_time; /* seconds since the epoch, UTC */
};

/* Reads the value [0] of a SignerInfo. What breaks the rules for attributes is told by `malformed`;
 * ERR_CMS_MALFORMED is for what cannot be read at all, and above LIMIT_ATTRIBUTES. */
struct error *signed_attributes_read(const struct ber_value *value, struct bytes content_type,
                                     struct signed_attributes *ret_attributes) MUST_USE;

/* How many countersignatures the value [1] of a SignerInfo, its unsigned attributes, holds
 * (RFC 5652 11.4). Nothing there is signed: what cannot be read is passed over. */
size_t signed_attributes_countersignatures(const struct ber_value *value);

/* Whether content is nothing but the encoding of signed attributes. */
bool signed_attributes_are(struct bytes content);

/* Whether the signing certificate attribute, if there is one, names this certificate (DER; RFC 2634
 * 5.4, RFC 5035 5). One whose digest is not in the table says nothing. ERR_INTERNAL, ERR_NO_MEMORY.
 */
struct error *signed_attributes_name(const struct signed_attributes *attributes,
                                     struct bytes certificate, bool *ret_named) MUST_USE;

/* The digest of the attributes: of a SET, not of the [0] that is sent (RFC 5652 5.4).
 * ERR_INTERNAL, ERR_NO_MEMORY. */
struct error *signed_attributes_hash(const struct signed_attributes *attributes,
                                     enum cms_digest digest,
                                     uint8_t value[static SIGNED_DIGEST_MAX]) MUST_USE;

/* The octets behind that digest; `out` is empty. ERR_NO_MEMORY. */
struct error *signed_attributes_encode(const struct signed_attributes *attributes,
                                       struct buffer *out) MUST_USE;

#endif
