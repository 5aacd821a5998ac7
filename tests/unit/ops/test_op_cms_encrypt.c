#include "base/limits.h"
#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define METHOD "cms.encrypt"
#define CONTENT "\"content\":{\"text\":\"the content\"}"

TestSuite(cms_encrypt, .fini = fixture_remove);

Test(cms_encrypt, refuses_parameters_that_are_not_of_the_table)
{
    static const struct {
        const char *params;
        const char *path;
    } cases[] = {
        { "{}", "params.content" },
        { "{" CONTENT "}", "params.recipients" },
        { "{" CONTENT ",\"recipients\":[]}", "params.recipients" },
        { "{" CONTENT ",\"recipients\":[],\"password\":false}", "params.recipients" },
        { "{" CONTENT ",\"recipients\":[],\"kek\":{\"text\":\"\"}}", "params.recipients" },
        { "{" CONTENT ",\"recipients\":\"x\"}", "params.recipients" },
        { "{" CONTENT ",\"recipients\":[\"x\"],\"cipher\":\"des\"}", "params.cipher" },
        { "{" CONTENT ",\"recipients\":[\"x\"],\"keyTransport\":\"x\"}", "params.keyTransport" },
        { "{" CONTENT ",\"recipients\":[\"x\"],\"oaepDigest\":\"md5\"}", "params.oaepDigest" },
        { "{" CONTENT ",\"recipients\":[\"x\"],\"keyAgreement\":\"dh\"}", "params.keyAgreement" },
        { "{" CONTENT ",\"recipients\":[\"x\"],\"ukm\":\"x\"}", "params.ukm" },
        { "{" CONTENT ",\"recipients\":[\"x\"],\"kek\":\"x\"}", "params.kek" },
        { "{" CONTENT ",\"recipients\":[\"x\"],\"password\":\"secret\"}", "params.password" },
        { "{" CONTENT ",\"recipients\":[\"x\"],\"at\":\"x\"}", "params.at" },
    };
    CLEANUP(host_free) struct host *host = scene_host();
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        scene_refused(host, ERR_PARAMS, cases[i].path, METHOD, cases[i].params);
    }
}

Test(cms_encrypt, refuses_what_policy_finds_too_large)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_configure(host, "{\"maxMessage\":8}");
    scene_refused(host, ERR_MESSAGE_TOO_LARGE, NULL, METHOD, "{" CONTENT ",\"password\":true}");
}

/* Encrypting for these ids, with more parameters, must fail. */
static void refused(struct host *host, enum error_code code, const char *path, const char *ids,
                    const char *more)
{
    char params[512] = "";
    int len = snprintf(params, sizeof(params), "{" CONTENT ",\"recipients\":[%s]%s}", ids, more);
    cr_assert(len > 0 && (size_t)len < sizeof(params));
    scene_refused(host, code, path, METHOD, params);
}

Test(cms_encrypt, refuses_certificates_that_cannot_be_encrypted_to)
{
    CLEANUP(host_free) struct host *host = scene_people();
    scene_person(host, "Old", "old@example.org", 1000000000, 1000086400);
    CLEANUP(string_free) char *old = scene_id(host, "old@example.org");
    CLEANUP(string_free) char *bob = scene_id(host, "bob@example.org");
    char ids[256] = "";
    (void)snprintf(ids, sizeof(ids), "\"%s\",\"%s\"", bob, old);
    refused(host, ERR_RECIPIENT_UNUSABLE, "params.recipients[1]", ids, "");
    (void)snprintf(ids, sizeof(ids), "\"%s\",\"00\"", bob);
    refused(host, ERR_CERTIFICATE_UNKNOWN, "params.recipients[1]", ids, "");
}

Test(cms_encrypt, refuses_what_is_weak_and_keys_that_are_not_there)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *bob = scene_id(host, "bob@example.org");
    char id[128] = "";
    (void)snprintf(id, sizeof(id), "\"%s\"", bob);
    refused(host, ERR_ALGORITHM_FORBIDDEN, NULL, id, ",\"cipher\":\"3des-cbc\"");
    refused(host, ERR_ALGORITHM_FORBIDDEN, NULL, id, ",\"cipher\":\"rc2-cbc\"");
    refused(host, ERR_KEY_ABSENT, "params.kek", id, ",\"kek\":{\"text\":\"none\"}");
    refused(host, ERR_INTERACTION_FORBIDDEN, NULL, "",
            ",\"password\":true,\"interaction\":\"none\"");
    refused(host, ERR_PROMPT_UNAVAILABLE, NULL, id, ",\"password\":true");
}

static struct json_object *decrypt(struct host *host, struct json_object *made)
{
    CLEANUP(string_free) char *cms = scene_json(made, "cms");
    struct json_object *result = scene_call(host, "cms.decrypt", "{\"cms\":%s}", cms);
    CLEANUP(string_free) char *content = scene_json(result, "content");
    cr_assert_str_eq(content, "{\"base64\":\"dGhlIGNvbnRlbnQ=\"}");
    return result;
}

Test(cms_encrypt, encrypts_to_certificates_by_gcm_unless_told_otherwise)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *alice = scene_id(host, "alice@example.org");
    CLEANUP(string_free) char *bob = scene_id(host, "bob@example.org");
    CLEANUP(json_free)
    struct json_object *made =
        scene_call(host, METHOD, "{" CONTENT ",\"recipients\":[\"%s\",\"%s\"]}", alice, bob);
    CLEANUP(json_free) struct json_object *result = decrypt(host, made);
    cr_assert_str_eq(scene_text(result, "cipher"), "aes-256-gcm");
    cr_assert(scene_is(result, "encryption.authenticated", true));
    cr_assert_eq(scene_count(result, "recipients"), 2);
    CLEANUP(json_free)
    struct json_object *other = scene_call(host, METHOD,
                                           "{" CONTENT ",\"recipients\":[\"%s\"],\"cipher\":"
                                           "\"aes-192-cbc\",\"keyAgreement\":\"ecdh-cofactor\","
                                           "\"ukm\":{\"base64\":\"AAEC\"}}",
                                           bob);
    CLEANUP(json_free) struct json_object *opened = decrypt(host, other);
    cr_assert_str_eq(scene_text(opened, "cipher"), "aes-192-cbc");
    cr_assert_str_eq(scene_text(opened, "recipients.0.algorithm"), "ecdh");
}

/* The person types the new password twice, and once more to open it. */
Test(cms_encrypt, asks_for_the_password_in_its_own_dialog)
{
    CLEANUP(host_free) struct host *host = scene_people();
    static const struct scene_answer answers[] = {
        { MESSAGE_DONE, "one" },
        { MESSAGE_DONE, "two" },
        { MESSAGE_DONE, "secret" },
    };
    struct scene_dialogs dialogs = { 0 };
    scene_answer(host, answers, ARRAY_SIZE(answers), &dialogs);
    CLEANUP(json_free)
    struct json_object *made = scene_call(host, METHOD, "{" CONTENT ",\"password\":true}");
    cr_assert_eq(dialogs.count, 4);
    cr_assert(dialogs.complained);
    CLEANUP(json_free) struct json_object *result = decrypt(host, made);
    cr_assert_eq(dialogs.count, 5);
    cr_assert_str_eq(scene_text(result, "recipients.0.type"), "password");
    cr_assert_str_eq(scene_text(result, "recipients.0.algorithm"), "pbkdf2");
    cr_assert(scene_is(result, "recipients.0.mine", true));
}

Test(cms_encrypt, encrypts_to_a_secret_key_of_the_database)
{
    CLEANUP(host_free) struct host *host = scene_people();
    json_free(scene_call(host, "certificates.list", "{}")); /* NSS runs from here on */
    fixture_secret_key("the name", BYTES_LITERAL("0123456789abcdef0123456789abcdef"));
    CLEANUP(json_free)
    struct json_object *made =
        scene_call(host, METHOD, "{" CONTENT ",\"kek\":{\"text\":\"the name\"}}");
    CLEANUP(json_free) struct json_object *result = decrypt(host, made);
    cr_assert_str_eq(scene_text(result, "recipients.0.type"), "kek");
    cr_assert_str_eq(scene_text(result, "recipients.0.keyId"), "746865206e616d65");
    cr_assert_str_eq(scene_text(result, "recipients.0.algorithm"), "aes-wrap");
    cr_assert(scene_is(result, "recipients.0.mine", true));
}
