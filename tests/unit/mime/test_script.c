#include "mime/script.h"

#include <criterion/criterion.h>

Test(script_is_mixed, tells_a_foreign_letter_in_a_word)
{
    static const char *const mixed[] = {
        "alice@ex\xd0\xb0mple.org", /* Cyrillic a */
        "\xd0\xb0lice@example.org",
        "alice@exam\xcf\x81le.org", /* Greek rho */
        "\xd0\xb0\xcf\x81@example.org", /* Cyrillic and Greek */
        "\xe3\x81\x82\xed\x95\x9c@example.org", /* Hiragana and Hangul */
        "\xd0\xb0\xe6\xbc\xa2@example.org", /* Cyrillic and Han */
    };
    for (size_t i = 0; i < sizeof(mixed) / sizeof(mixed[0]); i++) {
        cr_assert(script_is_mixed(mixed[i]), "%s", mixed[i]);
    }
}

Test(script_is_mixed, tells_a_word_in_disguise)
{
    static const char *const mixed[] = {
        "alice@\xd0\xb0\xd1\x80\xd1\x80\xd3\x8f\xd0\xb5.com", /* Cyrillic that reads apple */
        "\xd0\xb0@example.org",
        "alice@\xce\xbf\xce\xbf.example", /* Greek omicrons */
        "alice@www.\xd0\xa0\xd0\x90-shop.example", /* capitals */
        ("ali\xe2\x80\x8b"
         "ce@example.org"), /* a space of no width */
    };
    for (size_t i = 0; i < sizeof(mixed) / sizeof(mixed[0]); i++) {
        cr_assert(script_is_mixed(mixed[i]), "%s", mixed[i]);
    }
    /* nothing in it is Latin: nobody is deceived */
    cr_assert_not(script_is_mixed("\xd0\xb0\xd1\x80@\xd0\xb0\xd1\x80.\xd1\x80\xd1\x84"));
}

Test(script_is_mixed, lets_words_of_one_script_stand)
{
    static const char *const plain[] = {
        "",
        "@",
        "alice.o'hara+list_1@example-2.org",
        "j\xc3\xbcrgen@m\xc3\xbcller.example",
        "\xd0\xb0\xd0\xbd\xd0\xbd\xd0\xb0@example.org", /* a Cyrillic name, a Latin domain */
        "alice@\xd0\xb0\xd0\xbd\xd0\xbd\xd0\xb0-shop.example",
        "\xe6\xbc\xa2\xe3\x81\x82\xe3\x82\xa2x@example.org", /* Han, both Kana, Latin */
        "\xe6\xbc\xa2\xed\x95\x9c@example.org", /* Han and Hangul */
        "e\xcc\x81@example.org", /* a combining accent */
    };
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        cr_assert_not(script_is_mixed(plain[i]), "%s", plain[i]);
    }
}
