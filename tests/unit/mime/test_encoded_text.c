#include "mime/encoded_text.h"
#include "mime/tree.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

#define U_UMLAUT "\xc3\xbc"

static void assert_decodes(const char *text, const char *expected)
{
    mime_tree_start();
    for (int phrase = 0; phrase < 2; phrase++) {
        CLEANUP(string_free) char *decoded = NULL;
        assert_ok(encoded_text_decode(text, phrase, &decoded));
        cr_assert_str_eq(decoded, expected, "%s", text);
    }
}

Test(encoded_text, loses_nothing_behind_padding)
{
    assert_decodes("=?utf-8?B?w7w=?= =?utf-8?B?w7w=?=", U_UMLAUT U_UMLAUT);
    assert_decodes("=?utf-8?b?w7w=?=\r\n =?UTF-8?b?w7w=?=\t=?utf-8?B?w7w=?=",
                   U_UMLAUT U_UMLAUT U_UMLAUT);
    assert_decodes("=?utf-8?B?YQ==?= =?utf-8?Q?b?= c =?utf-8?B?ZA==?= =?utf-8?B?ZQ==?=", "ab c de");
}

Test(encoded_text, joins_characters_that_are_cut_in_two)
{
    assert_decodes("=?utf-8?B?w7zD?= =?utf-8?B?vA==?=", U_UMLAUT U_UMLAUT);
}

Test(encoded_text, leaves_what_is_no_encoded_word)
{
    assert_decodes("", "");
    assert_decodes("plain", "plain");
    assert_decodes("a =?= b", "a =?= b");
    assert_decodes("x =?=", "x =?=");
    assert_decodes("x =?= =?", "x =?= =?");
}

Test(encoded_text, sanitises)
{
    assert_decodes("=?utf-8?B?Gw==?= =?utf-8?B?YQ==?=", "\xef\xbf\xbd"
                                                        "a");
}
