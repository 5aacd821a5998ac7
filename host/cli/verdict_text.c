#include "cli/verdict_text.h"

#include "cli/sentence.h"
#include "wire/json.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *text_of(struct json_object *object, const char *name)
{
    const char *text = NULL;
    return object && json_get_string(object, name, &text) ? text : "";
}

static struct json_object *member(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    return object && json_get(object, name, &value) ? value : NULL;
}

/* The signer that stands first in the innermost whole signed layer: the one the line speaks of. */
static struct json_object *speaking_signer(struct json_object *result)
{
    struct json_object *layers = member(result, "layers");
    struct json_object *found = NULL;
    for (size_t i = 0; layers && i < json_object_array_length(layers); i++) {
        struct json_object *layer = json_object_array_get_idx(layers, i);
        struct json_object *signers = member(layer, "signers");
        if (strcmp(text_of(layer, "covers"), "whole") == 0 && signers &&
            json_object_array_length(signers) > 0) {
            found = json_object_array_get_idx(signers, 0);
        }
    }
    return found;
}

static struct json_object *certificate_of(struct json_object *result, struct json_object *signer)
{
    struct json_object *certificates = member(result, "certificates");
    return signer ? member(certificates, text_of(signer, "certificate")) : NULL;
}

static const char *signature_phrase(const char *status)
{
    if (strcmp(status, "good") == 0) {
        return "signed by";
    }
    if (strcmp(status, "unverified") == 0) {
        return "signature cannot be relied on, it says";
    }
    if (strcmp(status, "bad") == 0) {
        return "the signature is WRONG, it claims";
    }
    return strcmp(status, "partial") == 0 ? "only a part is signed" : "not signed";
}

static const char *encryption_phrase(const char *status)
{
    if (strcmp(status, "encrypted") == 0) {
        return "encrypted";
    }
    if (strcmp(status, "partial") == 0) {
        return "only a part is encrypted";
    }
    return strcmp(status, "failed") == 0 ? "encrypted, cannot be opened" : "not encrypted";
}

void verdict_text_line(struct json_object *result)
{
    const char *signature = text_of(member(result, "signature"), "status");
    const char *encryption = text_of(member(result, "encryption"), "status");
    struct json_object *signer = speaking_signer(result);
    struct json_object *certificate = certificate_of(result, signer);
    bool names = certificate && strcmp(signature, "none") != 0 && strcmp(signature, "partial") != 0;
    (void)printf("%s: %s%s%s; %s\n", signature, signature_phrase(signature), names ? " " : "",
                 names ? text_of(certificate, "subject") : "", encryption_phrase(encryption));
}

static void print_words(struct json_object *object, const char *name, const char *mark)
{
    struct json_object *words = member(object, name);
    for (size_t i = 0; words && i < json_object_array_length(words); i++) {
        const char *word = json_object_get_string(json_object_array_get_idx(words, i));
        (void)printf("  %s %s (%s)\n", mark, sentence_of(word), word);
    }
}

static void print_signers(struct json_object *result, struct json_object *layer)
{
    struct json_object *signers = member(layer, "signers");
    for (size_t i = 0; signers && i < json_object_array_length(signers); i++) {
        struct json_object *signer = json_object_array_get_idx(signers, i);
        struct json_object *certificate = certificate_of(result, signer);
        (void)printf("    signer %s: %s, %s with %s", text_of(signer, "status"),
                     certificate ? text_of(certificate, "subject") : "unknown",
                     text_of(signer, "signatureAlgorithm"), text_of(signer, "digest"));
        const char *when = text_of(signer, "signingTime");
        (void)printf("%s%s\n", *when ? ", claims " : "", when);
    }
}

static void print_layers(struct json_object *result)
{
    struct json_object *layers = member(result, "layers");
    for (size_t i = 0; layers && i < json_object_array_length(layers); i++) {
        struct json_object *layer = json_object_array_get_idx(layers, i);
        const char *cipher = text_of(layer, "cipher");
        (void)printf("  layer %zu: %s (%s, part %s, covers the %s)%s%s\n", i + 1,
                     text_of(layer, "kind"), text_of(layer, "format"), text_of(layer, "part"),
                     text_of(layer, "covers"), *cipher ? ", " : "", cipher);
        print_signers(result, layer);
    }
}

static void print_shown(struct json_object *result)
{
    static const char *const wanted[] = { "From", "To", "Subject", "Date" };
    struct json_object *shown = member(member(result, "headers"), "shown");
    for (size_t i = 0; shown && i < json_object_array_length(shown); i++) {
        struct json_object *field = json_object_array_get_idx(shown, i);
        for (size_t k = 0; k < ARRAY_SIZE(wanted); k++) {
            if (strcasecmp(text_of(field, "name"), wanted[k]) == 0) {
                (void)printf("  %s: %s\n", wanted[k], text_of(field, "value"));
            }
        }
    }
}

void verdict_text_details(struct json_object *result)
{
    print_words(member(result, "signature"), "problems", "!");
    print_words(member(result, "encryption"), "problems", "!");
    print_words(member(result, "signature"), "notices", "-");
    print_words(member(result, "encryption"), "notices", "-");
    print_shown(result);
    print_layers(result);
}
