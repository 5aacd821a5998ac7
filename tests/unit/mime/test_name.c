#include "base/limits.h"
#include "mime/name.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Knows alice@example.org, and her domain where no more can be read. */
static bool known(const void *context, const char *address, bool apart)
{
    (void)context;
    if (address[0] == '@' || apart) {
        return strcmp(strchr(address, '@'), "@example.org") == 0;
    }
    return strcmp(address, "alice@example.org") == 0;
}

static void assert_misleads(const char *text, bool expected)
{
    cr_assert_eq(name_misleads(text, known, NULL), expected, "%s", text);
}

Test(name_misleads, finds_another_address)
{
    assert_misleads("bob@example.org", true);
    assert_misleads("bob@example.org <alice@example.org>", true);
    assert_misleads("alice@example.org <bob@example.org>", true);
    assert_misleads("Bob (bob@example.org)", true);
    assert_misleads("Bob [bob@example.org]", true);
    assert_misleads("alice@example.org, bob@example.com!", true);
    assert_misleads("alice@example.org@example.com", true);
    assert_misleads("@example.com", true);
    assert_misleads("\"bob\"@example.com", true);
    assert_misleads("bob @ example.com", true);
}

Test(name_misleads, finds_what_only_looks_like_one)
{
    assert_misleads("bob\xef\xbc\xa0"
                    "example.org",
                    true); /* fullwidth @ */
    assert_misleads("bob\xef\xb9\xab"
                    "example.org",
                    true); /* small @ */
    assert_misleads("bob@example\xe3\x80\x82org", true); /* ideographic full stop */
    assert_misleads("bob@\xe2\x80\x8b"
                    "example.org",
                    true); /* a space of no width */
    assert_misleads("bob\xc2\xa0@\xc2\xa0"
                    "example.com",
                    true); /* no-break spaces */
    assert_misleads("\xe2\x80\x9c"
                    "bob@example.org\xe2\x80\x9d",
                    true); /* quotation marks */
    assert_misleads("\xe2\x80\xaegro.elpmaxe@ecila", true); /* turned round */
    assert_misleads("bob@example.org\xef\xbf\xbd", true); /* was a NUL */
}

Test(name_misleads, lets_other_text_stand)
{
    assert_misleads("", false);
    assert_misleads("Alice", false);
    assert_misleads("Alice <alice@example.org>", false);
    assert_misleads("alice@example.org (alice@example.org.)", false);
    assert_misleads("Alice @ Home", false);
    assert_misleads("@alice", false);
    assert_misleads("@", false);
    assert_misleads("a@b", false);
    assert_misleads("a@.", false);
    assert_misleads("Team @ example.org <alice@example.org>", false);
    assert_misleads("\"a b\"@example.org", false);
    assert_misleads("\xe2\x80\x9c"
                    "alice@example.org\xe2\x80\x9d",
                    false);
}

Test(name_misleads, does_not_look_at_texts_that_are_too_long)
{
    char text[LIMIT_DISPLAY_NAME + 2] = { 0 };
    memset(text, 'a', LIMIT_DISPLAY_NAME);
    assert_misleads(text, false);
    text[LIMIT_DISPLAY_NAME] = 'a';
    assert_misleads(text, true);
}

static void assert_appended(char *text, size_t size, const char *more)
{
    size_t used = strlen(text);
    cr_assert_lt(used + strlen(more), size);
    memcpy(text + used, more, strlen(more) + 1);
}

Test(name_misleads, does_not_look_at_so_many_addresses)
{
    char text[LIMIT_DISPLAY_NAME] = "";
    for (int i = 0; i < LIMIT_NAME_ADDRESSES; i++) {
        assert_appended(text, sizeof(text), "alice@example.org ");
    }
    assert_misleads(text, false);
    assert_appended(text, sizeof(text), "alice@example.org");
    assert_misleads(text, true);
}
