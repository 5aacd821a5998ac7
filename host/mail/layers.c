#include "mail/layers.h"

#include "base/limits.h"
#include "cms/content_info.h"
#include "mime/canonical.h"
#include "mime/transfer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One run of layers: where it stands, and what it belongs to. */
struct run {
    const struct mail_context *context;
    struct open_result *result;
    struct mapping *owner; /* one reference */
    struct bytes input;
    struct mime_tree *tree; /* over input */
    const char *part; /* number of the entity that the run began with */
    size_t inside; /* see open_layer */
    bool whole;
    bool ambiguous;
    bool stuck; /* a layer that can't be taken off: the run ends at it */
};

static void run_done(struct run *run)
{
    mime_tree_free(run->tree);
    mapping_unref(run->owner);
}

void layers_end_done(struct layers_end *end)
{
    mime_tree_free(end->tree);
    mapping_unref(end->owner);
}

/* A new layer at the end of the result's list; NULL in `ret_layer` where there are too many, which
 * is said by the last one. */
static struct error *add_layer(struct run *run, enum layer_kind kind, bool multipart,
                               struct open_layer **ret_layer)
{
    struct open_result *result = run->result;
    *ret_layer = NULL;
    if (result->layer_count == LIMIT_LAYERS) {
        result->layers[result->layer_count - 1].problems |= WORD_BIT(WORD_NESTING_TOO_DEEP);
        run->stuck = true;
        return NULL;
    }
    struct open_layer *layer = &result->layers[result->layer_count];
    layer->part = strdup(run->part);
    if (!layer->part) {
        return error_no_memory();
    }
    result->layer_count++;
    layer->kind = kind;
    layer->multipart = multipart;
    layer->inside = run->inside;
    layer->whole = run->whole;
    if (mime_tree_root(run->tree)->ambiguous) {
        layer->problems |= WORD_BIT(WORD_MIME_AMBIGUOUS);
    }
    *ret_layer = layer;
    return NULL;
}

/* The run goes on with `input` inside `owner`, whose reference it takes. */
static struct error *step_into_take(struct run *run, struct mapping *owner, struct bytes input)
{
    mapping_unref(run->owner);
    run->owner = owner;
    run->input = input;
    mime_tree_free(run->tree);
    run->tree = NULL;
    struct error *error = mime_tree_parse(input, &run->tree);
    if (error && error_get_code(error) == ERR_MESSAGE_MALFORMED) {
        /* cleartext that is no MIME: shown as it is, by an empty header in front. What other
         * programs make of it, and which From they see in it, nobody knows. */
        error_free(error);
        run->stuck = true;
        run->ambiguous = true;
        return NULL;
    }
    return error;
}

static bool has_binary(const struct mime_entity *entity)
{
    for (size_t i = 0; i < entity->child_count; i++) {
        if (has_binary(entity->children[i])) {
            return true;
        }
    }
    return entity->encoding == MIME_BINARY;
}

/* The part is text with LF alone at the ends of its lines, as Unix stores mail. In binary content
 * CRLF and LF differ: there the signature of the one must not speak for the other. */
static bool is_unix_text(const struct mime_entity *part)
{
    struct bytes text = part->whole;
    return memchr(text.data, '\n', text.len) && !memchr(text.data, '\r', text.len) &&
           !memchr(text.data, '\0', text.len) && !has_binary(part);
}

/* The bytes that a signature in a multipart is over. Mail travels with CRLF, and what was received
 * is what is checked, to the byte. Only for mail as Unix stores it the canonical form counts (RFC
 * 8551 3.1.1), in a mapping of its own. A mixture is damage and stays. */
static struct error *covered_bytes(const struct mime_entity *part, struct mapping **ret_canonical,
                                   struct bytes *ret_covered)
{
    *ret_covered = part->whole;
    if (!is_unix_text(part)) {
        return NULL;
    }
    TRY(mapping_new(LIMIT_MESSAGE, ret_canonical));
    TRY(canonical_lines(part->whole, *ret_canonical));
    *ret_covered = mapping_view(*ret_canonical);
    return NULL;
}

static struct error *verify_multipart(const struct run *run, const struct mime_entity *multipart,
                                      struct open_layer *layer)
{
    const struct mime_entity *signature = multipart->children[1];
    CLEANUP(mapping_unref) struct mapping *decoded = NULL;
    CLEANUP(mapping_unref) struct mapping *canonical = NULL;
    struct bytes cms = BYTES_NONE;
    struct bytes covered = BYTES_NONE;
    TRY(transfer_decode(signature->encoding, signature->body, &decoded, &cms));
    TRY(covered_bytes(multipart->children[0], &canonical, &covered));
    TRY(signature_verify(run->context, cms, &covered, &layer->signature));
    /* the CMS bytes go away with `decoded`; nothing reads them any more */
    cms_signed_free(TAKE_PTR(layer->signature->cms));
    return NULL;
}

/* RFC 8551 3.5.3: the signature over the first part. */
static struct error *take_multipart_signed(struct run *run)
{
    const struct mime_entity *root = mime_tree_root(run->tree);
    struct bytes covered = root->children[0]->whole;
    struct open_layer *layer = NULL;
    TRY(add_layer(run, LAYER_SIGNED, true, &layer));
    if (!layer) {
        return NULL;
    }
    struct error *error = verify_multipart(run, root, layer);
    if (error && (error_get_code(error) == ERR_MESSAGE_MALFORMED ||
                  error_get_code(error) == ERR_CMS_UNSUPPORTED)) {
        error_free(error);
        error = NULL;
        layer->problems |= WORD_BIT(WORD_CMS_MALFORMED);
    }
    TRY(error);
    return step_into_take(run, mapping_ref(run->owner), covered);
}

/* Where the CMS of a layer lies. */
struct cms_at {
    struct bytes bytes;
    struct mapping
        *decoded; /* made by decoding, so that it may be altered; NULL: in the run's owner */
};

static struct error *take_opaque_signed(struct run *run, const struct cms_at *cms)
{
    CLEANUP(signature_report_free) struct signature_report *report = NULL;
    TRY(signature_verify(run->context, cms->bytes, NULL, &report));
    if (report->is_certificates_only) {
        run->stuck = true; /* certificates, not a signature */
        return NULL;
    }
    struct open_layer *layer = NULL;
    TRY(add_layer(run, LAYER_SIGNED, false, &layer));
    if (!layer) {
        return NULL;
    }
    layer->signature = TAKE_PTR(report);
    if (!layer->signature->cms || !layer->signature->has_content) {
        run->stuck = true;
        cms_signed_free(TAKE_PTR(layer->signature->cms));
        return NULL;
    }
    struct mapping *owner = cms->decoded ? cms->decoded : run->owner;
    struct mapping *content_owner = NULL;
    struct bytes content = BYTES_NONE;
    TRY(signature_content(layer->signature, owner, cms->decoded != NULL, &content_owner, &content));
    cms_signed_free(TAKE_PTR(layer->signature->cms));
    return step_into_take(run, content_owner, content);
}

/* The CMS of an application/pkcs7-mime entity: decoded into a mapping of its own, or, where
 * `*ret_owner` stays NULL, a view of the entity's body. ERR_MESSAGE_MALFORMED, ERR_CMS_MALFORMED.
 */
static struct error *decode_cms(const struct mime_entity *entity, struct mapping **ret_owner,
                                struct bytes *ret_cms)
{
    CLEANUP(mapping_unref) struct mapping *decoded = NULL;
    CLEANUP(mapping_unref) struct mapping *unarmoured = NULL;
    struct bytes body = BYTES_NONE;
    TRY(transfer_decode(entity->encoding, entity->body, &decoded, &body));
    TRY(content_info_unarmour(body, &unarmoured, ret_cms));
    *ret_owner = unarmoured ? TAKE_PTR(unarmoured) : TAKE_PTR(decoded);
    return NULL;
}

/* Decrypts in place, in the mapping that the transfer encoding was decoded to. A key that does not
 * fit spends that mapping: for the next key it is decoded again. */
static struct error *decrypt(const struct run *run, const struct cms_at *cms,
                             struct decryption_report **ret_report)
{
    CLEANUP(decryption_report_free) struct decryption_report *report = NULL;
    TRY(decryption_open(run->context, cms->bytes, cms->decoded, 0, &report));
    while (!report->decrypted && report->resume > 0) {
        CLEANUP(mapping_unref) struct mapping *again = NULL;
        struct bytes fresh = BYTES_NONE;
        size_t next = report->resume;
        decryption_report_free(TAKE_PTR(report));
        TRY(decode_cms(mime_tree_root(run->tree), &again, &fresh));
        TRY(decryption_open(run->context, fresh, again, next, &report));
    }
    *ret_report = TAKE_PTR(report);
    return NULL;
}

static struct error *take_encrypted(struct run *run, const struct cms_at *cms)
{
    struct open_layer *layer = NULL;
    TRY(add_layer(run, LAYER_ENCRYPTED, false, &layer));
    if (!layer) {
        return NULL;
    }
    TRY(decrypt(run, cms, &layer->encryption));
    if (!layer->encryption->decrypted) {
        run->stuck = true;
        return NULL;
    }
    struct mapping *plain_owner = TAKE_PTR(layer->encryption->owner);
    return step_into_take(run, plain_owner, layer->encryption->plain);
}

/* A layer that is there but can't be taken off: the run ends, `word` says why. */
static struct error *take_stuck(struct run *run, enum layer_kind kind, enum word word)
{
    struct open_layer *layer = NULL;
    TRY(add_layer(run, kind, false, &layer));
    if (layer) {
        layer->problems |= WORD_BIT(word);
    }
    run->stuck = true;
    return NULL;
}

/* Called S/MIME by its header, but nothing that can be read: what it says it is decides which word
 * of the verdict suffers. */
static struct error *take_malformed(struct run *run)
{
    const char *smime_type = mime_tree_root(run->tree)->smime_type;
    bool is_signed = smime_type && (strcasecmp(smime_type, "signed-data") == 0 ||
                                    strcasecmp(smime_type, "certs-only") == 0);
    return take_stuck(run, is_signed ? LAYER_SIGNED : LAYER_ENCRYPTED, WORD_CMS_MALFORMED);
}

static struct error *take_cms(struct run *run, const struct cms_at *cms)
{
    enum cms_type type = CMS_TYPE_OTHER;
    struct ber_reader content = { 0 };
    struct error *error = content_info_read(cms->bytes, &type, &content);
    if (error && error_get_code(error) == ERR_CMS_MALFORMED) {
        error_free(error);
        return take_malformed(run);
    }
    TRY(error);
    switch (type) {
    case CMS_TYPE_SIGNED:
        return take_opaque_signed(run, cms);
    case CMS_TYPE_ENVELOPED:
    case CMS_TYPE_AUTH_ENVELOPED:
        return take_encrypted(run, cms);
    case CMS_TYPE_COMPRESSED:
        return take_stuck(run, LAYER_COMPRESSED, WORD_ALGORITHM_UNSUPPORTED);
    case CMS_TYPE_OTHER:
    case CMS_TYPE_DATA:
    case CMS_TYPE_DIGESTED:
    case CMS_TYPE_ENCRYPTED:
    case CMS_TYPE_AUTHENTICATED:
        run->stuck = true; /* not S/MIME: never shown as signed or encrypted */
        return NULL;
    }
    return NULL;
}

static struct error *take_pkcs7(struct run *run)
{
    CLEANUP(mapping_unref) struct mapping *decoded = NULL;
    struct bytes bytes = BYTES_NONE;
    struct error *error = decode_cms(mime_tree_root(run->tree), &decoded, &bytes);
    if (error && (error_get_code(error) == ERR_MESSAGE_MALFORMED ||
                  error_get_code(error) == ERR_CMS_MALFORMED)) {
        error_free(error);
        return take_malformed(run);
    }
    TRY(error);
    const struct cms_at cms = { .bytes = bytes, .decoded = decoded };
    return take_cms(run, &cms);
}

/* Layer by layer, as long as the whole of what is left is one. Every step makes the input smaller,
 * and add_layer bounds their number. */
static struct error *take_run(struct run *run)
{
    while (run->tree && !run->stuck) {
        TRY(task_check(run->context->interaction.task));
        const struct mime_entity *root = mime_tree_root(run->tree);
        run->ambiguous = run->ambiguous || root->ambiguous;
        if (root->smime == MIME_SMIME_SIGNED_MULTIPART) {
            TRY(take_multipart_signed(run));
        } else if (root->smime == MIME_SMIME_PKCS7) {
            TRY(take_pkcs7(run));
        } else {
            break;
        }
    }
    return NULL;
}

struct parts_walk {
    struct run *parent;
    unsigned depth;
    struct bytes taken; /* the last part that was looked into: what lies in it is done */
};

static struct error *take_parts(struct run *run, unsigned depth) MUST_USE;

/* The cleartext of a part's layers, alone; nothing where the first one could not be taken off. */
static struct error *keep_part_content(struct run *part, const struct mime_entity *entity,
                                       size_t first_layer)
{
    struct open_result *result = part->result;
    if (result->layer_count == first_layer || part->input.data == entity->whole.data) {
        return NULL;
    }
    struct open_layer *layer = &result->layers[first_layer];
    TRY(content_new(&layer->content));
    return content_append_slice(layer->content, part->owner, part->input);
}

static struct error *take_one_part(struct run *parent, const struct mime_entity *entity,
                                   unsigned depth)
{
    struct run part = {
        .context = parent->context,
        .result = parent->result,
        .owner = mapping_ref(parent->owner),
        .input = entity->whole,
        .part = entity->number,
        .inside = parent->inside,
        .whole = false,
    };
    size_t first = part.result->layer_count;
    struct error *error = mime_tree_parse(part.input, &part.tree);
    if (!error) {
        error = take_run(&part);
    }
    if (!error) {
        error = keep_part_content(&part, entity, first);
    }
    if (!error && part.tree && part.result->layer_count > first) {
        part.inside = first;
        error = take_parts(&part, depth + 1);
    }
    run_done(&part);
    return error;
}

static bool lies_in(struct bytes outer, struct bytes inner)
{
    return inner.data >= outer.data && inner.data < outer.data + outer.len;
}

static struct error *visit_part(void *context, const struct mime_entity *entity)
{
    struct parts_walk *walk = context;
    if (!entity->parent || entity->smime == MIME_SMIME_NONE ||
        entity->parent->smime == MIME_SMIME_SIGNED_MULTIPART ||
        lies_in(walk->taken, entity->whole)) {
        return NULL;
    }
    walk->taken = entity->whole;
    return take_one_part(walk->parent, entity, walk->depth);
}

/* Layers on parts of the innermost entity; depth is bounded by the number of layers. */
static struct error *take_parts(struct run *run, unsigned depth)
{
    if (!run->tree || depth >= LIMIT_LAYERS || run->result->layer_count == LIMIT_LAYERS) {
        return NULL;
    }
    struct parts_walk walk = { .parent = run, .depth = depth };
    return mime_tree_walk(run->tree, visit_part, &walk);
}

struct error *layers_take_off(const struct mail_context *context, struct mapping *owner,
                              struct bytes input, struct open_result *result,
                              struct layers_end *ret_end)
{
    struct run run = {
        .context = context,
        .result = result,
        .owner = mapping_ref(owner),
        .input = input,
        .part = "1",
        .inside = SIZE_MAX,
        .whole = true,
    };
    struct error *error = mime_tree_parse(input, &run.tree);
    if (!error) {
        error = take_run(&run);
    }
    if (!error) {
        error = take_parts(&run, 0);
    }
    if (error) {
        run_done(&run);
        return error;
    }
    *ret_end = (struct layers_end){ run.owner, run.input, run.tree, run.ambiguous };
    return NULL;
}
