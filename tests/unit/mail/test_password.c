#include "base/limits.h"
#include "mail/password.h"
#include "store/dialog.h"
#include "support/support.h"

#include <criterion/criterion.h>

static struct mail_context context_of(struct dialog *dialog)
{
    return (struct mail_context){
        .interaction = { .allowed = true },
        .remote = dialog_remote(dialog),
    };
}

Test(password, asks_nobody_where_that_is_not_allowed_or_not_possible)
{
    struct dialog dialog = { .answers = (const char *[]){ "secret" } };
    struct mail_context context = context_of(&dialog);
    struct buffer *password = NULL;
    context.interaction.allowed = false;
    assert_error(password_ask(&context, "title", NULL, &password), ERR_INTERACTION_FORBIDDEN);
    assert_error(password_ask_new(&context, &password), ERR_INTERACTION_FORBIDDEN);
    context.password = ""; /* an empty file is nothing that was given */
    cr_assert_not(password_is_given(&context));
    assert_error(password_ask(&context, "title", NULL, &password), ERR_INTERACTION_FORBIDDEN);
    context.interaction.allowed = true;
    context.remote = NULL;
    assert_error(password_ask(&context, "title", NULL, &password), ERR_PROMPT_UNAVAILABLE);
    cr_assert_eq(dialog.asked, 0);
}

Test(password, is_cancelled_by_the_person)
{
    struct dialog dialog = { .answers = (const char *[]){ NULL, "one", NULL } };
    struct mail_context context = context_of(&dialog);
    struct buffer *password = NULL;
    assert_error(password_ask(&context, "title", "again", &password), ERR_PIN_CANCELLED);
    cr_assert(dialog.saw_complaint);
    assert_error(password_ask_new(&context, &password), ERR_PIN_CANCELLED);
    cr_assert_eq(dialog.asked, 3);
}

Test(password, gives_up_after_as_many_tries_as_the_limit_says)
{
    static const char *const answers[] = { "one", "two", "", "three", "four", "never asked" };
    struct dialog dialog = { .answers = answers };
    struct mail_context context = context_of(&dialog);
    struct buffer *password = NULL;
    assert_error(password_ask_new(&context, &password), ERR_PIN_INCORRECT);
    cr_assert_eq(dialog.asked, 5);
    cr_assert_eq(LIMIT_PASSWORD_TRIES, 3);
}

Test(password, takes_what_was_typed_twice)
{
    static const char *const answers[] = { "one", "two", "same", "same" };
    struct dialog dialog = { .answers = answers };
    struct mail_context context = context_of(&dialog);
    CLEANUP(buffer_free) struct buffer *password = NULL;
    assert_ok(password_ask_new(&context, &password));
    cr_assert(bytes_equal(buffer_view(password), BYTES_LITERAL("same")));
    cr_assert(dialog.saw_complaint);
}

Test(password, takes_one_given_beforehand_without_a_dialog)
{
    struct dialog dialog = { .answers = (const char *[]){ "typed" } };
    struct mail_context context = context_of(&dialog);
    CLEANUP(buffer_free) struct buffer *old = NULL;
    CLEANUP(buffer_free) struct buffer *new = NULL;
    context.interaction.allowed = false;
    context.password = "given";
    cr_assert(password_is_given(&context));
    assert_ok(password_ask(&context, "title", NULL, &old));
    assert_ok(password_ask_new(&context, &new));
    cr_assert(bytes_equal(buffer_view(old), BYTES_LITERAL("given")));
    cr_assert(bytes_equal(buffer_view(new), BYTES_LITERAL("given")));
    cr_assert_eq(dialog.asked, 0);
}
