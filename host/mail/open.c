#include "mail/open.h"

#include "base/limits.h"
#include "mail/address.h"
#include "mail/fields.h"
#include "mail/header_payload.h"
#include "mail/header_read.h"
#include "mail/layers.h"
#include "mail/parts.h"
#include "policy/verdict.h"

#include <stdlib.h>
#include <string.h>

static void layer_done(struct open_layer *layer)
{
    free(layer->part);
    signature_report_free(layer->signature);
    decryption_report_free(layer->encryption);
    content_unref(layer->content);
    content_unref(layer->cms);
    content_unref(layer->covered);
}

void open_result_free(struct open_result *result)
{
    if (!result) {
        return;
    }
    for (size_t i = 0; i < result->layer_count; i++) {
        layer_done(&result->layers[i]);
    }
    free(result->layers);
    free(result->claimed);
    fields_done(&result->outer);
    fields_done(&result->protected);
    fields_done(&result->shown);
    fields_done(&result->differences);
    content_unref(result->content);
    parts_done(result);
    free(result);
}

static struct layer_facts facts_of(const struct open_layer *layer)
{
    struct layer_facts facts = {
        .kind = layer->kind,
        .covers_whole = layer->whole,
        .problems = layer->problems,
    };
    if (layer->signature) {
        facts.signature = layer->signature->judgement;
    }
    if (layer->kind == LAYER_SIGNED) {
        /* words of the layer itself weigh as those of its signers do */
        word_set problems = facts.signature.problems | layer->problems;
        const struct signer_facts whole = { .signature = problems, .checked = true };
        word_set notices = facts.signature.notices;
        facts.signature = verdict_signer(&whole);
        facts.signature.notices |= notices;
    }
    if (layer->encryption) {
        facts.problems |= layer->encryption->problems | layer->encryption->notices;
        facts.decrypted = layer->encryption->decrypted;
        facts.authenticated = layer->encryption->authenticated;
    }
    return facts;
}

/* A signature covers ciphertext where an encrypted layer of the same run lies inside it, or what is
 * left is encrypted by other means. */
static void mark_around_encryption(struct layer_facts *facts, size_t count, bool other)
{
    bool encrypted_inside = other;
    for (size_t i = count; i-- > 0;) {
        facts[i].around_encryption = encrypted_inside && facts[i].covers_whole;
        encrypted_inside =
            encrypted_inside || (facts[i].covers_whole && facts[i].kind == LAYER_ENCRYPTED);
    }
}

/* A signature over the whole is around the encryption of a part, too: it says nothing about who
 * wrote that part's cleartext. */
static word_set part_notices(const struct layer_facts *facts, size_t count)
{
    bool is_signed = false;
    bool encrypted_part = false;
    for (size_t i = 0; i < count; i++) {
        is_signed = is_signed || (facts[i].covers_whole && facts[i].kind == LAYER_SIGNED);
        encrypted_part =
            encrypted_part || (!facts[i].covers_whole && facts[i].kind == LAYER_ENCRYPTED);
    }
    return is_signed && encrypted_part ? WORD_BIT(WORD_SIGNED_OUTSIDE) : WORDS_NONE;
}

struct headers {
    const struct mime_header *outer;
    const struct mime_header *inner; /* NULL: no layer was taken off, or the inside is no MIME */
};

/* Which signers are the author, of the layers too that don't speak for the message. */
static struct error *match_signers(const struct mime_header *outer, struct open_result *result)
{
    for (size_t i = 0; i < result->layer_count; i++) {
        CLEANUP(string_free) char *claimed = NULL;
        word_set ignored = WORDS_NONE;
        TRY(address_check(outer, result->layers[i].signature, &ignored, &claimed));
    }
    return NULL;
}

static struct error *judge(struct open_result *result, const struct headers *headers,
                           const struct layers_end *end)
{
    struct layer_facts facts[LIMIT_LAYERS] = { 0 };
    for (size_t i = 0; i < result->layer_count; i++) {
        facts[i] = facts_of(&result->layers[i]);
    }
    mark_around_encryption(facts, result->layer_count, end->other_encryption);

    size_t speaking = verdict_speaking_layer(facts, result->layer_count);
    struct message_facts message = {
        .layers = facts,
        .layer_count = result->layer_count,
        .headers = end->headers | (end->ambiguous ? WORD_BIT(WORD_MIME_AMBIGUOUS) : WORDS_NONE),
        .notices = part_notices(facts, result->layer_count),
        .check_addresses = true,
    };
    struct signature_report *speaker =
        speaking < result->layer_count ? result->layers[speaking].signature : NULL;
    TRY(match_signers(headers->outer, result));
    TRY(address_check(headers->outer, speaker, &message.addresses, &result->claimed));
    if (headers->inner) {
        word_set words = WORDS_NONE;
        TRY(address_check_protected(headers->outer, headers->inner, &words));
        message.headers |= words;
    }
    result->verdict = verdict_message(&message);
    return NULL;
}

/* A layer over the whole was opened, whoever it may be from. */
static bool is_decrypted(const struct open_result *result)
{
    for (size_t i = 0; i < result->layer_count; i++) {
        const struct open_layer *layer = &result->layers[i];
        if (layer->whole && layer->encryption && layer->encryption->decrypted) {
            return true;
        }
    }
    return false;
}

/* The wrapper's only part is the message shown: "1.1.2" of the one is "1.2" of the other. */
static void renumber_unwrapped(struct open_result *result)
{
    for (size_t i = 0; i < result->layer_count; i++) {
        const struct open_layer *layer = &result->layers[i];
        if (!layer->whole && layer->inside == SIZE_MAX && strncmp(layer->part, "1.", 2) == 0) {
            memmove(layer->part, layer->part + 2, strlen(layer->part + 2) + 1);
        }
    }
}

static struct error *finish_covered(const struct mime_header *outer, struct layers_end *end,
                                    struct open_result *result)
{
    CLEANUP(mime_header_free) struct mime_header *shown = NULL;
    struct header_source source = {
        .outer = outer,
        .encrypted = is_decrypted(result),
        .ambiguous = end->ambiguous,
    };
    TRY(header_payload_open(outer, source.encrypted, end, &source.scheme));
    if (source.scheme == HEADER_SCHEME_WRAPPED) {
        renumber_unwrapped(result);
    }
    source.inner = end->tree ? mime_tree_root(end->tree)->header : NULL;
    TRY(judge(result, &(struct headers){ outer, source.inner }, end));
    TRY(header_read(&source, result, &shown));
    TRY(parts_compose(shown, end, &result->content));
    return parts_list(end, result);
}

/* No layer was taken off the whole: the message is shown as it came. */
static struct error *finish_bare(const struct mime_header *outer, struct mapping *owner,
                                 struct bytes message, const struct layers_end *end,
                                 struct open_result *result)
{
    CLEANUP(mime_header_free) struct mime_header *shown = NULL;
    const struct header_source source = { .outer = outer };
    TRY(judge(result, &(struct headers){ outer, NULL }, end));
    TRY(header_read(&source, result, &shown));
    TRY(content_new(&result->content));
    TRY(content_append_slice(result->content, owner, message));
    return parts_list(end, result);
}

static struct error *finish(const struct mime_header *outer, struct mapping *owner,
                            struct bytes message, struct layers_end *end,
                            struct open_result *result)
{
    bool taken_off = end->input.data != message.data || end->input.len != message.len;
    return taken_off ? finish_covered(outer, end, result)
                     : finish_bare(outer, owner, message, end, result);
}

void open_start(void)
{
    mime_tree_start();
}

struct error *open_message(const struct mail_context *context, struct mapping *owner,
                           struct bytes message, struct open_result **ret_result)
{
    CLEANUP(open_result_free) struct open_result *result = calloc(1, sizeof(*result));
    if (!result) {
        return error_no_memory();
    }
    result->layers = calloc(LIMIT_LAYERS, sizeof(*result->layers));
    if (!result->layers) {
        return error_no_memory();
    }
    CLEANUP(mime_header_free) struct mime_header *outer = NULL;
    struct bytes body = BYTES_NONE;
    TRY(mime_header_parse(message, &outer, &body));

    size_t checks_left = LIMIT_CHECKS;
    struct mail_context counted = *context;
    counted.checks_left = &checks_left; /* all layers together */
    struct layers_end end = { 0 };
    struct error *error = layers_take_off(&counted, outer, owner, message, result, &end);
    if (!error) {
        error = finish(outer, owner, message, &end, result);
    }
    layers_end_done(&end);
    TRY(error);
    *ret_result = TAKE_PTR(result);
    return NULL;
}
