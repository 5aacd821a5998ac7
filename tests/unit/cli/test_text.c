#include "cli/terminal.h"
#include "cli/text.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(text, .fini = fixture_remove);

#define U_FFFD "\xef\xbf\xbd"

static char printed[4096];

static void print_text(FILE *file, void *context)
{
    text_print(file, *(struct bytes *)context);
}

static void print_json(FILE *file, void *context)
{
    text_print_json(file, *(struct bytes *)context);
}

static const char *shown(struct bytes text)
{
    terminal_text(print_text, &text, printed, sizeof(printed));
    return printed;
}

static const char *shown_json(const char *json)
{
    struct bytes text = bytes_of_string(json);
    terminal_text(print_json, &text, printed, sizeof(printed));
    return printed;
}

Test(text, shows_no_control_character)
{
    for (unsigned c = 0; c < ' '; c++) {
        const uint8_t text[] = { 'a', (uint8_t)c, 'b' };
        const char *wanted = c == '\t' ? "a b" : "a" U_FFFD "b";
        cr_assert_str_eq(shown((struct bytes){ text, sizeof(text) }), wanted, "%u", c);
    }
    cr_assert_str_eq(shown(BYTES_LITERAL("\x7f")), U_FFFD);
    for (unsigned c = 0x80; c < 0xa0; c++) {
        const uint8_t text[] = { 0xc2, (uint8_t)c };
        cr_assert_str_eq(shown((struct bytes){ text, sizeof(text) }), U_FFFD, "%u", c);
    }
}

Test(text, shows_no_mark_of_direction)
{
    cr_assert_str_eq(shown(BYTES_LITERAL("\xe2\x80\xae"
                                         "gpj.exe")),
                     U_FFFD "gpj.exe");
    cr_assert_str_eq(shown(BYTES_LITERAL("\xe2\x81\xa6\xe2\x81\xa9\xd8\x9c\xe2\x80\x8f")),
                     U_FFFD U_FFFD U_FFFD U_FFFD);
    cr_assert_str_eq(shown(BYTES_LITERAL("\xe2\x80\xa8")), U_FFFD);
}

Test(text, shows_ill_formed_bytes_as_such)
{
    cr_assert_str_eq(shown(BYTES_LITERAL("\x9b"
                                         "31m")),
                     U_FFFD "31m");
    cr_assert_str_eq(shown(BYTES_LITERAL("a\xe2\x80")), "a" U_FFFD U_FFFD);
    cr_assert_str_eq(shown(BYTES_LITERAL("\xc0\x9b")), U_FFFD U_FFFD);
}

Test(text, leaves_text_as_it_is)
{
    static const char text[] = "J\xc3\xbcrgen \xe2\x80\x94 \xe6\x97\xa5 \xf0\x9f\x98\x80 \xd7\xa9 "
                               "\xe2\x80\x8d \xc2\xa0 <a@b>";
    cr_assert_str_eq(shown(bytes_of_string(text)), text);
    cr_assert_str_eq(shown(BYTES_NONE), "");
}

Test(text, writes_json_that_means_the_same)
{
    cr_assert_str_eq(shown_json("{\n \"a\": \"\xc2\x9b\x7f\xe2\x80\xae\"\n}"),
                     "{\n \"a\": \"\\u009b\\u007f\\u202e\"\n}");
    cr_assert_str_eq(shown_json("\"\xff\""), "\"\\ufffd\"");
    cr_assert_str_eq(shown_json("\"J\xc3\xbcrgen\""), "\"J\xc3\xbcrgen\"");
}
