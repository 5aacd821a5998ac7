#include "mime/script.h"

#include <glib.h>

enum {
    LATIN = 1,
    HAN = 2,
    KANA = 4,
    BOPOMOFO = 8,
    HANGUL = 16,
};

/* The scripts of one word. */
struct word {
    unsigned together; /* of those above */
    GUnicodeScript other; /* any other one; G_UNICODE_SCRIPT_COMMON: none */
    bool mixed;
};

/* 0: none of those that stand together. */
static unsigned bit_of(GUnicodeScript script)
{
    switch (script) {
    case G_UNICODE_SCRIPT_LATIN:
        return LATIN;
    case G_UNICODE_SCRIPT_HAN:
        return HAN;
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA:
        return KANA;
    case G_UNICODE_SCRIPT_BOPOMOFO:
        return BOPOMOFO;
    case G_UNICODE_SCRIPT_HANGUL:
        return HANGUL;
    default:
        return 0;
    }
}

static bool stand_together(unsigned scripts)
{
    scripts &= ~(unsigned)(LATIN | HAN);
    return scripts == 0 || scripts == KANA || scripts == BOPOMOFO || scripts == HANGUL;
}

static void take(struct word *word, gunichar letter)
{
    GUnicodeScript script = g_unichar_get_script(letter);
    if (script == G_UNICODE_SCRIPT_COMMON || script == G_UNICODE_SCRIPT_INHERITED) {
        return;
    }
    unsigned bit = bit_of(script);
    if (bit == 0) {
        word->mixed =
            word->mixed || (word->other != G_UNICODE_SCRIPT_COMMON && word->other != script);
        word->other = script;
    }
    word->together |= bit;
    word->mixed = word->mixed || !stand_together(word->together) ||
                  (word->together != 0 && word->other != G_UNICODE_SCRIPT_COMMON);
}

bool script_is_mixed(const char *address)
{
    struct word word = { .other = G_UNICODE_SCRIPT_COMMON };
    for (const char *at = address; *at && !word.mixed; at += g_utf8_skip[(unsigned char)*at]) {
        if (*at == '.' || *at == '@' || *at == '-') {
            word = (struct word){ .other = G_UNICODE_SCRIPT_COMMON };
        } else {
            take(&word, g_utf8_get_char(at));
        }
    }
    return word.mixed;
}
