#include "base/limits.h"
#include "mime/outline.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n\r\n"

static struct mime_tree *parse(const char *text)
{
    mime_tree_start();
    struct mime_tree *tree = NULL;
    assert_ok(mime_tree_parse(bytes_of_string(text), &tree));
    return tree;
}

/* Compares again after `spoil` made the scanner's tree differ from what GMime will see. */
static void assert_notices(void (*spoil)(struct mime_entity *child))
{
    CLEANUP(mime_tree_free)
    struct mime_tree *tree = parse(MIXED "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
                                         "--c\r\n\r\nx\r\n--c\r\n\r\ny\r\n--c--\r\n--b--\r\n");
    /* a copy of the root, for it has to be changed */
    struct mime_entity root = *mime_tree_root(tree);
    struct mime_entity child = *root.children[0];
    struct mime_entity *children[] = { &child };
    root.children = children;
    child.parent = &root;
    cr_assert_not(root.ambiguous);
    spoil(&child);
    assert_ok(outline_compare(&root));
    cr_assert(root.ambiguous);
    cr_assert(child.ambiguous);
}

static void spoil_nothing_but_count(struct mime_entity *child)
{
    child->child_count = 1;
}

static void spoil_type(struct mime_entity *child)
{
    child->type = "multipart/related";
}

static void spoil_boundary(struct mime_entity *child)
{
    child->boundary = "cc";
}

Test(outline_compare, notices_another_number_of_parts)
{
    assert_notices(spoil_nothing_but_count);
}

Test(outline_compare, notices_another_type)
{
    assert_notices(spoil_type);
}

Test(outline_compare, notices_another_boundary)
{
    assert_notices(spoil_boundary);
}

Test(outline_compare, marks_a_part_that_gmime_does_not_count)
{
    /* no header, no empty line, no body: a part by the letter, nothing for GMime */
    CLEANUP(mime_tree_free)
    struct mime_tree *tree = parse(MIXED "--b\r\n--b\r\n\r\nx\r\n--b--\r\n");
    cr_assert(mime_tree_root(tree)->ambiguous);
}

/* What comparing alone says of a message with `count` lines that only look like delimiters. */
static bool ambiguous_with_lines(size_t count)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, MIXED "--b\r\n\r\nx\r\n"));
    for (size_t i = 0; i < count; i++) {
        assert_ok(buffer_append_string(text, "--b!\r\n"));
    }
    assert_ok(buffer_append_string(text, "--b--\r\n"));
    assert_ok(buffer_append_byte(text, '\0'));
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse((const char *)text->data);
    struct mime_entity root = *mime_tree_root(tree);
    root.ambiguous = false;
    assert_ok(outline_compare(&root));
    return root.ambiguous;
}

Test(outline_compare, marks_a_message_with_too_many_delimiter_like_lines)
{
    cr_assert_not(ambiguous_with_lines(LIMIT_OUTLINE_LINES - 2));
    cr_assert(ambiguous_with_lines(LIMIT_OUTLINE_LINES - 1));
}

/* Half a million delimiter-like lines cost GMime more than a gigabyte. */
Test(outline_compare, never_lets_gmime_see_more_lines_than_the_limit)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, MIXED "--b\n\nx\n--b--\n"));
    for (size_t i = 0; i < 500000; i++) {
        assert_ok(buffer_append_string(text, "--b\n\n"));
    }
    assert_ok(buffer_append_byte(text, '\0'));
    size_t before = mallinfo2().arena;
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse((const char *)text->data);
    cr_assert_lt(mallinfo2().arena - before, 16 * MIB);
    cr_assert(mime_tree_root(tree)->ambiguous);
    cr_assert_eq(mime_tree_root(tree)->child_count, 1);
}

Test(outline_compare, never_lets_gmime_into_a_message_inside)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, MIXED "--b\nContent-Type: message/rfc822\n\n"
                                               "Content-Type: multipart/mixed; boundary=c\n\n"));
    for (size_t i = 0; i < 500000; i++) {
        assert_ok(buffer_append_string(text, "--c\n\n"));
    }
    assert_ok(buffer_append_string(text, "\n--b--\n"));
    assert_ok(buffer_append_byte(text, '\0'));
    size_t before = mallinfo2().arena;
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse((const char *)text->data);
    cr_assert_lt(mallinfo2().arena - before, 16 * MIB);
    /* the tree has not looked to the end, either: what else is in there nobody knows */
    cr_assert(mime_tree_root(tree)->ambiguous);
}

Test(outline_compare, marks_a_message_whose_outline_is_over_the_limit)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, MIXED));
    for (size_t part = 0; part < 5; part++) {
        uint8_t *tail = NULL;
        assert_ok(buffer_append_string(text, "--b\r\nContent-Description: "));
        assert_ok(buffer_extend(text, LIMIT_OUTLINE / 5, &tail));
        memset(tail, 'x', LIMIT_OUTLINE / 5);
        assert_ok(buffer_append_string(text, "\r\n\r\nx\r\n"));
    }
    assert_ok(buffer_append_string(text, "--b--\r\n"));
    assert_ok(buffer_append_byte(text, '\0'));
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse((const char *)text->data);
    cr_assert(mime_tree_root(tree)->ambiguous);
}
