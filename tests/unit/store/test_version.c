#include "store/version.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(version, is_a_number_that_is_new_enough)
{
    char *rest = NULL;
    const char *version = version_nss();
    long major = strtol(version, &rest, 10);
    cr_assert_eq(*rest, '.');
    long minor = strtol(rest + 1, NULL, 10);
    cr_expect(major > 3 || (major == 3 && minor >= 87), "%s", version);
}
