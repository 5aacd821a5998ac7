/* The scanner's slices against GMime's tree over messages with odd boundaries, made by chance: what
 * the two cut in different ways must be marked ambiguous. */
#include "mime/slices.h"
#include "support/odd.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>

TestSuite(slices_generated, .timeout = 3600);

enum { NORMAL = 20000, MORE = 3000000 };

static const char *const bases[] = {
    "From: a@b\r\nContent-Type: multipart/mixed; boundary=\"outer\"\r\n\r\npreamble\r\n--outer\r\n"
    "Content-Type: text/plain\r\n\r\nfirst\r\n--outer\r\n"
    "Content-Type: multipart/alternative; boundary=\"inner=_1\"\r\n\r\n--inner=_1\r\n\r\nsecond\r\n"
    "--inner=_1\r\nContent-Type: text/html\r\n\r\n<p>third</p>\r\n\r\n--inner=_1--\r\n\r\n"
    "--outer--\r\nepilogue\r\n",
    "Content-Type: multipart/signed; boundary=\"s\"; protocol=\"application/pkcs7-signature\"\r\n\r\n"
    "--s\r\nContent-Type: multipart/related; boundary=\"s2\"\r\n\r\n--s2\r\n"
    "Content-Type: text/html\r\n\r\nx\r\n--s2\r\nContent-Type: image/png\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--s2--\r\n\r\n--s\r\n"
    "Content-Type: application/pkcs7-signature\r\n\r\nMII=\r\n--s--\r\n",
    "From: a@b\nContent-Type: multipart/mixed;\n boundary=\"unix\"\n\n--unix\n"
    "Content-Type: message/rfc822\n\nSubject: x\n\ninside\n--unix\nContent-Type: text/plain\n\n"
    "text\n--unix--\n",
    ("Content-Type: multipart/mixed; boundary=\"a b'()+_,-./:=?c\"\r\n\r\n--a b'()+_,-./:=?c\r\n\r\n"
     "--a\r\n\r\n--a b'()+_,-./:=?c\r\n\r\n\r\n--a b'()+_,-./:=?c--\r\n"),
};

struct tally {
    unsigned disagreements;
    unsigned unmarked;
    unsigned refused;
    unsigned clear; /* agreed upon and not marked */
};

static void take(struct bytes message, bool blind, unsigned seed, struct tally *tally)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    struct error *error = mime_tree_parse(message, &tree);
    if (error) {
        error_free(error);
        tally->refused++;
        return;
    }
    const char *wrong = slices_compare(tree, message);
    bool marked = mime_tree_root(tree)->ambiguous && !blind;
    tally->disagreements += wrong ? 1 : 0;
    tally->clear += !wrong && !marked ? 1 : 0;
    if (wrong && !marked) {
        tally->unmarked++;
        if (!blind && tally->unmarked <= 5) {
            printf("seed %u: %s\n", seed, wrong);
            fwrite(message.data, 1, message.len, stdout);
            printf("\n====\n");
        }
    }
}

/* `blind`: the planted fault, a reader who marks nothing. */
static struct tally run(unsigned rounds, bool blind)
{
    mime_tree_start();
    struct tally tally = { 0 };
    for (unsigned seed = 1; seed <= rounds; seed++) {
        CLEANUP(buffer_free) struct buffer *message = NULL;
        assert_ok(buffer_new(0, &message));
        odd_alter(bytes_of_string(bases[seed % ARRAY_SIZE(bases)]), seed, message);
        take(buffer_view(message), blind, seed, &tally);
    }
    return tally;
}

Test(slices_generated, marks_whatever_gmime_cuts_in_another_way)
{
    unsigned rounds = odd_rounds(NORMAL, MORE);
    struct tally tally = run(rounds, false);
    printf("%u messages: %u cut in another way, %u refused, %u clear\n", rounds,
           tally.disagreements, tally.refused, tally.clear);
    cr_assert_eq(tally.unmarked, 0, "%u of %u are not marked", tally.unmarked, tally.disagreements);
    /* it finds both: else it proves nothing */
    cr_assert_gt(tally.disagreements, rounds / 100);
    cr_assert_gt(tally.clear, rounds / 20);
}

Test(slices_generated, catches_a_reader_that_marks_nothing)
{
    struct tally tally = run(2000, true);
    cr_assert_gt(tally.unmarked, 20);
}

/* So that the comparison can fail. */
Test(slices_generated, are_compared_to_the_octet)
{
    static const char *const messages[] = {
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--\r\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n\ny\n--b--\n",
        "\r\nx",
    };
    mime_tree_start();
    for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
        struct bytes message = bytes_of_string(messages[i]);
        CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
        assert_ok(mime_tree_parse(message, &tree));
        cr_assert_null(slices_compare(tree, message));
        /* the tree is the test's own: what it says may be made wrong */
        struct mime_entity root = *mime_tree_root(tree);
        struct mime_entity *leaf = root.child_count ? root.children[0] : NULL;
        if (leaf) {
            leaf->body.len++;
            cr_assert_str_eq(slices_compare(tree, message), "another end of a body");
            leaf->body.len--;
            leaf->body.data--;
            cr_assert_str_eq(slices_compare(tree, message), "another start of a body");
            leaf->body.data++;
            leaf->type = "text/html";
            cr_assert_str_eq(slices_compare(tree, message), "another type");
        }
    }
}
