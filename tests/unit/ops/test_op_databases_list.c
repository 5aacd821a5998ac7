#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>

TestSuite(databases_list, .fini = fixture_remove);

Test(databases_list, tells_the_configuration_is_wrong)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_configure(host, "[]");
    scene_refused(host, ERR_POLICY_FORBIDS, NULL, "databases.list", "{}");
}

Test(databases_list, lists_what_is_open)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(json_free) struct json_object *result = scene_call(host, "databases.list", "{}");
    cr_assert_eq(scene_count(result, "items"), 1);
    cr_assert_eq(json_object_get_int(scene_at(result, "total")), 1);
    cr_assert_str_eq(scene_text(result, "items.0.state"), "open");
}

Test(databases_list, tells_by_the_generation_that_something_changed)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(json_free) struct json_object *before = scene_call(host, "databases.list", "{}");
    scene_person(host, "Carol", "carol@example.org", 0, 0);
    CLEANUP(json_free) struct json_object *after = scene_call(host, "databases.list", "{}");
    cr_assert_neq(json_object_get_int64(scene_at(before, "generation")),
                  json_object_get_int64(scene_at(after, "generation")));
}
