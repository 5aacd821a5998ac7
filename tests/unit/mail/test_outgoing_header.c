#include "mail/outgoing_header.h"
#include "mime/tree.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

enum { AT = 1795474560 }; /* 2026-11-23T22:56:00Z */

static struct error *make(const char *text, struct outgoing_header **ret_header)
{
    CLEANUP(mime_header_free) struct mime_header *given = NULL;
    struct bytes body = BYTES_NONE;
    mime_tree_start();
    TRY(mime_header_parse(bytes_of_string(text), &given, &body));
    return outgoing_header_make(given, AT, ret_header);
}

static void assert_refused(const char *text)
{
    struct outgoing_header *header = NULL;
    assert_error(make(text, &header), ERR_MESSAGE_MALFORMED);
    cr_assert_null(header);
}

static void assert_makes(const char *text, const char *expected)
{
    CLEANUP(outgoing_header_free) struct outgoing_header *header = NULL;
    assert_ok(make(text, &header));
    cr_assert(bytes_equal(buffer_view(header->text), bytes_of_string(expected)), "%.*s",
              (int)header->text->len, (const char *)header->text->data);
}

#define COMPLETE "Date: x\r\nMessage-ID: <y@z>\r\n"

Test(outgoing_header, refuses_fields_that_may_stand_there_once)
{
    assert_refused(COMPLETE "From: a@b\r\nFrom: a@b\r\n");
    assert_refused(COMPLETE "From: a@b\r\nSubject: a\r\nsubject: a\r\n");
    assert_refused(COMPLETE "From: a@b\r\nTo: a@b\r\nTo: c@d\r\n");
    assert_refused(COMPLETE "From: a@b\r\nDate: x\r\n");
}

Test(outgoing_header, refuses_text_that_is_not_utf_8)
{
    assert_refused(COMPLETE "From: a@b\r\nSubject: \xfc\r\n");
}

Test(outgoing_header, needs_a_from_to_make_an_id)
{
    assert_refused("Date: x\r\nTo: a@b\r\n");
}

Test(outgoing_header, leaves_a_complete_header_and_the_fields_of_the_body_out)
{
    assert_makes("From: a@b\nContent-Type: text/plain\nMIME-Version: 1.0\nBcc: c@d\n" COMPLETE,
                 "From: a@b\r\nBcc: c@d\r\n" COMPLETE);
}

Test(outgoing_header, makes_date_and_id)
{
    CLEANUP(outgoing_header_free) struct outgoing_header *header = NULL;
    assert_ok(make("From: A <a@\xc3\xbc.Example>\r\nDate: \r\nMessage-ID:\r\n", &header));
    cr_assert_eq(mime_header_count(header->header, "Date"), 1);
    cr_assert_eq(mime_header_count(header->header, "Message-ID"), 1);
    const struct mime_field *date = mime_header_find(header->header, "Date");
    cr_assert(bytes_equal(date->value, BYTES_LITERAL(" Mon, 23 Nov 2026 22:56:00 +0000")));
    const struct mime_field *id = mime_header_find(header->header, "Message-ID");
    cr_assert_eq(bytes_find(id->value, BYTES_LITERAL("@xn--tda.example>")), 2 + 32);
    cr_assert(header->wide, "the address in From");
}

Test(outgoing_header, makes_another_id_each_time)
{
    CLEANUP(outgoing_header_free) struct outgoing_header *one = NULL;
    CLEANUP(outgoing_header_free) struct outgoing_header *two = NULL;
    assert_ok(make("From: a@b.org\r\n", &one));
    assert_ok(make("From: a@b.org\r\n", &two));
    cr_assert_not(bytes_equal(buffer_view(one->text), buffer_view(two->text)));
    cr_assert_not(one->wide);
}
