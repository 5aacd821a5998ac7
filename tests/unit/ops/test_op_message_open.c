#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <string.h>

#define METHOD "message.open"
#define PLAIN "{\"message\":{\"text\":\"" SCENE_LETTER "\"}}"

TestSuite(message_open, .fini = fixture_remove);

Test(message_open, refuses_parameters_that_are_not_of_the_table)
{
    static const struct {
        const char *params;
        const char *path;
    } cases[] = {
        { "{}", "params.message" },
        { "{\"message\":\"From: a\"}", "params.message" },
        { "{\"message\":{}}", "params.message" },
        { "{\"message\":{\"text\":\"a\",\"base64\":\"\"}}", "params.message" },
        { "{\"message\":{\"html\":\"a\"}}", "params.message.html" },
        { "{\"message\":{\"text\":1}}", "params.message.text" },
        { "{\"message\":{\"text\":\"\"},\"at\":\"yesterday\"}", "params.at" },
        { "{\"message\":{\"text\":\"\"},\"at\":0}", "params.at" },
        { "{\"message\":{\"text\":\"\"},\"revocation\":\"hard\"}", "params.revocation" },
        { "{\"message\":{\"text\":\"\"},\"collect\":1}", "params.collect" },
        { "{\"message\":{\"text\":\"\"},\"interaction\":\"maybe\"}", "params.interaction" },
    };
    CLEANUP(host_free) struct host *host = scene_host();
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        scene_refused(host, ERR_PARAMS, cases[i].path, METHOD, cases[i].params);
    }
    scene_refused(host, ERR_BLOB_UNKNOWN, "params.message.blob", METHOD,
                  "{\"message\":{\"blob\":\"b1\"}}");
}

/* What is too large is not looked at: this text is no mail. */
Test(message_open, refuses_what_policy_finds_too_large)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_configure(host, "{\"maxMessage\":8}");
    scene_refused(host, ERR_MESSAGE_TOO_LARGE, NULL, METHOD,
                  "{\"message\":{\"text\":\"123456789\"}}");
}

Test(message_open, shows_plain_mail_as_neither_signed_nor_encrypted)
{
    CLEANUP(host_free) struct host *host = scene_host();
    CLEANUP(json_free) struct json_object *result = scene_call(host, METHOD, PLAIN);
    cr_assert_str_eq(scene_text(result, "signature.status"), "none");
    cr_assert_str_eq(scene_text(result, "encryption.status"), "none");
    cr_assert_eq(scene_count(result, "layers"), 0);
    cr_assert_eq(json_object_object_length(scene_at(result, "certificates")), 0);
}

Test(message_open, opens_what_was_signed_and_encrypted)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *message = scene_protected(host, true, true);
    CLEANUP(json_free)
    struct json_object *result = scene_call(host, METHOD, "{\"message\":%s}", message);
    const char *id = scene_text(result, "layers.1.signers.0.certificate");
    cr_assert_str_eq(scene_text(result, "signature.status"), "good");
    cr_assert_str_eq(scene_text(result, "encryption.status"), "encrypted");
    cr_assert_str_eq(scene_text(result, "layers.0.kind"), "encrypted");
    cr_assert_str_eq(scene_text(result, "layers.1.signers.0.address.claimed"), "alice@example.org");
    cr_assert_str_eq(scene_text(result, "layers.1.signers.0.address.match"), "from");
    struct json_object *signer = json_object_object_get(scene_at(result, "certificates"), id);
    cr_assert_str_eq(scene_text(signer, "subject"), "CN=Alice");
}

Test(message_open, judges_as_of_the_moment_it_is_given)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *message = scene_protected(host, true, false);
    CLEANUP(json_free)
    struct json_object *late =
        scene_call(host, METHOD, "{\"message\":%s,\"at\":\"2099-01-01T00:00:00Z\"}", message);
    CLEANUP(json_free)
    struct json_object *early =
        scene_call(host, METHOD, "{\"message\":%s,\"at\":\"1999-01-01T00:00:00+01:00\"}", message);
    cr_assert_str_eq(scene_text(late, "signature.status"), "unverified");
    cr_assert(scene_has(late, "signature.problems", "certificate-expired"));
    cr_assert(scene_has(early, "signature.problems", "certificate-not-yet-valid"));
}

Test(message_open, asks_about_revocation_as_policy_has_it_unless_that_is_off)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *message = scene_protected(host, true, false);
    host_free(host);

    host = scene_host();
    host->database = strdup("nssdb");
    scene_configure(host, "{\"revocation\":\"hard\"}");
    CLEANUP(json_free)
    struct json_object *strict = scene_call(host, METHOD, "{\"message\":%s}", message);
    CLEANUP(json_free)
    struct json_object *off =
        scene_call(host, METHOD, "{\"message\":%s,\"revocation\":\"off\"}", message);
    CLEANUP(json_free)
    struct json_object *again =
        scene_call(host, METHOD, "{\"message\":%s,\"revocation\":\"policy\"}", message);
    cr_assert_str_eq(scene_text(strict, "signature.status"), "unverified");
    cr_assert(scene_has(strict, "signature.problems", "revocation-unknown"));
    cr_assert_str_eq(scene_text(off, "signature.status"), "good");
    cr_assert_str_eq(scene_text(off, "layers.0.signers.0.revocation.status"), "not-checked");
    cr_assert_str_eq(scene_text(again, "signature.status"), "unverified");
}
