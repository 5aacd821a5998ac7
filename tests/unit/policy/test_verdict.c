#include "base/macros.h"
#include "policy/verdict.h"

#include <criterion/criterion.h>
#include <string.h>

#define BIT WORD_BIT
#define NOWHERE SIZE_MAX

/* --- one SignerInfo --- */

struct signer_case {
    const char *name;
    struct signer_facts signer;
    enum signature_status status;
    word_set problems;
};

static const struct signer_case signer_cases[] = {
    { "right", { .checked = true }, SIGNATURE_GOOD, 0 },
    { "digest",
      { .signature = BIT(WORD_DIGEST_MISMATCH), .checked = true },
      SIGNATURE_BAD,
      BIT(WORD_DIGEST_MISMATCH) },
    { "digest, no certificate",
      { .signature = BIT(WORD_DIGEST_MISMATCH) | BIT(WORD_SIGNER_UNKNOWN) },
      SIGNATURE_BAD,
      BIT(WORD_DIGEST_MISMATCH) | BIT(WORD_SIGNER_UNKNOWN) },
    { "expired",
      { .chain = BIT(WORD_CERTIFICATE_EXPIRED), .checked = true },
      SIGNATURE_UNVERIFIED,
      BIT(WORD_CERTIFICATE_EXPIRED) },
    { "revoked",
      { .chain = BIT(WORD_CERTIFICATE_REVOKED), .checked = true },
      SIGNATURE_UNVERIFIED,
      BIT(WORD_CERTIFICATE_REVOKED) },
    { "weak and untrusted",
      { .signature = BIT(WORD_WEAK_DIGEST), .chain = BIT(WORD_CHAIN_UNTRUSTED), .checked = true },
      SIGNATURE_UNVERIFIED,
      BIT(WORD_WEAK_DIGEST) | BIT(WORD_CHAIN_UNTRUSTED) },
    { "unsupported",
      { .signature = BIT(WORD_ALGORITHM_UNSUPPORTED) },
      SIGNATURE_UNVERIFIED,
      BIT(WORD_ALGORITHM_UNSUPPORTED) },
    { "unchecked without a word",
      { .checked = false },
      SIGNATURE_UNVERIFIED,
      BIT(WORD_SIGNER_UNKNOWN) },
};

Test(verdict_signer, follows_from_the_words)
{
    for (size_t i = 0; i < ARRAY_SIZE(signer_cases); i++) {
        struct judgement result = verdict_signer(&signer_cases[i].signer);
        cr_expect_eq(result.status, signer_cases[i].status, "%s", signer_cases[i].name);
        cr_expect_eq(result.problems, signer_cases[i].problems, "%s", signer_cases[i].name);
    }
}

Test(verdict_signer, names_no_word_twice)
{
    struct signer_facts signer = { .signature = BIT(WORD_WEAK_KEY),
                                   .notices = BIT(WORD_WEAK_KEY) | BIT(WORD_REVOCATION_UNKNOWN),
                                   .checked = true };
    cr_assert_eq(verdict_signer(&signer).notices, BIT(WORD_REVOCATION_UNKNOWN));
}

/* --- one signed layer --- */

#define RIGHT(group) \
    { \
        .checked = true, .signer_group = (group) \
    }
#define WRONG(group) \
    { \
        .signature = BIT(WORD_SIGNATURE_MISMATCH), .checked = true, .signer_group = (group) \
    }
#define EXPIRED(group) \
    { \
        .chain = BIT(WORD_CERTIFICATE_EXPIRED), .checked = true, .signer_group = (group) \
    }
#define UNKNOWN(group) \
    { \
        .signature = BIT(WORD_SIGNER_UNKNOWN), .signer_group = (group) \
    }

struct group_case {
    const char *name;
    struct signer_facts signers[3];
    size_t count;
    word_set layer_problems;
    enum signature_status status;
    word_set problems;
};

static const struct group_case group_cases[] = {
    { "none", { { 0 } }, 0, 0, SIGNATURE_UNVERIFIED, BIT(WORD_NO_SIGNERS) },
    { "none in a damaged one",
      { { 0 } },
      0,
      BIT(WORD_CMS_MALFORMED),
      SIGNATURE_BAD,
      BIT(WORD_NO_SIGNERS) | BIT(WORD_CMS_MALFORMED) },
    { "one right", { RIGHT(0) }, 1, 0, SIGNATURE_GOOD, 0 },
    { "one wrong", { WRONG(0) }, 1, 0, SIGNATURE_BAD, BIT(WORD_SIGNATURE_MISMATCH) },
    { "right, doubtful layer",
      { RIGHT(0) },
      1,
      BIT(WORD_MIME_AMBIGUOUS),
      SIGNATURE_UNVERIFIED,
      BIT(WORD_MIME_AMBIGUOUS) },
    { "right, other content inside",
      { RIGHT(0) },
      1,
      BIT(WORD_EMBEDDED_CONTENT),
      SIGNATURE_BAD,
      BIT(WORD_EMBEDDED_CONTENT) },
    { "two signers right", { RIGHT(0), RIGHT(1) }, 2, 0, SIGNATURE_GOOD, 0 },
    { "two signers, one expired",
      { RIGHT(0), EXPIRED(1) },
      2,
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_CERTIFICATE_EXPIRED) },
    { "two signers, one unknown",
      { UNKNOWN(7), RIGHT(1) },
      2,
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_SIGNER_UNKNOWN) },
    { "one signer, one algorithm unknown", { UNKNOWN(4), RIGHT(4) }, 2, 0, SIGNATURE_GOOD, 0 },
    { "one signer, two doubtful: the checked one counts",
      { UNKNOWN(4), EXPIRED(4) },
      2,
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_CERTIFICATE_EXPIRED) },
    { "one signer, right beside wrong",
      { RIGHT(0), WRONG(0) },
      2,
      0,
      SIGNATURE_BAD,
      BIT(WORD_SIGNERS_DISAGREE) | BIT(WORD_SIGNATURE_MISMATCH) },
    { "two signers, right beside wrong",
      { WRONG(0), RIGHT(1) },
      2,
      0,
      SIGNATURE_BAD,
      BIT(WORD_SIGNERS_DISAGREE) | BIT(WORD_SIGNATURE_MISMATCH) },
    { "wrong beside unknown: nothing right to disagree with",
      { WRONG(0), UNKNOWN(0) },
      2,
      0,
      SIGNATURE_BAD,
      BIT(WORD_SIGNER_UNKNOWN) | BIT(WORD_SIGNATURE_MISMATCH) },
    { "all wrong",
      { WRONG(0), WRONG(0), WRONG(1) },
      3,
      0,
      SIGNATURE_BAD,
      BIT(WORD_SIGNATURE_MISMATCH) },
    { "two of one, right of the other",
      { EXPIRED(0), RIGHT(1), RIGHT(0) },
      3,
      0,
      SIGNATURE_GOOD,
      0 },
};

Test(verdict_layer, weighs_signers_by_group)
{
    for (size_t i = 0; i < ARRAY_SIZE(group_cases); i++) {
        const struct group_case *c = &group_cases[i];
        struct judgement result = verdict_layer(c->signers, c->count, c->layer_problems);
        cr_expect_eq(result.status, c->status, "%s: %s", c->name,
                     signature_status_text(result.status));
        cr_expect_eq(result.problems, c->problems, "%s: %#lx", c->name, result.problems);
    }
}

Test(verdict_layer, gathers_notices)
{
    struct signer_facts signers[] = { RIGHT(0), RIGHT(1) };
    signers[1].notices = BIT(WORD_REVOCATION_UNKNOWN);
    struct judgement result = verdict_layer(signers, 2, WORDS_NONE);
    cr_assert_eq(result.status, SIGNATURE_GOOD);
    cr_assert_eq(result.notices, BIT(WORD_REVOCATION_UNKNOWN));
}

/* Whether a layer of signers out of a small alphabet may be good, told another way than the code
 * does: no wrong one, and in each group a right one. */
static bool layer_may_be_good(const struct signer_facts *signers, size_t count)
{
    bool right_in_group[2] = { false, false };
    bool seen_group[2] = { false, false };
    for (size_t i = 0; i < count; i++) {
        struct judgement one = verdict_signer(&signers[i]);
        if (one.status == SIGNATURE_BAD) {
            return false;
        }
        seen_group[signers[i].signer_group] = true;
        if (one.status == SIGNATURE_GOOD) {
            right_in_group[signers[i].signer_group] = true;
        }
    }
    return count > 0 && (!seen_group[0] || right_in_group[0]) &&
           (!seen_group[1] || right_in_group[1]);
}

Test(verdict_layer, is_good_for_no_other_combination_of_three_signers)
{
    static const struct signer_facts alphabet[] = { RIGHT(0), WRONG(0), EXPIRED(0), UNKNOWN(0),
                                                    RIGHT(1), WRONG(1), EXPIRED(1), UNKNOWN(1) };
    size_t good = 0;
    for (size_t number = 0; number < 8 * 8 * 8 * 4; number++) {
        struct signer_facts signers[3] = { alphabet[number % 8], alphabet[number / 8 % 8],
                                           alphabet[number / 64 % 8] };
        size_t count = number / 512;
        struct judgement result = verdict_layer(signers, count, WORDS_NONE);
        bool is_good = result.status == SIGNATURE_GOOD;
        cr_assert_eq(is_good, layer_may_be_good(signers, count), "combination %zu", number);
        cr_assert_eq(is_good, result.problems == 0, "combination %zu", number);
        good += is_good;
    }
    cr_assert_gt(good, 0);
}

/* --- the whole message --- */

#define LAYER_SIGNATURE(whole, outside, judged_status, words) \
    { \
        .kind = LAYER_SIGNED, .covers_whole = (whole), .around_encryption = (outside), \
        .signature = { \
            .status = (judged_status), \
            .problems = (words) \
        } \
    }
#define SIGNED_GOOD LAYER_SIGNATURE(true, false, SIGNATURE_GOOD, 0)
#define SIGNED_BAD LAYER_SIGNATURE(true, false, SIGNATURE_BAD, BIT(WORD_DIGEST_MISMATCH))
#define SIGNED_EXPIRED \
    LAYER_SIGNATURE(true, false, SIGNATURE_UNVERIFIED, BIT(WORD_CERTIFICATE_EXPIRED))
#define SIGNED_OUTSIDE_GOOD LAYER_SIGNATURE(true, true, SIGNATURE_GOOD, 0)
#define SIGNED_OUTSIDE_BAD LAYER_SIGNATURE(true, true, SIGNATURE_BAD, BIT(WORD_DIGEST_MISMATCH))
#define SIGNED_PART_GOOD LAYER_SIGNATURE(false, false, SIGNATURE_GOOD, 0)
#define SIGNED_PART_BAD LAYER_SIGNATURE(false, false, SIGNATURE_BAD, BIT(WORD_DIGEST_MISMATCH))
#define OPENED_GCM \
    { \
        .kind = LAYER_ENCRYPTED, .covers_whole = true, .decrypted = true, .authenticated = true \
    }
#define OPENED_CBC \
    { \
        .kind = LAYER_ENCRYPTED, .covers_whole = true, .decrypted = true \
    }
#define OPENED_PART \
    { \
        .kind = LAYER_ENCRYPTED, .decrypted = true, .authenticated = true \
    }
#define NO_KEY \
    { \
        .kind = LAYER_ENCRYPTED, .covers_whole = true, .problems = BIT(WORD_NO_MATCHING_KEY) \
    }
#define COMPRESSED \
    { \
        .kind = LAYER_COMPRESSED, .covers_whole = true \
    }

struct message_case {
    const char *name;
    struct layer_facts layers[3];
    size_t count;
    word_set addresses;
    word_set headers;
    enum signature_status status;
    word_set problems;
    word_set notices;
    size_t speaking;
};

static const struct message_case message_cases[] = {
    { "plain", { { 0 } }, 0, 0, 0, SIGNATURE_NONE, 0, 0, NOWHERE },
    { "plain and ambiguous",
      { { 0 } },
      0,
      0,
      BIT(WORD_MIME_AMBIGUOUS),
      SIGNATURE_NONE,
      0,
      BIT(WORD_MIME_AMBIGUOUS),
      NOWHERE },
    { "signed", { SIGNED_GOOD }, 1, 0, 0, SIGNATURE_GOOD, 0, 0, 0 },
    { "altered", { SIGNED_BAD }, 1, 0, 0, SIGNATURE_BAD, BIT(WORD_DIGEST_MISMATCH), 0, 0 },
    { "expired",
      { SIGNED_EXPIRED },
      1,
      0,
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_CERTIFICATE_EXPIRED),
      0,
      0 },
    { "another's From",
      { SIGNED_GOOD },
      1,
      BIT(WORD_ADDRESS_MISMATCH),
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_ADDRESS_MISMATCH),
      0,
      0 },
    { "bare entity",
      { SIGNED_GOOD },
      1,
      BIT(WORD_ADDRESS_MISSING),
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_ADDRESS_MISSING),
      0,
      0 },
    { "header mismatch",
      { SIGNED_GOOD },
      1,
      0,
      BIT(WORD_HEADER_MISMATCH),
      SIGNATURE_UNVERIFIED,
      BIT(WORD_HEADER_MISMATCH),
      0,
      0 },
    { "altered and another's From",
      { SIGNED_BAD },
      1,
      BIT(WORD_ADDRESS_MISMATCH),
      0,
      SIGNATURE_BAD,
      BIT(WORD_DIGEST_MISMATCH) | BIT(WORD_ADDRESS_MISMATCH),
      0,
      0 },
    { "header words never make bad",
      { SIGNED_GOOD },
      1,
      0,
      BIT(WORD_CMS_MALFORMED),
      SIGNATURE_UNVERIFIED,
      BIT(WORD_CMS_MALFORMED),
      0,
      0 },
    { "signed in encrypted", { OPENED_CBC, SIGNED_GOOD }, 2, 0, 0, SIGNATURE_GOOD, 0, 0, 1 },
    { "signed around encrypted",
      { SIGNED_OUTSIDE_GOOD, OPENED_GCM },
      2,
      0,
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_SIGNED_OUTSIDE),
      0,
      NOWHERE },
    { "signed around unopened",
      { SIGNED_OUTSIDE_GOOD, NO_KEY },
      2,
      0,
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_SIGNED_OUTSIDE),
      0,
      NOWHERE },
    { "wrong around encrypted",
      { SIGNED_OUTSIDE_BAD, OPENED_GCM },
      2,
      0,
      0,
      SIGNATURE_BAD,
      BIT(WORD_SIGNED_OUTSIDE) | BIT(WORD_DIGEST_MISMATCH),
      0,
      NOWHERE },
    { "triple wrapped",
      { SIGNED_OUTSIDE_GOOD, OPENED_GCM, SIGNED_GOOD },
      3,
      0,
      0,
      SIGNATURE_GOOD,
      0,
      BIT(WORD_SIGNED_OUTSIDE),
      2 },
    { "triple wrapped, outer wrong",
      { SIGNED_OUTSIDE_BAD, OPENED_GCM, SIGNED_GOOD },
      3,
      0,
      0,
      SIGNATURE_BAD,
      BIT(WORD_DIGEST_MISMATCH),
      BIT(WORD_SIGNED_OUTSIDE),
      2 },
    { "twice signed, inner speaks",
      { SIGNED_EXPIRED, SIGNED_GOOD },
      2,
      0,
      0,
      SIGNATURE_GOOD,
      0,
      0,
      1 },
    { "twice signed, outer wrong",
      { SIGNED_BAD, SIGNED_GOOD },
      2,
      0,
      0,
      SIGNATURE_BAD,
      BIT(WORD_DIGEST_MISMATCH),
      0,
      1 },
    { "twice signed, inner wrong",
      { SIGNED_GOOD, SIGNED_BAD },
      2,
      0,
      0,
      SIGNATURE_BAD,
      BIT(WORD_DIGEST_MISMATCH),
      0,
      1 },
    { "compressed in signed", { SIGNED_GOOD, COMPRESSED }, 2, 0, 0, SIGNATURE_GOOD, 0, 0, 0 },
    { "signed in compressed", { COMPRESSED, SIGNED_GOOD }, 2, 0, 0, SIGNATURE_GOOD, 0, 0, 1 },
    { "damaged compression in signed",
      { SIGNED_GOOD,
        { .kind = LAYER_COMPRESSED, .covers_whole = true, .problems = BIT(WORD_CMS_MALFORMED) } },
      2,
      0,
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_CMS_MALFORMED),
      0,
      0 },
    { "signed part",
      { SIGNED_PART_GOOD },
      1,
      0,
      0,
      SIGNATURE_PARTIAL,
      BIT(WORD_CONTENT_NOT_COVERED),
      0,
      NOWHERE },
    { "wrong part",
      { SIGNED_PART_BAD },
      1,
      0,
      0,
      SIGNATURE_PARTIAL,
      BIT(WORD_CONTENT_NOT_COVERED) | BIT(WORD_DIGEST_MISMATCH),
      0,
      NOWHERE },
    { "signed part in signed", { SIGNED_GOOD, SIGNED_PART_BAD }, 2, 0, 0, SIGNATURE_GOOD, 0, 0, 0 },
    { "signed part in encrypted",
      { OPENED_GCM, SIGNED_PART_GOOD },
      2,
      0,
      0,
      SIGNATURE_PARTIAL,
      BIT(WORD_CONTENT_NOT_COVERED),
      0,
      NOWHERE },
    { "wrong outside, signed part inside",
      { SIGNED_OUTSIDE_BAD, OPENED_GCM, SIGNED_PART_GOOD },
      3,
      0,
      0,
      SIGNATURE_BAD,
      BIT(WORD_CONTENT_NOT_COVERED) | BIT(WORD_SIGNED_OUTSIDE) | BIT(WORD_DIGEST_MISMATCH),
      0,
      NOWHERE },
    { "ambiguous encryption around signed",
      { { .kind = LAYER_ENCRYPTED,
          .covers_whole = true,
          .decrypted = true,
          .authenticated = true,
          .problems = BIT(WORD_MIME_AMBIGUOUS) },
        SIGNED_GOOD },
      2,
      0,
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_MIME_AMBIGUOUS),
      0,
      1 },
    { "nobody judged the layer",
      { { .kind = LAYER_SIGNED, .covers_whole = true } },
      1,
      0,
      0,
      SIGNATURE_UNVERIFIED,
      BIT(WORD_NO_SIGNERS),
      0,
      0 },
};

static struct message_facts facts_of(const struct message_case *c)
{
    return (struct message_facts){ .layers = c->layers,
                                   .layer_count = c->count,
                                   .addresses = c->addresses,
                                   .headers = c->headers,
                                   .check_addresses = true };
}

Test(verdict_message, says_the_summary_word)
{
    for (size_t i = 0; i < ARRAY_SIZE(message_cases); i++) {
        const struct message_case *c = &message_cases[i];
        struct message_facts facts = facts_of(c);
        struct message_verdict result = verdict_message(&facts);
        cr_expect_eq(result.signature.status, c->status, "%s: %s", c->name,
                     signature_status_text(result.signature.status));
        cr_expect_eq(result.signature.problems, c->problems, "%s: %#lx", c->name,
                     result.signature.problems);
        cr_expect_eq(result.signature.notices, c->notices, "%s: %#lx", c->name,
                     result.signature.notices);
        cr_expect_eq(result.speaking_layer, c->speaking, "%s", c->name);
    }
}

Test(verdict_message, leaves_addresses_alone_in_bare_cms)
{
    struct layer_facts layer = SIGNED_GOOD;
    struct message_facts facts = { .layers = &layer,
                                   .layer_count = 1,
                                   .addresses = BIT(WORD_ADDRESS_MISSING) };
    cr_assert_eq(verdict_message(&facts).signature.status, SIGNATURE_GOOD);
}

/* --- encryption --- */

struct encryption_case {
    const char *name;
    struct layer_facts layers[2];
    size_t count;
    enum encryption_status status;
    bool authenticated;
    word_set problems;
    word_set notices;
};

static const struct encryption_case encryption_cases[] = {
    { "none", { SIGNED_GOOD }, 1, ENCRYPTION_NONE, false, 0, 0 },
    { "gcm", { OPENED_GCM }, 1, ENCRYPTION_ENCRYPTED, true, 0, 0 },
    { "cbc", { OPENED_CBC }, 1, ENCRYPTION_ENCRYPTED, false, 0, BIT(WORD_NOT_AUTHENTICATED) },
    { "cbc in gcm",
      { OPENED_GCM, OPENED_CBC },
      2,
      ENCRYPTION_ENCRYPTED,
      false,
      0,
      BIT(WORD_NOT_AUTHENTICATED) },
    { "triple des",
      { { .kind = LAYER_ENCRYPTED,
          .covers_whole = true,
          .decrypted = true,
          .problems = BIT(WORD_CIPHER_WEAK) } },
      1,
      ENCRYPTION_ENCRYPTED,
      false,
      0,
      BIT(WORD_NOT_AUTHENTICATED) | BIT(WORD_CIPHER_WEAK) },
    { "part", { OPENED_PART }, 1, ENCRYPTION_PARTIAL, true, 0, 0 },
    { "not for me", { NO_KEY }, 1, ENCRYPTION_FAILED, false, BIT(WORD_NO_MATCHING_KEY), 0 },
    { "inner one not for me",
      { OPENED_GCM, NO_KEY },
      2,
      ENCRYPTION_FAILED,
      false,
      BIT(WORD_NO_MATCHING_KEY),
      0 },
    { "failed without a word",
      { { .kind = LAYER_ENCRYPTED, .covers_whole = true } },
      1,
      ENCRYPTION_FAILED,
      false,
      BIT(WORD_DECRYPTION_FAILED),
      0 },
    { "failed claims a tag",
      { { .kind = LAYER_ENCRYPTED, .authenticated = true } },
      1,
      ENCRYPTION_FAILED,
      false,
      BIT(WORD_DECRYPTION_FAILED),
      0 },
};

Test(verdict_message, tells_how_it_was_encrypted)
{
    for (size_t i = 0; i < ARRAY_SIZE(encryption_cases); i++) {
        const struct encryption_case *c = &encryption_cases[i];
        struct message_facts facts = { .layers = c->layers, .layer_count = c->count };
        struct message_verdict result = verdict_message(&facts);
        cr_expect_eq(result.encryption, c->status, "%s: %s", c->name,
                     encryption_status_text(result.encryption));
        cr_expect_eq(result.authenticated, c->authenticated, "%s", c->name);
        cr_expect_eq(result.encryption_problems, c->problems, "%s: %#lx", c->name,
                     result.encryption_problems);
        cr_expect_eq(result.encryption_notices, c->notices, "%s: %#lx", c->name,
                     result.encryption_notices);
    }
}

/* --- every small combination --- */

#define SIGNED_KINDS 12 /* whole or not, around encryption or not, good unverified bad */
#define ENCRYPTED_KINDS 8 /* whole or not, opened or not, authenticated or not */
#define COMPRESSED_KINDS 4 /* whole or not, damaged or not */
#define LAYER_KINDS (SIGNED_KINDS + ENCRYPTED_KINDS + COMPRESSED_KINDS)

static struct layer_facts numbered_layer(size_t number)
{
    if (number < SIGNED_KINDS) {
        static const struct judgement judged[] = { { SIGNATURE_GOOD, 0, 0 },
                                                   { SIGNATURE_UNVERIFIED, BIT(WORD_WEAK_KEY), 0 },
                                                   { SIGNATURE_BAD, BIT(WORD_DIGEST_MISMATCH),
                                                     0 } };
        return (struct layer_facts){ .kind = LAYER_SIGNED,
                                     .covers_whole = number & 1,
                                     .around_encryption = number & 2,
                                     .signature = judged[number / 4] };
    }
    number -= SIGNED_KINDS;
    if (number < ENCRYPTED_KINDS) {
        return (struct layer_facts){ .kind = LAYER_ENCRYPTED,
                                     .covers_whole = number & 1,
                                     .decrypted = number & 2,
                                     .authenticated = number & 4 };
    }
    number -= ENCRYPTED_KINDS;
    return (struct layer_facts){ .kind = LAYER_COMPRESSED,
                                 .covers_whole = number & 1,
                                 .problems = number & 2 ? BIT(WORD_CMS_MALFORMED) : 0 };
}

/* The rules of PROTOCOL.md as a list of what forbids `good`. */
static bool good_is_forbidden(const struct message_facts *facts)
{
    bool spoken = false;
    bool speaker_good = false;
    bool forbidden = facts->headers || (facts->check_addresses && facts->addresses);
    for (size_t i = 0; i < facts->layer_count; i++) {
        const struct layer_facts *layer = &facts->layers[i];
        bool whole_signed = layer->kind == LAYER_SIGNED && layer->covers_whole;
        forbidden |= whole_signed && layer->signature.status == SIGNATURE_BAD;
        forbidden |= layer->kind == LAYER_COMPRESSED && layer->covers_whole && layer->problems;
        if (whole_signed && !layer->around_encryption) {
            spoken = true;
            speaker_good = layer->signature.status == SIGNATURE_GOOD; /* the innermost stays */
        }
    }
    return forbidden || !spoken || !speaker_good;
}

static void check_combination(const struct message_facts *facts, size_t number)
{
    struct message_verdict result = verdict_message(facts);
    bool is_good = result.signature.status == SIGNATURE_GOOD;
    bool quiet = is_good || result.signature.status == SIGNATURE_NONE;
    cr_assert_eq(is_good, !good_is_forbidden(facts), "combination %zu", number);
    cr_assert_eq(quiet, result.signature.problems == 0, "combination %zu", number);
    cr_assert_eq(result.signature.problems & result.signature.notices, 0, "combination %zu",
                 number);
    bool whole_wrong = false;
    bool any_signed = false;
    bool any_closed = false;
    for (size_t i = 0; i < facts->layer_count; i++) {
        const struct layer_facts *layer = &facts->layers[i];
        any_signed |= layer->kind == LAYER_SIGNED;
        any_closed |= layer->kind == LAYER_ENCRYPTED && !layer->decrypted;
        whole_wrong |= layer->kind == LAYER_SIGNED && layer->covers_whole &&
                       layer->signature.status == SIGNATURE_BAD;
    }
    cr_assert_eq(result.signature.status == SIGNATURE_BAD, whole_wrong, "combination %zu", number);
    cr_assert_eq(result.signature.status == SIGNATURE_NONE, !any_signed, "combination %zu", number);
    cr_assert_eq(result.encryption == ENCRYPTION_FAILED, any_closed, "combination %zu", number);
    cr_assert_not(any_closed && result.authenticated, "combination %zu", number);
}

Test(verdict_message, is_good_for_no_other_combination_of_three_layers)
{
    for (size_t number = 0; number < (size_t)LAYER_KINDS * LAYER_KINDS * LAYER_KINDS * 4;
         number++) {
        struct layer_facts layers[] = { numbered_layer(number % LAYER_KINDS),
                                        numbered_layer(number / LAYER_KINDS % LAYER_KINDS),
                                        numbered_layer(number / LAYER_KINDS / LAYER_KINDS %
                                                       LAYER_KINDS) };
        struct message_facts facts = { .layers = layers,
                                       .layer_count =
                                           number / LAYER_KINDS / LAYER_KINDS / LAYER_KINDS };
        for (unsigned around = 0; around < 8; around++) {
            facts.addresses = around & 1 ? BIT(WORD_ADDRESS_MISMATCH) : 0;
            facts.headers = around & 2 ? BIT(WORD_HEADER_MISMATCH) : 0;
            facts.check_addresses = around & 4;
            check_combination(&facts, number);
        }
    }
}

Test(verdict_texts, are_the_words_of_the_protocol)
{
    cr_assert_str_eq(signature_status_text(SIGNATURE_NONE), "none");
    cr_assert_str_eq(signature_status_text(SIGNATURE_GOOD), "good");
    cr_assert_str_eq(signature_status_text(SIGNATURE_UNVERIFIED), "unverified");
    cr_assert_str_eq(signature_status_text(SIGNATURE_BAD), "bad");
    cr_assert_str_eq(signature_status_text(SIGNATURE_PARTIAL), "partial");
    cr_assert_str_eq(encryption_status_text(ENCRYPTION_NONE), "none");
    cr_assert_str_eq(encryption_status_text(ENCRYPTION_ENCRYPTED), "encrypted");
    cr_assert_str_eq(encryption_status_text(ENCRYPTION_PARTIAL), "partial");
    cr_assert_str_eq(encryption_status_text(ENCRYPTION_FAILED), "failed");
    cr_assert_str_eq(address_match_text(ADDRESS_MATCH_NONE), "none");
    cr_assert_str_eq(address_match_text(ADDRESS_MATCH_FROM), "from");
    cr_assert_str_eq(address_match_text(ADDRESS_MATCH_SENDER), "sender");
}
