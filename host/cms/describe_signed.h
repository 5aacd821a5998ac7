/* SignedData for describe.c. */
#ifndef SEALPOST_CMS_DESCRIBE_SIGNED_H
#define SEALPOST_CMS_DESCRIBE_SIGNED_H

#include "cms/ber.h"
#include "cms/describe.h"

/* Tells version, digestAlgorithms, content, certificates, crls, signers and signerCount into the
 * object that is open. `reader` is at the SEQUENCE. ERR_CMS_MALFORMED, ERR_NO_MEMORY, errors of the
 * sink. */
struct error *describe_signed(const struct describe_sink *sink, struct ber_reader *reader) MUST_USE;

/* EncapsulatedContentInfo (RFC 5652 5.2) as content: {type, present, size?}; of CompressedData
 * too. */
struct error *describe_signed_content(const struct describe_sink *sink, struct ber_reader *reader)
    MUST_USE;

#endif
