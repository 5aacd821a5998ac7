#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define METHOD "cms.verify"

TestSuite(cms_verify, .fini = fixture_remove);

/* A file as the contents of a JSON string. */
static void quote_file(const char *name, char *text, size_t size)
{
    CLEANUP(buffer_free) struct buffer *pem = fixture_read(name);
    size_t used = 0;
    for (size_t i = 0; i < pem->len; i++) {
        bool line = pem->data[i] == '\n';
        cr_assert_lt(used + 2, size);
        text[used++] = line ? '\\' : (char)pem->data[i];
        if (line) {
            text[used++] = 'n';
        }
    }
    text[used] = '\0';
}

/* A signature by somebody whom nobody knows, as the JSON string of its PEM. */
static void make_signature(bool detached, char *text, size_t size)
{
    fixture_identity("dora");
    fixture_write("content", BYTES_LITERAL("the content"));
    fixture_run("openssl", "cms", "-sign", "-binary", "-in", "content", "-signer", "dora.crt",
                "-inkey", "dora.key", "-outform", "PEM", "-out", "signed.pem",
                detached ? NULL : "-nodetach", NULL);
    quote_file("signed.pem", text, size);
}

Test(cms_verify, refuses_parameters_that_are_not_of_the_table)
{
    static const struct {
        const char *params;
        const char *path;
    } cases[] = {
        { "{\"content\":{\"text\":\"\"}}", "params.cms" },
        { "{\"cms\":{\"hex\":\"30\"}}", "params.cms.hex" },
        { "{\"cms\":{\"text\":\"\"},\"content\":\"x\"}", "params.content" },
        { "{\"cms\":{\"text\":\"\"},\"at\":true}", "params.at" },
        { "{\"cms\":{\"text\":\"\"},\"detached\":true}", "params.detached" },
    };
    CLEANUP(host_free) struct host *host = scene_host();
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        scene_refused(host, ERR_PARAMS, cases[i].path, METHOD, cases[i].params);
    }
}

Test(cms_verify, refuses_what_policy_finds_too_large)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_configure(host, "{\"maxMessage\":8}");
    scene_refused(host, ERR_MESSAGE_TOO_LARGE, NULL, METHOD, "{\"cms\":{\"text\":\"123456789\"}}");
    scene_refused(host, ERR_MESSAGE_TOO_LARGE, NULL, METHOD,
                  "{\"cms\":{\"text\":\"\"},\"content\":{\"text\":\"123456789\"}}");
}

Test(cms_verify, gives_content_and_signer_without_rules_on_addresses)
{
    char pem[8192];
    CLEANUP(host_free) struct host *host = scene_host();
    make_signature(false, pem, sizeof(pem));
    CLEANUP(json_free)
    struct json_object *result = scene_call(host, METHOD, "{\"cms\":{\"text\":\"%s\"}}", pem);
    CLEANUP(string_free) char *content = scene_json(result, "content");
    const char *id = scene_text(result, "signers.0.certificate");
    cr_assert_str_eq(scene_text(result, "signature.status"), "unverified");
    cr_assert(!scene_has(result, "signature.problems", "address-missing"));
    cr_assert_eq(json_object_get_int(scene_at(result, "signature.signerCount")), 1);
    cr_assert_str_eq(content, "{\"base64\":\"dGhlIGNvbnRlbnQ=\"}");
    cr_assert_null(scene_at(result, "signers.0.address"));
    struct json_object *signer = json_object_object_get(scene_at(result, "certificates"), id);
    cr_assert_str_eq(scene_text(signer, "subject"), "CN=dora");
}

Test(cms_verify, compares_content_that_stands_apart)
{
    char pem[8192];
    CLEANUP(host_free) struct host *host = scene_host();
    make_signature(true, pem, sizeof(pem));
    CLEANUP(json_free)
    struct json_object *right = scene_call(
        host, METHOD, "{\"cms\":{\"text\":\"%s\"},\"content\":{\"text\":\"the content\"}}", pem);
    CLEANUP(json_free)
    struct json_object *wrong = scene_call(
        host, METHOD, "{\"cms\":{\"text\":\"%s\"},\"content\":{\"text\":\"other\"}}", pem);
    cr_assert_str_eq(scene_text(right, "signature.status"), "unverified");
    cr_assert_str_eq(scene_text(wrong, "signature.status"), "bad");
    cr_assert(scene_has(wrong, "signature.problems", "digest-mismatch"));
    cr_assert_null(scene_at(right, "content"));
}

/* RFC 5652 5.1: no signer and no content is a bag of certificates, and nothing is signed. */
Test(cms_verify, calls_certificates_certificates)
{
    char pem[8192];
    CLEANUP(host_free) struct host *host = scene_host();
    fixture_identity("dora");
    fixture_identity("emil");
    fixture_run("openssl", "crl2pkcs7", "-nocrl", "-certfile", "dora.crt", "-certfile", "emil.crt",
                "-out", "bag.pem", NULL);
    quote_file("bag.pem", pem, sizeof(pem));
    CLEANUP(json_free)
    struct json_object *result = scene_call(host, METHOD, "{\"cms\":{\"text\":\"%s\"}}", pem);
    cr_assert_str_eq(scene_text(result, "kind"), "certificates");
    cr_assert_str_eq(scene_text(result, "signature.status"), "none");
    cr_assert_eq(scene_count(result, "signature.problems"), 0);
    cr_assert_eq(scene_count(result, "signers"), 0);
    cr_assert_eq(json_object_object_length(scene_at(result, "certificates")), 2);
    /* with content to check it is a signature that lacks its signers */
    CLEANUP(json_free)
    struct json_object *asked =
        scene_call(host, METHOD, "{\"cms\":{\"text\":\"%s\"},\"content\":{\"text\":\"x\"}}", pem);
    cr_assert_str_eq(scene_text(asked, "kind"), "signed");
    cr_assert_str_eq(scene_text(asked, "signature.status"), "unverified");
    cr_assert(scene_has(asked, "signature.problems", "no-signers"));
}

/* What is inside and what stands beside may agree: two readers would still take different ones. */
Test(cms_verify, refuses_content_beside_content)
{
    char pem[8192];
    CLEANUP(host_free) struct host *host = scene_host();
    make_signature(false, pem, sizeof(pem));
    CLEANUP(json_free)
    struct json_object *result = scene_call(
        host, METHOD, "{\"cms\":{\"text\":\"%s\"},\"content\":{\"text\":\"the content\"}}", pem);
    cr_assert_str_eq(scene_text(result, "kind"), "signed");
    cr_assert_str_eq(scene_text(result, "signature.status"), "bad");
    cr_assert(scene_has(result, "signature.problems", "embedded-content-in-detached"));
}

Test(cms_verify, judges_as_of_the_moment_it_is_given)
{
    char pem[8192];
    CLEANUP(host_free) struct host *host = scene_host();
    make_signature(false, pem, sizeof(pem));
    CLEANUP(json_free)
    struct json_object *result = scene_call(
        host, METHOD, "{\"cms\":{\"text\":\"%s\"},\"at\":\"2099-01-01T00:00:00Z\"}", pem);
    cr_assert(scene_has(result, "signature.problems", "certificate-expired"));
}
