#include "cli/commands.h"
#include "cli/terminal.h"
#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(command_call, .fini = fixture_remove);

Test(command_call, takes_a_method_and_perhaps_parameters)
{
    CLEANUP(host_free) struct host *host = scene_host();
    cr_assert_eq(terminal_run(host, "call", NULL)->status, EXIT_USAGE);
    cr_assert_eq(terminal_run(host, "call", "a", "{}", "{}", NULL)->status, EXIT_USAGE);
}

Test(command_call, tells_an_error_as_a_client_would_get_it)
{
    static const struct {
        const char *method;
        const char *params;
        const char *told;
    } cases[] = {
        { "nobody.knows", "{}", "\"code\": -32601" },
        { "blob.create", "{}", "\"code\": -32601" },
        { "databases.list", "{", "\"code\": -32700" },
        { "databases.list", "", "\"code\": -32700" },
        { "databases.list", "{'a':1}", "\"code\": -32700" },
        { "databases.list", "[]", "\"code\": -32602" },
        { "databases.list", "{\"x\":1}", "\"path\": \"params.x\"" },
        { "databases.create", "{}", "\"reason\": \"prompt-unavailable\"" },
        { "message.open", "{\"message\":{\"blob\":\"b1\"}}", "\"reason\": \"blob-unknown\"" },
    };
    CLEANUP(host_free) struct host *host = scene_host();
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct terminal *ran =
            terminal_run(host, "call", cases[i].method, cases[i].params, NULL);
        cr_assert_eq(ran->status, EXIT_FAILED, "%s %s", cases[i].method, cases[i].params);
        cr_assert_str_eq(ran->out, "");
        cr_assert_not_null(strstr(ran->err, cases[i].told), "%s", ran->err);
    }
}

Test(command_call, prints_the_result_of_the_method)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(json_free) struct json_object *printed = NULL;
    CLEANUP(json_free)
    struct json_object *result = scene_call(host, "certificates.list", "{\"mine\":true}");
    const struct terminal *ran =
        terminal_run(host, "call", "certificates.list", "{\"mine\":true}", NULL);
    cr_assert_eq(ran->status, EXIT_DONE);
    cr_assert_str_eq(ran->err, "");
    cr_assert_null(json_parse(bytes_of_string(ran->out), &printed));
    cr_assert(json_object_equal(printed, result));
}

Test(command_call, reads_parameters_from_standard_input)
{
    CLEANUP(host_free) struct host *host = scene_people();
    terminal_type("{\"query\":\"alice\"}\n");
    const struct terminal *ran = terminal_run(host, "call", "certificates.list", "-", NULL);
    cr_assert_eq(ran->status, EXIT_DONE, "%s", ran->err);
    cr_assert_not_null(strstr(ran->out, "CN=Alice"));
    cr_assert_null(strstr(ran->out, "CN=Bob"));
}

Test(command_call, needs_no_parameters_where_the_method_needs_none)
{
    CLEANUP(host_free) struct host *host = scene_host();
    const struct terminal *ran = terminal_run(host, "call", "databases.list", NULL);
    cr_assert_eq(ran->status, EXIT_DONE, "%s", ran->err);
    cr_assert_not_null(strstr(ran->out, "\"items\""));
}
