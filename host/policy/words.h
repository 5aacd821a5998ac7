/* The words by which verdicts are explained, and sets of them. Pure; uses nothing but libc. */
#ifndef SEALPOST_POLICY_WORDS_H
#define SEALPOST_POLICY_WORDS_H

#include <stdbool.h>
#include <stdint.h>

enum word {
#define WORD(name, text, wrong) name,
#include "policy/words.def"
#undef WORD
    WORD_COUNT
};

/* A set of words, one bit each. */
typedef uint64_t word_set;

#define WORDS_NONE ((word_set)0)
#define WORD_BIT(word) ((word_set)1 << (word))

static inline bool words_has(word_set set, enum word word)
{
    return (set & WORD_BIT(word)) != 0;
}

const char *word_text(enum word word); /* the wire word; a static string */

/* Those of `set` that mean a wrong or malformed signature. */
word_set words_wrong(word_set set);

#endif
