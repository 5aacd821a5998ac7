#include "nss/nss_error.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <nss.h>
#include <prerror.h>
#include <secerr.h>
#include <string.h>

static struct error *error_after(int number)
{
    cr_assert_eq(NSS_NoDB_Init(NULL), SECSuccess); /* brings the names of the errors */
    PR_SetError(number, 0);
    return nss_error(ERR_DECRYPTION_FAILED, "while %s", "testing");
}

Test(nss_error, keeps_number_and_name)
{
    CLEANUP(error_free) struct error *error = error_after(SEC_ERROR_BAD_DATA);
    cr_expect_eq(error_get_code(error), ERR_DECRYPTION_FAILED);
    cr_expect_str_eq(error_get_foreign(error), "SEC_ERROR_BAD_DATA");
    cr_expect_str_eq(error_get_message(error), "while testing (SEC_ERROR_BAD_DATA)");
}

Test(nss_error, some_numbers_decide_the_code)
{
    assert_error(error_after(SEC_ERROR_NO_MEMORY), ERR_NO_MEMORY);
    assert_error(error_after(PR_OUT_OF_MEMORY_ERROR), ERR_NO_MEMORY);
    assert_error(error_after(SEC_ERROR_NO_TOKEN), ERR_TOKEN_ABSENT);
    assert_error(error_after(SEC_ERROR_PKCS11_DEVICE_ERROR), ERR_TOKEN_ABSENT);
    assert_error(error_after(SEC_ERROR_TOKEN_NOT_LOGGED_IN), ERR_TOKEN_LOCKED);
}

Test(nss_error, a_number_without_a_name_has_one_all_the_same)
{
    cr_expect_str_eq(nss_error_name(12345678), "UNKNOWN_ERROR");
    PR_SetError(SEC_ERROR_BAD_DER, 0);
    cr_expect_eq(nss_error_number(), SEC_ERROR_BAD_DER);
}
