#include "base/limits.h"
#include "mime/encode.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

static void assert_encodes_bytes(struct bytes text, struct bytes expected)
{
    mime_tree_start();
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    assert_ok(mime_tree_parse(text, &tree));
    CLEANUP(runs_free) struct runs *runs = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(mapping_unref) struct mapping *flat = NULL;
    struct bytes seen = BYTES_NONE;
    assert_ok(runs_new(NULL, &runs));
    assert_ok(encode_entity(runs, mime_tree_root(tree)));
    assert_ok(runs_finish(runs, &content));
    assert_ok(content_flatten(content, &flat, &seen));
    cr_assert(bytes_equal(seen, expected), "'%.*s' is not '%.*s'", (int)seen.len,
              (const char *)seen.data, (int)expected.len, (const char *)expected.data);
}

#define assert_encodes(text, expected) \
    assert_encodes_bytes(BYTES_LITERAL(text), BYTES_LITERAL(expected))

Test(encode_entity, refuses_damaged_base64_that_must_be_redone)
{
    mime_tree_start();
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    CLEANUP(runs_free) struct runs *runs = NULL;
    assert_ok(
        mime_tree_parse(BYTES_LITERAL("Content-Transfer-Encoding: base64\r\n\r\nQ \r\n"), &tree));
    assert_ok(runs_new(NULL, &runs));
    assert_error(encode_entity(runs, mime_tree_root(tree)), ERR_MESSAGE_MALFORMED);
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
                   "Content-Type: text/plain; charset=utf-8\r\n"
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
    assert_encodes("Content-Type: a/b\r\nContent-Transfer-Encoding: odd\r\n\r\n\xff\n",
                   "Content-Type: a/b\r\nContent-Transfer-Encoding: odd\r\n\r\n\xff\r\n");
}

/* RFC 2046 5.2.1: no transfer encoding there */
Test(encode_entity, leaves_a_message_inside_as_it_is_but_for_line_ends)
{
    assert_encodes("Content-Type: message/rfc822\r\n"
                   "Content-Transfer-Encoding: 8bit\r\n\r\nSubject: x\n\n\xc3\xbc \n",
                   "Content-Type: message/rfc822\r\n"
                   "Content-Transfer-Encoding: 8bit\r\n\r\nSubject: x\r\n\r\n\xc3\xbc \r\n");
}

Test(encode_entity, leaves_a_signed_multipart_as_it_is_but_for_line_ends)
{
    assert_encodes(
        "Content-Type: multipart/signed; boundary=b\n\n--b\n\n\xc3\xbc \n--b\n\ny\n--b--\n",
        "Content-Type: multipart/signed; boundary=b\r\n\r\n"
        "--b\r\n\r\n\xc3\xbc \r\n--b\r\n\r\ny\r\n--b--\r\n");
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
