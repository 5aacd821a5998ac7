/* Helpers shared by the unit tests. */
#ifndef SEALPOST_TESTS_UNIT_SUPPORT_H
#define SEALPOST_TESTS_UNIT_SUPPORT_H

#include "base/error.h"

/* Asserts success; prints the whole chain of the error otherwise. Frees it. */
void support_ok(struct error *error, const char *file, int line);
/* Asserts this very code. Frees the error. */
void support_error(struct error *error, enum error_code code, const char *file, int line);

#define assert_ok(expression) support_ok((expression), __FILE__, __LINE__)
#define assert_error(expression, code) support_error((expression), (code), __FILE__, __LINE__)

#endif
