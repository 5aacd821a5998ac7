/* RSAES-OAEP-params (RFC 8017 A.2.1, RFC 4055 4.1), of a recipient of a message and of a key that
 * is for OAEP alone. SHA-1 is read, never written. */
#ifndef SEALPOST_CMS_RECIPIENT_OAEP_H
#define SEALPOST_CMS_RECIPIENT_OAEP_H

#include "cms/algorithms.h"
#include "cms/ber.h"

struct recipient_oaep {
    unsigned long hash; /* CK_MECHANISM_TYPE */
    unsigned long mgf; /* CK_RSA_PKCS_MGF_TYPE */
    struct bytes label; /* a view of the message */
};

/* `reader` stands behind the algorithm's OID; parameters that are absent are the defaults.
 * ERR_CMS_MALFORMED; ERR_CMS_UNSUPPORTED for a digest, mask or label source that is not known. */
struct error *recipient_oaep_read(struct ber_reader *reader, struct recipient_oaep *ret_parameters)
    MUST_USE;

/* What Sealpost uses with a digest, for the mask too; CMS_DIGEST_UNKNOWN: SHA-256.
 * ERR_ALGORITHM_FORBIDDEN for SHA-1 and all that OAEP has not. */
struct error *recipient_oaep_choose(enum cms_digest digest, struct recipient_oaep *ret_parameters)
    MUST_USE;

/* Whether neither digest is SHA-1. */
bool recipient_oaep_is_strong(const struct recipient_oaep *parameters);

/* Appends the AlgorithmIdentifier of RSAES-OAEP. The parameters are strong ones. ERR_NO_MEMORY. */
struct error *recipient_oaep_write(const struct recipient_oaep *parameters, struct buffer *out)
    MUST_USE;

#endif
