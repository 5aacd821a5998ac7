/* One SignedData with everything that is found out about it: mathematics (cms), who the signers are
 * (message, then databases), their chains (certs), judged by policy. Knows no MIME and no headers.
 */
#ifndef SEALPOST_MAIL_SIGNATURE_H
#define SEALPOST_MAIL_SIGNATURE_H

#include "base/content.h"
#include "certs/chain.h"
#include "cms/signed.h"
#include "mail/context.h"
#include "policy/facts.h"

/* One SignerInfo. */
struct signer_report {
    struct judgement judgement;
    struct cert *cert; /* owned; NULL: unknown */
    struct chain_result *chain; /* owned; NULL where cert is */
    const char *digest; /* wire name, static */
    const char *signature_algorithm;
    bool has_signing_time;
    int64_t signing_time; /* seconds since the epoch, UTC; claimed */
    bool valid_at_signing_time; /* explains old mail, never upgrades it */
    size_t countersignatures; /* counted, not checked; no part of the judgement */
    enum address_match match; /* filled in by address.h */
};

struct signature_report {
    struct signer_report *signers;
    size_t signer_count;
    struct judgement judgement; /* of all signers together */
    struct cert_list carried; /* the certificates in the message, as far as they can be read */
    bool has_content; /* an eContent is there (opaque) */
    bool is_certificates_only; /* neither signers nor content: a bag of certificates */
    struct cms_signed *cms; /* owned; NULL where it could not be parsed */
};

/* Verifies `cms` (DER or BER ContentInfo, stays unchanged and outlives the report) over `detached`
 * (NULL: over its eContent). Damage inside is a judgement, not an error. Once LIMIT_CHECKS
 * signatures were checked for the message, further signers are signer-unknown. ERR_CMS_UNSUPPORTED
 * where it is no SignedData; ERR_CANCELLED, ERR_NO_MEMORY, ERR_INTERNAL. */
struct error *signature_verify(const struct mail_context *context, struct bytes cms,
                               const struct bytes *detached, struct signature_report **ret_report)
    MUST_USE;
void signature_report_free(struct signature_report *report); /* NULL is fine */
DEFINE_CLEANUP(struct signature_report *, signature_report_free);

/* The eContent as bytes: a view of `owner` (the mapping that the CMS lies in) where it is one run
 * or `owner_is_ours` allows to move its segments together, else a copy in a new mapping. The CMS is
 * spent afterwards where segments were moved. `ret_owner` holds a reference for the caller.
 * ERR_NO_MEMORY, ERR_MESSAGE_TOO_LARGE. */
struct error *signature_content(const struct signature_report *report, struct mapping *owner,
                                bool owner_is_ours, struct mapping **ret_owner,
                                struct bytes *ret_view) MUST_USE;

#endif
