#include "certs/chain.h"

#include "base/limits.h"
#include "certs/cert_key.h"
#include "certs/chain_any.h"
#include "certs/chain_join.h"
#include "certs/chain_mailbox.h"
#include "certs/chain_offer.h"
#include "certs/chain_path.h"
#include "certs/chain_pkix.h"
#include "certs/crl.h"
#include "nss/nss_scope.h"

#include <secerr.h>
#include <stdlib.h>

void chain_result_free(struct chain_result *result)
{
    if (result) {
        cert_list_done(&result->chain);
        free(result);
    }
}

static bool purpose_fits(const struct chain_request *request)
{
    unsigned needed = request->purpose == CHAIN_SIGN ? CERT_USAGE_SIGN : CERT_USAGE_ENCRYPT;
    return (cert_usages(request->cert) & needed) != 0;
}

static bool path_is_anchored(const struct cert_list *path)
{
    enum chain_trust trust = chain_path_trust(path->items[path->count - 1]);
    return trust == CHAIN_TRUST_ANCHOR || (trust == CHAIN_TRUST_PEER && path->count == 1);
}

/* Words that follow from the certificates themselves, whatever PKIX says. */
static word_set own_words(const struct chain_request *request, const struct cert_list *path)
{
    bool anchored = path_is_anchored(path);
    word_set words = chain_path_time_words(path, anchored, request->at) |
                     chain_path_weak_words(path, anchored, request->policy);
    if (!purpose_fits(request)) {
        words |= WORD_BIT(WORD_PURPOSE_WRONG);
    }
    for (size_t i = 0; i < path->count; i++) {
        if (chain_path_trust(path->items[i]) == CHAIN_TRUST_NEVER) {
            words |= WORD_BIT(WORD_CHAIN_UNTRUSTED);
        }
    }
    return words;
}

#define TIME_WORDS (WORD_BIT(WORD_CERTIFICATE_EXPIRED) | WORD_BIT(WORD_CERTIFICATE_NOT_YET_VALID))

/* Whether the words found already say what NSS's error says. What they don't say is told as
 * chain-untrusted: constraints, critical extensions, CAs that are none, forbidden algorithms. */
static bool is_explained(int number, word_set words)
{
    switch (number) {
    case 0:
        return true;
    case SEC_ERROR_INADEQUATE_KEY_USAGE:
    case SEC_ERROR_INADEQUATE_CERT_TYPE:
        return words_has(words, WORD_PURPOSE_WRONG);
    case SEC_ERROR_UNKNOWN_ISSUER:
        return words_has(words, WORD_CHAIN_INCOMPLETE);
    default:
        return false;
    }
}

/* A moment at which all of the path is valid, so that PKIX, asked again, can say what else is wrong
 * beside the time; request->at if there is none. */
static int64_t common_moment(const struct chain_request *request, const struct cert_list *path)
{
    int64_t from = INT64_MIN;
    int64_t to = INT64_MAX;
    for (size_t i = 0; i < path->count; i++) {
        int64_t not_before = cert_not_before(path->items[i]);
        int64_t not_after = cert_not_after(path->items[i]);
        from = not_before > from ? not_before : from;
        to = not_after < to ? not_after : to;
    }
    return from <= to ? from : request->at;
}

/* Only names problems: what PKIX accepts at another moment stays refused. */
static struct error *ask_without_time(const struct chain_request *request,
                                      const struct cert_list *path, int *ret_number)
{
    struct cert_list ignored = { 0 };
    struct chain_question question = { .cert = request->cert, .at = common_moment(request, path) };
    struct error *error = chain_pkix_ask(request, &question, &ignored, ret_number);
    cert_list_done(&ignored);
    return error;
}

static bool path_is_signed(const struct cert_list *path)
{
    for (size_t i = 0; i + 1 < path->count; i++) {
        if (!chain_path_is_signed_by(path->items[i], path->items[i + 1])) {
            return false;
        }
    }
    return true;
}

/* Names what is wrong with a path that PKIX refused. */
static struct error *diagnose(const struct chain_request *request, int number,
                              struct chain_result *result)
{
    const struct cert *last = result->chain.items[result->chain.count - 1];
    word_set words = own_words(request, &result->chain);
    if (!path_is_anchored(&result->chain)) {
        bool top = chain_path_is_self_issued(last) || result->chain.count >= LIMIT_CHAIN;
        words |= WORD_BIT(top ? WORD_CHAIN_UNTRUSTED : WORD_CHAIN_INCOMPLETE);
    }
    if ((words & TIME_WORDS) != 0) {
        TRY(ask_without_time(request, &result->chain, &number));
    }
    if (!is_explained(number, words) || !path_is_signed(&result->chain)) {
        words |= WORD_BIT(WORD_CHAIN_UNTRUSTED);
    }
    result->problems |= words != WORDS_NONE ? words : WORD_BIT(WORD_CHAIN_UNTRUSTED);
    return NULL;
}

/* NSS joins extKeyUsage and Netscape's type of a CA, and takes one for servers by the latter for
 * one for mail as well. What an anchor may do is said by its trust. */
static bool cas_allow_mail(const struct cert_list *path)
{
    for (size_t i = 1; i + 1 < path->count; i++) {
        if (cert_key_forbids_mail(cert_decoded(path->items[i]))) {
            return false;
        }
    }
    return true;
}

/* PKIX has accepted; nothing is good before our own rules agree. */
static void judge(const struct chain_request *request, struct chain_result *result)
{
    result->problems |= own_words(request, &result->chain);
    if (!path_is_anchored(&result->chain) || result->chain.count > LIMIT_CHAIN ||
        !chain_mailbox_is_permitted(&result->chain) || !cas_allow_mail(&result->chain)) {
        result->problems |= WORD_BIT(WORD_CHAIN_UNTRUSTED);
    }
}

/* Asks again where PKIX refuses: it may have looked among the certificates of another message. */
static struct error *ask(const struct chain_request *request, struct chain_result *result,
                         int *ret_number)
{
    struct chain_question question = { .cert = request->cert, .at = request->at };
    TRY(chain_pkix_ask(request, &question, &result->chain, ret_number));
    if (*ret_number != 0) {
        TRY(chain_pkix_forget(request, &question));
        TRY(chain_pkix_ask(request, &question, &result->chain, ret_number));
    }
    return NULL;
}

/* By PKIX; where that refuses, by our own walk, whose path holds only where PKIX accepts it asked
 * otherwise: as two paths joined at a name written differently, or for any purpose. */
static struct error *find_path(const struct chain_request *request, const struct chain_offer *offer,
                               struct chain_result *result)
{
    int number = SEC_ERROR_UNKNOWN_ISSUER;
    if (chain_offer_is_grounded(offer)) {
        TRY(ask(request, result, &number));
    }
    if (number == 0) {
        TRY(chain_path_inherit(&result->chain));
        judge(request, result);
        return NULL;
    }
    TRY(chain_path_walk(request, &result->chain));
    TRY(chain_path_inherit(&result->chain));
    bool holds = false;
    if (path_is_anchored(&result->chain) && path_is_signed(&result->chain)) {
        TRY(chain_join_holds(request, &result->chain, &holds));
        if (!holds) {
            TRY(chain_any_holds(request, &result->chain, &holds));
        }
    }
    if (holds) {
        judge(request, result);
        return NULL;
    }
    return diagnose(request, number, result);
}

/* CRLs are asked only where they are asked for and every link of the path bears a good signature up
 * to an anchor: else anybody could have made them. */
static bool crls_can_speak(const struct chain_request *request, const struct cert_list *path)
{
    return request->policy->revocation != REVOCATION_OFF && path_is_anchored(path) &&
           path_is_signed(path);
}

/* Soft: a notice where a CRL that speaks of the path leaves it open, nothing where there was
 * nothing to check. Hard: a problem unless all is settled. A self-signed certificate that is
 * trusted itself has nobody who could revoke it. */
static void add_revocation(const struct chain_request *request, struct crl_verdict verdict,
                           struct chain_result *result)
{
    result->revocation = verdict.status;
    if (verdict.status != REVOCATION_NOT_CHECKED) {
        result->revocation_source = REVOCATION_FROM_MESSAGE;
        result->revocation_produced_at = verdict.produced_at;
    }
    bool alone = result->chain.count == 1 && chain_path_is_self_issued(request->cert);
    bool open = verdict.status == REVOCATION_UNKNOWN || verdict.status == REVOCATION_NOT_CHECKED;
    if (verdict.status == REVOCATION_REVOKED) {
        result->problems |= WORD_BIT(WORD_CERTIFICATE_REVOKED);
    } else if (open && request->policy->revocation == REVOCATION_HARD && !alone) {
        result->problems |= WORD_BIT(WORD_REVOCATION_UNKNOWN);
    } else if (verdict.status == REVOCATION_UNKNOWN) {
        result->notices |= WORD_BIT(WORD_REVOCATION_UNKNOWN);
    }
}

static struct error *check_revocation(const struct chain_request *request,
                                      struct chain_result *result)
{
    result->revocation = REVOCATION_NOT_CHECKED;
    if (!crls_can_speak(request, &result->chain)) {
        return NULL;
    }
    struct crl_request asked = { &result->chain,     request->extra, request->crls,
                                 request->crl_count, request->at,    request->checks_left };
    struct crl_verdict verdict;
    TRY(crl_judge(&asked, &verdict));
    add_revocation(request, verdict, result);
    return NULL;
}

struct error *chain_verify(const struct chain_request *request, struct chain_result **ret_result)
{
    CLEANUP(chain_result_free) struct chain_result *result = calloc(1, sizeof *result);
    if (!result) {
        return error_no_memory();
    }
    CLEANUP(chain_offer_free) struct chain_offer *offer = NULL;
    TRY(chain_offer_new(request, &offer));
    TRY(find_path(request, offer, result));
    TRY(check_revocation(request, result));
    *ret_result = TAKE_PTR(result);
    return NULL;
}
