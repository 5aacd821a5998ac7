#include "base/limits.h"
#include "config/load.h"
#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <string.h>

#define METHOD "message.protect"
#define LETTER "\"message\":{\"text\":\"" SCENE_LETTER "\"}"

TestSuite(message_protect, .fini = fixture_remove);

Test(message_protect, refuses_parameters_that_are_not_of_the_table)
{
    static const struct {
        const char *params;
        const char *path;
    } cases[] = {
        { "{\"sign\":{}}", "params.message" },
        { "{" LETTER ",\"sign\":true}", "params.sign" },
        { "{" LETTER ",\"sign\":{\"key\":\"x\"}}", "params.sign.key" },
        { "{" LETTER ",\"sign\":{\"form\":\"clear\"}}", "params.sign.form" },
        { "{" LETTER ",\"sign\":{\"certificate\":1}}", "params.sign.certificate" },
        { "{" LETTER ",\"encrypt\":[]}", "params.encrypt" },
        { "{" LETTER ",\"encrypt\":{\"cipher\":\"des\"}}", "params.encrypt.cipher" },
        { "{" LETTER ",\"encrypt\":{\"toSelf\":\"no\"}}", "params.encrypt.toSelf" },
        { "{" LETTER ",\"encrypt\":{\"recipients\":[\"a@b\"]}}", "params.encrypt.recipients[0]" },
        { "{" LETTER ",\"encrypt\":{\"recipients\":[{}]}}",
          "params.encrypt.recipients[0].address" },
        { "{" LETTER ",\"encrypt\":{\"recipients\":[{\"address\":\"a\",\"name\":\"b\"}]}}",
          "params.encrypt.recipients[0].name" },
        { "{" LETTER ",\"headerProtection\":\"confidential\"}", "params.headerProtection" },
        { "{" LETTER ",\"sign\":{},\"headerProtection\":\"confidential\"}",
          "params.headerProtection" },
        { "{" LETTER ",\"headerProtection\":\"signed\"}", "params.headerProtection" },
        { "{" LETTER ",\"headerProtection\":\"full\"}", "params.headerProtection" },
        { "{" LETTER ",\"legacyDisplay\":1}", "params.legacyDisplay" },
        { "{" LETTER ",\"route\":\"uucp\"}", "params.route" },
        { "{" LETTER ",\"dryRun\":0}", "params.dryRun" },
    };
    CLEANUP(host_free) struct host *host = scene_people();
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        scene_refused(host, ERR_PARAMS, cases[i].path, METHOD, cases[i].params);
    }
    scene_refused_long(host, "params.sign.certificate", METHOD,
                       "{" LETTER ",\"sign\":{\"certificate\":\"", LIMIT_ID_LENGTH + 1, "\"}}");
    scene_refused_long(host, "params.encrypt.recipients[0].address", METHOD,
                       "{" LETTER ",\"encrypt\":{\"recipients\":[{\"address\":\"",
                       LIMIT_ADDRESS + 1, "\"}]}}");
}

Test(message_protect, refuses_what_policy_finds_too_large)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_configure(host, "{\"maxMessage\":8}");
    scene_refused(host, ERR_MESSAGE_TOO_LARGE, NULL, METHOD,
                  "{\"message\":{\"text\":\"123456789\"},\"sign\":{}}");
}

Test(message_protect, gives_nothing_where_a_recipient_has_no_certificate)
{
    CLEANUP(host_free) struct host *host = scene_people();
    scene_refused(host, ERR_RECIPIENT_MISSING, NULL, METHOD,
                  "{\"message\":{\"text\":\"From: alice@example.org\\r\\nTo: nobody@example.org"
                  "\\r\\nSubject: x\\r\\n\\r\\nx\\r\\n\"},\"encrypt\":{}}");
}

Test(message_protect, refuses_to_sign_with_a_certificate_that_is_not_there)
{
    CLEANUP(host_free) struct host *host = scene_people();
    scene_refused(host, ERR_CERTIFICATE_UNKNOWN, NULL, METHOD,
                  "{" LETTER ",\"sign\":{\"certificate\":\"00\"}}");
}

/* What is done to the header where policy has `policy` and the request says no word about it. */
static void assert_by_policy(struct host *host, const char *wishes, const char *expected)
{
    CLEANUP(json_free)
    struct json_object *result = scene_call(host, METHOD, "{" LETTER ",%s}", wishes);
    cr_assert_str_eq(scene_text(result, "headerProtection"), expected, "%s", wishes);
}

Test(message_protect, does_to_the_header_what_policy_has_as_far_as_the_message_allows)
{
    CLEANUP(host_free) struct host *host = scene_people();
    assert_by_policy(host, "\"sign\":{}", "signed");
    assert_by_policy(host, "\"sign\":{},\"encrypt\":{}", "signed");
    assert_by_policy(host, "\"encrypt\":{}", "none");
    assert_by_policy(host, "\"dryRun\":true", "none");
    assert_by_policy(host, "\"sign\":{},\"headerProtection\":\"none\"", "none");
    host->config->policy.headers = HEADERS_CONFIDENTIAL;
    assert_by_policy(host, "\"sign\":{}", "signed");
    assert_by_policy(host, "\"sign\":{},\"encrypt\":{}", "confidential");
    assert_by_policy(host, "\"encrypt\":{}", "confidential");
    host->config->policy.headers = HEADERS_NONE;
    assert_by_policy(host, "\"sign\":{},\"encrypt\":{}", "none");
}

Test(message_protect, signs_and_encrypts_for_the_recipients_of_the_mail)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(json_free)
    struct json_object *result = scene_call(
        host, METHOD,
        "{" LETTER ",\"sign\":{\"certificate\":\"auto\",\"form\":\"opaque\"},"
        "\"encrypt\":{\"cipher\":\"aes-128-cbc\",\"recipients\":[{\"address\":\"bob@example.org\","
        "\"certificate\":\"auto\"}]}}");
    cr_assert_str_eq(scene_text(result, "copies.0.role"), "main");
    cr_assert_str_eq(scene_text(result, "copies.0.envelope.from"), "alice@example.org");
    cr_assert(scene_has(result, "copies.0.envelope.to", "bob@example.org"));
    cr_assert_not_null(scene_at(result, "copies.0.message.base64"));
    cr_assert_eq(strlen(scene_text(result, "signedWith")), 64);
    cr_assert_str_eq(scene_text(result, "encryptedTo.0.address"), "bob@example.org");
    cr_assert_str_eq(scene_text(result, "cipher"), "aes-128-cbc");
    cr_assert_str_eq(scene_text(result, "form"), "opaque");
    cr_assert_eq(scene_count(result, "warnings"), 0);
}

Test(message_protect, tells_of_a_dry_run_what_it_would_do)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(json_free)
    struct json_object *result =
        scene_call(host, METHOD, "{" LETTER ",\"sign\":{},\"encrypt\":{},\"dryRun\":true}");
    cr_assert_null(scene_at(result, "copies.0.message"));
    cr_assert_gt(json_object_get_int64(scene_at(result, "copies.0.size")), 0);
    cr_assert_eq(strlen(scene_text(result, "signedWith")), 64);
}

Test(message_protect, makes_a_copy_for_each_blind_recipient)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(json_free)
    struct json_object *result =
        scene_call(host, METHOD,
                   "{\"message\":{\"text\":\"From: alice@example.org\\r\\nTo: bob@example.org\\r\\n"
                   "Bcc: alice@example.org\\r\\nSubject: x\\r\\n\\r\\nx\\r\\n\"},\"encrypt\":{}}");
    size_t blind = 0;
    for (size_t i = 0; i < scene_count(result, "copies"); i++) {
        struct json_object *copy = json_object_array_get_idx(scene_at(result, "copies"), i);
        blind += strcmp(scene_text(copy, "role"), "bcc") == 0;
    }
    cr_assert_eq(blind, 1);
}
