#include "mail/signature.h"

#include "base/limits.h"
#include "certs/index.h"
#include "policy/policy.h"
#include "policy/verdict.h"

#include <stdlib.h>
#include <string.h>

/* What a signer counts in LIMIT_CHECKS: its signature and the usual path. Issuers to choose from,
 * further candidates and CRLs are counted on top, as they are looked at. */
enum { CHECKS_OF_SIGNER = 4 };

void signature_report_free(struct signature_report *report)
{
    if (!report) {
        return;
    }
    for (size_t i = 0; i < report->signer_count; i++) {
        cert_unref(report->signers[i].cert);
        chain_result_free(report->signers[i].chain);
    }
    free(report->signers);
    cert_list_done(&report->carried);
    cms_signed_free(report->cms);
    free(report);
}

/* Certificates that can't be decoded are left out: they can't be the signer's or an issuer's. */
static struct error *read_carried(struct signature_report *report)
{
    for (size_t i = 0; i < cms_signed_certificate_count(report->cms); i++) {
        CLEANUP(cert_unref) struct cert *cert = NULL;
        struct error *error = cert_from_der(cms_signed_certificate(report->cms, i), &cert);
        if (error && error_get_code(error) == ERR_NO_MEMORY) {
            return error;
        }
        error_free(error);
        if (cert) {
            TRY(cert_list_add_once(&report->carried, cert));
        }
    }
    return NULL;
}

static bool ref_fits(const struct cms_cert_ref *ref, const struct cert *cert)
{
    if (ref->key_id.len > 0) {
        return bytes_equal(ref->key_id, cert_subject_key_id(cert));
    }
    return bytes_equal(ref->issuer, cert_issuer_der(cert)) &&
           bytes_equal(ref->serial, cert_serial_bytes(cert));
}

/* Everybody who could be the signer: those in the message first, then those in the databases. */
static struct error *find_candidates(const struct mail_context *context,
                                     const struct signature_report *report,
                                     const struct cms_cert_ref *ref, struct cert_list *candidates)
{
    for (size_t i = 0; i < report->carried.count; i++) {
        if (ref_fits(ref, report->carried.items[i])) {
            TRY(cert_list_add_once(candidates, report->carried.items[i]));
        }
    }
    if (ref->key_id.len > 0) {
        return cert_index_by_key_id(context->index, ref->key_id, candidates);
    }
    return cert_index_by_issuer_serial(context->index, ref->issuer, ref->serial, candidates);
}

/* Takes checks of signatures off what is left for the message; false: too few are left. */
static bool may_check(const struct mail_context *context, size_t count)
{
    if (*context->checks_left < count) {
        return false;
    }
    *context->checks_left -= count;
    return true;
}

/* The candidates whose key made the signature; the first one where none did, so that there is a
 * certificate to show. Few are tried: a message can carry hundreds of one key identifier for each
 * of its signers. */
static struct error *check_candidates(const struct mail_context *context,
                                      const struct signature_report *report, size_t number,
                                      const struct cert_list *candidates,
                                      struct signer_facts *facts, struct cert_list *fitting)
{
    bool any_right = false;
    for (size_t i = 0; i < candidates->count && i < LIMIT_CANDIDATES; i++) {
        if (i > 0 && !may_check(context, 1)) {
            break;
        }
        word_set problems = WORDS_NONE;
        bool checked = false;
        TRY(cms_signed_check(report->cms, number, cert_decoded(candidates->items[i]), &problems,
                             &checked));
        bool right = checked && words_wrong(problems) == WORDS_NONE;
        if (right && !any_right) {
            cert_list_done(fitting); /* the first one, if it was not right */
        }
        if (right || i == 0) {
            TRY(cert_list_add(fitting, candidates->items[i]));
            facts->signature = problems;
            facts->checked = checked;
        }
        any_right = any_right || right;
    }
    return NULL;
}

static struct error *check_chain(const struct mail_context *context,
                                 const struct signature_report *report, struct cert *cert,
                                 struct chain_result **ret_chain)
{
    struct bytes crls[LIMIT_CRLS];
    size_t crl_count = cms_signed_crl_count(report->cms);
    for (size_t i = 0; i < crl_count; i++) {
        crls[i] = cms_signed_crl(report->cms, i);
    }
    const struct chain_request request = {
        .cert = cert,
        .extra = &report->carried,
        .crls = crls,
        .crl_count = crl_count,
        .purpose = CHAIN_SIGN,
        .at = context->at,
        .policy = context->policy,
        .checks_left = context->checks_left,
    };
    return chain_verify(&request, ret_chain);
}

/* One key can have several certificates, renewed ones or of several authorities, and a key
 * identifier names them all: the first whose path is right, else the first. */
static struct error *choose_by_chain(const struct mail_context *context,
                                     const struct signature_report *report,
                                     const struct cert_list *fitting, struct signer_report *signer)
{
    for (size_t i = 0; i < fitting->count; i++) {
        if (i > 0 && !may_check(context, CHECKS_OF_SIGNER)) {
            break;
        }
        CLEANUP(chain_result_free) struct chain_result *chain = NULL;
        TRY(check_chain(context, report, fitting->items[i], &chain));
        bool right = chain->problems == WORDS_NONE;
        if (i == 0 || right) {
            cert_unref(signer->cert);
            chain_result_free(signer->chain);
            signer->cert = cert_ref(fitting->items[i]);
            signer->chain = TAKE_PTR(chain);
        }
        if (right) {
            break;
        }
    }
    return NULL;
}

/* RFC 3279 2.3.2: a DSA key may have its parameters from the key above it; only the path knows. */
static struct error *check_with_path(const struct signature_report *report, size_t number,
                                     const struct signer_report *signer, struct signer_facts *facts)
{
    const struct cert *cert = signer->chain->chain.items[0];
    if (facts->checked || !cert_key_is_inherited(cert)) {
        return NULL;
    }
    return cms_signed_check(report->cms, number, cert_decoded(cert), &facts->signature,
                            &facts->checked);
}

/* Dates only: a chain that is untrusted now is not made better by having been in date then. */
static bool chain_valid_then(const struct chain_result *chain, int64_t then)
{
    const word_set time_words =
        WORD_BIT(WORD_CERTIFICATE_EXPIRED) | WORD_BIT(WORD_CERTIFICATE_NOT_YET_VALID);
    if ((chain->problems & ~time_words) != WORDS_NONE) {
        return false;
    }
    for (size_t i = 0; i < chain->chain.count; i++) {
        const struct cert *cert = chain->chain.items[i];
        if (then < cert_not_before(cert) || then > cert_not_after(cert)) {
            return false;
        }
    }
    return chain->chain.count > 0;
}

static struct error *find_signer(const struct mail_context *context,
                                 const struct signature_report *report, size_t number,
                                 struct signer_report *signer, struct signer_facts *facts)
{
    struct cert_list candidates = { 0 };
    struct cert_list fitting = { 0 };
    const struct cms_cert_ref *ref = &cms_signed_signer(report->cms, number)->ref;
    struct error *error = find_candidates(context, report, ref, &candidates);
    if (!error) {
        error = check_candidates(context, report, number, &candidates, facts, &fitting);
    }
    if (!error) {
        error = choose_by_chain(context, report, &fitting, signer);
    }
    cert_list_done(&candidates);
    cert_list_done(&fitting);
    return error;
}

static struct error *report_signer(const struct mail_context *context,
                                   const struct signature_report *report, size_t number,
                                   struct signer_report *signer, struct signer_facts *facts)
{
    const struct cms_signer *info = cms_signed_signer(report->cms, number);
    signer->digest = info->digest_name;
    signer->signature_algorithm = info->signature_name;
    signer->has_signing_time = info->has_signing_time;
    signer->signing_time = info->signing_time;
    signer->countersignatures = info->countersignature_count;

    if (may_check(context, CHECKS_OF_SIGNER)) {
        TRY(find_signer(context, report, number, signer, facts));
    }
    if (!signer->cert) {
        /* a certificate of an algorithm that NSS does not know can't even be read */
        facts->signature = WORD_BIT(WORD_SIGNER_UNKNOWN);
        if (strcmp(info->signature_name, "unknown") == 0) {
            facts->signature |= WORD_BIT(WORD_ALGORITHM_UNSUPPORTED);
        }
        return NULL;
    }
    TRY(check_with_path(report, number, signer, facts));
    facts->chain = signer->chain->problems;
    facts->notices = signer->chain->notices;
    signer->valid_at_signing_time =
        info->has_signing_time && chain_valid_then(signer->chain, info->signing_time);
    return NULL;
}

/* RFC 5652 5.1: several SignerInfos can be of one signer; the certificate tells. */
static size_t group_of(const struct signature_report *report, size_t number)
{
    const struct cert *cert = report->signers[number].cert;
    for (size_t i = 0; cert && i < number; i++) {
        const struct cert *other = report->signers[i].cert;
        if (other && bytes_equal(cert_der(cert), cert_der(other))) {
            return i;
        }
    }
    return number;
}

static struct error *report_signers(const struct mail_context *context,
                                    struct signature_report *report, word_set layer_problems)
{
    struct signer_facts facts[LIMIT_SIGNERS] = { 0 };
    size_t count = cms_signed_signer_count(report->cms);
    report->signers = calloc(count ? count : 1, sizeof(*report->signers));
    if (!report->signers) {
        return error_no_memory();
    }
    report->signer_count = count;
    for (size_t i = 0; i < count; i++) {
        TRY(task_check(context->interaction.task));
        TRY(report_signer(context, report, i, &report->signers[i], &facts[i]));
        facts[i].signer_group = group_of(report, i);
        report->signers[i].judgement = verdict_signer(&facts[i]);
    }
    report->judgement = verdict_layer(facts, count, layer_problems);
    return NULL;
}

/* What is wrong with the way the content is there. */
static word_set judge_content(const struct signature_report *report, const struct bytes *detached)
{
    if (detached && report->has_content) {
        return WORD_BIT(WORD_EMBEDDED_CONTENT);
    }
    if (!detached && !report->has_content) {
        return WORD_BIT(WORD_CONTENT_NOT_COVERED);
    }
    return WORDS_NONE;
}

static struct error *verify_parsed(const struct mail_context *context,
                                   struct signature_report *report, const struct bytes *detached)
{
    report->has_content = cms_signed_content(report->cms) != NULL;
    report->is_certificates_only =
        !report->has_content && !detached && cms_signed_signer_count(report->cms) == 0;
    TRY(read_carried(report));
    if (report->is_certificates_only) {
        return NULL;
    }
    /* with no content at all the digests are those of nothing: they will not fit */
    TRY(cms_signed_digest(report->cms, detached, context->interaction.task));
    return report_signers(context, report, judge_content(report, detached));
}

struct error *signature_verify(const struct mail_context *context, struct bytes cms,
                               const struct bytes *detached, struct signature_report **ret_report)
{
    CLEANUP(signature_report_free)
    struct signature_report *report = calloc(1, sizeof(*report));
    if (!report) {
        return error_no_memory();
    }
    struct error *error = cms_signed_parse(cms, &report->cms);
    if (error && error_get_code(error) == ERR_CMS_MALFORMED) {
        error_free(error);
        report->judgement =
            (struct judgement){ .status = SIGNATURE_BAD, .problems = WORD_BIT(WORD_CMS_MALFORMED) };
        *ret_report = TAKE_PTR(report);
        return NULL;
    }
    TRY(error);
    size_t checks_left = LIMIT_CHECKS;
    struct mail_context counted = *context;
    if (!counted.checks_left) {
        counted.checks_left = &checks_left;
    }
    TRY(verify_parsed(&counted, report, detached));
    *ret_report = TAKE_PTR(report);
    return NULL;
}

static struct error *copy_content(const struct ber_string *string, struct mapping **ret_owner,
                                  struct bytes *ret_view)
{
    CLEANUP(mapping_unref) struct mapping *copy = NULL;
    TRY(mapping_new(string->len ? string->len : 1, &copy));
    struct ber_string_iterator iterator = { 0 };
    struct bytes segment = BYTES_NONE;
    while (ber_string_next(string, &iterator, &segment)) {
        TRY(mapping_append(copy, segment));
    }
    *ret_view = mapping_view(copy);
    *ret_owner = TAKE_PTR(copy);
    return NULL;
}

struct error *signature_content(const struct signature_report *report, struct mapping *owner,
                                bool owner_is_ours, struct mapping **ret_owner,
                                struct bytes *ret_view)
{
    const struct ber_string *string = cms_signed_content(report->cms);
    if (string->segments > 1 && !owner_is_ours) {
        return copy_content(string, ret_owner, ret_view);
    }
    *ret_view = string->segments > 1 ? ber_string_compact(string, owner) : string->first;
    *ret_owner = mapping_ref(owner);
    return NULL;
}
