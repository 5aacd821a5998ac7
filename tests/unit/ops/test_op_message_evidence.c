#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <string.h>

#define METHOD "message.evidence"

TestSuite(message_evidence, .fini = fixture_remove);

Test(message_evidence, refuses_parameters_that_are_not_of_the_table)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_refused(host, ERR_PARAMS, "params.message", METHOD, "{}");
    scene_refused(host, ERR_PARAMS, "params.message", METHOD, "{\"message\":[]}");
    scene_refused(host, ERR_PARAMS, "params.at", METHOD,
                  "{\"message\":{\"text\":\"\"},\"at\":\"noon\"}");
    scene_refused(host, ERR_PARAMS, "params.key", METHOD,
                  "{\"message\":{\"text\":\"\"},\"key\":\"1\"}");
}

Test(message_evidence, refuses_what_policy_finds_too_large)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_configure(host, "{\"maxMessage\":8}");
    scene_refused(host, ERR_MESSAGE_TOO_LARGE, NULL, METHOD,
                  "{\"message\":{\"text\":\"123456789\"}}");
}

Test(message_evidence, gives_an_archive)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *message = scene_protected(host, true, true);
    CLEANUP(json_free)
    struct json_object *result = scene_call(host, METHOD, "{\"message\":%s}", message);
    /* "PK\3\4" in base64 */
    CLEANUP(string_free) char *data = scene_json(result, "evidence");
    cr_assert_not_null(strstr(data, "\"UEsDB"), "%.40s", data);
}
