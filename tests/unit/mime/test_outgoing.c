#include "mime/outgoing.h"
#include "mime/tree.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

static struct error *write(const char *text, struct buffer *out, bool *wide)
{
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    mime_tree_start();
    TRY(mime_header_parse(bytes_of_string(text), &header, &body));
    cr_assert_eq(header->count, 1);
    return outgoing_field(&header->fields[0], out, wide);
}

static void assert_writes(const char *text, const char *expected, bool expected_wide)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    bool wide = false;
    assert_ok(buffer_new(0, &out));
    assert_ok(write(text, out, &wide));
    cr_assert(bytes_equal(buffer_view(out), bytes_of_string(expected)), "%s gave %.*s", text,
              (int)out->len, (const char *)out->data);
    cr_assert_eq(wide, expected_wide, "%s", text);
}

static void assert_refused(const char *text)
{
    CLEANUP(buffer_free) struct buffer *out = NULL;
    bool wide = false;
    assert_ok(buffer_new(0, &out));
    assert_error(write(text, out, &wide), ERR_MESSAGE_MALFORMED);
    cr_assert_eq(out->len, 0);
}

Test(outgoing_field, refuses_text_that_is_not_utf_8)
{
    assert_refused("Subject: \xfc\r\n");
    assert_refused("From: \xfc <a@b>\r\n");
    assert_refused("Content-Type: a/b; name=\"\xfc\"\r\n");
}

static char *long_field(const char *name, char *text, size_t size)
{
    memset(text, 'x', size - 3);
    memcpy(text, name, strlen(name));
    memcpy(text + size - 3, "\r\n", 3);
    return text;
}

Test(outgoing_field, refuses_a_line_that_nothing_can_shorten)
{
    char text[1100];
    assert_refused(long_field("Message-ID: <", text, sizeof(text)));
}

Test(outgoing_field, encodes_a_text_without_a_blank_in_a_thousand_characters)
{
    char text[1100];
    CLEANUP(buffer_free) struct buffer *out = NULL;
    bool wide = false;
    assert_ok(buffer_new(0, &out));
    assert_ok(write(long_field("Subject: ", text, sizeof(text)), out, &wide));
    cr_assert(bytes_starts_with(buffer_view(out), BYTES_LITERAL("Subject: =?utf-8?B?")));
    size_t last = bytes_find(buffer_view(out), BYTES_LITERAL("?=\r\n"));
    cr_assert_lt(last, 76);
}

Test(outgoing_field, leaves_what_is_well)
{
    assert_writes("Subject: a =?utf-8?Q?=C3=BC?= b\r\n", "Subject: a =?utf-8?Q?=C3=BC?= b\r\n",
                  false);
    assert_writes("X-Own: a\n  b\n", "X-Own: a\r\n  b\r\n", false);
    assert_writes("X-Own:\n  b\n", "X-Own:\r\n  b\r\n", false);
    assert_writes("X-Own \t: a\n", "X-Own: a\r\n", false);
}

Test(outgoing_field, encodes_raw_text)
{
    assert_writes("Subject:  f\xc3\xbcr  dich \n", "Subject: =?utf-8?B?ZsO8ciAgZGljaA==?=\r\n",
                  false);
    assert_writes("X-Any: =?utf-8?Q?=C3=BC?= \xc3\xbc\r\n", "X-Any: =?utf-8?B?w7wgw7w=?=\r\n",
                  false);
    assert_writes("From: J\xc3\xbc <a@b>\r\n", "From: =?utf-8?B?SsO8?= <a@b>\r\n", false);
}

Test(outgoing_field, encodes_raw_parameters)
{
    assert_writes("Content-Disposition: attachment; filename=\"\xc3\xbc.pdf\"\r\n",
                  "Content-Disposition: attachment; filename*=iso-8859-1''%FC.pdf\r\n", false);
    assert_writes("Content-Type: image/png; name=\"\xc3\xbc.png\"\r\n",
                  "Content-Type: image/png; name*=iso-8859-1''%FC.png\r\n", false);
}

Test(outgoing_field, tells_where_utf_8_stays)
{
    assert_writes("To: \xc3\xbc@b.org\r\n", "To: \xc3\xbc@b.org\r\n", true);
    assert_writes("Message-ID: <\xc3\xbc@b>\r\n", "Message-ID: <\xc3\xbc@b>\r\n", true);
}
