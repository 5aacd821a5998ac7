#include "mail/header_read.h"

#include "certs/match.h"
#include "mail/address.h"
#include "mail/fields.h"

#include <stdlib.h>
#include <string.h>

/* Fields that the way of a message adds, and that a person may see although nothing protects them.
 * Anything else outside is somebody's word against that of the author (RFC 9788 4.5.2, 7). */
static const char *const added_on_the_way[] = {
    "Return-Path",
    "Received",
    "Received-SPF",
    "Delivered-To",
    "X-Original-To",
    "DKIM-Signature",
    "ARC-Seal",
    "ARC-Message-Signature",
    "Archived-At",
    "List-Id",
    "List-Help",
    "Authentication-Results",
    "List-Post",
    "List-Owner",
    "List-Archive",
    "ARC-Authentication-Results",
    "List-Subscribe",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
};

/* What people see of a header (RFC 9787 1.1.2): one of these that stands outside alone is told. */
static const char *const user_facing[] = {
    "Subject",       "From",   "To",          "Cc",        "Date",      "Reply-To",
    "Followup-To",   "Sender", "Resent-From", "Resent-To", "Resent-Cc", "Resent-Date",
    "Resent-Sender",
};

/* RFC 5322 3.6: at most once in a header. Twice, and every reader takes another one. */
static const char *const singular[] = {
    "Date", "From",       "Sender",      "Reply-To",   "To",      "Cc",
    "Bcc",  "Message-ID", "In-Reply-To", "References", "Subject",
};

static bool is_outer_copy(const struct mime_field *field)
{
    return bytes_equal_ascii_nocase(field->name, BYTES_LITERAL("HP-Outer"));
}

static bool is_from(const struct mime_field *field)
{
    return bytes_equal_ascii_nocase(field->name, BYTES_LITERAL("From"));
}

static bool is_protectable(const struct mime_field *field)
{
    return !fields_is_structural(field) && !is_outer_copy(field);
}

/* What the layers give to a header inside them. */
struct cover {
    bool encrypted; /* a layer over the whole was decrypted */
    bool is_signed; /* by the author, rightly, with a certificate that is believed */
    bool from_differs; /* the From inside is not the one outside */
};

/* The layer that the verdict speaks of, if nothing at all is wrong with it. */
static const struct signature_report *good_signature(const struct open_result *result)
{
    size_t number = result->verdict.speaking_layer;
    if (number >= result->layer_count || result->verdict.signature.status == SIGNATURE_BAD) {
        return NULL;
    }
    const struct open_layer *layer = &result->layers[number];
    bool good = layer->problems == WORDS_NONE && layer->signature &&
                layer->signature->judgement.status == SIGNATURE_GOOD;
    return good ? layer->signature : NULL;
}

static bool signed_by(const struct signature_report *report, const char *address)
{
    for (size_t i = 0; i < report->signer_count; i++) {
        const struct signer_report *signer = &report->signers[i];
        if (signer->judgement.status == SIGNATURE_GOOD && signer->cert &&
            match_certificate(signer->cert, address)) {
            return true;
        }
    }
    return false;
}

/* RFC 9788 4.4.1.2: the signature is bound to the author that the protected header names; where it
 * names none, to the one outside. */
static struct error *author_signed(const struct header_source *source,
                                   const struct signature_report *report, bool *ret_signed)
{
    bool inside = mime_header_count(source->inner, "From") > 0;
    const struct mime_header *header = inside ? source->inner : source->outer;
    CLEANUP(address_list_free) struct address_list *from = NULL;
    TRY(address_list_read(header, "From", &from));
    *ret_signed = mime_header_count(header, "From") == 1 && !from->malformed && from->count == 1 &&
                  signed_by(report, from->addresses[0]);
    return NULL;
}

static struct error *find_cover(const struct header_source *source,
                                const struct open_result *result, struct cover *ret_cover)
{
    struct cover cover = { 0 };
    if (source->inner && !source->ambiguous) {
        word_set words = WORDS_NONE;
        const struct signature_report *report = good_signature(result);
        cover.encrypted = source->encrypted;
        if (report) {
            TRY(author_signed(source, report, &cover.is_signed));
        }
        TRY(address_check_protected(source->outer, source->inner, &words));
        cover.from_differs = words != WORDS_NONE;
    }
    *ret_cover = cover;
    return NULL;
}

/* Fields inside count for something: a wrong signature alone makes a message no better than one
 * without any (RFC 9787 6.4). */
static bool is_covered(const struct header_source *source, const struct cover *cover,
                       const struct open_result *result)
{
    bool spoken_for = result->verdict.speaking_layer < result->layer_count &&
                      result->verdict.signature.status != SIGNATURE_BAD;
    return source->inner && !source->ambiguous && (cover->encrypted || spoken_for);
}

/* RFC 9788 2.2: "HP-Outer: Name: value" says how a field stood outside when the message left.
 * Appends those to `list`; one that is no field is passed over. */
static struct error *add_outer_copy(struct open_fields *list, const struct mime_field *field)
{
    const uint8_t *colon =
        field->value.len > 0 ? memchr(field->value.data, ':', field->value.len) : NULL;
    if (!colon) {
        return NULL;
    }
    size_t end = (size_t)(colon - field->value.data);
    size_t start = 0;
    while (start < end && strchr(" \t\r\n", field->value.data[start])) {
        start++;
    }
    const struct mime_field copy = {
        .name = bytes_slice(field->value, start, end - start),
        .value = bytes_slice(field->value, end + 1, SIZE_MAX),
    };
    return fields_add(list, &copy);
}

static struct error *read_inside(const struct mime_header *inner, struct open_fields *ret_inside,
                                 struct open_fields *ret_copies)
{
    for (size_t i = 0; i < inner->count; i++) {
        const struct mime_field *field = &inner->fields[i];
        if (is_outer_copy(field)) {
            TRY(add_outer_copy(ret_copies, field));
        } else if (is_protectable(field)) {
            TRY(fields_add(ret_inside, field));
        }
    }
    return NULL;
}

static enum header_protection protection_of(bool is_signed, bool encrypted)
{
    if (is_signed) {
        return encrypted ? HEADER_BOTH : HEADER_SIGNED;
    }
    return encrypted ? HEADER_ENCRYPTED : HEADER_UNPROTECTED;
}

static bool is_twice(const struct open_result *result, const struct open_field *field)
{
    return fields_named(bytes_of_string(field->name), singular, ARRAY_SIZE(singular)) &&
           fields_count(&result->protected, field->name) > 1;
}

/* RFC 9788 4.3.1, and stricter: what stands in clear outside was not confidential, whatever the
 * sender says about it. hp="clear" says that encryption, if there is any, is another's work. */
static enum header_protection judge_field(const struct header_source *source,
                                          const struct cover *cover,
                                          const struct open_result *result,
                                          const struct open_fields *copies,
                                          const struct open_field *field)
{
    if (is_twice(result, field)) {
        return HEADER_UNPROTECTED;
    }
    bool hidden = source->scheme != HEADER_SCHEME_CLEAR && cover->encrypted &&
                  !fields_has(copies, field) && !fields_has(&result->outer, field);
    return protection_of(cover->is_signed, hidden);
}

/* What differs, each name once. */
static struct error *note_differences(const struct header_source *source,
                                      struct open_result *result)
{
    for (size_t i = 0; i < result->protected.count; i++) {
        const struct open_field *inside = &result->protected.items[i];
        if (!fields_has(&result->outer, inside) || is_twice(result, inside)) {
            TRY(fields_add_name(&result->differences, inside->name));
        }
    }
    for (size_t i = 0; source->scheme != HEADER_SCHEME_NONE && i < result->outer.count; i++) {
        const struct open_field *outside = &result->outer.items[i];
        if (fields_named(bytes_of_string(outside->name), user_facing, ARRAY_SIZE(user_facing)) &&
            !fields_has(&result->protected, outside)) {
            TRY(fields_add_name(&result->differences, outside->name));
        }
    }
    return NULL;
}

/* The shown fields: raw for the content, as text for people. */
struct shown {
    struct mime_header *raw;
    struct open_fields *text;
};

static struct error *show(struct shown *shown, const struct mime_field *field,
                          enum header_protection protection)
{
    TRY(fields_add(shown->text, field));
    shown->text->items[shown->text->count - 1].protection = protection;
    shown->raw->fields[shown->raw->count++] = *field;
    return NULL;
}

typedef bool field_filter(const struct mime_field *field);

static struct error *show_outer(struct shown *shown, const struct mime_header *outer,
                                field_filter *wanted)
{
    for (size_t i = 0; i < outer->count; i++) {
        if (wanted(&outer->fields[i])) {
            TRY(show(shown, &outer->fields[i], HEADER_UNPROTECTED));
        }
    }
    return NULL;
}

static bool is_message_field(const struct mime_field *field)
{
    return !fields_is_structural(field);
}

static bool is_added_on_the_way(const struct mime_field *field)
{
    return fields_named(field->name, added_on_the_way, ARRAY_SIZE(added_on_the_way));
}

/* The protected fields in their order, which is that of `result->protected`. */
static struct error *show_inner(struct shown *shown, const struct header_source *source,
                                const struct cover *cover, const struct open_result *result,
                                const struct open_fields *copies)
{
    /* RFC 9788 4.4.3: an author that neither the way of the message nor a signature vouches for
     * does not take the place of the one that the way does vouch for, if any does */
    bool keep_from =
        mime_header_count(source->inner, "From") > 0 && (!cover->from_differs || cover->is_signed);
    if (!keep_from) {
        TRY(show_outer(shown, source->outer, is_from));
    }
    size_t number = 0;
    for (size_t i = 0; i < source->inner->count; i++) {
        const struct mime_field *field = &source->inner->fields[i];
        if (!is_protectable(field)) {
            continue;
        }
        const struct open_field *text = &result->protected.items[number++];
        if (keep_from || !is_from(field)) {
            TRY(show(shown, field, judge_field(source, cover, result, copies, text)));
        }
    }
    return NULL;
}

static struct error *fill(const struct header_source *source, struct open_fields *copies,
                          struct open_result *result, struct shown *shown)
{
    struct cover cover = { 0 };
    TRY(fields_add_all(&result->outer, source->outer));
    TRY(find_cover(source, result, &cover));
    bool covered = is_covered(source, &cover, result);
    if (covered) {
        TRY(read_inside(source->inner, &result->protected, copies));
        TRY(note_differences(source, result));
    }
    if (!covered || source->scheme == HEADER_SCHEME_NONE) {
        return show_outer(shown, source->outer, is_message_field);
    }
    TRY(show_outer(shown, source->outer, is_added_on_the_way));
    return show_inner(shown, source, &cover, result, copies);
}

struct error *header_read(const struct header_source *source, struct open_result *result,
                          struct mime_header **ret_shown)
{
    CLEANUP(mime_header_free) struct mime_header *raw = calloc(1, sizeof(*raw));
    if (!raw) {
        return error_no_memory();
    }
    size_t most = source->outer->count * 2 + (source->inner ? source->inner->count : 0);
    raw->fields = calloc(most + 1, sizeof(*raw->fields));
    if (!raw->fields) {
        return error_no_memory();
    }
    struct open_fields copies = { 0 };
    struct shown shown = { .raw = raw, .text = &result->shown };
    struct error *error = fill(source, &copies, result, &shown);
    fields_done(&copies);
    TRY(error);
    *ret_shown = TAKE_PTR(raw);
    return NULL;
}
