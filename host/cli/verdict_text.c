#include "cli/verdict_text.h"

#include "cli/sentence.h"
#include "cli/text.h"
#include "wire/json.h"

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

/* What is said of the signature, and how the signer's name follows; NULL: it does not. */
static const struct {
    const char *status;
    const char *phrase;
    const char *naming;
} signature_phrases[] = {
    { "good", "signed", " by " },
    { "unverified", "the signature cannot be relied on", ", it names " },
    { "bad", "the signature is WRONG", ", it names " },
    { "partial", "only a part is signed", NULL },
    { "none", "not signed", NULL },
};

static void put(FILE *out, const char *text)
{
    text_print(out, bytes_of_string(text));
}

/* The address of the signer: the one that fits From, else the first of the certificate. */
static const char *signer_address(struct json_object *signer, struct json_object *certificate)
{
    struct json_object *address = member(signer, "address");
    struct json_object *addresses = member(certificate, "addresses");
    if (strcmp(text_of(address, "match"), "from") == 0) {
        return text_of(address, "claimed");
    }
    if (!addresses || json_object_array_length(addresses) == 0) {
        return "";
    }
    return json_object_get_string(json_object_array_get_idx(addresses, 0));
}

static void print_signature(FILE *out, struct json_object *result, const char *status)
{
    struct json_object *signer = speaking_signer(result);
    struct json_object *certificate = certificate_of(result, signer);
    for (size_t i = 0; i < ARRAY_SIZE(signature_phrases); i++) {
        if (strcmp(status, signature_phrases[i].status) != 0) {
            continue;
        }
        (void)fputs(signature_phrases[i].phrase, out);
        if (certificate && signature_phrases[i].naming) {
            const char *address = signer_address(signer, certificate);
            (void)fputs(signature_phrases[i].naming, out);
            put(out, *address ? address : text_of(certificate, "subject"));
        }
    }
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

void verdict_text_line(FILE *out, struct json_object *result)
{
    const char *signature = text_of(member(result, "signature"), "status");
    const char *encryption = text_of(member(result, "encryption"), "status");
    (void)fprintf(out, "%s: ", signature);
    print_signature(out, result, signature);
    (void)fprintf(out, "; %s\n", encryption_phrase(encryption));
}

static void print_words(FILE *out, struct json_object *object, const char *name, const char *mark)
{
    struct json_object *words = member(object, name);
    for (size_t i = 0; words && i < json_object_array_length(words); i++) {
        const char *word = json_object_get_string(json_object_array_get_idx(words, i));
        (void)fprintf(out, "  %s %s (%s)\n", mark, sentence_of(word), word);
    }
}

/* How the address of the certificate and that of the mail go together. */
static void print_match(FILE *out, struct json_object *signer, struct json_object *certificate)
{
    struct json_object *address = member(signer, "address");
    const char *match = text_of(address, "match");
    const char *claimed = text_of(address, "claimed");
    const char *own = signer_address(signer, certificate);
    put(out, *own ? own : "no address");
    if (!*claimed) {
        (void)fputs(", and no single address in From", out);
    } else if (strcmp(match, "from") == 0) {
        (void)fputs(", the address in From", out);
    } else {
        (void)fputs(strcmp(match, "sender") == 0 ? ", the address in Sender, but From is "
                                                 : ", but From is ",
                    out);
        put(out, claimed);
    }
}

static void print_signer(FILE *out, struct json_object *result, struct json_object *signer)
{
    struct json_object *certificate = certificate_of(result, signer);
    const char *when = text_of(signer, "signingTime");
    (void)fprintf(out, "    signer %s: ", text_of(signer, "status"));
    put(out, certificate ? text_of(certificate, "subject") : "unknown");
    if (certificate) {
        (void)fputs("; ", out);
        print_match(out, signer, certificate);
    }
    (void)fprintf(out, "\n      %s with %s%s%s%s\n", text_of(signer, "signatureAlgorithm"),
                  text_of(signer, "digest"), *when ? ", " : "", when,
                  *when ? " by the signer's clock" : "");
}

static void print_layers(FILE *out, struct json_object *result)
{
    struct json_object *layers = member(result, "layers");
    for (size_t i = 0; layers && i < json_object_array_length(layers); i++) {
        struct json_object *layer = json_object_array_get_idx(layers, i);
        struct json_object *signers = member(layer, "signers");
        const char *cipher = text_of(layer, "cipher");
        (void)fprintf(out, "  layer %zu: %s (%s, part %s, covers the %s)%s%s\n", i + 1,
                      text_of(layer, "kind"), text_of(layer, "format"), text_of(layer, "part"),
                      text_of(layer, "covers"), *cipher ? ", " : "", cipher);
        for (size_t k = 0; signers && k < json_object_array_length(signers); k++) {
            print_signer(out, result, json_object_array_get_idx(signers, k));
        }
    }
}

static void print_shown(FILE *out, struct json_object *result)
{
    static const char *const wanted[] = { "From", "To", "Subject", "Date" };
    struct json_object *shown = member(member(result, "headers"), "shown");
    for (size_t i = 0; shown && i < json_object_array_length(shown); i++) {
        struct json_object *field = json_object_array_get_idx(shown, i);
        for (size_t k = 0; k < ARRAY_SIZE(wanted); k++) {
            if (strcasecmp(text_of(field, "name"), wanted[k]) == 0) {
                (void)fprintf(out, "  %s: ", wanted[k]);
                put(out, text_of(field, "value"));
                (void)fputc('\n', out);
            }
        }
    }
}

void verdict_text_details(FILE *out, struct json_object *result)
{
    print_words(out, member(result, "signature"), "problems", "!");
    print_words(out, member(result, "encryption"), "problems", "!");
    print_words(out, member(result, "signature"), "notices", "-");
    print_words(out, member(result, "encryption"), "notices", "-");
    print_shown(out, result);
    print_layers(out, result);
}
