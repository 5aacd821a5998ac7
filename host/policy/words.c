#include "policy/words.h"

static const struct {
    const char *text;
    bool wrong;
} words[] = {
#define WORD(name, text, wrong) [name] = { text, wrong },
#include "policy/words.def"
#undef WORD
};

_Static_assert(WORD_COUNT <= 64, "a word_set has one bit a word");

const char *word_text(enum word word)
{
    return words[word].text;
}

word_set words_wrong(word_set set)
{
    word_set wrong = WORDS_NONE;
    for (unsigned word = 0; word < WORD_COUNT; word++) {
        if (words[word].wrong) {
            wrong |= WORD_BIT(word);
        }
    }
    return set & wrong;
}
