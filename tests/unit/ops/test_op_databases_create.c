#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

TestSuite(databases_create, .fini = fixture_remove);

static const struct scene_answer yes = { MESSAGE_DONE, NULL };
static const struct scene_answer no = { MESSAGE_REFUSED, NULL };

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

Test(databases_create, refuses_parameters_that_are_not_of_the_table)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_refused(host, ERR_PARAMS, "params.kind", "databases.create", "{\"kind\":\"firefox\"}");
    scene_refused(host, ERR_PARAMS, "params.path", "databases.create", "{\"path\":\"/tmp/x\"}");
}

Test(databases_create, creates_nothing_where_nobody_can_be_asked)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_refused(host, ERR_PROMPT_UNAVAILABLE, NULL, "databases.create", "{}");
    scene_refused(host, ERR_INTERACTION_FORBIDDEN, NULL, "databases.create",
                  "{\"interaction\":\"none\"}");
    cr_assert(!exists(".pki"));
    cr_assert(!exists(".local"));
}

Test(databases_create, asks_nobody_where_no_dialog_is_allowed)
{
    struct scene_dialogs dialogs = { 0 };
    CLEANUP(host_free) struct host *host = scene_host();
    scene_answer(host, &yes, 1, &dialogs);
    scene_refused(host, ERR_INTERACTION_FORBIDDEN, NULL, "databases.create",
                  "{\"interaction\":\"none\"}");
    cr_assert_eq(dialogs.count, 0);
    cr_assert(!exists(".pki"));
}

Test(databases_create, takes_no_for_an_answer)
{
    struct scene_dialogs dialogs = { 0 };
    CLEANUP(host_free) struct host *host = scene_host();
    scene_answer(host, &no, 1, &dialogs);
    scene_refused(host, ERR_CONSENT_REFUSED, NULL, "databases.create",
                  "{\"site\":\"https://mail.example\"}");
    cr_assert_eq(dialogs.count, 1);
    cr_assert_str_eq(dialogs.site, "https://mail.example");
    cr_assert(!exists(".pki"));
}

Test(databases_create, creates_one_that_only_its_owner_can_read)
{
    struct scene_dialogs dialogs = { 0 };
    struct stat status;
    CLEANUP(host_free) struct host *host = scene_host();
    scene_answer(host, &yes, 1, &dialogs);
    CLEANUP(json_free)
    struct json_object *result = scene_call(host, "databases.create", "{\"kind\":\"nssdb\"}");
    cr_assert_not_null(strstr(scene_text(result, "path"), "/.pki/nssdb"));
    cr_assert(scene_is(result, "restart", true));
    cr_assert(exists(".pki/nssdb/cert9.db"));
    cr_assert_eq(stat(".pki/nssdb", &status), 0);
    cr_assert_eq(status.st_mode & (S_IRWXG | S_IRWXO), 0);
    scene_refused(host, ERR_DATABASE_UNAVAILABLE, NULL, "databases.create", "{}");
}

/* It was created in the home folder, where the next start would not have looked for it. */
Test(databases_create, creates_the_one_that_is_configured)
{
    struct scene_dialogs dialogs = { 0 };
    char config[256];
    CLEANUP(host_free) struct host *host = scene_host();
    (void)snprintf(config, sizeof(config), "{\"database\":\"%s/mine\"}", fixture_directory());
    scene_configure(host, config);
    scene_answer(host, &yes, 1, &dialogs);
    CLEANUP(json_free) struct json_object *result = scene_call(host, "databases.create", "{}");
    cr_assert_not_null(strstr(scene_text(result, "path"), "/mine"));
    cr_assert(exists("mine/cert9.db"));
    cr_assert(!exists(".pki"));
}

Test(databases_create, creates_the_one_that_was_named)
{
    struct scene_dialogs dialogs = { 0 };
    CLEANUP(host_free) struct host *host = scene_host();
    host->database = strdup("named");
    scene_answer(host, &yes, 1, &dialogs);
    CLEANUP(json_free) struct json_object *result = scene_call(host, "databases.create", "{}");
    cr_assert_str_eq(scene_text(result, "path"), "named");
    cr_assert(exists("named/cert9.db"));
}
