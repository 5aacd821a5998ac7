#include "base/limits.h"
#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define METHOD "cms.sign"

TestSuite(cms_sign, .fini = fixture_remove);

Test(cms_sign, refuses_parameters_that_are_not_of_the_table)
{
#define NEEDED "\"content\":{\"text\":\"x\"},\"certificate\":\"00\""
    static const struct {
        const char *params;
        const char *path;
    } cases[] = {
        { "{\"certificate\":\"00\"}", "params.content" },
        { "{\"content\":{\"text\":\"x\"}}", "params.certificate" },
        { "{" NEEDED ",\"detached\":1}", "params.detached" },
        { "{" NEEDED ",\"digest\":\"sha3-256\"}", "params.digest" },
        { "{" NEEDED ",\"scheme\":\"ecdsa\"}", "params.scheme" },
        { "{" NEEDED ",\"signingTime\":0}", "params.signingTime" },
        { "{" NEEDED ",\"encryptionCertificate\":{}}", "params.encryptionCertificate" },
        { "{" NEEDED ",\"at\":\"2030-01-01T00:00:00Z\"}", "params.at" },
    };
    CLEANUP(host_free) struct host *host = scene_host();
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        scene_refused(host, ERR_PARAMS, cases[i].path, METHOD, cases[i].params);
    }
    scene_refused_long(host, "params.certificate", METHOD,
                       "{\"content\":{\"text\":\"x\"},\"certificate\":\"", LIMIT_ID_LENGTH + 1,
                       "\"}");
}

Test(cms_sign, refuses_what_policy_finds_too_large)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_configure(host, "{\"maxMessage\":8}");
    scene_refused(host, ERR_MESSAGE_TOO_LARGE, NULL, METHOD,
                  "{\"content\":{\"text\":\"123456789\"},\"certificate\":\"00\"}");
}

static void refused(struct host *host, enum error_code code, const char *path, const char *id,
                    const char *more)
{
    char params[512] = "";
    int len = snprintf(params, sizeof(params),
                       "{\"content\":{\"text\":\"x\"},\"certificate\":\"%s\"%s}", id, more);
    cr_assert(len > 0 && (size_t)len < sizeof(params));
    scene_refused(host, code, path, METHOD, params);
}

Test(cms_sign, refuses_certificates_that_cannot_sign)
{
    CLEANUP(host_free) struct host *host = scene_people();
    scene_person(host, "Old", "old@example.org", 1000000000, 1000086400);
    CLEANUP(string_free) char *old = scene_id(host, "old@example.org");
    CLEANUP(string_free) char *alice = scene_id(host, "alice@example.org");
    refused(host, ERR_CERTIFICATE_UNKNOWN, "params.certificate", "00", "");
    refused(host, ERR_CERTIFICATE_UNUSABLE, "params.certificate", old, "");
    refused(host, ERR_CERTIFICATE_UNKNOWN, "params.encryptionCertificate", alice,
            ",\"encryptionCertificate\":\"00\"");
    char other[128] = "";
    (void)snprintf(other, sizeof(other), ",\"encryptionCertificate\":\"%s\"", old);
    refused(host, ERR_CERTIFICATE_UNUSABLE, "params.encryptionCertificate", alice, other);
}

Test(cms_sign, refuses_what_the_key_does_not_do)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *alice = scene_id(host, "alice@example.org");
    refused(host, ERR_ALGORITHM_FORBIDDEN, NULL, alice, ",\"digest\":\"sha1\"");
    refused(host, ERR_ALGORITHM_FORBIDDEN, NULL, alice, ",\"digest\":\"md5\"");
    refused(host, ERR_CERTIFICATE_UNUSABLE, NULL, alice, ",\"scheme\":\"rsa-pss\"");
}

/* Verifies {"base64"} of a `cms` member. */
static struct json_object *verify(struct host *host, struct json_object *made, const char *more)
{
    CLEANUP(string_free) char *cms = scene_json(made, "cms");
    return scene_call(host, "cms.verify", "{\"cms\":%s%s}", cms, more);
}

Test(cms_sign, holds_the_content_unless_told_otherwise)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *alice = scene_id(host, "alice@example.org");
    CLEANUP(json_free)
    struct json_object *made = scene_call(
        host, METHOD, "{\"content\":{\"text\":\"the content\"},\"certificate\":\"%s\"}", alice);
    CLEANUP(json_free) struct json_object *result = verify(host, made, "");
    CLEANUP(string_free) char *content = scene_json(result, "content");
    cr_assert_str_eq(content, "{\"base64\":\"dGhlIGNvbnRlbnQ=\"}");
    cr_assert_str_eq(scene_text(result, "signature.status"), "good");
    cr_assert_str_eq(scene_text(result, "signers.0.certificate"), alice);
    cr_assert_str_eq(scene_text(result, "signers.0.digest"), "sha256");
}

Test(cms_sign, signs_apart_with_digest_and_time_as_told)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *alice = scene_id(host, "alice@example.org");
    CLEANUP(string_free) char *bob = scene_id(host, "bob@example.org");
    CLEANUP(json_free)
    struct json_object *made =
        scene_call(host, METHOD,
                   "{\"content\":{\"text\":\"\"},\"certificate\":\"%s\",\"detached\":true,"
                   "\"digest\":\"sha512\",\"signingTime\":\"2050-01-01T00:00:00Z\","
                   "\"encryptionCertificate\":\"%s\"}",
                   alice, bob);
    CLEANUP(json_free) struct json_object *without = verify(host, made, "");
    CLEANUP(json_free)
    struct json_object *result = verify(host, made, ",\"content\":{\"text\":\"\"}");
    cr_assert_str_eq(scene_text(without, "signature.status"), "bad");
    cr_assert_str_eq(scene_text(result, "signature.status"), "good");
    cr_assert_null(scene_at(result, "content"));
    cr_assert_str_eq(scene_text(result, "signers.0.digest"), "sha512");
    cr_assert_str_eq(scene_text(result, "signers.0.signingTime"), "2050-01-01T00:00:00Z");
    cr_assert(scene_is(result, "signers.0.validAtSigningTime", false));
}

Test(cms_sign, raises_no_dialog_where_none_is_allowed)
{
    CLEANUP(host_free) struct host *host = scene_people();
    CLEANUP(string_free) char *alice = scene_id(host, "alice@example.org");
    CLEANUP(json_free)
    struct json_object *made = scene_call(
        host, METHOD,
        "{\"content\":{\"text\":\"x\"},\"certificate\":\"%s\",\"interaction\":\"none\"}", alice);
    cr_assert_not_null(scene_at(made, "cms.base64"));
}
