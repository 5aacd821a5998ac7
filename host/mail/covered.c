#include "mail/covered.h"

#include "base/limits.h"
#include "mime/canonical.h"
#include "mime/restore.h"

#include <string.h>

/* What a text that is right when restored has suffered. */
static const enum word words_of[RESTORE_COUNT] = {
    [RESTORE_LINE_ENDS] = WORD_LINE_ENDS_ALTERED, [RESTORE_UNIX] = WORD_LINE_ENDS_ALTERED,
    [RESTORE_END_NONE] = WORD_LINE_ENDS_ALTERED,  [RESTORE_END_ONE] = WORD_LINE_ENDS_ALTERED,
    [RESTORE_END_TWO] = WORD_LINE_ENDS_ALTERED,   [RESTORE_BLANKS] = WORD_WHITESPACE_ALTERED,
    [RESTORE_DASHES] = WORD_WHITESPACE_ALTERED,   [RESTORE_FROM] = WORD_FROM_LINES_ALTERED,
};

static bool has_binary(const struct mime_entity *entity)
{
    for (size_t i = 0; i < entity->child_count; i++) {
        if (has_binary(entity->children[i])) {
            return true;
        }
    }
    return entity->encoding == MIME_BINARY;
}

/* In binary content CRLF and LF differ: there the signature of the one must not speak for the
 * other. */
static bool is_text(const struct mime_entity *part)
{
    return part->whole.len > 0 && !memchr(part->whole.data, '\0', part->whole.len) &&
           !has_binary(part);
}

/* LF alone at the ends of all lines, as Unix stores mail: of the part and of what it stands in,
 * else something was done to the part alone. */
static bool is_unix_text(const struct mime_entity *part)
{
    struct bytes text = part->parent ? part->parent->whole : part->whole;
    return is_text(part) && memchr(text.data, '\n', text.len) && !memchr(text.data, '\r', text.len);
}

/* The bytes that a signature in a multipart is over. Mail travels with CRLF, and what was received
 * is what is checked, to the byte. Only for mail as Unix stores it the canonical form counts (RFC
 * 8551 3.1.1), in a mapping of its own. A mixture is damage and stays. */
struct error *covered_bytes(const struct mime_entity *part, struct mapping **ret_canonical,
                            struct bytes *ret_covered)
{
    *ret_covered = part->whole;
    if (!is_unix_text(part)) {
        return NULL;
    }
    TRY(mapping_new(LIMIT_MESSAGE, ret_canonical));
    TRY(canonical_lines(part->whole, *ret_canonical));
    *ret_covered = mapping_view(*ret_canonical);
    return NULL;
}

static bool is_wrong(const struct signature_report *report)
{
    const word_set words = WORD_BIT(WORD_DIGEST_MISMATCH) | WORD_BIT(WORD_SIGNATURE_MISMATCH);
    return (report->judgement.problems & words) != WORDS_NONE;
}

/* Nothing wrong at all, and that was found by checking: no signer was left out. */
static bool is_right(const struct signature_report *report)
{
    return words_wrong(report->judgement.problems) == WORDS_NONE &&
           !words_has(report->judgement.problems, WORD_SIGNER_UNKNOWN) && report->signer_count > 0;
}

static struct error *right_restored(const struct mail_context *context, struct bytes text,
                                    enum restore restore, struct bytes cms, bool *ret_right)
{
    CLEANUP(mapping_unref) struct mapping *restored = NULL;
    CLEANUP(signature_report_free) struct signature_report *report = NULL;
    TRY(mapping_new(LIMIT_MESSAGE, &restored));
    TRY(restore_text(text, restore, restored));
    struct bytes covered = mapping_view(restored);
    TRY(signature_verify(context, cms, &covered, &report));
    *ret_right = is_right(report);
    return NULL;
}

/* What made the signature wrong, as far as that can be told. */
static struct error *find_altered(const struct mail_context *context,
                                  const struct mime_entity *part, struct bytes cms,
                                  word_set *ret_altered)
{
    if (!is_text(part) || part->whole.len > LIMIT_RESTORED) {
        return NULL;
    }
    for (int i = 0; i < RESTORE_COUNT && *ret_altered == WORDS_NONE; i++) {
        bool right = false;
        TRY(right_restored(context, part->whole, (enum restore)i, cms, &right));
        *ret_altered = right ? WORD_BIT(words_of[i]) : WORDS_NONE;
    }
    return NULL;
}

struct error *covered_verify(const struct mail_context *context, const struct mime_entity *part,
                             struct bytes cms, word_set *ret_altered,
                             struct signature_report **ret_report)
{
    CLEANUP(mapping_unref) struct mapping *canonical = NULL;
    CLEANUP(signature_report_free) struct signature_report *report = NULL;
    struct bytes covered = BYTES_NONE;
    *ret_altered = WORDS_NONE;
    TRY(covered_bytes(part, &canonical, &covered));
    TRY(signature_verify(context, cms, &covered, &report));
    if (is_wrong(report)) {
        TRY(find_altered(context, part, cms, ret_altered));
    }
    *ret_report = TAKE_PTR(report);
    return NULL;
}
