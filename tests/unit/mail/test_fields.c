#include "base/limits.h"
#include "mail/fields.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void read_fields(const char *text, struct open_fields *list)
{
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    open_start();
    assert_ok(mime_header_parse(bytes_of_string(text), &header, &body));
    assert_ok(fields_add_all(list, header));
}

/* Whether the only field of one text is among those of another. */
static bool is_among(const char *field, const char *others)
{
    struct open_fields one = { 0 };
    struct open_fields list = { 0 };
    read_fields(field, &one);
    read_fields(others, &list);
    cr_assert_eq(one.count, 1);
    bool found = fields_has(&list, &one.items[0]);
    fields_done(&one);
    fields_done(&list);
    return found;
}

Test(fields, are_not_the_same_where_name_or_value_differ)
{
    cr_assert_not(
        is_among("Subject: a\r\n\r\n", "Subject: b\r\nObject: a\r\nSubject: a b\r\n\r\n"));
    cr_assert_not(is_among("Subject: a\r\n\r\n", "Subject: \r\nSubject: aa\r\n\r\n"));
    cr_assert_not(is_among("Subject: a b\r\n\r\n", "Subject: ab\r\nSubject: a\r\n\r\n"));
    cr_assert_not(is_among("Subject: ab\r\n\r\n", "Subject: a b\r\nSubject: AB\r\n\r\n"));
}

Test(fields, are_the_same_however_they_are_folded_and_encoded)
{
    cr_assert(is_among("Subject: a b\r\n\r\n", "X: y\r\nsubject:a\r\n\t  b \r\n\r\n"));
    cr_assert(is_among("Subject: =?utf-8?q?gr=C3=BCn?=\r\n\r\n", "Subject: gr\xc3\xbcn\r\n\r\n"));
}

Test(fields, of_the_body_are_left_out)
{
    struct open_fields list = { 0 };
    read_fields("MIME-Version: 1.0\r\nContent-Type: text/plain\r\ncontent-foo: bar\r\n"
                "Contents: x\r\n\r\n",
                &list);
    cr_assert_eq(list.count, 1);
    cr_assert_str_eq(list.items[0].name, "Contents");
    cr_assert_eq(list.items[0].protection, HEADER_UNPROTECTED);
    fields_done(&list);
}

Test(fields, are_decoded_clean_text)
{
    struct open_fields list = { 0 };
    read_fields("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n folded\r\nX: a\x1b[31mb\xff\r\n\r\n",
                &list);
    cr_assert_str_eq(list.items[0].value, "Grüße folded");
    const char *value = list.items[1].value;
    for (size_t i = 0; value[i]; i++) {
        cr_assert((unsigned char)value[i] >= ' ', "a control character");
    }
    fields_done(&list);
}

Test(fields, are_named_once)
{
    struct open_fields list = { 0 };
    assert_ok(fields_add_name(&list, "To"));
    assert_ok(fields_add_name(&list, "tO"));
    assert_ok(fields_add_name(&list, "Cc"));
    cr_assert_eq(list.count, 2);
    cr_assert_str_eq(list.items[0].name, "To");
    cr_assert_str_eq(list.items[1].name, "Cc");
    fields_done(&list);
}

Test(fields, grow_as_far_as_a_header_goes)
{
    struct open_fields list = { 0 };
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    for (int i = 0; i < LIMIT_HEADER_FIELDS; i++) {
        assert_ok(buffer_printf(text, "X: %d\r\n", i));
    }
    assert_ok(buffer_append(text, (struct bytes){ (const uint8_t *)"\r\n", 3 }));
    read_fields((const char *)text->data, &list);
    cr_assert_eq(list.count, LIMIT_HEADER_FIELDS);
    cr_assert_eq(fields_count(&list, "x"), LIMIT_HEADER_FIELDS);
    cr_assert_str_eq(list.items[LIMIT_HEADER_FIELDS - 1].value, "999");
    fields_done(&list);
}
