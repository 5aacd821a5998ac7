#include "base/error.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const enum error_code all_codes[] = {
#define ERROR(code, rpc, reason, summary) code,
#include "base/error_codes.def"
#undef ERROR
};

static bool is_kebab_case(const char *word)
{
    return word[0] >= 'a' && word[strspn(word, "abcdefghijklmnopqrstuvwxyz-0123456789")] == '\0';
}

Test(error_code, every_row_has_a_word_a_number_and_a_sentence)
{
    cr_assert_eq(ARRAY_SIZE(all_codes), ERROR_CODE_COUNT);
    for (size_t i = 0; i < ARRAY_SIZE(all_codes); i++) {
        enum error_code code = all_codes[i];
        cr_assert(is_kebab_case(error_code_reason(code)), "%s", error_code_reason(code));
        cr_assert_gt(strlen(error_code_summary(code)), 5);
        cr_assert_lt(error_code_rpc(code), -31999);
        cr_assert_gt(error_code_rpc(code), -32801);
    }
}

Test(error_code, reasons_are_unique_but_for_no_memory)
{
    for (size_t i = 0; i < ARRAY_SIZE(all_codes); i++) {
        for (size_t j = i + 1; j < ARRAY_SIZE(all_codes); j++) {
            bool same =
                strcmp(error_code_reason(all_codes[i]), error_code_reason(all_codes[j])) == 0;
            cr_assert(!same || all_codes[j] == ERR_NO_MEMORY, "%s",
                      error_code_reason(all_codes[i]));
        }
    }
}

Test(error_code, json_rpc_numbers_are_those_of_the_specification)
{
    cr_assert_eq(error_code_rpc(ERR_JSON), -32700);
    cr_assert_eq(error_code_rpc(ERR_REQUEST), -32600);
    cr_assert_eq(error_code_rpc(ERR_METHOD_UNKNOWN), -32601);
    cr_assert_eq(error_code_rpc(ERR_PARAMS), -32602);
    cr_assert_eq(error_code_rpc(ERR_CANCELLED), -32800);
    cr_assert_eq(error_code_rpc(ERR_INTERNAL), -32000);
}

Test(error_new, keeps_code_and_message)
{
    CLEANUP(error_free) struct error *error = error_new(ERR_PARAMS, "%s is %d", "x", 7);
    cr_assert_eq(error_get_code(error), ERR_PARAMS);
    cr_assert_str_eq(error_get_message(error), "x is 7");
    cr_assert_null(error_get_cause(error));
    cr_assert_null(error_get_path(error));
    cr_assert_null(error_get_hint(error));
    cr_assert_null(error_get_foreign(error));
}

Test(error_new, cuts_a_message_that_is_too_long)
{
    char text[5000];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    CLEANUP(error_free) struct error *error = error_new(ERR_INTERNAL, "%s", text);
    cr_assert_geq(strlen(error_get_message(error)), 100);
    cr_assert_lt(strlen(error_get_message(error)), 1000);
}

Test(error_wrap, builds_a_chain_with_the_outermost_code_first)
{
    struct error *inner = error_new(ERR_INTERNAL, "read failed");
    struct error *middle = error_wrap(inner, ERR_CMS_MALFORMED, "while reading the signers");
    CLEANUP(error_free) struct error *outer = error_wrap(middle, ERR_MESSAGE_MALFORMED, "part 1.2");
    cr_assert_eq(error_get_code(outer), ERR_MESSAGE_MALFORMED);
    cr_assert_eq(error_get_cause(outer), middle);
    cr_assert_eq(error_get_cause(middle), inner);
    cr_assert_null(error_get_cause(inner));
}

Test(error_wrap, takes_no_cause)
{
    CLEANUP(error_free) struct error *error = error_wrap(NULL, ERR_PARAMS, "alone");
    cr_assert_null(error_get_cause(error));
}

Test(error_get, finds_details_in_the_causes)
{
    struct error *inner = error_new(ERR_INTERNAL, "inner");
    error_set_foreign(inner, -8172, "SEC_ERROR_UNTRUSTED_ISSUER");
    error_set_path(inner, "params.message.base64");
    error_set_hint(inner, "insert the card");
    CLEANUP(error_free) struct error *outer = error_wrap(inner, ERR_PARAMS, "outer");
    cr_assert_str_eq(error_get_foreign(outer), "SEC_ERROR_UNTRUSTED_ISSUER");
    cr_assert_str_eq(error_get_path(outer), "params.message.base64");
    cr_assert_str_eq(error_get_hint(outer), "insert the card");
    error_set_hint(outer, "nearer");
    cr_assert_str_eq(error_get_hint(outer), "nearer");
}

Test(error_set, cuts_path_and_hint_at_their_documented_length)
{
    char text[600];
    memset(text, 'p', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    CLEANUP(error_free) struct error *error = error_new(ERR_PARAMS, "long");
    error_set_path(error, text);
    error_set_hint(error, text);
    cr_assert_eq(strlen(error_get_path(error)), 127);
    cr_assert_eq(strlen(error_get_hint(error)), 255);
}

Test(error_no_memory, is_never_changed_and_never_freed)
{
    struct error *error = error_no_memory();
    error_set_path(error, "params");
    error_set_hint(error, "buy more");
    error_set_foreign(error, 1, "X");
    error_free(error);
    cr_assert_eq(error_get_code(error_no_memory()), ERR_NO_MEMORY);
    cr_assert_null(error_get_path(error_no_memory()));
    cr_assert_null(error_get_hint(error_no_memory()));
    cr_assert_null(error_get_foreign(error_no_memory()));
    assert_error(error_no_memory(), ERR_NO_MEMORY);
}

Test(error_no_memory, can_be_the_cause_of_another)
{
    CLEANUP(error_free)
    struct error *error = error_wrap(error_no_memory(), ERR_INTERNAL, "while copying");
    cr_assert_eq(error_get_code(error_get_cause(error)), ERR_NO_MEMORY);
}

Test(error_new_errno, names_what_the_number_means)
{
    CLEANUP(error_free) struct error *error = error_new_errno(ENOENT, "open %s", "a.json");
    cr_assert_eq(error_get_code(error), ERR_INTERNAL);
    cr_assert_str_eq(error_get_message(error), "open a.json: No such file or directory");
    assert_error(error_new_errno(ENOMEM, "mmap"), ERR_NO_MEMORY);
}

Test(error_new_errno, takes_a_number_that_means_nothing)
{
    CLEANUP(error_free) struct error *error = error_new_errno(99999, "odd");
    cr_assert(strncmp(error_get_message(error), "odd: ", 5) == 0);
}

Test(error_free, takes_null)
{
    error_free(NULL);
}

static struct error *fails(enum error_code code)
{
    return error_new(code, "failed");
}

static struct error *tries(struct error *error, bool *ret_went_on)
{
    *ret_went_on = false;
    TRY(error);
    *ret_went_on = true;
    return NULL;
}

static struct error *try_wraps(struct error *error)
{
    TRY_WRAP(error, ERR_CMS_MALFORMED, "in part %d", 3);
    return NULL;
}

Test(try, returns_the_error_and_goes_on_without)
{
    bool went_on = true;
    assert_error(tries(fails(ERR_JSON), &went_on), ERR_JSON);
    cr_assert_not(went_on);
    assert_ok(tries(NULL, &went_on));
    cr_assert(went_on);
}

Test(try_wrap, adds_a_link)
{
    CLEANUP(error_free) struct error *error = try_wraps(fails(ERR_INTERNAL));
    cr_assert_eq(error_get_code(error), ERR_CMS_MALFORMED);
    cr_assert_str_eq(error_get_message(error), "in part 3");
    cr_assert_eq(error_get_code(error_get_cause(error)), ERR_INTERNAL);
    assert_ok(try_wraps(NULL));
}

Test(error_add_recipient, keeps_each_with_its_reason_and_is_found_behind_a_link)
{
    const char *address = NULL;
    enum error_code reason = ERR_INTERNAL;
    struct error *cause = error_new(ERR_RECIPIENT_MISSING, "x");
    cr_assert_not(error_get_recipient(cause, 0, &address, &reason));
    error_add_recipient(cause, "a@x.org", ERR_RECIPIENT_MISSING);
    error_add_recipient(cause, "b@x.org", ERR_RECIPIENT_UNUSABLE);
    CLEANUP(error_free) struct error *error = error_wrap(cause, ERR_INTERNAL, "while trying");
    cr_assert(error_get_recipient(error, 1, &address, &reason));
    cr_assert_str_eq(address, "b@x.org");
    cr_assert_eq(reason, ERR_RECIPIENT_UNUSABLE);
    cr_assert_not(error_get_recipient(error, 2, &address, &reason));
    cr_assert_not(error_get_recipient(NULL, 0, &address, &reason));
}

Test(error_add_recipient, leaves_the_static_error_alone)
{
    const char *address = NULL;
    enum error_code reason = ERR_INTERNAL;
    struct error *error = error_no_memory();
    error_add_recipient(error, "a@x.org", ERR_RECIPIENT_MISSING);
    cr_assert_not(error_get_recipient(error, 0, &address, &reason));
    error_free(error);
}
