#include "rpc/path.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

Test(path, goes_in_and_out)
{
    struct path path;
    path_start(&path, "params");
    size_t outer = path_enter(&path, "recipients");
    size_t inner = path_enter_index(&path, 12);
    (void)path_enter(&path, "address");
    cr_assert_str_eq(path.text, "params.recipients[12].address");
    path_leave(&path, inner);
    cr_assert_str_eq(path.text, "params.recipients");
    path_leave(&path, outer);
    cr_assert_str_eq(path.text, "params");
}

Test(path, stops_at_its_end)
{
    struct path path;
    path_start(&path, "params");
    for (size_t i = 0; i < LIMIT_PARAM_PATH; i++) {
        (void)path_enter(&path, "deep");
        (void)path_enter_index(&path, i);
    }
    cr_assert_eq(strlen(path.text), LIMIT_PARAM_PATH - 1);
    struct error *error = path_error(&path, ERR_PARAMS, "is wrong");
    cr_assert_str_eq(error_get_path(error), path.text);
    assert_error(error, ERR_PARAMS);
}
