#include "mime/outgoing_addresses.h"
#include "mime/tree.h"
#include "support/support.h"

#include <criterion/criterion.h>

static void assert_writes(const char *value, const char *expected)
{
    mime_tree_start();
    CLEANUP(buffer_free) struct buffer *out = NULL;
    assert_ok(buffer_new(0, &out));
    assert_ok(outgoing_addresses(bytes_of_string(value), out));
    cr_assert(bytes_equal(buffer_view(out), bytes_of_string(expected)), "%s gave %.*s", value,
              (int)out->len, (const char *)out->data);
}

Test(outgoing_addresses, leaves_ascii)
{
    assert_writes(" \"A, B\" <a@b>, c@d (x\\) y), g: e@f;,\r\n h@i",
                  "\"A, B\" <a@b>, c@d (x\\) y), g: "
                  "e@f;, h@i");
}

Test(outgoing_addresses, encodes_names_and_comments)
{
    assert_writes("J\xc3\xbc <a@b>, \"\xc3\xbc, x\" <c@d>, e@f (\xc3\xbc)",
                  "=?utf-8?B?SsO8?= <a@b>, =?utf-8?B?w7wsIHg=?= <c@d>, e@f (=?utf-8?B?w7w=?=)");
    assert_writes("J\xc3\xbc<a@b>", "=?utf-8?B?SsO8?= <a@b>");
    assert_writes("\xc3\xbc: a@b;", "=?utf-8?B?w7w=?= : a@b;");
}

Test(outgoing_addresses, joins_a_name_that_is_encoded_in_part)
{
    assert_writes("=?utf-8?Q?=C3=BC?= \xc3\xbc <a@b>", "=?utf-8?B?w7wgw7w=?= <a@b>");
}

Test(outgoing_addresses, leaves_addresses_in_utf_8)
{
    assert_writes("\xc3\xbc@\xc3\xbc.org, X <\xc3\xbc@y>, \"\xc3\xbc z\"@y",
                  "\xc3\xbc@\xc3\xbc.org, X <\xc3\xbc@y>, \"\xc3\xbc z\"@y");
}

Test(outgoing_addresses, leaves_what_does_not_end)
{
    assert_writes("(\xc3\xbc", "(\xc3\xbc");
    assert_writes("a <\xc3\xbc", "a <\xc3\xbc");
    assert_writes("a@b (x (\xc3\xbc)", "a@b (x (\xc3\xbc)");
    assert_writes("\\", "\\");
    assert_writes("a@b\rc@d", "a@b c@d");
}
