/* The parsed SignedData, shared by the files of signed.h and by nobody else. All bytes are views of
 * the input. */
#ifndef SEALPOST_CMS_SIGNED_MESSAGE_H
#define SEALPOST_CMS_SIGNED_MESSAGE_H

#include "base/limits.h"
#include "cms/signed.h"
#include "cms/signed_algorithm.h"
#include "cms/signed_attributes.h"
#include "cms/signed_digest.h"

struct signed_signer {
    struct cms_signer view; /* what the caller is shown */
    struct signed_algorithm algorithm;
    struct signed_attributes attributes;
    struct bytes signature;
};

/* The digest of the content. */
struct signed_content_digest {
    bool there;
    uint8_t value[SIGNED_DIGEST_MAX];
};

struct cms_signed {
    struct bytes content_type; /* OID of eContentType */
    bool has_content;
    struct ber_string content;
    size_t certificate_count;
    struct bytes certificates[LIMIT_CERTIFICATES];
    size_t crl_count;
    struct bytes crls[LIMIT_CRLS];
    size_t signer_count;
    struct signed_signer signers[LIMIT_SIGNERS];
    bool digested; /* cms_signed_digest was called */
    bool content_given; /* and found content to digest */
    bool content_is_attributes; /* which is itself an encoding of signed attributes */
    struct signed_content_digest digests[SIGNED_DIGEST_COUNT]; /* by enum cms_digest */
};

#endif
