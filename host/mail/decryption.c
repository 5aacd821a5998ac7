#include "mail/decryption.h"

#include "base/limits.h"
#include "certs/index.h"
#include "certs/name.h"
#include "mail/fallback.h"
#include "store/store.h"

#include <stdlib.h>

static void recipient_done(struct recipient_report *recipient)
{
    free(recipient->issuer);
    free(recipient->serial);
    free(recipient->key_id);
    cert_unref(recipient->cert);
}

void decryption_report_free(struct decryption_report *report)
{
    if (!report) {
        return;
    }
    for (size_t i = 0; i < report->recipient_count; i++) {
        recipient_done(&report->recipients[i]);
    }
    free(report->recipients);
    mapping_unref(report->owner);
    free(report);
}

static struct error *name_recipient(const struct cms_cert_ref *ref,
                                    struct recipient_report *recipient)
{
    if (ref->issuer.len > 0) {
        TRY(name_text(ref->issuer, &recipient->issuer));
        TRY(bytes_to_hex(ref->serial, &recipient->serial));
    }
    if (ref->key_id.len > 0) {
        TRY(bytes_to_hex(ref->key_id, &recipient->key_id));
    }
    return NULL;
}

/* The certificate in the databases that the recipient is named by, one with a key before others. */
static struct error *match_recipient(const struct mail_context *context,
                                     const struct cms_cert_ref *ref,
                                     struct recipient_report *recipient)
{
    struct cert_list found = { 0 };
    struct error *error = NULL;
    if (ref->key_id.len > 0) {
        error = cert_index_by_key_id(context->index, ref->key_id, &found);
    } else if (ref->issuer.len > 0) {
        error = cert_index_by_issuer_serial(context->index, ref->issuer, ref->serial, &found);
    }
    for (size_t i = 0; !error && i < found.count && !recipient->mine; i++) {
        cert_unref(recipient->cert);
        recipient->cert = cert_ref(found.items[i]);
        recipient->mine = store_has_key(context->store, cert_decoded(recipient->cert));
    }
    cert_list_done(&found);
    return error;
}

static struct error *report_recipients(const struct mail_context *context,
                                       const struct cms_enveloped *message,
                                       struct decryption_report *report)
{
    size_t count = cms_enveloped_recipient_count(message);
    report->recipients = calloc(count ? count : 1, sizeof(*report->recipients));
    if (!report->recipients) {
        return error_no_memory();
    }
    report->recipient_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct cms_recipient *info = cms_enveloped_recipient(message, i);
        struct recipient_report *recipient = &report->recipients[i];
        recipient->type = info->type;
        recipient->algorithm = info->algorithm;
        TRY(name_recipient(&info->ref, recipient));
        if (info->type == CMS_KEY_TRANSPORT || info->type == CMS_KEY_AGREEMENT) {
            TRY(match_recipient(context, &info->ref, recipient));
        }
    }
    return NULL;
}

/* The number of the next recipient from `first` on whose key the user has; SIZE_MAX: none. A
 * stranger can name the user thousands of times, and each try costs a private-key operation and
 * fresh bytes of the whole message: only the first few are looked at. */
static size_t next_of_mine(const struct decryption_report *report, size_t first)
{
    size_t mine = 0;
    for (size_t i = 0; i < report->recipient_count && mine < LIMIT_OWN_RECIPIENTS; i++) {
        if (!report->recipients[i].mine) {
            continue;
        }
        if (i >= first) {
            return i;
        }
        mine++;
    }
    return SIZE_MAX;
}

/* Each of the user's keys in turn. Decrypting in place destroys the ciphertext, so that a key that
 * was found not to fit only then ends the round where there are more: the caller brings fresh bytes
 * for the next. */
static struct error *try_named(const struct attempt *attempt, size_t first, word_set *problems)
{
    struct decryption_report *report = attempt->report;
    size_t at = next_of_mine(report, first);
    if (at == SIZE_MAX) {
        *problems = WORD_BIT(WORD_NO_MATCHING_KEY);
    }
    while (at != SIZE_MAX && !report->decrypted) {
        TRY(attempt_certificate(attempt, at, report->recipients[at].cert, problems));
        at = next_of_mine(report, at + 1);
        if (cms_enveloped_is_spent(attempt->message) && !report->decrypted && at != SIZE_MAX) {
            report->resume = at;
            break;
        }
    }
    return NULL;
}

static struct error *try_all(const struct mail_context *context, struct cms_enveloped *message,
                             struct mapping *writable, size_t first,
                             struct decryption_report *report)
{
    word_set problems = WORDS_NONE;
    struct attempt attempt = {
        .context = context,
        .interaction = context->interaction,
        .message = message,
        .writable = fallback_is_needed(message) ? NULL : writable,
        .report = report,
    };
    TRY(try_named(&attempt, first, &problems));
    if (!report->decrypted && report->resume == 0 && !cms_enveloped_is_spent(message)) {
        attempt.writable = NULL;
        TRY(fallback_open(&attempt, &problems));
    }
    report->problems |= report->decrypted ? WORDS_NONE : problems;
    return NULL;
}

static void judge_cipher(struct decryption_report *report)
{
    report->authenticated = report->decrypted && report->authenticated;
    if (report->cipher && report->cipher->weak) {
        report->notices |= WORD_BIT(WORD_CIPHER_WEAK);
    }
    if (report->decrypted && !report->authenticated) {
        report->notices |= WORD_BIT(WORD_NOT_AUTHENTICATED);
    }
}

struct error *decryption_open(const struct mail_context *context, struct bytes cms,
                              struct mapping *writable, size_t first,
                              struct decryption_report **ret_report)
{
    CLEANUP(decryption_report_free)
    struct decryption_report *report = calloc(1, sizeof(*report));
    if (!report) {
        return error_no_memory();
    }
    CLEANUP(cms_enveloped_free) struct cms_enveloped *message = NULL;
    struct error *error = cms_enveloped_parse(cms, &message);
    if (error && error_get_code(error) == ERR_CMS_MALFORMED) {
        error_free(error);
        report->problems = WORD_BIT(WORD_CMS_MALFORMED);
        *ret_report = TAKE_PTR(report);
        return NULL;
    }
    TRY(error);
    report->cipher = cms_enveloped_cipher(message);
    report->authenticated = cms_enveloped_is_authenticated(message);
    TRY(report_recipients(context, message, report));
    TRY(try_all(context, message, writable, first, report));
    judge_cipher(report);
    *ret_report = TAKE_PTR(report);
    return NULL;
}
