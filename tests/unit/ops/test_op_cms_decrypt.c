#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <string.h>

#define METHOD "cms.decrypt"

TestSuite(cms_decrypt, .fini = fixture_remove);

/* Content encrypted to a new person, as {"cms": Data}; owned by the caller. */
static char *make_encrypted(void)
{
    struct content *content = NULL;
    CLEANUP(json_free) struct json_object *object = NULL;
    struct json_object *data = NULL;
    fixture_identity("erik");
    fixture_write("content", BYTES_LITERAL("the content"));
    fixture_run("openssl", "cms", "-encrypt", "-binary", "-aes256", "-in", "content", "-outform",
                "DER", "-out", "encrypted.der", "erik.crt", NULL);
    CLEANUP(buffer_free) struct buffer *der = fixture_read("encrypted.der");
    cr_assert_null(content_new(&content));
    cr_assert_null(content_append_copy(content, buffer_view(der)));
    cr_assert_null(json_new_object(&object));
    cr_assert_null(json_add_object(object, "cms", &data));
    cr_assert_null(json_add_base64(data, "base64", content, 0, der->len));
    content_unref(content);
    return scene_json(object, "");
}

Test(cms_decrypt, refuses_parameters_that_are_not_of_the_table)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_refused(host, ERR_PARAMS, "params.cms", METHOD, "{}");
    scene_refused(host, ERR_PARAMS, "params.cms", METHOD, "{\"cms\":[]}");
    scene_refused(host, ERR_PARAMS, "params.pin", METHOD,
                  "{\"cms\":{\"text\":\"\"},\"pin\":\"1\"}");
}

Test(cms_decrypt, refuses_what_policy_finds_too_large)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_configure(host, "{\"maxMessage\":8}");
    scene_refused(host, ERR_MESSAGE_TOO_LARGE, NULL, METHOD, "{\"cms\":{\"text\":\"123456789\"}}");
}

Test(cms_decrypt, tells_who_can_open_what_the_user_cannot)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *params = make_encrypted();
    CLEANUP(json_free) struct json_object *result = scene_call(host, METHOD, "%s", params);
    cr_assert_str_eq(scene_text(result, "encryption.status"), "failed");
    cr_assert(scene_has(result, "encryption.problems", "no-matching-key"));
    cr_assert_str_eq(scene_text(result, "cipher"), "aes-256-cbc");
    cr_assert_eq(scene_count(result, "recipients"), 1);
    cr_assert(scene_is(result, "recipients.0.mine", false));
    cr_assert_null(scene_at(result, "content"));
}

Test(cms_decrypt, opens_what_is_for_the_user)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *params = make_encrypted();
    host_free(host);
    fixture_import("nssdb", NULL, "erik");
    host = scene_host();
    host->database = strdup("nssdb");
    CLEANUP(json_free) struct json_object *result = scene_call(host, METHOD, "%s", params);
    CLEANUP(string_free) char *content = scene_json(result, "content");
    cr_assert_str_eq(scene_text(result, "encryption.status"), "encrypted");
    cr_assert(scene_is(result, "encryption.authenticated", false));
    cr_assert(scene_has(result, "encryption.notices", "not-authenticated"));
    cr_assert_str_eq(content, "{\"base64\":\"dGhlIGNvbnRlbnQ=\"}");
    cr_assert(scene_is(result, "recipients.0.mine", true));
    cr_assert_str_eq(scene_text(result, "recipients.0.type"), "key-agreement");
}
