/* Signed messages with odd boundaries, made by chance: whatever GMime cuts in another way is never
 * good, and ambiguous is said of it. */
#include "mail/compose.h"
#include "mime/slices.h"
#include "store/fixture.h"
#include "support/odd.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>

TestSuite(open_boundaries, .fini = fixture_remove, .timeout = 3600);

enum { NORMAL = 400, MORE = 100000, BASES = 3 };

struct tally {
    unsigned disagreements;
    unsigned good;
    unsigned wrong; /* good, or without the word, where GMime cuts in another way */
};

static void take(struct mail_fixture *fixture, struct bytes message, unsigned seed,
                 struct tally *tally)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    struct error *error = mime_tree_parse(message, &tree);
    if (error) {
        error_free(error);
        return;
    }
    bool disagree = slices_compare(tree, message) != NULL;
    const struct judgement *found = &mail_open(fixture, message)->verdict.signature;
    word_set words = found->problems | found->notices;
    tally->disagreements += disagree ? 1 : 0;
    tally->good += found->status == SIGNATURE_GOOD ? 1 : 0;
    if (disagree && (found->status == SIGNATURE_GOOD || !words_has(words, WORD_MIME_AMBIGUOUS))) {
        tally->wrong++;
        printf("seed %u\n", seed);
        fwrite(message.data, 1, message.len, stdout);
    }
}

static void make_bases(struct mail_fixture *fixture, struct bytes bases[static BASES])
{
    struct bytes text = compose_text(fixture, "the text");
    struct bytes mixed = compose_mixed(fixture, text, compose_text(fixture, "more"));
    bases[0] = compose_mail(fixture, compose_signed(fixture, fixture->alice, FORM_DETACHED, text));
    bases[1] = compose_mail(fixture, compose_signed(fixture, fixture->alice, FORM_DETACHED, mixed));
    bases[2] = compose_unix(fixture, bases[1]);
}

Test(open_boundaries, are_never_good_where_gmime_cuts_in_another_way)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes bases[BASES];
    struct tally tally = { 0 };
    make_bases(fixture, bases);
    for (size_t i = 0; i < BASES; i++) {
        assert_signature(mail_open(fixture, bases[i]), SIGNATURE_GOOD, WORDS_NONE);
    }
    unsigned rounds = odd_rounds(NORMAL, MORE);
    for (unsigned seed = 1; seed <= rounds; seed++) {
        CLEANUP(buffer_free) struct buffer *message = NULL;
        assert_ok(buffer_new(0, &message));
        odd_alter(bases[seed % BASES], seed, message);
        take(fixture, buffer_view(message), seed, &tally);
    }
    printf("%u messages: %u cut in another way, %u good\n", rounds, tally.disagreements,
           tally.good);
    cr_assert_eq(tally.wrong, 0);
    /* both happen: else it proves nothing */
    cr_assert_gt(tally.disagreements, rounds / 100);
    cr_assert_gt(tally.good, rounds / 100);
}

/* The same message with and without the mark: what the test above would catch. */
Test(open_boundaries, are_good_but_for_what_makes_them_ambiguous)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes bases[BASES];
    make_bases(fixture, bases);
    struct buffer *altered = mail_keep(fixture);
    assert_ok(buffer_append(altered, bases[0]));
    assert_signature(mail_open(fixture, buffer_view(altered)), SIGNATURE_GOOD, WORDS_NONE);
    altered->len -= 2; /* the last line end */
    assert_ok(buffer_append_string(altered, " \n"));
    assert_signature(mail_open(fixture, buffer_view(altered)), SIGNATURE_UNVERIFIED,
                     WORD_BIT(WORD_MIME_AMBIGUOUS));
}
