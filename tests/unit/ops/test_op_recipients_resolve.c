#include "base/clock.h"
#include "base/limits.h"
#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <string.h>

#define METHOD "recipients.resolve"

enum { DAY = 86400 };

TestSuite(recipients_resolve, .fini = fixture_remove);

Test(recipients_resolve, refuses_parameters_that_are_not_of_the_table)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_refused(host, ERR_PARAMS, "params.addresses", METHOD, "{}");
    scene_refused(host, ERR_PARAMS, "params.addresses", METHOD, "{\"addresses\":\"a@b\"}");
    scene_refused(host, ERR_PARAMS, "params.addresses[1]", METHOD, "{\"addresses\":[\"a@b\",1]}");
    scene_refused(host, ERR_PARAMS, "params.network", METHOD,
                  "{\"addresses\":[],\"network\":\"all\"}");
    scene_refused_long(host, "params.addresses[0]", METHOD, "{\"addresses\":[\"",
                       LIMIT_PARAM_STRING + 1, "\"]}");
    scene_refused_long(host, "params.addresses[0]", METHOD, "{\"addresses\":[\"", LIMIT_ADDRESS + 1,
                       "\"]}");
}

Test(recipients_resolve, refuses_more_addresses_than_a_message_can_have)
{
    CLEANUP(host_free) struct host *host = scene_host();
    CLEANUP(buffer_free) struct buffer *text = NULL;
    cr_assert_null(buffer_new(0, &text));
    cr_assert_null(buffer_append_string(text, "{\"addresses\":[\"a\""));
    for (int i = 0; i < LIMIT_ADDRESSES; i++) {
        cr_assert_null(buffer_append_string(text, ",\"a\""));
    }
    cr_assert_null(buffer_append_string(text, "]}"));
    cr_assert_null(buffer_append_byte(text, 0));
    scene_refused(host, ERR_PARAMS, "params.addresses", METHOD, (const char *)text->data);
}

Test(recipients_resolve, tells_who_has_no_certificate)
{
    CLEANUP(host_free) struct host *host = scene_host();
    CLEANUP(json_free)
    struct json_object *result =
        scene_call(host, METHOD, "{\"addresses\":[\"nobody@example.org\",\"no address\",\"\"]}");
    cr_assert_eq(scene_count(result, "items"), 3);
    cr_assert_str_eq(scene_text(result, "items.0.status"), "missing");
    cr_assert_str_eq(scene_text(result, "items.1.status"), "missing");
    cr_assert_str_eq(scene_text(result, "items.2.status"), "missing");
    cr_assert_null(scene_at(result, "items.0.certificate"));
    cr_assert_eq(json_object_object_length(scene_at(result, "certificates")), 0);
}

Test(recipients_resolve, tells_who_has_one_that_cannot_be_used)
{
    CLEANUP(host_free) struct host *host = scene_people();
    int64_t now = clock_now();
    scene_person(host, "Over", "over@example.org", now - 10 * DAY, now - DAY);
    CLEANUP(json_free)
    struct json_object *result = scene_call(host, METHOD, "{\"addresses\":[\"over@example.org\"]}");
    cr_assert_str_eq(scene_text(result, "items.0.status"), "unusable");
    cr_assert(scene_has(result, "items.0.problems", "certificate-expired"));
    cr_assert_null(scene_at(result, "items.0.certificate"));
}

Test(recipients_resolve, names_the_certificate_to_use)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(json_free)
    struct json_object *result =
        scene_call(host, METHOD, "{\"addresses\":[\"bob@example.org\"],\"network\":\"policy\"}");
    const char *id = scene_text(result, "items.0.certificate");
    cr_assert_str_eq(scene_text(result, "items.0.status"), "usable");
    cr_assert_str_eq(scene_text(result, "items.0.address"), "bob@example.org");
    cr_assert_str_eq(scene_text(result, "items.0.source"), "database");
    cr_assert_eq(scene_count(result, "items.0.problems"), 0);
    cr_assert(scene_is(result, "items.0.required.sign", false));
    cr_assert(scene_is(result, "items.0.required.encrypt", false));
    struct json_object *named = json_object_object_get(scene_at(result, "certificates"), id);
    cr_assert_str_eq(scene_text(named, "subject"), "CN=Bob");
}

Test(recipients_resolve, names_the_newest_and_its_alternatives)
{
    static const char params[] = "{\"addresses\":[\"bob@example.org\",\"bob@example.org\"]}";
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(json_free) struct json_object *before = scene_call(host, METHOD, "%s", params);
    scene_person(host, "Bob", "bob@example.org", clock_now() - 60, 0);
    CLEANUP(json_free) struct json_object *result = scene_call(host, METHOD, "%s", params);
    const char *id = scene_text(result, "items.0.certificate");
    const char *old = scene_text(before, "items.0.certificate");
    cr_assert_str_neq(id, old);
    cr_assert_eq(scene_count(result, "items.0.alternatives"), 1);
    cr_assert(scene_has(result, "items.0.alternatives", old));
    cr_assert_str_eq(scene_text(result, "items.1.certificate"), id);
    cr_assert_eq(json_object_object_length(scene_at(result, "certificates")), 2);
}
