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
    bool letters; /* there are some */
    bool disguised; /* all of them are of another alphabet and look Latin */
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

/* Small letters of other alphabets that look like Latin ones (UTS 39 4), in order. */
static const gunichar alike[] = {
    0x03b1, 0x03b9, 0x03ba, 0x03bd, 0x03bf, 0x03c1, 0x03c5, 0x03f2, 0x03f3, 0x0430,
    0x0435, 0x043e, 0x0440, 0x0441, 0x0443, 0x0445, 0x0455, 0x0456, 0x0458, 0x0475,
    0x04af, 0x04bb, 0x04cf, 0x0501, 0x051b, 0x051d, 0x0570, 0x0578, 0x057d, 0x0585,
};

static bool looks_latin(gunichar letter)
{
    gunichar small = g_unichar_tolower(letter);
    for (size_t i = 0; i < G_N_ELEMENTS(alike); i++) {
        if (alike[i] == small) {
            return true;
        }
    }
    return false;
}

static void take(struct word *word, gunichar letter)
{
    GUnicodeScript script = g_unichar_get_script(letter);
    if (g_unichar_type(letter) == G_UNICODE_FORMAT) {
        word->mixed = true; /* not to be seen, and makes another address */
    }
    if (script == G_UNICODE_SCRIPT_COMMON || script == G_UNICODE_SCRIPT_INHERITED) {
        return;
    }
    word->letters = true;
    word->disguised = word->disguised && looks_latin(letter);
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

/* The words of an address so far. */
struct words {
    bool mixed; /* some word is, by itself */
    bool latin; /* some word is Latin */
    bool disguised; /* some word is of another alphabet and looks Latin */
};

static void end_word(struct words *words, struct word *word)
{
    words->mixed = words->mixed || word->mixed;
    words->latin = words->latin || (word->together & LATIN) != 0;
    words->disguised = words->disguised || (word->letters && word->disguised);
    *word = (struct word){ .other = G_UNICODE_SCRIPT_COMMON, .disguised = true };
}

bool script_is_mixed(const char *address)
{
    struct words words = { .mixed = false };
    struct word word = { .other = G_UNICODE_SCRIPT_COMMON, .disguised = true };
    for (const char *at = address; *at; at += g_utf8_skip[(unsigned char)*at]) {
        if (*at == '.' || *at == '@' || *at == '-') {
            end_word(&words, &word);
        } else {
            take(&word, g_utf8_get_char(at));
        }
    }
    end_word(&words, &word);
    return words.mixed || (words.latin && words.disguised);
}
