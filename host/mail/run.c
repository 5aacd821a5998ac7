#include "mail/run.h"

#include "base/limits.h"
#include "cms/compressed.h"
#include "cms/content_info.h"
#include "mail/address.h"
#include "mail/covered.h"
#include "mime/transfer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void run_done(struct run *run)
{
    mime_tree_free(run->tree);
    mapping_unref(run->owner);
}

/* A new layer at the end of the result's list; NULL in `ret_layer` where there are too many, which
 * is said by the last one. */
static struct error *add_layer(struct run *run, enum layer_kind kind, bool multipart,
                               struct open_layer **ret_layer)
{
    struct open_result *result = run->work->result;
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
    if (!error) {
        /* a byte order mark or an mbox line in front: files have that, not what a layer holds */
        struct bytes block = mime_tree_root(run->tree)->header->block;
        run->ambiguous = run->ambiguous || (block.data && block.data != input.data);
        return NULL;
    }
    if (error_get_code(error) == ERR_MESSAGE_MALFORMED) {
        /* cleartext that is no MIME: shown as it is, by an empty header in front. What other
         * programs make of it, and which From they see in it, nobody knows. */
        error_free(error);
        run->stuck = true;
        run->ambiguous = true;
        return NULL;
    }
    return error;
}

static struct error *keep_cms(const struct run *run, struct open_layer *layer, struct bytes cms)
{
    if (!run->work->context->keep_signatures) {
        return NULL;
    }
    TRY(content_new(&layer->cms));
    return content_append_copy(layer->cms, cms);
}

/* `covered` lies in `owner`. */
static struct error *keep_covered(const struct run *run, struct open_layer *layer,
                                  struct mapping *owner, struct bytes covered)
{
    if (!run->work->context->keep_signatures) {
        return NULL;
    }
    TRY(content_new(&layer->covered));
    return content_append_slice(layer->covered, owner, covered);
}

static struct error *keep_part(const struct run *run, struct open_layer *layer,
                               const struct mime_entity *part)
{
    CLEANUP(mapping_unref) struct mapping *canonical = NULL;
    struct bytes covered = BYTES_NONE;
    TRY(covered_bytes(part, &canonical, &covered));
    return keep_covered(run, layer, canonical ? canonical : run->owner, covered);
}

static struct error *verify_multipart(const struct run *run, const struct mime_entity *multipart,
                                      struct open_layer *layer)
{
    const struct mime_entity *signature = multipart->children[1];
    CLEANUP(mapping_unref) struct mapping *decoded = NULL;
    struct bytes cms = BYTES_NONE;
    word_set altered = WORDS_NONE;
    TRY(transfer_decode(signature->encoding, signature->body, &decoded, &cms));
    TRY(covered_verify(run->work->context, multipart->children[0], cms, &altered,
                       &layer->signature));
    layer->problems |= altered;
    /* the CMS bytes go away with `decoded`; nothing reads them any more */
    cms_signed_free(TAKE_PTR(layer->signature->cms));
    TRY(keep_cms(run, layer, cms));
    return keep_part(run, layer, multipart->children[0]);
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
    TRY(signature_verify(run->work->context, cms->bytes, NULL, &report));
    /* RFC 8551 3.8: certificates, not a signature */
    enum layer_kind kind = report->is_certificates_only ? LAYER_CERTIFICATES : LAYER_SIGNED;
    struct open_layer *layer = NULL;
    TRY(add_layer(run, kind, false, &layer));
    if (!layer) {
        return NULL;
    }
    layer->signature = TAKE_PTR(report);
    TRY(keep_cms(run, layer, cms->bytes));
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
    struct error *error = keep_covered(run, layer, content_owner, content);
    if (error) {
        mapping_unref(content_owner);
        return error;
    }
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
    TRY(decryption_open(run->work->context, cms->bytes, cms->decoded, 0, &report));
    while (!report->decrypted && report->resume > 0) {
        CLEANUP(mapping_unref) struct mapping *again = NULL;
        struct bytes fresh = BYTES_NONE;
        size_t next = report->resume;
        decryption_report_free(TAKE_PTR(report));
        TRY(decode_cms(mime_tree_root(run->tree), &again, &fresh));
        TRY(decryption_open(run->work->context, fresh, again, next, &report));
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

/* Why compressed content stays as it is; WORD_COUNT: the error is of another kind. */
static enum word word_of_compressed(const struct error *error)
{
    switch (error_get_code(error)) {
    case ERR_CMS_MALFORMED:
        return WORD_CMS_MALFORMED;
    case ERR_CMS_UNSUPPORTED:
        return WORD_ALGORITHM_UNSUPPORTED;
    case ERR_MESSAGE_TOO_LARGE:
        return WORD_CONTENT_TOO_LARGE;
    default:
        return WORD_COUNT;
    }
}

/* RFC 3274. All that a message expands to is bounded together: layers can stand in each other and
 * beside each other. */
static struct error *take_compressed(struct run *run, const struct cms_at *cms)
{
    struct work *work = run->work;
    struct open_layer *layer = NULL;
    TRY(add_layer(run, LAYER_COMPRESSED, false, &layer));
    if (!layer) {
        return NULL;
    }
    CLEANUP(mapping_unref) struct mapping *content = NULL;
    struct error *error =
        compressed_open(cms->bytes, work->room, work->context->interaction.task, &content);
    enum word word = error ? word_of_compressed(error) : WORD_COUNT;
    if (word != WORD_COUNT) {
        error_free(error);
        layer->problems |= WORD_BIT(word);
        run->stuck = true;
        return NULL;
    }
    TRY(error);
    struct bytes view = mapping_view(content);
    work->room -= view.len;
    return step_into_take(run, TAKE_PTR(content), view);
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
        return take_compressed(run, cms);
    case CMS_TYPE_ENCRYPTED: /* RFC 5652 8: with a key that both sides have */
    case CMS_TYPE_OTHER:
    case CMS_TYPE_DATA:
    case CMS_TYPE_DIGESTED:
    case CMS_TYPE_AUTHENTICATED:
        run->other_encryption = type == CMS_TYPE_ENCRYPTED;
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

/* A From that some program could show, of an entity between two layers. (The message's own, and
 * that of the innermost entity, are looked at in open.c.) */
static struct error *compare_from(struct run *run)
{
    const struct mime_entity *root = mime_tree_root(run->tree);
    word_set words = WORDS_NONE;
    bool own = root->header->block.data == run->work->outer->block.data;
    if (run->whole && !own && root->smime != MIME_SMIME_NONE) {
        TRY(address_check_protected(run->work->outer, root->header, &words));
        run->headers |= words;
    }
    return NULL;
}

/* Layer by layer, as long as the whole of what is left is one. add_layer bounds their number. */
struct error *run_take(struct run *run)
{
    while (run->tree && !run->stuck) {
        TRY(task_check(run->work->context->interaction.task));
        const struct mime_entity *root = mime_tree_root(run->tree);
        run->ambiguous = run->ambiguous || root->ambiguous;
        TRY(compare_from(run));
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
