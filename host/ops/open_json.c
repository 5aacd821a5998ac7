#include "ops/open_json.h"

#include "ops/verdict_json.h"
#include "policy/verdict.h"
#include "wire/json.h"

static struct error *add_verdict(struct json_object *object, const struct open_result *result)
{
    const struct message_verdict *verdict = &result->verdict;
    struct json_object *signature = NULL;
    struct json_object *encryption = NULL;
    TRY(json_add_object(object, "signature", &signature));
    TRY(verdict_json_judgement(signature, &verdict->signature));
    const struct signature_report *speaker = verdict->speaking_layer < result->layer_count
                                                 ? result->layers[verdict->speaking_layer].signature
                                                 : NULL;
    TRY(json_add_size(signature, "signerCount", speaker ? speaker->signer_count : 0));

    TRY(json_add_object(object, "encryption", &encryption));
    TRY(json_add_string(encryption, "status", encryption_status_text(verdict->encryption)));
    TRY(json_add_bool(encryption, "authenticated", verdict->authenticated));
    TRY(verdict_json_words(encryption, "problems", verdict->encryption_problems));
    return verdict_json_words(encryption, "notices", verdict->encryption_notices);
}

static const char *kind_text(enum layer_kind kind)
{
    switch (kind) {
    case LAYER_SIGNED:
        return "signed";
    case LAYER_ENCRYPTED:
        return "encrypted";
    case LAYER_COMPRESSED:
        return "compressed";
    case LAYER_CERTIFICATES:
        return "certificates";
    }
    return "unknown";
}

/* What a bag of certificates holds. */
static struct error *add_carried(struct json_object *object, const struct open_layer *layer,
                                 struct cert_list *named)
{
    struct json_object *array = NULL;
    TRY(json_add_array(object, "certificates", &array));
    for (size_t i = 0; i < layer->signature->carried.count; i++) {
        struct cert *cert = layer->signature->carried.items[i];
        TRY(json_append_string(array, cert_id(cert)));
        TRY(cert_list_add_once(named, cert));
    }
    return NULL;
}

static struct error *add_layer(struct rpc_call *call, struct json_object *object,
                               const struct open_result *result, const struct open_layer *layer,
                               struct cert_list *named)
{
    TRY(json_add_string(object, "kind", kind_text(layer->kind)));
    TRY(json_add_string(object, "format", layer->multipart ? "multipart-signed" : "pkcs7-mime"));
    TRY(json_add_string(object, "part", layer->part));
    TRY(json_add_string(object, "covers", layer->whole ? "whole" : "part"));
    if (layer->inside != SIZE_MAX) {
        TRY(json_add_size(object, "inside", layer->inside));
    }
    word_set problems = layer->problems;
    if (layer->kind == LAYER_SIGNED) {
        TRY(verdict_json_signers(object, layer->signature, result->claimed, named));
        problems |= layer->signature ? layer->signature->judgement.problems : WORDS_NONE;
    }
    if (layer->kind == LAYER_CERTIFICATES) {
        TRY(add_carried(object, layer, named));
    }
    if (layer->encryption) {
        TRY(verdict_json_recipients(object, layer->encryption, named));
        problems |= layer->encryption->problems;
    }
    TRY(verdict_json_words(object, "problems", problems));
    if (layer->content) {
        struct json_object *data = NULL;
        TRY(call_data(call, layer->content, &data));
        TRY(json_add_take(object, "content", data));
    }
    return NULL;
}

static struct error *add_layers(struct rpc_call *call, struct json_object *object,
                                const struct open_result *result, struct cert_list *named)
{
    struct json_object *layers = NULL;
    TRY(json_add_array(object, "layers", &layers));
    for (size_t i = 0; i < result->layer_count; i++) {
        struct json_object *layer = NULL;
        TRY(json_append_object(layers, &layer));
        TRY(add_layer(call, layer, result, &result->layers[i], named));
    }
    return NULL;
}

static const char *protection_text(enum header_protection protection)
{
    switch (protection) {
    case HEADER_UNPROTECTED:
        return "none";
    case HEADER_SIGNED:
        return "signed";
    case HEADER_ENCRYPTED:
        return "encrypted";
    case HEADER_BOTH:
        return "both";
    }
    return "none";
}

static struct error *add_fields(struct json_object *headers, const char *name,
                                const struct open_fields *fields, bool with_protection)
{
    struct json_object *array = NULL;
    TRY(json_add_array(headers, name, &array));
    for (size_t i = 0; i < fields->count; i++) {
        struct json_object *item = NULL;
        TRY(json_append_object(array, &item));
        TRY(json_add_string(item, "name", fields->items[i].name));
        TRY(json_add_string(item, "value", fields->items[i].value));
        if (with_protection) {
            TRY(json_add_string(item, "protection", protection_text(fields->items[i].protection)));
        }
    }
    return NULL;
}

static struct error *add_headers(struct json_object *object, const struct open_result *result)
{
    struct json_object *headers = NULL;
    struct json_object *differences = NULL;
    TRY(json_add_object(object, "headers", &headers));
    TRY(add_fields(headers, "outer", &result->outer, false));
    TRY(add_fields(headers, "protected", &result->protected, false));
    TRY(add_fields(headers, "shown", &result->shown, true));
    TRY(json_add_array(headers, "differences", &differences));
    for (size_t i = 0; i < result->differences.count; i++) {
        TRY(json_append_string(differences, result->differences.items[i].name));
    }
    return NULL;
}

static struct error *add_layer_numbers(struct json_object *object, const char *name, uint32_t set)
{
    struct json_object *array = NULL;
    TRY(json_add_array(object, name, &array));
    for (unsigned i = 0; i < 32; i++) {
        if (set & UINT32_C(1) << i) {
            TRY(json_append_integer(array, i));
        }
    }
    return NULL;
}

static struct error *add_parts(struct json_object *object, const struct open_result *result)
{
    struct json_object *parts = NULL;
    TRY(json_add_array(object, "parts", &parts));
    for (size_t i = 0; i < result->part_count; i++) {
        const struct open_part *part = &result->parts[i];
        struct json_object *item = NULL;
        TRY(json_append_object(parts, &item));
        TRY(json_add_string(item, "part", part->number));
        TRY(json_add_string(item, "type", part->type));
        TRY(json_add_string(item, "filename", part->filename));
        TRY(json_add_size(item, "size", part->size));
        TRY(add_layer_numbers(item, "encryptedBy", part->encrypted_by));
        TRY(add_layer_numbers(item, "signedBy", part->signed_by));
    }
    return NULL;
}

struct error *open_json(struct rpc_call *call, const struct open_result *result,
                        struct cert_list *named, struct json_object **ret_object)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    struct json_object *data = NULL;
    struct json_object *collected = NULL;
    TRY(json_new_object(&object));
    TRY(add_verdict(object, result));
    TRY(add_layers(call, object, result, named));
    TRY(add_headers(object, result));
    TRY(call_data(call, result->content, &data));
    TRY(json_add_take(object, "content", data));
    TRY(add_parts(object, result));
    TRY(json_add_array(object, "collected", &collected));
    *ret_object = TAKE_PTR(object);
    return NULL;
}
