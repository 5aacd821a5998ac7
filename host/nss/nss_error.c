#include "nss/nss_error.h"

#include <prerror.h>
#include <secerr.h>
#include <stdarg.h>
#include <stdio.h>

enum { TEXT_SIZE = 200 };

int nss_error_number(void)
{
    return PR_GetError();
}

const char *nss_error_name(int number)
{
    const char *name = PR_ErrorToName(number);
    return name ? name : "UNKNOWN_ERROR";
}

static enum error_code code_for(int number, enum error_code code)
{
    switch (number) {
    case PR_OUT_OF_MEMORY_ERROR:
    case SEC_ERROR_NO_MEMORY:
        return ERR_NO_MEMORY;
    case SEC_ERROR_NO_TOKEN:
    case SEC_ERROR_PKCS11_DEVICE_ERROR:
        return ERR_TOKEN_ABSENT;
    case SEC_ERROR_TOKEN_NOT_LOGGED_IN:
        return ERR_TOKEN_LOCKED;
    default:
        return code;
    }
}

struct error *nss_error(enum error_code code, const char *format, ...)
{
    int number = PR_GetError();
    const char *name = nss_error_name(number);

    char text[TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);

    struct error *error = error_new(code_for(number, code), "%s (%s)", text, name);
    error_set_foreign(error, number, name);
    return error;
}
