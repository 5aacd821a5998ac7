#include "ops/open_json.h"
#include "ops/scene.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

static struct content *make_content(const char *text)
{
    struct content *content = NULL;
    assert_ok(content_new(&content));
    assert_ok(content_append_copy(content, bytes_of_string(text)));
    return content;
}

/* The JSON of `result`, to which content is given. */
static struct json_object *told(struct open_result *result)
{
    struct rpc_call call = { 0 };
    struct cert_list named = { 0 };
    struct json_object *object = NULL;
    CLEANUP(content_unref) struct content *content = make_content("mail");
    result->content = content;
    assert_ok(open_json(&call, result, &named, &object));
    result->content = NULL;
    cr_assert_eq(named.count, 0);
    return object;
}

Test(open_json, tells_of_a_message_without_layers)
{
    struct open_result result = { .verdict = { .speaking_layer = SIZE_MAX } };
    CLEANUP(json_free) struct json_object *object = told(&result);
    CLEANUP(string_free) char *content = scene_json(object, "content");
    cr_assert_str_eq(scene_text(object, "signature.status"), "none");
    cr_assert_eq(json_object_get_int(scene_at(object, "signature.signerCount")), 0);
    cr_assert_str_eq(scene_text(object, "encryption.status"), "none");
    cr_assert(scene_is(object, "encryption.authenticated", false));
    cr_assert_eq(scene_count(object, "layers"), 0);
    cr_assert_eq(scene_count(object, "collected"), 0);
    cr_assert_str_eq(content, "{\"base64\":\"bWFpbA==\"}");
}

Test(open_json, lists_certificates_that_are_all_there_is)
{
    char one[] = "1";
    struct signature_report bag = { .is_certificates_only = true };
    struct open_layer layer = { .kind = LAYER_CERTIFICATES,
                                .part = one,
                                .inside = SIZE_MAX,
                                .whole = true,
                                .signature = &bag };
    struct open_result result = { .verdict = { .speaking_layer = SIZE_MAX },
                                  .layers = &layer,
                                  .layer_count = 1 };
    CLEANUP(json_free) struct json_object *object = told(&result);
    cr_assert_str_eq(scene_text(object, "layers.0.kind"), "certificates");
    cr_assert_eq(scene_count(object, "layers.0.certificates"), 0);
    cr_assert_null(scene_at(object, "layers.0.signers"));
    cr_assert_str_eq(scene_text(object, "signature.status"), "none");
}

Test(open_json, tells_of_the_layers_what_each_is)
{
    char one[] = "1";
    char inner[] = "1.2";
    struct decryption_report encryption = { .problems = WORD_BIT(WORD_NO_MATCHING_KEY) };
    struct signature_report signature = {
        .judgement = { .status = SIGNATURE_BAD, .problems = WORD_BIT(WORD_DIGEST_MISMATCH) }
    };
    CLEANUP(content_unref) struct content *clear = make_content("clear");
    struct open_layer layers[] = {
        { .kind = LAYER_SIGNED,
          .multipart = true,
          .part = one,
          .inside = SIZE_MAX,
          .whole = true,
          .problems = WORD_BIT(WORD_MIME_AMBIGUOUS),
          .signature = &signature },
        { .kind = LAYER_ENCRYPTED, .part = inner, .inside = SIZE_MAX, .encryption = &encryption },
        { .kind = LAYER_COMPRESSED, .part = one, .inside = 1, .content = clear },
    };
    struct open_result result = { .verdict = { .speaking_layer = 0 },
                                  .layers = layers,
                                  .layer_count = ARRAY_SIZE(layers) };
    CLEANUP(json_free) struct json_object *object = told(&result);
    CLEANUP(string_free) char *content = scene_json(object, "layers.2.content");
    cr_assert_str_eq(scene_text(object, "layers.0.kind"), "signed");
    cr_assert_str_eq(scene_text(object, "layers.0.format"), "multipart-signed");
    cr_assert_str_eq(scene_text(object, "layers.0.covers"), "whole");
    cr_assert_null(scene_at(object, "layers.0.inside"));
    cr_assert(scene_has(object, "layers.0.problems", "mime-ambiguous"));
    cr_assert(scene_has(object, "layers.0.problems", "digest-mismatch"));
    cr_assert_str_eq(scene_text(object, "layers.1.kind"), "encrypted");
    cr_assert_str_eq(scene_text(object, "layers.1.format"), "pkcs7-mime");
    cr_assert_str_eq(scene_text(object, "layers.1.part"), "1.2");
    cr_assert_str_eq(scene_text(object, "layers.1.covers"), "part");
    cr_assert(scene_has(object, "layers.1.problems", "no-matching-key"));
    cr_assert_null(scene_at(object, "layers.1.content"));
    cr_assert_str_eq(scene_text(object, "layers.2.kind"), "compressed");
    cr_assert_eq(json_object_get_int(scene_at(object, "layers.2.inside")), 1);
    cr_assert_str_eq(content, "{\"base64\":\"Y2xlYXI=\"}");
}

/* A signed layer that could not be read at all has no report. */
Test(open_json, tells_of_a_signed_layer_without_a_report)
{
    char one[] = "1";
    struct open_layer layer = { .kind = LAYER_SIGNED, .part = one, .inside = SIZE_MAX };
    struct open_result result = { .verdict = { .speaking_layer = 0 },
                                  .layers = &layer,
                                  .layer_count = 1 };
    CLEANUP(json_free) struct json_object *object = told(&result);
    cr_assert_eq(scene_count(object, "layers.0.signers"), 0);
    cr_assert_eq(json_object_get_int(scene_at(object, "signature.signerCount")), 0);
}

Test(open_json, tells_the_protection_of_the_header)
{
    static const char *const words[] = { "none", "signed", "encrypted", "both" };
    char name[] = "Subject";
    char value[] = "x";
    struct open_field fields[ARRAY_SIZE(words)];
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        fields[i] = (struct open_field){ .name = name,
                                         .value = value,
                                         .protection = (enum header_protection)i };
    }
    struct open_result result = { .verdict = { .speaking_layer = SIZE_MAX },
                                  .outer = { fields, 1 },
                                  .shown = { fields, ARRAY_SIZE(words) },
                                  .differences = { fields, 1 } };
    CLEANUP(json_free) struct json_object *object = told(&result);
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        struct json_object *field = json_object_array_get_idx(scene_at(object, "headers.shown"), i);
        cr_assert_str_eq(scene_text(field, "protection"), words[i]);
    }
    cr_assert_null(scene_at(object, "headers.outer.0.protection"));
    cr_assert_str_eq(scene_text(object, "headers.outer.0.value"), "x");
    cr_assert_eq(scene_count(object, "headers.protected"), 0);
    cr_assert_str_eq(scene_text(object, "headers.differences.0"), "Subject");
}

Test(open_json, numbers_the_layers_of_a_part)
{
    char number[] = "1.1";
    char type[] = "text/plain";
    struct open_part part = { .number = number,
                              .type = type,
                              .size = 5,
                              .encrypted_by = UINT32_C(0x80000001),
                              .signed_by = 0 };
    struct open_result result = { .verdict = { .speaking_layer = SIZE_MAX },
                                  .parts = &part,
                                  .part_count = 1 };
    CLEANUP(json_free) struct json_object *object = told(&result);
    cr_assert_str_eq(scene_text(object, "parts.0.part"), "1.1");
    cr_assert_null(scene_at(object, "parts.0.filename"));
    cr_assert_eq(json_object_get_int(scene_at(object, "parts.0.size")), 5);
    cr_assert_eq(scene_count(object, "parts.0.encryptedBy"), 2);
    cr_assert_eq(json_object_get_int(scene_at(object, "parts.0.encryptedBy.1")), 31);
    cr_assert_eq(scene_count(object, "parts.0.signedBy"), 0);
}
