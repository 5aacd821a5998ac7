#include "base/clock.h"
#include "base/limits.h"
#include "ops/scene.h"
#include "store/fixture.h"
#include "store/version.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define CLIENT "\"client\":{\"name\":\"test\",\"version\":\"1\"}"
#define HELLO "{" CLIENT ",\"protocol\":1}"

enum { DAY = 86400 };

TestSuite(host_hello, .fini = fixture_remove);

Test(host_hello, refuses_another_protocol)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_refused(host, ERR_PROTOCOL_UNSUPPORTED, NULL, "host.hello",
                  "{" CLIENT ",\"protocol\":2}");
    scene_refused(host, ERR_PROTOCOL_UNSUPPORTED, NULL, "host.hello",
                  "{" CLIENT ",\"protocol\":0}");
    cr_assert_null(host->store, "NSS was started for a caller that can't be answered");
}

Test(host_hello, refuses_a_caller_that_is_not_on_the_list)
{
    static const char *const strangers[] = {
        "@other", "", "@sealpost2", "chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/"
    };
    CLEANUP(host_free) struct host *host = scene_host();
    for (size_t i = 0; i < ARRAY_SIZE(strangers); i++) {
        host->origin = strangers[i];
        scene_refused(host, ERR_ORIGIN_NOT_ALLOWED, NULL, "host.hello", HELLO);
    }
    cr_assert_null(host->store, "NSS was started for a stranger");
}

Test(host_hello, refuses_parameters_that_are_not_of_the_table)
{
    static const struct {
        const char *params;
        const char *path;
    } cases[] = {
        { "{\"protocol\":1}", "params.client" },
        { "{" CLIENT "}", "params.protocol" },
        { "{" CLIENT ",\"protocol\":\"1\"}", "params.protocol" },
        { "{" CLIENT ",\"protocol\":-1}", "params.protocol" },
        { "{" CLIENT ",\"protocol\":4294967297}", "params.protocol" },
        { "{\"client\":{\"name\":\"x\"},\"protocol\":1}", "params.client.version" },
        { "{\"client\":{\"name\":1,\"version\":\"1\"},\"protocol\":1}", "params.client.name" },
        { "{\"client\":{\"name\":\"x\",\"version\":\"1\",\"y\":1},\"protocol\":1}",
          "params.client.y" },
    };
    CLEANUP(host_free) struct host *host = scene_host();
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        scene_refused(host, ERR_PARAMS, cases[i].path, "host.hello", cases[i].params);
    }
    scene_refused_long(host, "params.client.name", "host.hello", "{\"client\":{\"name\":\"",
                       LIMIT_ID_LENGTH + 1, "\",\"version\":\"1\"},\"protocol\":1}");
    scene_refused_long(host, "params.locale", "host.hello",
                       "{" CLIENT ",\"protocol\":1,\"locale\":\"", LIMIT_ID_LENGTH + 1, "\"}");
    scene_refused_long(host, "params.site", "host.hello", "{" CLIENT ",\"protocol\":1,\"site\":\"",
                       LIMIT_SITE + 1, "\"}");
}

Test(host_hello, tells_who_and_what_it_is)
{
    CLEANUP(host_free) struct host *host = scene_host();
    host->origin = "@sealpost";
    CLEANUP(json_free) struct json_object *result = scene_call(host, "host.hello", HELLO);
    cr_assert_str_eq(scene_text(result, "version"), SEALPOST_VERSION);
    cr_assert_str_eq(scene_text(result, "nss"), version_nss());
    cr_assert_str_eq(scene_text(result, "origin"), "@sealpost");
    cr_assert_eq(json_object_get_int(scene_at(result, "protocol")), 1);
}

Test(host_hello, describes_every_method_of_the_table)
{
    CLEANUP(host_free) struct host *host = scene_host();
    CLEANUP(json_free) struct json_object *result = scene_call(host, "host.hello", HELLO);
    struct json_object *methods = scene_at(result, "methods");
    for (size_t i = 0; i < ops_methods()->count; i++) {
        const struct rpc_method *method = ops_methods()->items[i];
        struct json_object *names = json_object_object_get(methods, method->name);
        size_t common = method->flags & METHOD_INTERACTIVE ? 2 : 0;
        cr_assert_not_null(names, "%s", method->name);
        cr_assert_eq(json_object_array_length(names), method->request.count + common, "%s",
                     method->name);
        for (size_t k = 0; k < method->request.count; k++) {
            const char *name = json_object_get_string(json_object_array_get_idx(names, k));
            cr_assert_str_eq(name, method->request.params[k].name);
        }
    }
}

Test(host_hello, has_capabilities_in_every_group)
{
    static const char *const groups[] = { "digest",
                                          "sign",
                                          "verify",
                                          "keyTransport",
                                          "keyAgreement",
                                          "kek",
                                          "password",
                                          "contentEncryption.encrypt",
                                          "contentEncryption.decrypt",
                                          "revocation" };
    CLEANUP(host_free) struct host *host = scene_host();
    CLEANUP(json_free) struct json_object *result = scene_call(host, "host.hello", HELLO);
    for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
        char path[64];
        (void)snprintf(path, sizeof(path), "capabilities.%s", groups[i]);
        cr_assert_gt(scene_count(result, path), 0, "%s", groups[i]);
    }
    cr_assert(scene_has(result, "capabilities.digest", "sha256"));
    cr_assert(scene_is(result, "capabilities.directory", false));
    cr_assert(scene_is(result, "capabilities.sandbox", false));
    cr_assert(scene_has(result, "capabilities.headerProtection", "signed"));
    cr_assert(scene_has(result, "capabilities.headerProtection", "confidential"));
    cr_assert_str_eq(scene_text(result, "policy.headerProtection"), "signed");
}

Test(host_hello, tells_the_limits_of_the_program)
{
    static const struct {
        const char *name;
        size_t value;
    } limits[] = {
        { "frameIn", LIMIT_FRAME_IN },
        { "frameOut", LIMIT_FRAME_OUT },
        { "inlineData", LIMIT_INLINE_DATA },
        { "message", LIMIT_MESSAGE },
        { "blobs", LIMIT_BLOBS },
        { "blobsTotal", LIMIT_BLOBS_TOTAL },
        { "blobRead", LIMIT_BLOB_READ },
        { "requests", LIMIT_IN_FLIGHT },
    };
    CLEANUP(host_free) struct host *host = scene_host();
    CLEANUP(json_free) struct json_object *result = scene_call(host, "host.hello", HELLO);
    struct json_object *told = scene_at(result, "limits");
    cr_assert_eq((size_t)json_object_object_length(told), ARRAY_SIZE(limits));
    for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
        int64_t value = 0;
        cr_assert(json_get_integer(told, limits[i].name, &value));
        cr_assert_eq((size_t)value, limits[i].value, "%s", limits[i].name);
    }
}

Test(host_hello, tells_the_policy_and_the_limit_that_it_lowers)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_configure(host, "{\"maxMessage\":5000,\"revocation\":\"hard\",\"minRsaBits\":3072}");
    CLEANUP(json_free) struct json_object *result = scene_call(host, "host.hello", HELLO);
    cr_assert_eq(json_object_get_int(scene_at(result, "limits.message")), 5000);
    cr_assert_eq(json_object_get_int(scene_at(result, "policy.maxMessage")), 5000);
    cr_assert_eq(json_object_get_int(scene_at(result, "policy.minRsaBits")), 3072);
    cr_assert_str_eq(scene_text(result, "policy.revocation"), "hard");
    cr_assert(scene_is(result, "policy.network", false));
}

Test(host_hello, tells_of_a_database_that_is_not_there)
{
    CLEANUP(host_free) struct host *host = scene_host();
    host->database = strdup("nowhere");
    CLEANUP(json_free) struct json_object *result = scene_call(host, "host.hello", HELLO);
    cr_assert_str_eq(scene_text(result, "databases.0.state"), "absent");
    cr_assert_eq(scene_count(result, "expiring"), 0);
}

Test(host_hello, tells_what_expires_within_a_month)
{
    CLEANUP(host_free) struct host *host = scene_people();
    int64_t now = clock_now();
    scene_person(host, "Soon", "soon@example.org", now - 10 * DAY, now + 29 * DAY);
    scene_person(host, "Later", "later@example.org", now - 10 * DAY, now + 31 * DAY);
    scene_person(host, "Over", "over@example.org", now - 10 * DAY, now - DAY);
    CLEANUP(json_free) struct json_object *result = scene_call(host, "host.hello", HELLO);
    CLEANUP(json_free)
    struct json_object *soon =
        scene_call(host, "certificates.list", "{\"address\":\"soon@example.org\"}");
    cr_assert_str_eq(scene_text(result, "databases.0.state"), "open");
    cr_assert_eq(scene_count(result, "expiring"), 1);
    cr_assert_str_eq(scene_text(result, "expiring.0.id"), scene_text(soon, "items.0.id"));
    cr_assert_str_eq(scene_text(result, "expiring.0.notAfter"),
                     scene_text(soon, "items.0.notAfter"));
}
