#include "mail/fields.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void read_fields(const char *outer_text, const char *inner_text, struct open_result *result)
{
    CLEANUP(mime_header_free) struct mime_header *outer = NULL;
    CLEANUP(mime_header_free) struct mime_header *inner = NULL;
    struct bytes body = BYTES_NONE;
    open_start();
    assert_ok(mime_header_parse(bytes_of_string(outer_text), &outer, &body));
    if (inner_text) {
        assert_ok(mime_header_parse(bytes_of_string(inner_text), &inner, &body));
    }
    assert_ok(fields_read(outer, inner, HEADER_SIGNED, result));
}

static void done(struct open_result *result)
{
    fields_done(&result->outer);
    fields_done(&result->protected);
    fields_done(&result->shown);
    fields_done(&result->differences);
}

Test(fields, tell_what_differs)
{
    struct open_result result = { 0 };
    read_fields("From: a@x.org\r\nSubject: ...\r\nDate: now\r\n\r\n",
                "From: a@x.org\r\nsubject: the real one\r\nTo: b@x.org\r\n\r\n", &result);
    cr_assert_eq(result.differences.count, 2);
    cr_assert_str_eq(result.differences.items[0].name, "subject");
    cr_assert_str_eq(result.differences.items[1].name, "To");
    cr_assert_eq(result.protected.count, 3);
    cr_assert_eq(result.protected.items[1].protection, HEADER_SIGNED);
    done(&result);
}

Test(fields, call_the_messages_own_unprotected)
{
    struct open_result result = { 0 };
    read_fields("Subject: one\r\n\r\n", "Subject: two\r\n\r\n", &result);
    cr_assert_eq(result.shown.count, 1);
    cr_assert_str_eq(result.shown.items[0].value, "one");
    cr_assert_eq(result.shown.items[0].protection, HEADER_UNPROTECTED);
    done(&result);
}

Test(fields, leave_out_those_about_the_body)
{
    struct open_result result = { 0 };
    read_fields("MIME-Version: 1.0\r\nContent-Type: text/plain\r\ncontent-foo: bar\r\n"
                "Contents: x\r\n\r\n",
                NULL, &result);
    cr_assert_eq(result.outer.count, 1);
    cr_assert_str_eq(result.outer.items[0].name, "Contents");
    cr_assert_eq(result.protected.count, 0);
    done(&result);
}

Test(fields, are_decoded_clean_text)
{
    struct open_result result = { 0 };
    read_fields("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n folded\r\nX: a\x1b[31mb\xff\r\n\r\n",
                NULL, &result);
    cr_assert_str_eq(result.outer.items[0].value, "Grüße folded");
    const char *value = result.outer.items[1].value;
    for (size_t i = 0; value[i]; i++) {
        cr_assert((unsigned char)value[i] >= ' ', "a control character");
    }
    done(&result);
}
