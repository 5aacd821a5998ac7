#include "policy/words.h"

#include <criterion/criterion.h>
#include <string.h>

Test(words, are_kebab_case_and_unique)
{
    for (enum word a = 0; a < WORD_COUNT; a++) {
        cr_assert_gt(strlen(word_text(a)), 3);
        cr_assert_eq(strspn(word_text(a), "abcdefghijklmnopqrstuvwxyz-"), strlen(word_text(a)));
        for (enum word b = 0; b < a; b++) {
            cr_assert_str_neq(word_text(a), word_text(b));
        }
    }
}

Test(words, tell_wrong_signatures_from_doubtful_ones)
{
    word_set doubtful = WORD_BIT(WORD_CERTIFICATE_REVOKED) | WORD_BIT(WORD_WEAK_DIGEST) |
                        WORD_BIT(WORD_MIME_AMBIGUOUS) | WORD_BIT(WORD_NO_SIGNERS);
    cr_assert_eq(words_wrong(doubtful), WORDS_NONE);
    word_set wrong = WORD_BIT(WORD_DIGEST_MISMATCH) | WORD_BIT(WORD_SIGNERS_DISAGREE);
    cr_assert_eq(words_wrong(doubtful | wrong), wrong);
    cr_assert(words_wrong(WORD_BIT(WORD_CMS_MALFORMED)), "the last of the table counts too");
}

Test(words, are_found_in_a_set)
{
    word_set set = WORD_BIT(WORD_WEAK_KEY);
    cr_assert(words_has(set, WORD_WEAK_KEY));
    cr_assert_not(words_has(set, WORD_WEAK_DIGEST));
}
