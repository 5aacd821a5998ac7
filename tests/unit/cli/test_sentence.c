#include "cli/sentence.h"
#include "policy/words.h"

#include <criterion/criterion.h>
#include <string.h>

Test(sentence, is_there_for_every_word_and_is_its_own)
{
    for (int i = 0; i < WORD_COUNT; i++) {
        const char *word = word_text((enum word)i);
        const char *sentence = sentence_of(word);
        cr_assert_str_neq(sentence, word, "%s has no sentence", word);
        cr_assert(sentence[0] >= 'A' && sentence[0] <= 'Z', "%s", word);
        cr_assert_eq(sentence[strlen(sentence) - 1], '.', "%s", word);
        for (int k = 0; k < i; k++) {
            cr_assert_str_neq(sentence, sentence_of(word_text((enum word)k)), "%s", word);
        }
    }
}

Test(sentence, is_the_word_itself_where_it_is_not_known)
{
    cr_assert_str_eq(sentence_of("no-such-word"), "no-such-word");
    cr_assert_str_eq(sentence_of(""), "");
}

Test(sentence, is_there_for_the_warnings_of_protecting)
{
    static const char *const warnings[] = { "form-changed-for-route", "sender-cannot-read",
                                            "signer-is-not-from",     "form-changed-for-content",
                                            "smtputf8-needed",        "too-large-for-route" };
    for (size_t i = 0; i < sizeof(warnings) / sizeof(warnings[0]); i++) {
        cr_assert_str_neq(sentence_of(warnings[i]), warnings[i]);
    }
}
