#include "rpc/method.h"
#include "rpc/sample_methods.h"
#include "support/support.h"
#include "wire/json.h"

#include <criterion/criterion.h>

Test(method, is_found_by_its_exact_name)
{
    cr_assert_null(method_find(&sample_methods, ""));
    cr_assert_null(method_find(&sample_methods, "Echo"));
    cr_assert_null(method_find(&sample_methods, "echo "));
    cr_assert_str_eq(method_find(&sample_methods, "echo")->name, "echo");
}

Test(method, describes_its_parameters)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    struct json_object *names = NULL;
    assert_ok(method_describe(&sample_methods, &object));
    cr_assert_eq((size_t)json_object_object_length(object), sample_methods.count + 4);
    cr_assert(json_get_array(object, "echo", &names));
    cr_assert_str_eq(json_object_to_json_string_ext(names, 0), "[\"data\",\"delay\"]");
    cr_assert(json_get_array(object, "who", &names));
    cr_assert_str_eq(json_object_to_json_string_ext(names, 0), "[\"site\",\"interaction\"]");
    cr_assert(json_get_array(object, "blob.append", &names));
    cr_assert_str_eq(json_object_to_json_string_ext(names, 0), "[\"blob\",\"base64\"]");
}
