#include "base/limits.h"
#include "mail/compose.h"
#include "mail/covered.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(covered, .fini = fixture_remove, .timeout = 60);

/* The words of a signature over `signed_text` on `arrived`; `ret_altered` as covered_verify. */
static word_set verify(struct mail_fixture *fixture, struct bytes signed_text, struct bytes arrived,
                       word_set *ret_altered)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    CLEANUP(signature_report_free) struct signature_report *report = NULL;
    struct bytes cms =
        compose_cms(fixture, compose_signed(fixture, fixture->alice, FORM_DETACHED, signed_text));
    assert_ok(mime_tree_parse(arrived, &tree));
    assert_ok(covered_verify(&fixture->context, mime_tree_root(tree), cms, ret_altered, &report));
    cms_signed_free(TAKE_PTR(report->cms));
    return report->judgement.problems;
}

/* Bytes that differ are wrong, whatever the reason; the reason is this word. */
static void assert_altered(const char *signed_text, const char *arrived, word_set word)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    word_set altered = WORDS_NONE;
    word_set problems =
        verify(fixture, bytes_of_string(signed_text), bytes_of_string(arrived), &altered);
    cr_assert_eq(problems, WORD_BIT(WORD_DIGEST_MISMATCH), "%s", arrived);
    cr_assert_eq(altered, word, "%s", arrived);
    problems =
        verify(fixture, bytes_of_string(signed_text), bytes_of_string(signed_text), &altered);
    cr_assert_eq(problems, WORDS_NONE, "the control: %s", signed_text);
    cr_assert_eq(altered, WORDS_NONE);
}

#define HEAD "Content-Type: text/plain\r\n\r\n"

Test(covered, tells_line_ends_that_were_altered)
{
    word_set word = WORD_BIT(WORD_LINE_ENDS_ALTERED);
    assert_altered(HEAD "one\r\ntwo\r\n", HEAD "one\ntwo\r\n", word);
    assert_altered(HEAD "one\r\ntwo\r\n", HEAD "one\rtwo\r\n", word);
    assert_altered(HEAD "one\r\ntwo\r\n", HEAD "one\r\r\ntwo\r\r\n", word);
}

Test(covered, tells_blank_lines_at_the_end_that_came_or_went)
{
    word_set word = WORD_BIT(WORD_LINE_ENDS_ALTERED);
    assert_altered(HEAD "one\r\n", HEAD "one\r\n\r\n\r\n", word);
    assert_altered(HEAD "one\r\n\r\n", HEAD "one", word);
    assert_altered(HEAD "one", HEAD "one\r\n", word);
}

Test(covered, tells_blanks_that_came_or_went)
{
    word_set word = WORD_BIT(WORD_WHITESPACE_ALTERED);
    assert_altered(HEAD "one\r\n", HEAD "one \t\r\n", word);
    assert_altered(HEAD "one\r\n-- \r\nme\r\n", HEAD "one\r\n--\r\nme\r\n", word);
}

Test(covered, tells_from_lines_that_a_mailbox_altered)
{
    assert_altered(HEAD "From here\r\n", HEAD ">From here\r\n", WORD_BIT(WORD_FROM_LINES_ALTERED));
}

Test(covered, does_not_explain_away_other_text)
{
    assert_altered(HEAD "one two\r\n", HEAD "one  two\r\n", WORDS_NONE);
    assert_altered(HEAD "pay 10\r\n", HEAD "pay 100\r\n", WORDS_NONE);
    assert_altered(HEAD " one\r\n", HEAD "one\r\n", WORDS_NONE);
    assert_altered(HEAD "a\r\n\r\nb\r\n", HEAD "a\r\nb\r\n", WORDS_NONE);
}

Test(covered, does_not_restore_binary_content)
{
    assert_altered("Content-Transfer-Encoding: binary\r\n\r\none\r\n",
                   "Content-Transfer-Encoding: binary\r\n\r\none\n", WORDS_NONE);
}

Test(covered, does_not_restore_what_is_too_large)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    for (size_t over = 0; over < 2; over++) {
        struct buffer *text = mail_keep(fixture);
        uint8_t *tail = NULL;
        assert_ok(buffer_append_string(text, HEAD));
        assert_ok(buffer_extend(text, LIMIT_RESTORED - text->len - 2 + over, &tail));
        memset(tail, 'a', LIMIT_RESTORED - strlen(HEAD) - 2 + over);
        struct buffer *arrived = mail_keep(fixture);
        assert_ok(buffer_append(arrived, buffer_view(text)));
        assert_ok(buffer_append_string(text, "\r\n\r\n"));
        assert_ok(buffer_append_string(arrived, "\r\n"));
        word_set altered = WORDS_NONE;
        word_set problems = verify(fixture, buffer_view(text), buffer_view(arrived), &altered);
        cr_assert_eq(problems, WORD_BIT(WORD_DIGEST_MISMATCH));
        cr_assert_eq(altered, over ? WORDS_NONE : WORD_BIT(WORD_LINE_ENDS_ALTERED));
    }
}

Test(covered, says_nothing_of_a_signature_that_is_wrong_itself)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes entity = BYTES_LITERAL(HEAD "one\r\n");
    struct bytes cms =
        compose_cms(fixture, compose_signed(fixture, fixture->alice, FORM_DETACHED, entity));
    struct buffer *broken = mail_keep(fixture);
    assert_ok(buffer_append(broken, cms));
    broken->data[broken->len - 1] ^= 1; /* inside the signature value */
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    CLEANUP(signature_report_free) struct signature_report *report = NULL;
    word_set altered = WORDS_NONE;
    assert_ok(mime_tree_parse(BYTES_LITERAL(HEAD "one\n"), &tree));
    assert_ok(covered_verify(&fixture->context, mime_tree_root(tree), buffer_view(broken), &altered,
                             &report));
    cr_assert_eq(report->judgement.status, SIGNATURE_BAD);
    cr_assert_eq(altered, WORDS_NONE);
}
