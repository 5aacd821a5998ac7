/* RSAES-OAEP-params (RFC 8017 A.2.1, RFC 4055 4.1): reading only, Sealpost does not write OAEP. */
#ifndef SEALPOST_CMS_RECIPIENT_OAEP_H
#define SEALPOST_CMS_RECIPIENT_OAEP_H

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

#endif
