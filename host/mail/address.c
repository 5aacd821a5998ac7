#include "mail/address.h"

#include "certs/match.h"
#include "mime/script.h"

#include <stdlib.h>
#include <string.h>

/* How a header's From stands, before any certificate is looked at. */
static word_set judge_from(const struct mime_header *header, const struct address_list *from)
{
    if (mime_header_count(header, "From") > 1 || from->count > 1) {
        return WORD_BIT(WORD_MULTIPLE_FROM);
    }
    if (from->count == 0 || from->malformed) {
        return WORD_BIT(WORD_ADDRESS_MISSING);
    }
    return WORDS_NONE;
}

static bool any_matches(const struct cert *cert, const struct address_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (match_certificate(cert, list->addresses[i])) {
            return true;
        }
    }
    return false;
}

static enum address_match match_signer(const struct cert *cert, const struct address_list *from,
                                       const struct address_list *sender)
{
    if (any_matches(cert, from)) {
        return ADDRESS_MATCH_FROM;
    }
    return any_matches(cert, sender) ? ADDRESS_MATCH_SENDER : ADDRESS_MATCH_NONE;
}

/* The words for a From of one address: one signer must be its owner. Where no certificate is known
 * there is nothing to compare, and other words say so. */
static word_set judge_signers(const struct signature_report *report)
{
    bool any_address = false;
    bool any_cert = false;
    for (size_t i = 0; i < report->signer_count; i++) {
        const struct signer_report *signer = &report->signers[i];
        if (signer->match == ADDRESS_MATCH_FROM) {
            return WORDS_NONE;
        }
        any_cert = any_cert || signer->cert;
        any_address = any_address || (signer->cert && cert_address_count(signer->cert) > 0);
    }
    if (!any_cert) {
        return WORDS_NONE;
    }
    return any_address ? WORD_BIT(WORD_ADDRESS_MISMATCH) : WORD_BIT(WORD_ADDRESS_MISSING);
}

struct error *address_check(const struct mime_header *header, struct signature_report *report,
                            word_set *ret_words, char **ret_claimed)
{
    CLEANUP(address_list_free) struct address_list *from = NULL;
    CLEANUP(address_list_free) struct address_list *sender = NULL;
    TRY(address_list_read(header, "From", &from));
    TRY(address_list_read(header, "Sender", &sender));

    word_set words = judge_from(header, from);
    for (size_t i = 0; report && i < report->signer_count; i++) {
        struct signer_report *signer = &report->signers[i];
        signer->match =
            signer->cert ? match_signer(signer->cert, from, sender) : ADDRESS_MATCH_NONE;
    }
    if (words == WORDS_NONE && report) {
        words = judge_signers(report);
    }
    char *claimed = NULL;
    if (from->count == 1) {
        words |= script_is_mixed(from->addresses[0]) ? WORD_BIT(WORD_MIXED_SCRIPTS) : WORDS_NONE;
        claimed = strdup(from->addresses[0]);
        if (!claimed) {
            return error_no_memory();
        }
    }
    *ret_claimed = claimed;
    *ret_words = words;
    return NULL;
}

struct error *address_check_protected(const struct mime_header *outer,
                                      const struct mime_header *inner, word_set *ret_words)
{
    *ret_words = WORDS_NONE;
    if (mime_header_count(inner, "From") == 0) {
        return NULL;
    }
    CLEANUP(address_list_free) struct address_list *outside = NULL;
    CLEANUP(address_list_free) struct address_list *inside = NULL;
    TRY(address_list_read(outer, "From", &outside));
    TRY(address_list_read(inner, "From", &inside));
    bool same = mime_header_count(inner, "From") == 1 && !inside->malformed && inside->count == 1 &&
                outside->count == 1 &&
                match_addresses_equal(inside->addresses[0], outside->addresses[0]);
    *ret_words = same ? WORDS_NONE : WORD_BIT(WORD_HEADER_MISMATCH);
    return NULL;
}
