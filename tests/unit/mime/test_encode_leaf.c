#include "mime/encode_leaf.h"
#include "support/support.h"

#include <criterion/criterion.h>

/* The treatment of the only entity of `text`; its body decoded where that was needed. */
static void assert_decides(struct bytes text, size_t longest, enum encode_treatment treatment,
                           bool fragile)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    CLEANUP(encode_leaf_free) struct encode_leaf *leaf = NULL;
    mime_tree_start();
    assert_ok(mime_tree_parse(text, &tree));
    assert_ok(encode_leaf_decide(mime_tree_root(tree), longest, &leaf));
    cr_assert_eq(leaf->treatment, treatment, "%.*s", (int)text.len, (const char *)text.data);
    cr_assert_eq(leaf->fragile, fragile, "%.*s", (int)text.len, (const char *)text.data);
}

#define assert_treatment(text, treatment) \
    assert_decides(BYTES_LITERAL(text), 76, (treatment), false)

Test(encode_leaf_decide, refuses_damaged_base64_that_must_be_redone)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    struct encode_leaf *leaf = NULL;
    mime_tree_start();
    assert_ok(
        mime_tree_parse(BYTES_LITERAL("Content-Transfer-Encoding: base64\r\n\r\nQ \r\n"), &tree));
    assert_error(encode_leaf_decide(mime_tree_root(tree), 76, &leaf), ERR_MESSAGE_MALFORMED);
    cr_assert_null(leaf);
}

Test(encode_leaf_decide, goes_by_the_longest_line)
{
    struct bytes text = BYTES_LITERAL("Content-Type: text/plain\r\n\r\n12345678\r\n");
    assert_decides(text, 8, ENCODE_KEEP, false);
    assert_decides(text, 7, ENCODE_QUOTED, false);
}

Test(encode_leaf_decide, never_makes_content_of_line_ends)
{
    assert_treatment("Content-Type: text/plain\r\n\r\na\nb\n", ENCODE_LINE_ENDS);
    assert_treatment("Content-Type: a/b\r\nContent-Transfer-Encoding: binary\r\n\r\na\nb\n",
                     ENCODE_BASE64);
}

/* U+4E0A as UTF-16 has the bytes 4E 0A */
Test(encode_leaf_decide, knows_charsets_in_which_lf_is_no_line_end)
{
    assert_treatment("Content-Type: text/plain; charset=UTF-16BE\r\n\r\nN\nN-\r\n", ENCODE_BASE64);
    assert_treatment("Content-Type: text/plain; charset=utf-8\r\n\r\nN\nN-\r\n", ENCODE_LINE_ENDS);
}

/* redone as quoted-printable, the LF would come back as CRLF */
Test(encode_leaf_decide, keeps_an_lf_that_was_encoded)
{
    assert_treatment("Content-Transfer-Encoding: quoted-printable\n\na=0Ab\xff\n", ENCODE_BASE64);
    assert_treatment("Content-Transfer-Encoding: quoted-printable\n\na=0D=0Ab\xff\n",
                     ENCODE_QUOTED);
}

Test(encode_leaf_decide, tells_what_stays_unsafe)
{
    assert_decides(
        BYTES_LITERAL("Content-Type: a/b\r\nContent-Transfer-Encoding: odd\r\n\r\n\xff\r\n"), 76,
        ENCODE_LINE_ENDS, true);
    assert_decides(BYTES_LITERAL("Content-Type: message/rfc822\r\n\r\nSubject: \xff\r\n"), 76,
                   ENCODE_LINE_ENDS, true);
}

Test(encode_leaf_decide, may_encode_an_international_message)
{
    assert_treatment("Content-Type: message/global\r\n\r\nSubject: \xff\r\n", ENCODE_BASE64);
}
