#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>

void support_ok(struct error *error, const char *file, int line)
{
    for (const struct error *link = error; link; link = error_get_cause(link)) {
        (void)fprintf(stderr, "%s:%d: %s: %s\n", file, line,
                      error_code_reason(error_get_code(link)), error_get_message(link));
    }
    bool failed = error != NULL;
    error_free(error);
    cr_assert_not(failed, "%s:%d: an error came back", file, line);
}

void support_error(struct error *error, enum error_code code, const char *file, int line)
{
    cr_assert_not_null(error, "%s:%d: no error came back", file, line);
    enum error_code seen = error_get_code(error);
    error_free(error);
    cr_assert_eq(seen, code, "%s:%d: %s came back in place of %s", file, line,
                 error_code_reason(seen), error_code_reason(code));
}
