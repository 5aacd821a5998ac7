/* Header protection (RFC 9788) of hostile payloads. The first byte chooses: Legacy Display Elements
 * in text and in HTML, a parameter set in a Content-Type field, or a whole message whose body is
 * taken for what stands under a layer. Nothing is shown as hidden that stands outside, nothing as
 * signed where nobody signed, and what is written is read again as it was meant. */
#include "mail/fields.h"
#include "mail/header_display.h"
#include "mail/header_read.h"
#include "mail/header_write.h"
#include "mime/content_fields.h"
#include "mime/tree.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_display(struct bytes text, bool html)
{
    static const struct bytes fields = { (const uint8_t *)"Subject: x\r\nTo: y\r\n\r\n", 21 };
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    struct bytes body = BYTES_NONE;
    error_free(mime_header_parse(fields, &header, &body));
    check(header != NULL);
    struct header_display display =
        html ? header_display_in_html(text) : header_display_in_text(text, header);
    check(display.start <= text.len && display.len <= text.len - display.start);
    check(html || display.start == 0);
    check(header_display_html_start(text) <= text.len);
}

/* Whatever was in the field, a reader finds the value that was set, or nothing goes out. */
static void check_parameter(struct bytes text)
{
    static const struct bytes start = { (const uint8_t *)"Content-Type: text/plain", 24 };
    CLEANUP(content_unref) struct content *entity = NULL;
    CLEANUP(content_unref) struct content *inner = NULL;
    CLEANUP(mapping_unref) struct mapping *flat = NULL;
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    CLEANUP(content_fields_free) struct content_fields *found = NULL;
    struct bytes body = BYTES_NONE;
    struct mime_header none = { 0 };
    const struct header_inside inside = { .header = &none, .outer = &none, .encrypted = true };
    struct error *error = content_new(&entity);
    error = error ? error : content_append_copy(entity, start);
    error = error ? error : content_append_copy(entity, text);
    error = error ? error : header_write_inner(&inside, entity, &inner);
    if (!error) {
        struct bytes view = BYTES_NONE;
        error = content_flatten(inner, &flat, &view);
        error = error ? error : mime_header_parse(view, &header, &body);
        error = error ? error : content_fields_read(header, false, &found);
        check(!error && !found->odd && strcmp(found->header_protection, "cipher") == 0);
    }
    error_free(error);
}

static void check_shown(const struct open_result *result, const struct mime_header *shown)
{
    check(shown->count == result->shown.count);
    for (size_t i = 0; i < shown->count; i++) {
        const struct open_field *field = &result->shown.items[i];
        check(!fields_is_structural(&shown->fields[i]));
        check(field->protection == HEADER_UNPROTECTED || field->protection == HEADER_ENCRYPTED);
        if (field->protection == HEADER_ENCRYPTED) {
            check(!fields_has(&result->outer, field) && fields_has(&result->protected, field));
            check(strcasecmp(field->name, "HP-Outer") != 0);
        }
    }
}

static struct error *read_payload(const struct mime_header *outer, struct layers_end *end,
                                  struct open_result *result, bool encrypted)
{
    CLEANUP(mime_header_free) struct mime_header *shown = NULL;
    struct header_source source = { .outer = outer, .encrypted = encrypted };
    TRY(header_payload_open(outer, encrypted, end, &source.scheme));
    source.inner = mime_tree_root(end->tree)->header;
    source.ambiguous = mime_tree_root(end->tree)->ambiguous;
    TRY(header_read(&source, result, &shown));
    check_shown(result, shown);
    return NULL;
}

static void check_payload(struct bytes message, bool encrypted)
{
    CLEANUP(mime_header_free) struct mime_header *outer = NULL;
    struct bytes body = BYTES_NONE;
    struct layers_end end = { 0 };
    struct open_result result = { .verdict.speaking_layer = SIZE_MAX };
    struct error *error = mime_header_parse(message, &outer, &body);
    error = error ? error : mapping_new(message.len + 1, &end.owner);
    error = error ? error : mapping_append(end.owner, body);
    if (!error) {
        end.input = mapping_view(end.owner);
        error = mime_tree_parse(end.input, &end.tree);
    }
    if (!error) {
        error = read_payload(outer, &end, &result, encrypted);
    }
    error_free(error);
    layers_end_done(&end);
    fields_done(&result.outer);
    fields_done(&result.protected);
    fields_done(&result.shown);
    fields_done(&result.differences);
}

/* A copy of the subject in every text leaves a message with as many parts. */
static void check_written(struct bytes message)
{
    CLEANUP(mime_tree_free) struct mime_tree *tree = NULL;
    CLEANUP(mime_tree_free) struct mime_tree *again = NULL;
    CLEANUP(mapping_unref) struct mapping *edited = NULL;
    struct error *error = mime_tree_parse(message, &tree);
    error = error ? error : header_write_display(tree, &edited);
    if (!error && edited) {
        error = mime_tree_parse(mapping_view(edited), &again);
        check(error || mime_tree_root(again)->child_count == mime_tree_root(tree)->child_count);
    }
    error_free(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    open_start();
    struct bytes text = { data + 1, size - 1 };
    switch (data[0] % 6) {
    case 0:
    case 1:
        check_display(text, data[0] % 6 == 1);
        break;
    case 2:
        check_parameter(text);
        break;
    case 3:
    case 4:
        check_payload(text, data[0] % 6 == 3);
        break;
    default:
        check_written(text);
        break;
    }
    return 0;
}
