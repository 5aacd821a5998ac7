#include "base/macros.h"
#include "policy/verdict.h"

#include <criterion/criterion.h>
#include <string.h>

#define BIT WORD_BIT

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
    for (size_t number = 0; number < (size_t)8 * 8 * 8 * 4; number++) {
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
