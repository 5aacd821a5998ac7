#include "base/clock.h"
#include "base/limits.h"
#include "mime/tree.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n\r\n"

static struct mime_tree *parse(struct bytes input)
{
    mime_tree_start();
    struct mime_tree *tree = NULL;
    assert_ok(mime_tree_parse(input, &tree));
    return tree;
}

static struct mime_tree *parse_text(const char *text)
{
    return parse(bytes_of_string(text));
}

static void assert_refused(struct bytes input, enum error_code code)
{
    mime_tree_start();
    struct mime_tree *tree = NULL;
    assert_error(mime_tree_parse(input, &tree), code);
    cr_assert_null(tree);
}

static void assert_bytes(struct bytes seen, const char *expected)
{
    cr_assert(bytes_equal(seen, bytes_of_string(expected)), "'%.*s' is not '%s'", (int)seen.len,
              (const char *)seen.data, expected);
}

static void assert_ambiguous(const char *text)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse_text(text);
    cr_assert(mime_tree_root(tree)->ambiguous, "%s", text);
}

static void assert_clear(const char *text)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse_text(text);
    cr_assert_not(mime_tree_root(tree)->ambiguous, "%s", text);
}

/* `depth` multiparts in each other, boundaries "n1.", "n2.", … */
static struct buffer *nested(unsigned depth)
{
    struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    for (unsigned i = 1; i <= depth; i++) {
        assert_ok(buffer_printf(
            text, "Content-Type: multipart/mixed; boundary=n%u.\r\n\r\n--n%u.\r\n", i, i));
    }
    assert_ok(buffer_append_string(text, "\r\nx"));
    for (unsigned i = depth; i > 0; i--) {
        assert_ok(buffer_printf(text, "\r\n--n%u.--\r\n", i));
    }
    return text;
}

static struct buffer *many_parts(int count)
{
    struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, MIXED));
    for (int i = 0; i < count; i++) {
        assert_ok(buffer_append_string(text, "--b\r\n\r\nx\r\n"));
    }
    assert_ok(buffer_append_string(text, "--b--\r\n"));
    return text;
}

Test(mime_tree_parse, refuses_multiparts_nested_too_deeply)
{
    CLEANUP(buffer_free) struct buffer *deep = nested(LIMIT_MIME_DEPTH + 1);
    assert_refused(buffer_view(deep), ERR_NESTING_TOO_DEEP);
    CLEANUP(buffer_free) struct buffer *very_deep = nested(10000);
    assert_refused(buffer_view(very_deep), ERR_NESTING_TOO_DEEP);
}

Test(mime_tree_parse, takes_multiparts_nested_to_the_limit)
{
    CLEANUP(buffer_free) struct buffer *deep = nested(LIMIT_MIME_DEPTH);
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse(buffer_view(deep));
    cr_assert_not(mime_tree_root(tree)->ambiguous);
    unsigned depth = 0;
    for (const struct mime_entity *at = mime_tree_root(tree); at->child_count == 1;
         at = at->children[0]) {
        depth++;
    }
    cr_assert_eq(depth, LIMIT_MIME_DEPTH);
}

Test(mime_tree_parse, refuses_one_entity_too_many)
{
    CLEANUP(buffer_free) struct buffer *most = many_parts(LIMIT_MIME_PARTS - 1);
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse(buffer_view(most));
    cr_assert_eq(mime_tree_root(tree)->child_count, LIMIT_MIME_PARTS - 1);
    cr_assert_not(mime_tree_root(tree)->ambiguous);
    CLEANUP(buffer_free) struct buffer *more = many_parts(LIMIT_MIME_PARTS);
    assert_refused(buffer_view(more), ERR_MESSAGE_MALFORMED);
    CLEANUP(buffer_free) struct buffer *many = many_parts(LIMIT_MIME_PARTS + 1);
    assert_refused(buffer_view(many), ERR_MESSAGE_MALFORMED);
}

Test(mime_tree_parse, refuses_too_many_fields_in_all_parts_together)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, MIXED));
    for (int part = 0; part <= LIMIT_MIME_FIELDS / LIMIT_HEADER_FIELDS; part++) {
        assert_ok(buffer_append_string(text, "--b\r\n"));
        for (int i = 0; i < LIMIT_HEADER_FIELDS; i++) {
            assert_ok(buffer_append_string(text, "A:\r\n"));
        }
        assert_ok(buffer_append_string(text, "\r\n\r\n"));
    }
    assert_refused(buffer_view(text), ERR_MESSAGE_MALFORMED);
}

Test(mime_tree_parse, refuses_a_nul_byte_in_the_header_of_the_message)
{
    assert_refused(BYTES_LITERAL("Subject: a\0b\r\n\r\nx"), ERR_MESSAGE_MALFORMED);
}

Test(mime_tree_parse, makes_a_part_with_a_nul_byte_in_its_header_an_ambiguous_leaf)
{
    CLEANUP(mime_tree_free)
    struct mime_tree *tree = parse(BYTES_LITERAL(
        MIXED "--b\r\nContent-Type: text/html\0\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--\r\n"));
    const struct mime_entity *root = mime_tree_root(tree);
    cr_assert(root->ambiguous);
    cr_assert_eq(root->child_count, 2);
    cr_assert(root->children[0]->ambiguous);
    cr_assert_eq(root->children[0]->header->count, 0);
    cr_assert_eq(root->children[0]->body.len, root->children[0]->whole.len);
    cr_assert_not(root->children[1]->ambiguous);
}

Test(mime_tree_parse, reads_a_message_without_mime)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse_text("From: a@b\r\n\r\nHello\r\n");
    const struct mime_entity *root = mime_tree_root(tree);
    cr_assert_str_eq(root->number, "1");
    cr_assert_str_eq(root->type, "text/plain");
    cr_assert_eq(root->encoding, MIME_7BIT);
    cr_assert_eq(root->smime, MIME_SMIME_NONE);
    cr_assert_null(root->filename);
    cr_assert_null(root->parent);
    cr_assert_not(root->ambiguous);
    assert_bytes(root->body, "Hello\r\n");
}

Test(mime_tree_parse, reads_nothing)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse(BYTES_NONE);
    cr_assert_str_eq(mime_tree_root(tree)->type, "text/plain");
    cr_assert_not(mime_tree_root(tree)->ambiguous);
}

Test(mime_tree_parse, cuts_the_parts_to_the_byte)
{
    CLEANUP(mime_tree_free)
    struct mime_tree *tree =
        parse_text("Content-Type: multipart/mixed; boundary=\"o o\"\r\n\r\n"
                   "--o o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
                   "--i\r\n\r\none\r\n--i\r\nContent-Type: text/html\r\n\r\ntwo\r\n\r\n--i--\r\n"
                   "--o o\r\nContent-Type: Image/PNG\r\n\r\nthree\r\n--o o--\r\n");
    const struct mime_entity *root = mime_tree_root(tree);
    cr_assert_not(root->ambiguous);
    cr_assert_not(root->extra_text);
    cr_assert_str_eq(root->boundary, "o o");
    cr_assert_eq(root->child_count, 2);
    const struct mime_entity *inner = root->children[0];
    cr_assert_str_eq(inner->number, "1.1");
    cr_assert_eq(inner->parent, root);
    cr_assert_eq(inner->child_count, 2);
    assert_bytes(inner->children[0]->whole, "\r\none");
    assert_bytes(inner->children[0]->body, "one");
    cr_assert_str_eq(inner->children[1]->number, "1.1.2");
    assert_bytes(inner->children[1]->whole, "Content-Type: text/html\r\n\r\ntwo\r\n");
    assert_bytes(inner->children[1]->body, "two\r\n");
    cr_assert_str_eq(root->children[1]->type, "image/png");
    assert_bytes(root->children[1]->body, "three");
}

Test(mime_tree_parse, takes_a_message_inside_for_a_leaf)
{
    CLEANUP(mime_tree_free)
    struct mime_tree *tree = parse_text(
        MIXED "--b\r\nContent-Type: message/rfc822\r\n\r\n"
              "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n"
              "--b--\r\n");
    const struct mime_entity *root = mime_tree_root(tree);
    cr_assert_not(root->ambiguous);
    cr_assert_eq(root->child_count, 1);
    cr_assert_str_eq(root->children[0]->type, "message/rfc822");
    cr_assert_eq(root->children[0]->child_count, 0);
}

Test(mime_tree_parse, gives_parts_of_a_digest_their_default_type)
{
    CLEANUP(mime_tree_free)
    struct mime_tree *tree = parse_text("Content-Type: multipart/digest; boundary=b\r\n\r\n"
                                        "--b\r\n\r\nSubject: x\r\n\r\ny\r\n--b--\r\n");
    cr_assert_str_eq(mime_tree_root(tree)->children[0]->type, "message/rfc822");
    cr_assert_not(mime_tree_root(tree)->ambiguous);
}

Test(mime_tree_parse, tells_of_text_around_the_parts)
{
    const char *const with[] = { MIXED "text\r\n--b\r\n\r\nx\r\n--b--\r\n",
                                 MIXED "--b\r\n\r\nx\r\n--b--\r\ntext" };
    for (size_t i = 0; i < ARRAY_SIZE(with); i++) {
        CLEANUP(mime_tree_free) struct mime_tree *tree = parse_text(with[i]);
        cr_assert(mime_tree_root(tree)->extra_text);
        cr_assert_not(mime_tree_root(tree)->ambiguous);
    }
    CLEANUP(mime_tree_free)
    struct mime_tree *tree = parse_text(MIXED " \r\n\r\n--b\r\n\r\nx\r\n--b--\r\n\t\r\n");
    cr_assert_not(mime_tree_root(tree)->extra_text);
}

Test(mime_tree_parse, does_not_mark_ordinary_forms)
{
    assert_clear(MIXED "--b\r\n\r\nx\r\n--b--\r\n");
    assert_clear(MIXED "--b\r\n\r\nx\r\n--b--");
    assert_clear("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n");
    assert_clear(MIXED "--b\r\n\r\n--b--\r\n");
    assert_clear(MIXED "--b\r\nContent-Type: text/plain\r\n\r\n--b--\r\n");
    assert_clear(MIXED "--b \r\n\r\nx\r\n--b--\t\r\n");
    assert_clear(MIXED "--b\r\n\r\nunclosed\r\n");
    assert_clear(MIXED "--b\r\n\r\n-- \r\n--signature--\r\n--b--\r\n");
    assert_clear("Content-Type: multipart/mixed;\r\n boundary=\"----=_Part;1\"\r\n\r\n"
                 "------=_Part;1\r\n\r\nx\r\n------=_Part;1--\r\n");
    assert_clear("Content-Type: multipart/mixed; boundary=----=_P\r\n\r\n"
                 "------=_P\r\n\r\nx\r\n------=_P--\r\n");
    assert_clear("MIME-Version: 1.0\r\nMIME-Version: 1.0\r\n\r\nx");
}

Test(mime_tree_parse, marks_structural_fields_that_come_twice)
{
    assert_ambiguous("Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx");
    assert_ambiguous("Content-Type: text/plain\r\ncontent-type: text/plain\r\n\r\nx");
    assert_ambiguous("Content-Transfer-Encoding: 7bit\r\n"
                     "Content-Transfer-Encoding: base64\r\n\r\nx");
}

Test(mime_tree_parse, marks_boundaries_that_can_be_read_in_two_ways)
{
    static const char body[] = "\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n";
    const char *const types[] = { "boundary=b; boundary=b", "boundary=b; boundary=c",
                                  "boundary*=us-ascii''b",  "boundary*0=b",
                                  "boundary=\"\\b\"",       "(boundary=a) boundary=b",
                                  "boundary=\"\"",          "",
                                  "boundary=b c",           "boundary=\"=?utf-8?q?b?=\"" };
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        CLEANUP(buffer_free) struct buffer *text = NULL;
        assert_ok(buffer_new(0, &text));
        assert_ok(buffer_printf(text, "Content-Type: multipart/mixed; %s%s", types[i], body));
        CLEANUP(mime_tree_free) struct mime_tree *tree = parse(buffer_view(text));
        cr_assert(mime_tree_root(tree)->ambiguous, "%s", types[i]);
    }
}

Test(mime_tree_parse, makes_a_multipart_without_boundary_an_ambiguous_leaf)
{
    CLEANUP(mime_tree_free)
    struct mime_tree *tree =
        parse_text("Content-Type: multipart/signed\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n");
    cr_assert(mime_tree_root(tree)->ambiguous);
    cr_assert_eq(mime_tree_root(tree)->child_count, 0);
    cr_assert_eq(mime_tree_root(tree)->smime, MIME_SMIME_NONE);
}

Test(mime_tree_parse, marks_a_multipart_without_parts)
{
    assert_ambiguous(MIXED "no delimiter");
    assert_ambiguous(MIXED "--b--\r\n");
    assert_ambiguous("Content-Type: multipart/mixed; boundary=b");
}

Test(mime_tree_parse, marks_a_multipart_in_a_transfer_encoding)
{
    assert_ambiguous("Content-Transfer-Encoding: base64\r\n" MIXED "--b\r\n\r\nx\r\n--b--\r\n");
    assert_ambiguous("Content-Transfer-Encoding: quoted-printable\r\n" MIXED
                     "--b\r\n\r\nx\r\n--b--\r\n");
}

Test(mime_tree_parse, marks_boundaries_used_again_inside)
{
    const char *const inner[] = { "b", "bc", "b b" };
    for (size_t i = 0; i < ARRAY_SIZE(inner); i++) {
        CLEANUP(buffer_free) struct buffer *text = NULL;
        assert_ok(buffer_new(0, &text));
        assert_ok(buffer_printf(text,
                                MIXED
                                "--b\r\nContent-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n"
                                "--%s\r\n\r\nx\r\n--%s--\r\n--b--\r\n",
                                inner[i], inner[i], inner[i]));
        CLEANUP(mime_tree_free) struct mime_tree *tree = parse(buffer_view(text));
        cr_assert(mime_tree_root(tree)->ambiguous, "%s", inner[i]);
    }
    assert_ambiguous("Content-Type: multipart/mixed; boundary=bc\r\n\r\n"
                     "--bc\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                     "--b\r\n\r\nx\r\n--b--\r\n--bc--\r\n");
}

Test(mime_tree_parse, marks_lines_that_others_could_take_for_delimiters)
{
    assert_ambiguous(MIXED "--b\r\n\r\nx\r\n--b--\r\n--b\r\n\r\ny\r\n--b--\r\n");
    assert_ambiguous(MIXED "--b\r\n\r\nx\r--b\r\n--b--\r\n");
    assert_ambiguous(MIXED "--b\r\n\r\nx\r\n--bx\r\n--b--\r\n");
}

Test(mime_tree_parse, marks_headers_that_do_not_end_as_they_should)
{
    assert_ambiguous(MIXED "--b\r\nContent-Type: text/plain\r\n--b--\r\n");
    assert_ambiguous("Subject: x\r\nno field\r\nTo: y\r\n\r\nz");
    assert_ambiguous(MIXED "--b\r\nno field\r\n--b--\r\n");
    assert_ambiguous("Subject: a\rContent-Type: text/html\r\n\r\nx");
}

Test(mime_tree_parse, marks_a_type_that_is_none)
{
    assert_ambiguous("Content-Type: multipart\r\n\r\nx");
    assert_ambiguous("Content-Type: ;boundary=b\r\n\r\nx");
}

Test(mime_tree_parse, marks_all_around_an_ambiguous_part_and_nothing_else)
{
    CLEANUP(mime_tree_free)
    struct mime_tree *tree =
        parse_text(MIXED "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
                         "--c\r\nContent-Type: text/a\r\nContent-Type: text/b\r\n\r\nx\r\n"
                         "--c\r\n\r\ny\r\n--c--\r\n"
                         "--b\r\nContent-Type: text/plain\r\n\r\nz\r\n--b--\r\n");
    const struct mime_entity *root = mime_tree_root(tree);
    cr_assert(root->ambiguous);
    cr_assert(root->children[0]->ambiguous);
    cr_assert(root->children[0]->children[0]->ambiguous);
    cr_assert_not(root->children[0]->children[1]->ambiguous);
    cr_assert_not(root->children[1]->ambiguous);
}

#define FORWARDS(boundary) \
    "Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n" \
    "Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=" boundary \
    "\r\n\r\n--inner\r\n\r\nx\r\n--inner--\r\n--outer\r\n\r\ny\r\n--outer--\r\n"

/* A reader who goes into the message takes the delimiters for its own. */
Test(mime_tree_parse, marks_a_boundary_that_a_message_inside_uses_again)
{
    assert_clear(FORWARDS("inner"));
    assert_ambiguous(FORWARDS("outer"));
    assert_ambiguous(FORWARDS("\"oute\""));
    assert_ambiguous(FORWARDS("outer2"));
    assert_ambiguous("Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n"
                     "Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n"
                     "Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer--\r\n");
}

Test(mime_tree_parse, marks_messages_in_each_other_that_are_too_deep)
{
    for (int more = 0; more < 2; more++) {
        CLEANUP(buffer_free) struct buffer *text = NULL;
        assert_ok(buffer_new(0, &text));
        assert_ok(buffer_append_string(
            text, "Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n"));
        for (int i = 0; i < LIMIT_MIME_DEPTH + more; i++) {
            assert_ok(buffer_append_string(text, "Content-Type: message/rfc822\r\n\r\n"));
        }
        assert_ok(buffer_append_string(text, "\r\nx\r\n--outer--\r\n"));
        CLEANUP(mime_tree_free) struct mime_tree *tree = parse(buffer_view(text));
        cr_assert_eq(mime_tree_root(tree)->ambiguous, more == 1);
    }
}

/* Found by messages made by chance, as all of these. */
Test(mime_tree_parse, marks_parts_that_some_readers_do_not_see)
{
    assert_clear(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n--b\r\n\r\nx\r\n--b--");
    assert_ambiguous(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\n\r\nx\r\n--b--");
    assert_ambiguous("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n");
}

#define NESTED(before, behind) \
    "Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n" \
    "Content-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\n\r\nx" before \
    "--inner--" behind "--outer--\r\n"

Test(mime_tree_parse, marks_line_breaks_of_two_kinds_around_a_delimiter_that_ends_a_part)
{
    assert_clear(NESTED("\r\n", "\r\n"));
    assert_clear(NESTED("\r\n", "\r\n\r\n"));
    assert_ambiguous(NESTED("\n", "\r\n"));
    assert_ambiguous(NESTED("\r\n", "\n"));
    assert_ambiguous(NESTED("\n\n", "\r\n"));
}

#define HOLDS(message) \
    "Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n" \
    "Content-Type: message/rfc822\r\n\r\n" message "\r\n--outer--\r\n"

Test(mime_tree_parse, marks_messages_inside_whose_header_can_be_read_in_two_ways)
{
    assert_clear(HOLDS("Subject: x\r\n"));
    assert_clear(HOLDS("Subject: x\r\n\r\ntext"));
    assert_ambiguous(HOLDS("Subject: x"));
    assert_ambiguous(HOLDS(""));
    assert_ambiguous(HOLDS("no field\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\nx"));
    /* base64 is the same for all: it has no field */
    assert_clear("Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n"
                 "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                 "U3ViamVjdDogeA0KDQp4DQo=\r\n--outer--\r\n");
    assert_ambiguous("Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n"
                     "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                     "Subject: x\r\ninside\r\n--outer--\r\n");
}

/* Only files begin with these; what other programs do with them in a part, nobody knows. */
Test(mime_tree_parse, marks_parts_that_begin_like_a_file)
{
    assert_clear("\xef\xbb\xbf"
                 "Content-Type: text/html\r\n\r\nx");
    assert_clear("From me\r\nContent-Type: text/html\r\n\r\nx");
    assert_clear("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
                 "Content-Type: text/html\r\n\r\nx\r\n--b--\r\n");
    assert_ambiguous("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\xef\xbb\xbf"
                     "Content-Type: text/html\r\n\r\nx\r\n--b--\r\n");
    assert_ambiguous("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nFrom me\r\n"
                     "Content-Type: text/html\r\n\r\nx\r\n--b--\r\n");
}

static struct error *collect(void *context, const struct mime_entity *entity)
{
    struct buffer *seen = context;
    TRY(buffer_append_string(seen, entity->number));
    return buffer_append_string(seen, " ");
}

static struct error *fail(void *context, const struct mime_entity *entity)
{
    size_t *calls = context;
    (*calls)++;
    return error_new(ERR_CANCELLED, "at %s", entity->number);
}

Test(mime_tree_walk, goes_from_parents_to_children_in_order)
{
    CLEANUP(mime_tree_free)
    struct mime_tree *tree =
        parse_text(MIXED "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
                         "--c\r\n\r\nx\r\n--c--\r\n--b\r\n\r\nz\r\n--b--\r\n");
    CLEANUP(buffer_free) struct buffer *seen = NULL;
    assert_ok(buffer_new(0, &seen));
    assert_ok(mime_tree_walk(tree, collect, seen));
    assert_bytes(buffer_view(seen), "1 1.1 1.1.1 1.2 ");
}

Test(mime_tree_walk, stops_at_the_first_error)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse_text(MIXED "--b\r\n\r\nx\r\n--b--\r\n");
    size_t calls = 0;
    assert_error(mime_tree_walk(tree, fail, &calls), ERR_CANCELLED);
    cr_assert_eq(calls, 1);
}

/* Every level scans only its own body, and GMime never sees the bodies. */
Test(mime_tree_parse, reads_a_large_message_quickly)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    uint8_t *tail = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, MIXED "--b\r\n\r\n"));
    assert_ok(buffer_extend(text, 16 * MIB, &tail));
    for (size_t i = 0; i < 16 * MIB; i += 4) {
        memcpy(tail + i, "--b\r", 4); /* looks like a delimiter and never is one */
    }
    assert_ok(buffer_append_string(text, "\r\n--b--\r\n"));
    uint64_t before = clock_monotonic_ms();
    CLEANUP(mime_tree_free) struct mime_tree *tree = parse(buffer_view(text));
    cr_assert_lt(clock_monotonic_ms() - before, 2000);
    cr_assert_eq(mime_tree_root(tree)->child_count, 1);
}

Test(mime_tree_free, takes_null)
{
    mime_tree_free(NULL);
}
