#include "base/clock.h"
#include "base/limits.h"
#include "config/load.h"
#include "ops/scene.h"
#include "ops/start.h"
#include "store/fixture.h"
#include "store/store.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(start, .fini = fixture_remove);

Test(start, says_what_is_wrong_in_the_configuration_and_starts_nothing)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_configure(host, "{\"nobody\":1}");
    assert_error(start_config(host), ERR_POLICY_FORBIDS);
    assert_error(start_store(host), ERR_POLICY_FORBIDS);
    cr_assert_null(host->config);
    cr_assert_null(host->store);
    cr_assert_null(host->index);
}

Test(start, reads_the_configuration_once)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_configure(host, "{\"maxMessage\":1000}");
    assert_ok(start_config(host));
    const struct config *config = host->config;
    fixture_write("config.json", BYTES_LITERAL("{"));
    assert_ok(start_config(host));
    cr_assert_eq(host->config, config);
}

Test(start, bounds_a_message_by_policy)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_configure(host, "{\"maxMessage\":1000}");
    assert_ok(start_config(host));
    assert_ok(start_check_size(host, 0));
    assert_ok(start_check_size(host, 1000));
    assert_error(start_check_size(host, 1001), ERR_MESSAGE_TOO_LARGE);
    assert_error(start_check_size(host, SIZE_MAX), ERR_MESSAGE_TOO_LARGE);
}

Test(start, bounds_a_message_without_a_policy)
{
    CLEANUP(host_free) struct host *host = scene_host();
    assert_ok(start_config(host));
    assert_ok(start_check_size(host, LIMIT_MESSAGE));
    assert_error(start_check_size(host, LIMIT_MESSAGE + 1), ERR_MESSAGE_TOO_LARGE);
}

Test(start, prefers_the_database_that_was_named_to_the_configured_one)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_configure(host, "{\"database\":\"/nowhere/configured\"}");
    host->database = strdup("named");
    assert_ok(start_store(host));
    cr_assert_eq(store_database_count(host->store), 1);
    cr_assert_not_null(strstr(store_database(host->store, 0).path, "named"));
}

Test(start, opens_the_configured_database)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_configure(host, "{\"database\":\"/nowhere/configured\"}");
    assert_ok(start_store(host));
    cr_assert_eq(store_database_count(host->store), 1);
    cr_assert_str_eq(store_database(host->store, 0).path, "/nowhere/configured");
}

Test(start, hands_the_call_on_to_the_mail)
{
    CLEANUP(host_free) struct host *host = scene_host();
    const struct rpc_call call = { .host = host, .site = "https://a.example", .interaction = true };
    struct mail_context context = { 0 };
    int64_t before = clock_now();
    assert_ok(start_context(&call, START_NOW, &context));
    cr_assert(context.at >= before && context.at <= clock_now());
    cr_assert_eq(context.store, host->store);
    cr_assert_eq(context.index, host->index);
    cr_assert_eq(context.policy, &host->config->policy);
    cr_assert(context.interaction.allowed);
    cr_assert_str_eq(context.interaction.site, "https://a.example");

    const struct store *store = host->store;
    assert_ok(start_context(&call, 0, &context));
    cr_assert_eq(context.at, 0);
    cr_assert_eq(host->store, store);
}
