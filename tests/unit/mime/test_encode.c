#include "base/limits.h"
#include "mime/encode.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

/* What becomes of `text`; whether something unsafe stays. */
static bool assert_encodes_bytes(struct bytes text, struct bytes expected)
{
    bool fragile = false;
    mime_tree_start();
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    assert_ok(mime_tree_parse(text, &tree));
    CLEANUP(runs_free) struct runs *runs = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(mapping_unref) struct mapping *flat = NULL;
    struct bytes seen = BYTES_NONE;
    assert_ok(runs_new(NULL, &runs));
    assert_ok(encode_entity(runs, mime_tree_root(tree), &fragile));
    assert_ok(runs_finish(runs, &content));
    assert_ok(content_flatten(content, &flat, &seen));
    cr_assert(bytes_equal(seen, expected), "'%.*s' is not '%.*s'", (int)seen.len,
              (const char *)seen.data, (int)expected.len, (const char *)expected.data);
    return fragile;
}

#define assert_encodes(text, expected) \
    cr_assert_not(assert_encodes_bytes(BYTES_LITERAL(text), BYTES_LITERAL(expected)))
#define assert_encodes_fragile(text, expected) \
    cr_assert(assert_encodes_bytes(BYTES_LITERAL(text), BYTES_LITERAL(expected)))

Test(encode_entity, refuses_damaged_base64_that_must_be_redone)
{
    mime_tree_start();
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    CLEANUP(runs_free) struct runs *runs = NULL;
    bool fragile = false;
    assert_ok(
        mime_tree_parse(BYTES_LITERAL("Content-Transfer-Encoding: base64\r\n\r\nQ \r\n"), &tree));
    assert_ok(runs_new(NULL, &runs));
    assert_error(encode_entity(runs, mime_tree_root(tree), &fragile), ERR_MESSAGE_MALFORMED);
}

Test(encode_entity, keeps_a_clean_leaf_and_only_the_content_fields)
{
    assert_encodes(
        "From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\nTo: c\r\n\r\nx\r\n",
        "Content-Type: text/html\r\n\r\nx\r\n");
}

Test(encode_entity, gives_a_message_without_type_one)
{
    assert_encodes("From: a@b\r\n\r\nx\r\n",
                   "Content-Type: text/plain; charset=utf-8\r\n\r\nx\r\n");
    assert_encodes("From: a@b\r\n", "Content-Type: text/plain; charset=utf-8\r\n\r\n");
}

Test(encode_entity, completes_line_ends)
{
    assert_encodes("Content-Type: text/plain\n\nx\ny\n",
                   "Content-Type: text/plain\r\n\r\nx\r\ny\r\n");
}

Test(encode_entity, turns_unsafe_text_into_quoted_printable)
{
    assert_encodes("Content-Type: text/plain; charset=utf-8\r\n"
                   "Content-Transfer-Encoding: 8bit\r\n\r\n\xc3\xbc\nFrom x \n",
                   "Content-Type: text/plain; charset=utf-8\r\n"
                   "Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC\r\n=46rom x=20\r\n");
}

Test(encode_entity, redoes_quoted_printable_that_is_unsafe)
{
    assert_encodes("Content-Transfer-Encoding: quoted-printable\r\n\r\na=3D\xc3\r\n",
                   "Content-Type: text/plain; charset=unknown-8bit\r\n"
                   "Content-Transfer-Encoding: quoted-printable\r\n\r\na=3D=C3\r\n");
}

Test(encode_entity, turns_unsafe_bytes_into_base64_without_altering_them)
{
    assert_encodes("Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n\xff\n\0",
                   "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n/woA\r\n");
    assert_encodes("Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\na\nb",
                   "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nYQpi\r\n");
    assert_encodes("Content-Type: text/plain; charset=utf-16\r\n\r\na\0\n\0",
                   "Content-Type: text/plain; charset=utf-16\r\n"
                   "Content-Transfer-Encoding: base64\r\n\r\nYQAKAA==\r\n");
}

Test(encode_entity, redoes_base64_with_blanks_at_line_ends)
{
    assert_encodes("Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD \r\n",
                   "Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n");
}

Test(encode_entity, calls_7_bit_what_is_7_bit)
{
    assert_encodes("Content-Type: a/b\r\nContent-Transfer-Encoding: 8bit\r\n\r\nx\r\n",
                   "Content-Type: a/b\r\nContent-Transfer-Encoding: 7bit\r\n\r\nx\r\n");
}

Test(encode_entity, leaves_an_encoding_that_it_does_not_know)
{
    assert_encodes_fragile("Content-Type: a/b\r\nContent-Transfer-Encoding: odd\r\n\r\n\xff\n",
                           "Content-Type: a/b\r\nContent-Transfer-Encoding: odd\r\n\r\n\xff\r\n");
}

Test(encode_entity, turns_long_lines_into_short_ones)
{
    assert_encodes("Content-Type: text/plain\r\n\r\n"
                   "1234567890123456789012345678901234567890123456789012345678901234567890123456x"
                   "\r\n",
                   "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                   "123456789012345678901234567890123456789012345678901234567890123456789012345="
                   "\r\n6x\r\n");
}

Test(encode_entity, hides_lines_that_an_mbox_file_would_alter)
{
    assert_encodes("Content-Type: text/plain\r\n\r\n>From x\r\n>Fine\r\n.\r\n",
                   "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                   "=3EFrom x\r\n>Fine\r\n=2E\r\n");
}

Test(encode_entity, writes_header_fields_so_that_nothing_touches_them)
{
    assert_encodes("Content-Type: text/plain;charset=us-ascii;\r\n"
                   " name=\"a name that is long enough for the line\"; format=flowed; x=y\r\n"
                   "Content-Description: \xc3\xbc\r\n\r\nx\r\n",
                   "Content-Type: text/plain;charset=us-ascii;\r\n"
                   " name=\"a name that is long enough for the line\"; format=flowed; x=y\r\n"
                   "Content-Description: =?utf-8?B?w7w=?=\r\n\r\nx\r\n");
}

Test(encode_entity, does_not_name_a_charset_that_it_is_not)
{
    assert_encodes("From: a@b\r\n\r\n\xfc\r\n",
                   "Content-Type: text/plain; charset=unknown-8bit\r\n"
                   "Content-Transfer-Encoding: quoted-printable\r\n\r\n=FC\r\n");
}

/* RFC 2046 5.2.1: no transfer encoding there, but in its own parts */
Test(encode_entity, recodes_inside_a_message)
{
    assert_encodes("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                   "Subject: x\nReceived: y \n\n\xc3\xbc \n",
                   "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
                   "Subject: x\r\nReceived: y\r\nMIME-Version: 1.0\r\n"
                   "Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BC=20\r\n");
}

/* U+4E0A as UTF-16 has the bytes 4E 0A */
Test(encode_entity, makes_no_line_ends_of_what_are_none_inside_a_message)
{
    assert_encodes("Content-Type: message/rfc822\n\nMIME-Version: 1.0\n"
                   "Content-Type: text/plain; charset=utf-16be\n\nN\n",
                   "Content-Type: message/rfc822\r\n\r\nMIME-Version: 1.0\r\n"
                   "Content-Type: text/plain; charset=utf-16be\r\n"
                   "Content-Transfer-Encoding: base64\r\n\r\nTgo=\r\n");
}

Test(encode_entity, leaves_a_safe_message_inside_and_one_that_it_cannot_read)
{
    assert_encodes("Content-Type: message/rfc822\r\n\r\nSubject: x\n\ny\n",
                   "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n");
    assert_encodes_fragile("Content-Type: message/rfc822\r\n\r\nno header \xff\n",
                           "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n"
                           "\r\nno header \xff\r\n");
}

Test(encode_entity, leaves_the_header_of_a_message_inside)
{
    assert_encodes_fragile("Content-Type: message/rfc822\r\n\r\nSubject: \xc3\xbc\r\n\r\n\xff\r\n",
                           "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                           "Subject: \xc3\xbc\r\nMIME-Version: 1.0\r\n"
                           "Content-Transfer-Encoding: quoted-printable\r\n\r\n=FF\r\n");
}

Test(encode_entity, goes_only_so_deep_into_messages)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    CLEANUP(runs_free) struct runs *runs = NULL;
    bool fragile = false;
    mime_tree_start();
    assert_ok(buffer_new(0, &text));
    for (size_t i = 0; i <= LIMIT_MESSAGES_INSIDE; i++) {
        assert_ok(buffer_append_string(text, "Content-Type: message/rfc822\r\n\r\n"));
    }
    assert_ok(buffer_append_string(text, "Subject: x\r\n\r\n\xff\r\n"));
    assert_ok(mime_tree_parse(buffer_view(text), &tree));
    assert_ok(runs_new(NULL, &runs));
    assert_ok(encode_entity(runs, mime_tree_root(tree), &fragile));
    cr_assert(fragile, "the innermost stays as it is");
}

Test(encode_entity, leaves_a_signed_multipart_as_it_is_but_for_line_ends)
{
    assert_encodes_fragile(
        "Content-Type: multipart/signed; boundary=b\n\n--b\n\n\xc3\xbc \n--b\n\ny\n--b--\n",
        "Content-Type: multipart/signed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        "--b\r\n\r\n\xc3\xbc \r\n--b\r\n\r\ny\r\n--b--\r\n");
    assert_encodes("Content-Type: multipart/signed; boundary=b\n\n--b\n\nx\n--b\n\ny\n--b--\n",
                   "Content-Type: multipart/signed; boundary=b\r\n\r\n"
                   "--b\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--\r\n");
}

Test(encode_entity, names_the_encoding_that_a_multipart_has)
{
    assert_encodes("Content-Type: multipart/mixed; boundary=b\r\n"
                   "Content-Transfer-Encoding: 8bit\r\n\r\n--b\r\n\r\n\xff\r\n--b--\r\n",
                   "Content-Type: multipart/mixed; boundary=b\r\n"
                   "Content-Transfer-Encoding: 7bit\r\n\r\n--b\r\n"
                   "Content-Transfer-Encoding: quoted-printable\r\n\r\n=FF\r\n--b--\r\n");
}

/* the 8-bit message inside gets another encoding, too */
Test(encode_entity, names_the_encoding_of_a_multipart_with_a_message)
{
    assert_encodes("Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                   "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n\xff\r\n--b--\r\n",
                   "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                   "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
                   "Content-Transfer-Encoding: quoted-printable\r\n\r\n=FF\r\n--b--\r\n");
}

Test(encode_entity, leaves_out_text_between_parts_that_is_not_safe)
{
    assert_encodes("Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                   "pre\xff\r\n--b\r\n\r\nx\r\n--b--\r\nFrom y\r\n",
                   "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                   "--b\r\n\r\nx\r\n--b--\r\n");
}

Test(encode_entity, ends_a_multipart)
{
    assert_encodes(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n\r\n--b--\r\n");
}

Test(encode_entity, recodes_only_the_leafs_that_need_it)
{
    assert_encodes("Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                   "preamble \n--b  \r\nX-Own: kept\r\nContent-Type: text/plain\r\n\r\nclean\r\n"
                   "--b\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
                   "--i\r\n\r\n\xff\r\n--i--\r\n\r\n--b--\r\nepilogue",
                   "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                   "preamble\r\n--b\r\nX-Own: kept\r\nContent-Type: text/plain\r\n\r\nclean\r\n"
                   "--b\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
                   "--i\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=FF\r\n--i--\r\n"
                   "\r\n--b--\r\nepilogue");
}

Test(encode_entity, ends_the_header_of_a_part_without_body)
{
    assert_encodes("Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                   "--b\r\nContent-Type: text/html\r\n--b--\r\n",
                   "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                   "--b\r\nContent-Type: text/html\r\n\r\n\r\n--b--\r\n");
}
