/* EnvelopedData and AuthEnvelopedData for describe.c. */
#ifndef SEALPOST_CMS_DESCRIBE_ENVELOPED_H
#define SEALPOST_CMS_DESCRIBE_ENVELOPED_H

#include "cms/describe.h"

/* Tells version, originatorInfo, recipients, recipientCount, content and attributes of a
 * ContentInfo of either type into the object that is open. ERR_CMS_MALFORMED, ERR_CMS_UNSUPPORTED
 * for another type, ERR_NO_MEMORY, errors of the sink. */
struct error *describe_enveloped(const struct describe_sink *sink, struct bytes input) MUST_USE;

#endif
