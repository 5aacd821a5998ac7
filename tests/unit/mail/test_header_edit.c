#include "mail/header_edit.h"
#include "mail/open.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define TEXT "Content-Type: text/plain\r\n\r\n"
#define MIXED "Content-Type: multipart/mixed; boundary=m\r\n\r\n"
#define ALTERNATIVE "Content-Type: multipart/alternative; boundary=a\r\n\r\n"

static struct mime_tree *parse(const char *text)
{
    struct mime_tree *tree = NULL;
    open_start();
    assert_ok(mime_tree_parse(bytes_of_string(text), &tree));
    return tree;
}

/* The numbers of the texts that are the message. */
static void assert_texts(const char *message, const char *expected)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse(message);
    CLEANUP(buffer_free) struct buffer *found = NULL;
    struct header_texts texts = { 0 };
    assert_ok(buffer_new(0, &found));
    header_edit_find_texts(mime_tree_root(tree), &texts);
    for (size_t i = 0; i < texts.count; i++) {
        assert_ok(buffer_printf(found, "%s%s", i ? " " : "", texts.items[i]->number));
    }
    cr_assert(bytes_equal(buffer_view(found), bytes_of_string(expected)), "%.*s", (int)found->len,
              (const char *)found->data);
}

/* The message with the first text edited: `len` bytes cut, "new " put in. */
static void assert_edited(const char *message, size_t len, bool mark, const char *expected)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse(message);
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    struct header_texts texts = { 0 };
    header_edit_find_texts(mime_tree_root(tree), &texts);
    cr_assert_gt(texts.count, 0);
    const struct header_edit edit = { texts.items[0], { 0, len }, BYTES_LITERAL("new "), mark };
    assert_ok(header_edit_apply(mime_tree_root(tree), &edit, 1, &mapping));
    struct bytes view = mapping_view(mapping);
    cr_assert(bytes_equal(view, bytes_of_string(expected)), "%.*s", (int)view.len,
              (const char *)view.data);
}

Test(header_edit, finds_no_text_in_attachments_and_layers)
{
    assert_texts("Content-Type: text/csv\r\n\r\nx", "");
    assert_texts("Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nx", "");
    assert_texts("Content-Type: text/plain\r\nContent-Transfer-Encoding: x-foo\r\n\r\nx", "");
    assert_texts("Content-Type: multipart/signed; boundary=m;"
                 " protocol=\"application/pgp-signature\"\r\n\r\n--m\r\n" TEXT
                 "x\r\n--m\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--m--\r\n",
                 "");
    assert_texts(MIXED "--m\r\nContent-Type: image/png\r\n\r\nx\r\n--m\r\n" TEXT "x\r\n--m--\r\n",
                 "");
}

Test(header_edit, finds_the_texts_that_are_the_message)
{
    assert_texts("\r\nx", "1");
    assert_texts(MIXED "--m\r\n" ALTERNATIVE "--a\r\n" TEXT
                       "x\r\n--a\r\nContent-Type: text/html\r\n\r\nx\r\n--a--\r\n\r\n--m\r\n" TEXT
                       "x\r\n--m--\r\n",
                 "1.1.1 1.1.2");
}

Test(header_edit, does_not_find_more_texts_than_the_limit)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    struct header_texts texts = { 0 };
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, ALTERNATIVE));
    for (int i = 0; i <= LIMIT_MAIN_PARTS; i++) {
        assert_ok(buffer_append_string(text, "--a\r\n" TEXT "x\r\n"));
    }
    assert_ok(buffer_append(text, (struct bytes){ (const uint8_t *)"--a--\r\n", 8 }));
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse((const char *)text->data);
    header_edit_find_texts(mime_tree_root(tree), &texts);
    cr_assert_eq(texts.count, LIMIT_MAIN_PARTS);
}

Test(header_edit, does_not_read_damaged_text)
{
    CLEANUP(mime_tree_free)
    struct mime_tree *tree = parse("Content-Transfer-Encoding: x-foo\r\n\r\nx");
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    struct bytes text = BYTES_NONE;
    assert_error(header_edit_read(mime_tree_root(tree), &owner, &text), ERR_MESSAGE_MALFORMED);
}

Test(header_edit, keeps_everything_around_the_text)
{
    assert_edited("X: y\r\n" TEXT "old text\r\n", 4, false, "X: y\r\n" TEXT "new text\r\n");
    assert_edited(MIXED "pre\r\n--m\r\n" TEXT "old text\r\n--m\r\n\r\nx\r\n--m--\r\npost", 4, false,
                  MIXED "pre\r\n--m\r\n" TEXT "new text\r\n--m\r\n\r\nx\r\n--m--\r\npost");
}

Test(header_edit, keeps_the_transfer_encoding)
{
    assert_edited("Content-Transfer-Encoding: quoted-printable\r\n\r\no=6Cd te=\r\nxt=20\r\n", 4,
                  false, "Content-Transfer-Encoding: quoted-printable\r\n\r\nnew text=20\r\n");
    assert_edited("Content-Transfer-Encoding: base64\r\n\r\nb2xkIHRleHQ=\r\n", 4, false,
                  "Content-Transfer-Encoding: base64\r\n\r\nbmV3IHRleHQ=\r\n");
}

Test(header_edit, marks_the_text)
{
    assert_edited("A: b\r\n"
                  "Content-Type: text/plain; hp-legacy-display=0\r\nC: d\r\n\r\ntext",
                  0, true,
                  "A: b\r\nContent-Type: text/plain;\r\n hp-legacy-display=\"1\"\r\nC: d\r\n\r\n"
                  "new text");
}
