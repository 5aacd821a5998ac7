#include "base/limits.h"
#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define METHOD "certificates.list"

TestSuite(certificates_list, .fini = fixture_remove);

static int64_t total(struct host *host, const char *params)
{
    CLEANUP(json_free) struct json_object *result = scene_call(host, METHOD, "%s", params);
    return json_object_get_int64(scene_at(result, "total"));
}

Test(certificates_list, refuses_parameters_that_are_not_of_the_table)
{
    static const struct {
        const char *params;
        const char *path;
    } cases[] = {
        { "{\"mine\":\"yes\"}", "params.mine" },
        { "{\"purpose\":\"tls\"}", "params.purpose" },
        { "{\"limit\":-1}", "params.limit" },
        { "{\"offset\":-1}", "params.offset" },
        { "{\"offset\":2147483648}", "params.offset" },
        { "{\"limit\":1001}", "params.limit" },
        { "{\"limit\":1.5}", "params.limit" },
        { "{\"address\":null}", "params.address" },
    };
    CLEANUP(host_free) struct host *host = scene_host();
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        scene_refused(host, ERR_PARAMS, cases[i].path, METHOD, cases[i].params);
    }
    cr_assert_eq(LIMIT_LIST, 1000);
    scene_refused_long(host, "params.address", METHOD, "{\"address\":\"", LIMIT_ADDRESS + 1, "\"}");
    scene_refused_long(host, "params.query", METHOD, "{\"query\":\"", LIMIT_ADDRESS + 1, "\"}");
}

Test(certificates_list, lists_nothing_without_a_database)
{
    CLEANUP(host_free) struct host *host = scene_host();
    cr_assert_eq(total(host, "{\"mine\":true}"), 0);
    cr_assert_eq(total(host, "{\"address\":\"alice@example.org\"}"), 0);
}

Test(certificates_list, describes_a_certificate)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(json_free)
    struct json_object *result = scene_call(host, METHOD, "{\"address\":\"alice@example.org\"}");
    cr_assert_eq(scene_count(result, "items"), 1);
    cr_assert_eq(strlen(scene_text(result, "items.0.id")), 64);
    cr_assert_str_eq(scene_text(result, "items.0.subject"), "CN=Alice");
    cr_assert_str_eq(scene_text(result, "items.0.issuer"), "CN=Test CA");
    cr_assert_str_eq(scene_text(result, "items.0.addresses.0"), "alice@example.org");
    cr_assert_eq(json_object_get_int(scene_at(result, "items.0.keyBits")), 256);
    cr_assert(scene_has(result, "items.0.usages", "sign"));
    cr_assert(scene_has(result, "items.0.usages", "encrypt"));
    cr_assert(!scene_has(result, "items.0.usages", "ca"));
    cr_assert(scene_is(result, "items.0.mine", true));
}

Test(certificates_list, finds_by_key_purpose_and_words)
{
    static const struct {
        const char *params;
        int64_t total;
    } cases[] = {
        { "{\"mine\":true,\"purpose\":\"sign\"}", 2 },
        { "{\"mine\":true,\"purpose\":\"encrypt\"}", 2 },
        { "{\"mine\":true,\"purpose\":\"ca\"}", 1 },
        { "{\"mine\":false,\"query\":\"example.org\"}", 0 },
        { "{\"query\":\"ALICE\"}", 1 },
        { "{\"query\":\"Example.ORG\"}", 2 },
        { "{\"query\":\"Test CA\"}", 1 },
        { "{\"query\":\"%s%n\"}", 0 },
        { "{\"query\":\"alice\",\"address\":\"bob@example.org\"}", 0 },
        { "{\"address\":\"ALICE@EXAMPLE.org\"}", 1 },
        { "{\"address\":\"alice@EXAMPLE.org\"}", 1 },
        { "{\"address\":\"alice\"}", 0 },
        { "{\"address\":\"\"}", 0 },
    };
    CLEANUP(host_free) struct host *host = scene_people();
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        cr_assert_eq(total(host, cases[i].params), cases[i].total, "%s: %ld", cases[i].params,
                     (long)total(host, cases[i].params));
    }
}

Test(certificates_list, gives_a_page_and_the_whole_number)
{
    static const struct {
        const char *params;
        size_t items;
    } pages[] = {
        { "{\"mine\":true}", 3 },
        { "{\"mine\":true,\"limit\":0}", 0 },
        { "{\"mine\":true,\"limit\":2}", 2 },
        { "{\"mine\":true,\"limit\":2,\"offset\":2}", 1 },
        { "{\"mine\":true,\"offset\":3}", 0 },
        { "{\"mine\":true,\"offset\":2147483647,\"limit\":1000}", 0 },
    };
    CLEANUP(host_free) struct host *host = scene_people();
    for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
        CLEANUP(json_free)
        struct json_object *result = scene_call(host, METHOD, "%s", pages[i].params);
        cr_assert_eq(scene_count(result, "items"), pages[i].items, "%s", pages[i].params);
        cr_assert_eq(json_object_get_int(scene_at(result, "total")), 3, "%s", pages[i].params);
    }
}

Test(certificates_list, gives_each_item_on_one_page_only)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(json_free) struct json_object *all = scene_call(host, METHOD, "{\"mine\":true}");
    for (int i = 0; i < 3; i++) {
        char path[32];
        CLEANUP(json_free)
        struct json_object *one =
            scene_call(host, METHOD, "{\"mine\":true,\"limit\":1,\"offset\":%d}", i);
        (void)snprintf(path, sizeof(path), "items.%d.id", i);
        cr_assert_str_eq(scene_text(one, "items.0.id"), scene_text(all, path));
    }
}

Test(certificates_list, tells_by_the_generation_that_something_changed)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(json_free) struct json_object *before = scene_call(host, METHOD, "{}");
    CLEANUP(json_free) struct json_object *again = scene_call(host, METHOD, "{}");
    scene_person(host, "Carol", "carol@example.org", 0, 0);
    CLEANUP(json_free) struct json_object *after = scene_call(host, METHOD, "{}");
    int64_t generation = json_object_get_int64(scene_at(before, "generation"));
    cr_assert_eq(json_object_get_int64(scene_at(again, "generation")), generation);
    cr_assert_neq(json_object_get_int64(scene_at(after, "generation")), generation);
    cr_assert_eq(total(host, "{\"query\":\"carol\"}"), 1);
}
