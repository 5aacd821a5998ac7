#include "mail/header_parameter.h"
#include "support/support.h"

#include <criterion/criterion.h>

static void assert_set(const char *field, const char *expected)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_ok(header_parameter_set(bytes_of_string(field), "hp", "cipher", out));
    cr_assert(bytes_equal(buffer_view(out), bytes_of_string(expected)), "%.*s", (int)out->len,
              (const char *)out->data);
}

#define PLAIN "Content-Type: text/plain"
#define SET ";\r\n hp=\"cipher\"\r\n"

Test(header_parameter, is_never_there_twice)
{
    assert_set(PLAIN "; hp=clear\r\n", PLAIN SET);
    assert_set(PLAIN "; HP = \"cl;ear\"; charset=x\r\n", PLAIN "; charset=x" SET);
    assert_set(PLAIN "; hp*=utf-8''clear; hp*0=x;hp\r\n", PLAIN SET);
    assert_set(PLAIN "; (a) hp=clear; hp(b)=x\r\n", PLAIN SET);
}

Test(header_parameter, leaves_others_alone)
{
    assert_set(PLAIN "; hpx=1; x=\"; hp=1\"; y=(; hp=2)z\r\n",
               PLAIN "; hpx=1; x=\"; hp=1\"; y=(; hp=2)z" SET);
    assert_set(PLAIN "; x=\"a\\\"; hp=1\"\r\n", PLAIN "; x=\"a\\\"; hp=1\"" SET);
    assert_set(PLAIN ";\r\n\tcharset=utf-8;\r\n", PLAIN ";\r\n\tcharset=utf-8" SET);
}

Test(header_parameter, is_added_behind_the_type)
{
    assert_set(PLAIN "\r\n", PLAIN SET);
    assert_set(PLAIN "; \r\n", PLAIN SET);
    assert_set(PLAIN "; x=\"never closed\r\n", PLAIN "; x=\"never closed" SET);
}
