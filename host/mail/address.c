#include "mail/address.h"

#include "base/limits.h"
#include "certs/match.h"
#include "mime/name.h"
#include "mime/script.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* How a header's From stands, before any certificate is looked at. */
static word_set judge_from(const struct mime_header *header, const struct address_list *from)
{
    /* RFC 6854 allows groups, which name nobody and are shown in many ways */
    if (mime_header_count(header, "From") > 1 || from->count > 1 || from->grouped) {
        return WORD_BIT(WORD_MULTIPLE_FROM);
    }
    if (from->count == 0 || from->malformed) {
        return WORD_BIT(WORD_ADDRESS_MISSING);
    }
    return WORDS_NONE;
}

/* With more than one address the message is never good, and each is compared with all of all
 * signers: the first few are enough to say whose signature it is. */
static bool any_matches(const struct cert *cert, const struct address_list *list)
{
    for (size_t i = 0; i < list->count && i < LIMIT_CLAIMED; i++) {
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

/* Whose addresses may stand around From's. */
struct known {
    const char *address; /* From's */
    const struct signature_report *report; /* NULL: no signature */
};

static bool is_known(const void *context, const char *address, bool apart)
{
    const struct known *known = context;
    const char *own = strrchr(known->address, '@');
    const char *domain = strrchr(address, '@');
    if (address[0] == '@' || apart) {
        /* no more of it can be read for sure than the domain */
        return own && domain && strcasecmp(own, domain) == 0;
    }
    if (match_addresses_equal(known->address, address)) {
        return true;
    }
    for (size_t i = 0; known->report && i < known->report->signer_count; i++) {
        const struct signer_report *signer = &known->report->signers[i];
        if (signer->match == ADDRESS_MATCH_FROM && match_certificate(signer->cert, address)) {
            return true;
        }
    }
    return false;
}

/* The text around From's only address, as a whole and as its name: in quotes encoded words are
 * none, and are shown decoded by many. */
static struct error *judge_name(const struct mime_header *header, const struct address_list *from,
                                const struct signature_report *report, word_set *words)
{
    CLEANUP(string_free) char *text = NULL;
    const struct known known = { from->addresses[0], report };
    TRY(mime_field_text(mime_header_find(header, "From"), &text));
    if (name_misleads(text, is_known, &known) ||
        (from->names[0] && name_misleads(from->names[0], is_known, &known))) {
        *words |= WORD_BIT(WORD_NAME_MISLEADING);
    }
    return NULL;
}

/* From's only address as it may be shown: A-labels as letters are looked at, and letters of mixed
 * scripts become A-labels. */
static struct error *judge_letters(const char *address, word_set *words, char **ret_claimed)
{
    CLEANUP(string_free) char *seen = NULL;
    TRY(match_with_letters(address, &seen));
    if (script_is_mixed(seen)) {
        *words |= WORD_BIT(WORD_MIXED_SCRIPTS);
        return match_with_a_labels(address, ret_claimed);
    }
    return bytes_to_string(bytes_of_string(address), ret_claimed);
}

/* Every `old` in `*text` made `new`. */
static struct error *replace_all(const char *old, const char *new, char **text)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    TRY(buffer_new(0, &out));
    const char *rest = *text;
    for (const char *at = strstr(rest, old); at; at = strstr(rest, old)) {
        TRY(buffer_append(out, bytes_slice(bytes_of_string(rest), 0, (size_t)(at - rest))));
        TRY(buffer_append_string(out, new));
        rest = at + strlen(old);
    }
    TRY(buffer_append_string(out, rest));
    CLEANUP(string_free) char *made = NULL;
    TRY(bytes_to_string(buffer_view(out), &made));
    free(*text);
    *text = TAKE_PTR(made);
    return NULL;
}

struct error *address_show(const struct mime_field *field, const char *name, char **text)
{
    struct mime_field only = *field;
    const struct mime_header header = { .fields = &only, .count = 1, .block = field->raw };
    CLEANUP(address_list_free) struct address_list *list = NULL;
    struct error *error = address_list_read(&header, name, &list);
    if (error && error_get_code(error) == ERR_MESSAGE_MALFORMED) {
        error_free(error);
        return NULL;
    }
    TRY(error);
    for (size_t i = 0; i < list->count; i++) {
        CLEANUP(string_free) char *shown = NULL;
        word_set ignored = WORDS_NONE;
        TRY(judge_letters(list->addresses[i], &ignored, &shown));
        if (strcmp(shown, list->addresses[i]) != 0) {
            TRY(replace_all(list->addresses[i], shown, text));
        }
    }
    return NULL;
}

struct error *address_check(const struct mime_header *header, struct signature_report *report,
                            word_set *ret_words, char **ret_claimed)
{
    CLEANUP(address_list_free) struct address_list *from = NULL;
    CLEANUP(address_list_free) struct address_list *sender = NULL;
    CLEANUP(string_free) char *claimed = NULL;
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
    if (from->count == 1) {
        TRY(judge_letters(from->addresses[0], &words, &claimed));
    }
    if (words == WORDS_NONE && from->count == 1) {
        /* of an author who is somebody else anyway it need not be told */
        TRY(judge_name(header, from, report, &words));
    }
    *ret_claimed = TAKE_PTR(claimed);
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
                outside->count == 1 && !inside->grouped &&
                match_addresses_equal(inside->addresses[0], outside->addresses[0]);
    *ret_words = same ? WORDS_NONE : WORD_BIT(WORD_HEADER_MISMATCH);
    return NULL;
}
