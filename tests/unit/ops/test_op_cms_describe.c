#include "ops/scene.h"
#include "store/fixture.h"

#include <criterion/criterion.h>
#include <string.h>

#define METHOD "cms.describe"

TestSuite(cms_describe, .fini = fixture_remove);

Test(cms_describe, refuses_parameters_that_are_not_of_the_table)
{
    static const struct {
        const char *params;
        const char *path;
    } cases[] = {
        { "{}", "params.cms" },
        { "{\"cms\":{\"hex\":\"30\"}}", "params.cms.hex" },
        { "{\"cms\":{\"text\":\"\"},\"content\":{\"text\":\"\"}}", "params.content" },
        { "{\"cms\":{\"text\":\"\"},\"interaction\":\"none\"}", "params.interaction" },
    };
    CLEANUP(host_free) struct host *host = scene_host();
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        scene_refused(host, ERR_PARAMS, cases[i].path, METHOD, cases[i].params);
    }
}

Test(cms_describe, refuses_what_policy_finds_too_large)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_configure(host, "{\"maxMessage\":8}");
    scene_refused(host, ERR_MESSAGE_TOO_LARGE, NULL, METHOD, "{\"cms\":{\"text\":\"123456789\"}}");
}

Test(cms_describe, refuses_what_is_no_cms)
{
    CLEANUP(host_free) struct host *host = scene_host();
    scene_refused(host, ERR_CMS_MALFORMED, NULL, METHOD, "{\"cms\":{\"text\":\"\"}}");
    scene_refused(host, ERR_CMS_MALFORMED, NULL, METHOD, "{\"cms\":{\"text\":\"hello\"}}");
    scene_refused(host, ERR_CMS_MALFORMED, NULL, METHOD, "{\"cms\":{\"base64\":\"MAA=\"}}");
    /* SignedData that ends behind its name */
    scene_refused(host, ERR_CMS_MALFORMED, NULL, METHOD,
                  "{\"cms\":{\"base64\":\"MAsGCSqGSIb3DQEHAg==\"}}");
}

/* A file as Data. */
static char *data_of(const char *name)
{
    CLEANUP(buffer_free) struct buffer *file = fixture_read(name);
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(json_free) struct json_object *object = NULL;
    cr_assert_null(content_new(&content));
    cr_assert_null(content_append_copy(content, buffer_view(file)));
    cr_assert_null(json_new_object(&object));
    cr_assert_null(json_add_base64(object, "base64", content, 0, file->len));
    char *text = strdup(json_object_to_json_string(object));
    cr_assert_not_null(text);
    return text;
}

static struct json_object *describe(struct host *host, const char *name)
{
    CLEANUP(string_free) char *data = data_of(name);
    return scene_call(host, METHOD, "{\"cms\":%s}", data);
}

/* Nothing of it has to be right: DER, BER and PEM, without any database. */
Test(cms_describe, tells_signers_and_their_attributes)
{
    static const char *const forms[][3] = { { "DER", "-binary", "-binary" },
                                            { "DER", "-stream", "-indef" },
                                            { "PEM", "-binary", "-binary" } };
    CLEANUP(host_free) struct host *host = scene_host();
    fixture_identity("dora");
    fixture_write("content", BYTES_LITERAL("the content"));
    for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
        fixture_run("openssl", "cms", "-sign", "-nodetach", "-binary", "-in", "content", "-signer",
                    "dora.crt", "-inkey", "dora.key", "-outform", forms[i][0], "-out", "signed",
                    forms[i][1], forms[i][2], NULL);
        CLEANUP(json_free) struct json_object *result = describe(host, "signed");
        cr_assert_str_eq(scene_text(result, "contentType.oid"), "1.2.840.113549.1.7.2");
        cr_assert_str_eq(scene_text(result, "contentType.name"), "signed-data");
        cr_assert_str_eq(scene_text(result, "content.type.name"), "data");
        cr_assert(scene_is(result, "content.present", true));
        cr_assert_eq(json_object_get_int(scene_at(result, "content.size")), 11);
        cr_assert_eq(json_object_get_int(scene_at(result, "certificates")), 1);
        cr_assert_eq(json_object_get_int(scene_at(result, "crls")), 0);
        cr_assert_eq(json_object_get_int(scene_at(result, "signerCount")), 1);
        cr_assert_str_eq(scene_text(result, "signers.0.issuer"), "CN=dora");
        cr_assert_str_eq(scene_text(result, "signers.0.digest.name"), "sha256");
        cr_assert_str_eq(scene_text(result, "signers.0.signedAttributes.0.name"), "contentType");
        cr_assert_gt(strlen(scene_text(result, "signers.0.signingTime")), 0);
        cr_assert_null(scene_at(result, "signature"));
    }
}

Test(cms_describe, tells_recipients_and_cipher)
{
    CLEANUP(host_free) struct host *host = scene_host();
    fixture_identity("dora");
    fixture_write("content", BYTES_LITERAL("the content"));
    fixture_run("openssl", "cms", "-encrypt", "-binary", "-aes-256-gcm", "-in", "content",
                "-outform", "DER", "-out", "encrypted", "dora.crt", NULL);
    CLEANUP(json_free) struct json_object *result = describe(host, "encrypted");
    cr_assert_str_eq(scene_text(result, "contentType.name"), "auth-enveloped-data");
    cr_assert_str_eq(scene_text(result, "recipients.0.issuer"), "CN=dora");
    cr_assert_eq(json_object_get_int(scene_at(result, "recipientCount")), 1);
    cr_assert_str_eq(scene_text(result, "content.cipher.name"), "aes-256-gcm");
    cr_assert_eq(json_object_get_int(scene_at(result, "macSize")), 16);
    cr_assert_null(scene_at(result, "signers"));
}

/* JSON's numbers end where doubles do; a version may be any. */
Test(cms_describe, keeps_numbers_within_json)
{
    CLEANUP(host_free) struct host *host = scene_host();
    fixture_write("odd",
                  BYTES_LITERAL("\x30\x2a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x1d"
                                "\x30\x1b\x02\x08\x7f\xff\xff\xff\xff\xff\xff\xff\x31\x00"
                                "\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
                                "\x31\x00"));
    CLEANUP(json_free) struct json_object *result = describe(host, "odd");
    cr_assert_eq(json_object_get_int64(scene_at(result, "version")), INT64_C(1) << 53);
}
