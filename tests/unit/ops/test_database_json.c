#include "ops/database_json.h"
#include "ops/scene.h"
#include "ops/start.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>

TestSuite(database_json, .fini = fixture_remove);

/* What is told of the database "nssdb" in the home folder. */
static struct json_object *told(struct host *host)
{
    struct json_object *object = NULL;
    if (!host->database) {
        host->database = strdup("nssdb");
    }
    assert_ok(start_store(host));
    assert_ok(json_new_object(&object));
    assert_ok(database_json_add(object, "databases", host->store));
    cr_assert_eq(scene_count(object, "databases"), 1);
    return object;
}

Test(database_json, tells_of_one_that_is_not_there)
{
    CLEANUP(host_free) struct host *host = scene_host();
    CLEANUP(json_free) struct json_object *object = told(host);
    cr_assert_str_eq(scene_text(object, "databases.0.state"), "absent");
    cr_assert(scene_is(object, "databases.0.writable", false));
}

Test(database_json, tells_of_one_that_is_damaged)
{
    CLEANUP(host_free) struct host *host = scene_host();
    cr_assert_eq(mkdir("nssdb", S_IRWXU), 0);
    fixture_write("nssdb/cert9.db", BYTES_LITERAL("this is no database"));
    fixture_write("nssdb/key4.db", BYTES_LITERAL("this is no database"));
    CLEANUP(json_free) struct json_object *object = told(host);
    cr_assert_str_eq(scene_text(object, "databases.0.state"), "corrupt");
}

Test(database_json, tells_of_one_that_is_open)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(json_free) struct json_object *object = told(host);
    cr_assert_str_eq(scene_text(object, "databases.0.state"), "open");
    cr_assert_str_eq(scene_text(object, "databases.0.kind"), "nssdb");
    cr_assert_not_null(strstr(scene_text(object, "databases.0.path"), "nssdb"));
    cr_assert(scene_is(object, "databases.0.writable", true));
}
