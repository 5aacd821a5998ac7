#include "base/limits.h"
#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <string.h>

#define METHOD "identities.import"
#define GARBAGE "{\"data\":{\"text\":\"this is no PKCS#12 file\"}}"

TestSuite(identities_import, .fini = fixture_remove);

static const struct scene_answer right = { MESSAGE_DONE, "p12" };
static const struct scene_answer wrong = { MESSAGE_DONE, "guess" };
static const struct scene_answer cancelled = { MESSAGE_REFUSED, NULL };

/* {"data": a PKCS#12 file with the password "p12"}, owned by the caller. */
static char *make_file(void)
{
    struct content *content = NULL;
    CLEANUP(json_free) struct json_object *object = NULL;
    struct json_object *data = NULL;
    fixture_identity("carol");
    CLEANUP(buffer_free) struct buffer *file = fixture_read("carol.p12");
    cr_assert_null(content_new(&content));
    cr_assert_null(content_append_copy(content, buffer_view(file)));
    cr_assert_null(json_new_object(&object));
    cr_assert_null(json_add_object(object, "data", &data));
    cr_assert_null(json_add_base64(data, "base64", content, 0, file->len));
    content_unref(content);
    return scene_json(object, "");
}

Test(identities_import, refuses_parameters_that_are_not_of_the_table)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_refused(host, ERR_PARAMS, "params.data", METHOD, "{}");
    scene_refused(host, ERR_PARAMS, "params.data", METHOD, "{\"data\":\"MII=\"}");
    scene_refused(host, ERR_PARAMS, "params.data.base64", METHOD,
                  "{\"data\":{\"base64\":\"M!I=\"}}");
    scene_refused(host, ERR_PARAMS, "params.password", METHOD,
                  "{\"data\":{\"text\":\"\"},\"password\":\"p12\"}");
}

Test(identities_import, refuses_what_is_no_file_of_its_kind)
{
    CLEANUP(host_free) struct host *host = scene_people();
    scene_refused(host, ERR_IMPORT_MALFORMED, NULL, METHOD, GARBAGE);
    scene_refused(host, ERR_IMPORT_MALFORMED, NULL, METHOD, "{\"data\":{\"text\":\"\"}}");
}

Test(identities_import, refuses_a_file_that_is_too_large_before_any_work)
{
    CLEANUP(host_free) struct host *host = scene_host();
    CLEANUP(buffer_free) struct buffer *text = NULL;
    uint8_t *letters = NULL;
    cr_assert_null(buffer_new(0, &text));
    cr_assert_null(buffer_append_string(text, "{\"data\":{\"text\":\""));
    cr_assert_null(buffer_extend(text, LIMIT_PKCS12 + 1, &letters));
    memset(letters, 'a', LIMIT_PKCS12 + 1);
    cr_assert_null(buffer_append_string(text, "\"}}"));
    cr_assert_null(buffer_append_byte(text, 0));
    scene_refused(host, ERR_IMPORT_MALFORMED, NULL, METHOD, (const char *)text->data);
    cr_assert_null(host->store);
}

Test(identities_import, needs_a_database)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_refused(host, ERR_DATABASE_UNAVAILABLE, NULL, METHOD, GARBAGE);
}

Test(identities_import, asks_for_the_password_only_where_it_may_and_can)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *params = make_file();
    scene_refused(host, ERR_PROMPT_UNAVAILABLE, NULL, METHOD, params);
    params[strlen(params) - 1] = '\0';
    CLEANUP(buffer_free) struct buffer *silent = NULL;
    cr_assert_null(buffer_new(0, &silent));
    cr_assert_null(buffer_printf(silent, "%s,\"interaction\":\"none\"}", params));
    cr_assert_null(buffer_append_byte(silent, 0));
    scene_refused(host, ERR_INTERACTION_FORBIDDEN, NULL, METHOD, (const char *)silent->data);
}

Test(identities_import, gives_up_after_three_wrong_passwords)
{
    struct scene_dialogs dialogs = { 0 };
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *params = make_file();
    scene_answer(host, &wrong, 1, &dialogs);
    scene_refused(host, ERR_IMPORT_PASSWORD, NULL, METHOD, params);
    cr_assert_eq(dialogs.count, 3);
    cr_assert(dialogs.complained);
}

Test(identities_import, stops_when_the_dialog_is_cancelled)
{
    struct scene_dialogs dialogs = { 0 };
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *params = make_file();
    scene_answer(host, &cancelled, 1, &dialogs);
    scene_refused(host, ERR_PIN_CANCELLED, NULL, METHOD, params);
    cr_assert_eq(dialogs.count, 1);
    cr_assert(!dialogs.complained);
}

Test(identities_import, imports_once_the_password_is_right)
{
    const struct scene_answer answers[] = { wrong, right };
    struct scene_dialogs dialogs = { 0 };
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *params = make_file();
    scene_answer(host, answers, ARRAY_SIZE(answers), &dialogs);
    CLEANUP(json_free) struct json_object *result = scene_call(host, METHOD, "%s", params);
    CLEANUP(json_free)
    struct json_object *found =
        scene_call(host, "certificates.list", "{\"mine\":true,\"query\":\"carol\"}");
    cr_assert_eq(dialogs.count, 2);
    cr_assert_eq(json_object_get_int(scene_at(result, "keys")), 1);
    cr_assert_eq(scene_count(result, "certificates"), 1);
    cr_assert_str_eq(scene_text(found, "items.0.id"), scene_text(result, "certificates.0"));
}

Test(identities_import, takes_the_password_of_the_terminal_without_a_dialog)
{
    struct scene_dialogs dialogs = { 0 };
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *params = make_file();
    scene_answer(host, &right, 1, &dialogs);
    host->pin = strdup("guess");
    scene_refused(host, ERR_IMPORT_PASSWORD, NULL, METHOD, params);
    string_free(host->pin);
    host->pin = strdup("p12");
    CLEANUP(json_free) struct json_object *result = scene_call(host, METHOD, "%s", params);
    cr_assert_eq(dialogs.count, 0);
    cr_assert_eq(json_object_get_int(scene_at(result, "keys")), 1);
}
