/* The one door by which NSS's errors enter: reads the thread's PORT_GetError at once and keeps its
 * number and name. Says nothing about what the failure means for a message: the caller picks the
 * code. */
#ifndef SEALPOST_NSS_NSS_ERROR_H
#define SEALPOST_NSS_NSS_ERROR_H

#include "base/error.h"

/* A new error with the code and text given, and NSS's present error behind it. Call it directly
 * after the NSS function that failed. A token that is gone or not logged in, or memory that is out,
 * overrides `code` by ERR_TOKEN_ABSENT, ERR_TOKEN_LOCKED or ERR_NO_MEMORY. */
struct error *nss_error(enum error_code code, const char *format, ...) MUST_USE NEVER_NULL
    PRINTF_LIKE(2, 3);

/* The present NSS error number of this thread, 0 if there is none, and its name ("SEC_ERROR_…"). */
int nss_error_number(void);
const char *nss_error_name(int number); /* a static string, never NULL */

#endif
