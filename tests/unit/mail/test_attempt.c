#include "mail/attempt.h"
#include "mail/compose.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

TestSuite(attempt, .fini = fixture_remove, .timeout = 60);

Test(attempt, tells_errors_of_a_key_from_errors_of_the_request)
{
    static const struct {
        enum error_code code;
        word_set words;
    } cases[] = {
        { ERR_DECRYPTION_FAILED, WORD_BIT(WORD_DECRYPTION_FAILED) },
        { ERR_KEY_ABSENT, WORD_BIT(WORD_DECRYPTION_FAILED) },
        { ERR_CMS_UNSUPPORTED, WORD_BIT(WORD_ALGORITHM_UNSUPPORTED) },
        { ERR_TOKEN_LOCKED, WORD_BIT(WORD_TOKEN_LOCKED) },
        { ERR_TOKEN_ABSENT, WORD_BIT(WORD_TOKEN_LOCKED) },
        { ERR_INTERACTION_FORBIDDEN, WORD_BIT(WORD_TOKEN_LOCKED) },
        { ERR_PROMPT_UNAVAILABLE, WORD_BIT(WORD_TOKEN_LOCKED) },
        { ERR_PIN_LOCKED, WORD_BIT(WORD_TOKEN_LOCKED) },
        { ERR_PIN_INCORRECT, WORD_BIT(WORD_TOKEN_LOCKED) },
        { ERR_PIN_CANCELLED, WORD_BIT(WORD_PIN_CANCELLED) },
    };
    word_set words = WORDS_NONE;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        words = WORD_BIT(WORD_NO_MATCHING_KEY);
        assert_ok(attempt_settle(error_new(cases[i].code, "x"), &words));
        cr_assert_eq(words, cases[i].words | WORD_BIT(WORD_NO_MATCHING_KEY), "%zu", i);
    }
    static const enum error_code others[] = { ERR_CANCELLED, ERR_NO_MEMORY, ERR_INTERNAL,
                                              ERR_CMS_MALFORMED };
    words = WORDS_NONE;
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        assert_error(attempt_settle(error_new(others[i], "x"), &words), others[i]);
    }
    assert_ok(attempt_settle(NULL, &words));
    cr_assert_eq(words, WORDS_NONE);
}

/* A message for Bob, a secret key and a password: recipients in the order of their tags. */
struct bench {
    struct mail_fixture *fixture;
    struct decryption_report *report;
    struct cms_enveloped *message;
    struct attempt attempt;
};

static struct bench set_up(void)
{
    struct bench bench = { .fixture = mail_fixture_new() };
    fixture_identity("carla");
    fixture_write("text", BYTES_LITERAL("the text"));
    fixture_run("openssl", "cms", "-encrypt", "-binary", "-aes256", "-in", "text", "-outform",
                "DER", "-out", "message", "-secretkey", "30313233343536373839616263646566",
                "-secretkeyid", "6b656b", "-pwri_password", "secret", "-recip", "carla.crt", NULL);
    struct bytes cms = mail_keep_file(bench.fixture, "message");
    assert_ok(cms_enveloped_parse(cms, &bench.message));
    cr_assert_eq(cms_enveloped_recipient_count(bench.message), 3);
    bench.report = calloc(1, sizeof(*bench.report));
    bench.report->recipients = calloc(3, sizeof(*bench.report->recipients));
    bench.report->recipient_count = 3;
    bench.attempt = (struct attempt){ .context = &bench.fixture->context,
                                      .message = bench.message,
                                      .report = bench.report };
    return bench;
}

static void tear_down(struct bench *bench)
{
    cms_enveloped_free(bench->message);
    decryption_report_free(bench->report);
    mail_fixture_free(bench->fixture);
}

static size_t number_of(const struct bench *bench, enum cms_recipient_type type)
{
    size_t number = 0;
    while (cms_enveloped_recipient(bench->message, number)->type != type) {
        number++;
    }
    return number;
}

static void assert_opened(const struct bench *bench, bool opened)
{
    cr_assert_eq(bench->report->decrypted, opened);
    cr_assert_eq(bench->report->owner != NULL, opened);
    cr_assert(!opened || bytes_equal(bench->report->plain, BYTES_LITERAL("the text")));
}

Test(attempt, fails_for_a_wrong_password_and_succeeds_afterwards)
{
    struct bench bench = set_up();
    size_t number = number_of(&bench, CMS_PASSWORD);
    word_set words = WORDS_NONE;
    assert_ok(attempt_password(&bench.attempt, number, BYTES_LITERAL("Secret"), &words));
    cr_assert_eq(words, WORD_BIT(WORD_DECRYPTION_FAILED));
    assert_opened(&bench, false);
    words = WORDS_NONE;
    assert_ok(attempt_password(&bench.attempt, number, BYTES_LITERAL("secret"), &words));
    cr_assert_eq(words, WORDS_NONE);
    assert_opened(&bench, true);
    tear_down(&bench);
}

Test(attempt, takes_the_absence_of_a_secret_key_for_no_problem)
{
    struct bench bench = set_up();
    size_t number = number_of(&bench, CMS_KEK);
    word_set words = WORDS_NONE;
    assert_ok(attempt_secret_key(&bench.attempt, number, &words));
    cr_assert_eq(words, WORDS_NONE);
    cr_assert_not(bench.report->recipients[number].mine);
    assert_opened(&bench, false);
    fixture_secret_key("kek", BYTES_LITERAL("0123456789abcdeF"));
    assert_ok(attempt_secret_key(&bench.attempt, number, &words));
    cr_assert_eq(words, WORD_BIT(WORD_DECRYPTION_FAILED), "there is one now, but a wrong one");
    cr_assert(bench.report->recipients[number].mine);
    assert_opened(&bench, false);
    tear_down(&bench);
}

Test(attempt, opens_with_the_secret_key_that_is_named)
{
    struct bench bench = set_up();
    word_set words = WORDS_NONE;
    fixture_secret_key("kek", BYTES_LITERAL("0123456789abcdef"));
    assert_ok(attempt_secret_key(&bench.attempt, number_of(&bench, CMS_KEK), &words));
    cr_assert_eq(words, WORDS_NONE);
    assert_opened(&bench, true);
    tear_down(&bench);
}

Test(attempt, fails_for_a_certificate_that_it_is_not_for)
{
    struct bench bench = set_up();
    word_set words = WORDS_NONE;
    size_t number = number_of(&bench, CMS_KEY_AGREEMENT);
    assert_ok(attempt_certificate(&bench.attempt, number, bench.fixture->bob, &words));
    cr_assert_eq(words, WORD_BIT(WORD_DECRYPTION_FAILED));
    assert_opened(&bench, false);
    tear_down(&bench);
}
