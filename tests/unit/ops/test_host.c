#include "base/bytes.h"
#include "config/load.h"
#include "ops/ops.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void set(const char *name, const char *value)
{
    cr_assert_eq(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static struct host *make(const char *home, const char *xdg, const char *config, const char *db)
{
    struct host *host = NULL;
    set("HOME", home);
    set("XDG_CONFIG_HOME", xdg);
    set("SEALPOST_CONFIG", config);
    set("SEALPOST_DB", db);
    assert_ok(host_new(NULL, &host));
    return host;
}

Test(host, starts_nothing_by_itself)
{
    CLEANUP(host_free) struct host *host = make("/home/x", NULL, NULL, NULL);
    cr_assert_null(host->config);
    cr_assert_null(host->store);
    cr_assert_null(host->index);
    cr_assert_null(host->remote);
    cr_assert_null(host->database);
    cr_assert_str_eq(host->policy_path, CONFIG_POLICY_FILE);
}

Test(host, looks_for_the_configuration_where_it_belongs)
{
    static const struct {
        const char *home;
        const char *xdg;
        const char *config;
        const char *wanted;
    } cases[] = {
        { "/home/x", NULL, NULL, "/home/x/.config/sealpost/config.json" },
        { "/home/x", "", "", "/home/x/.config/sealpost/config.json" },
        { "/home/x", "/xdg", NULL, "/xdg/sealpost/config.json" },
        { "/home/x", "relative", NULL, "/home/x/.config/sealpost/config.json" },
        { "/home/x", "/xdg", "/my/config", "/my/config" },
        { NULL, "/xdg", NULL, "/xdg/sealpost/config.json" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        CLEANUP(host_free)
        struct host *host = make(cases[i].home, cases[i].xdg, cases[i].config, NULL);
        cr_assert_str_eq(host->user_config, cases[i].wanted);
    }
    CLEANUP(host_free) struct host *homeless = make(NULL, NULL, NULL, NULL);
    cr_assert_null(homeless->user_config);
}

Test(host, takes_the_database_of_the_environment)
{
    CLEANUP(host_free) struct host *host = make("/home/x", NULL, NULL, "/my/db");
    CLEANUP(host_free) struct host *empty = make("/home/x", NULL, NULL, "");
    cr_assert_str_eq(host->database, "/my/db");
    cr_assert_null(empty->database);
}

Test(host, lets_go_of_a_pin)
{
    CLEANUP(host_free) struct host *host = make("/home/x", NULL, NULL, NULL);
    assert_ok(bytes_to_string(BYTES_LITERAL("1234"), &host->pin));
}
