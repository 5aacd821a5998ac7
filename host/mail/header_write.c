#include "mail/header_write.h"

#include "base/limits.h"
#include "mail/fields.h"
#include "mail/header_edit.h"
#include "mail/header_parameter.h"
#include "mime/build.h"
#include "mime/content_fields.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define OUTER_COPY "HP-Outer:"
#define LONGEST_LINE 76 /* where lines are ours to break */

static bool is_left_out(const struct header_outside *outside, struct bytes name)
{
    static const char *const always[] = { "HP-Outer" };
    static const char *const confidential[] = { "Keywords", "Comments" };
    static const char *const recipients[] = { "To", "Cc", "Resent-To", "Resent-Cc" };
    return fields_named(name, always, ARRAY_SIZE(always)) ||
           (outside->protection == HEADERS_CONFIDENTIAL &&
            fields_named(name, confidential, ARRAY_SIZE(confidential))) ||
           (outside->without_recipients && fields_named(name, recipients, ARRAY_SIZE(recipients)));
}

struct error *header_write_outer(const struct mime_header *header,
                                 const struct header_outside *outside,
                                 struct mime_header **ret_outer)
{
    const struct mime_field hidden_subject = {
        .name = BYTES_LITERAL("Subject"),
        .value = BYTES_LITERAL(" [...]"),
        .raw = BYTES_LITERAL("Subject: [...]\r\n"),
    };
    CLEANUP(mime_header_free) struct mime_header *outer = calloc(1, sizeof(*outer));
    if (!outer) {
        return error_no_memory();
    }
    outer->fields = calloc(header->count + 1, sizeof(*outer->fields));
    if (!outer->fields) {
        return error_no_memory();
    }
    for (size_t i = 0; i < header->count; i++) {
        const struct mime_field *field = &header->fields[i];
        if (is_left_out(outside, field->name)) {
            continue;
        }
        bool hidden = outside->protection == HEADERS_CONFIDENTIAL &&
                      bytes_equal_ascii_nocase(field->name, hidden_subject.name);
        outer->fields[outer->count++] = hidden ? hidden_subject : *field;
    }
    *ret_outer = TAKE_PTR(outer);
    return NULL;
}

/* RFC 9788 2.2. A field whose first line has no room left for the prefix starts on the next one. */
static struct error *write_outer_copy(struct bytes field, struct buffer *out)
{
    const uint8_t *end = memchr(field.data, '\r', field.len);
    size_t first = end ? (size_t)(end - field.data) : field.len;
    bool fits = first + strlen(OUTER_COPY " ") <= LONGEST_LINE;
    TRY(buffer_append_string(out, fits ? OUTER_COPY " " : OUTER_COPY "\r\n "));
    return buffer_append(out, field);
}

static struct error *write_outer_copies(const struct mime_header *outer, struct buffer *out)
{
    for (size_t i = 0; i < outer->count; i++) {
        struct mime_header one = { .fields = &outer->fields[i], .count = 1 };
        CLEANUP(buffer_free) struct buffer *field = NULL;
        TRY(buffer_new(0, &field));
        TRY(build_message_fields(&one, false, field));
        if (field->len > 0) {
            TRY(write_outer_copy(buffer_view(field), out));
        }
    }
    return NULL;
}

/* The message's fields as they are inside. */
static struct error *write_own_fields(const struct mime_header *header, struct buffer *out)
{
    const struct header_outside everything = { .protection = HEADERS_NONE };
    CLEANUP(mime_header_free) struct mime_header *own = NULL;
    TRY(header_write_outer(header, &everything, &own));
    return build_message_fields(own, false, out);
}

/* The fields about the body, with the parameter that says what is there. */
static struct error *write_content_fields(const struct mime_header *header, const char *hp,
                                          struct buffer *out)
{
    for (size_t i = 0; i < header->count; i++) {
        const struct mime_field *field = &header->fields[i];
        if (bytes_equal_ascii_nocase(field->name, BYTES_LITERAL("Content-Type"))) {
            TRY(header_parameter_set(field->raw, "hp", hp, out));
        } else {
            TRY(buffer_append(out, field->raw));
        }
    }
    return buffer_append_string(out, "\r\n");
}

/* What other programs read in a Content-Type field that is not well formed need not be what was
 * written into it: then nothing goes out. */
static struct error *check_head(struct bytes head, const char *hp)
{
    CLEANUP(mime_header_free) struct mime_header *header = NULL;
    CLEANUP(content_fields_free) struct content_fields *fields = NULL;
    struct bytes body = BYTES_NONE;
    TRY(mime_header_parse(head, &header, &body));
    TRY(content_fields_read(header, false, &fields));
    bool right =
        !fields->odd && fields->header_protection && strcmp(fields->header_protection, hp) == 0;
    return right ? NULL
                 : error_new(ERR_MESSAGE_MALFORMED,
                             "the Content-Type of the message can be read in two ways");
}

static struct error *read_start(const struct content *entity, struct buffer *start)
{
    size_t size = content_size(entity);
    size_t wanted = size < LIMIT_HEADER_BLOCK + KIB ? size : LIMIT_HEADER_BLOCK + KIB;
    uint8_t *tail = NULL;
    TRY(buffer_extend(start, wanted, &tail));
    size_t got = content_read(entity, 0, tail, wanted);
    start->len = got;
    return NULL;
}

struct error *header_write_inner(const struct header_inside *inside, const struct content *entity,
                                 struct content **ret_entity)
{
    CLEANUP(buffer_free) struct buffer *start = NULL;
    CLEANUP(buffer_free) struct buffer *head = NULL;
    CLEANUP(mime_header_free) struct mime_header *content_header = NULL;
    CLEANUP(content_unref) struct content *fresh = NULL;
    struct bytes body = BYTES_NONE;
    TRY(buffer_new(0, &start));
    TRY(buffer_new(0, &head));
    TRY(read_start(entity, start));
    TRY(mime_header_parse(buffer_view(start), &content_header, &body));

    TRY(write_own_fields(inside->header, head));
    if (inside->encrypted) {
        TRY(write_outer_copies(inside->outer, head));
    }
    const char *hp = inside->encrypted ? "cipher" : "clear";
    TRY(write_content_fields(content_header, hp, head));
    TRY(check_head(buffer_view(head), hp));
    TRY(content_new(&fresh));
    TRY(content_append_copy(fresh, buffer_view(head)));
    TRY(content_append_tail(fresh, entity, (size_t)(body.data - start->data)));
    *ret_entity = TAKE_PTR(fresh);
    return NULL;
}

static bool is_ascii(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text >= 0x80) {
            return false;
        }
    }
    return true;
}

/* The subject can be written into the text: it is ASCII, or both are UTF-8. Character sets in
 * which ASCII is not ASCII are left alone. */
static bool can_hold(const struct mime_entity *text, const char *subject)
{
    bool typed = mime_header_find(text->header, "Content-Type") != NULL;
    if (!typed) {
        return !text->parent; /* a message without a type becomes text in UTF-8 (build.h) */
    }
    const char *charset = text->charset ? text->charset : "us-ascii";
    if (!is_ascii(subject)) {
        return strcasecmp(charset, "utf-8") == 0;
    }
    return strcasecmp(charset, "utf-8") == 0 || strcasecmp(charset, "us-ascii") == 0 ||
           strncasecmp(charset, "iso-8859-", strlen("iso-8859-")) == 0 ||
           strncasecmp(charset, "windows-125", strlen("windows-125")) == 0;
}

static struct error *place_display(const struct mime_entity *leaf, struct bytes plain,
                                   struct bytes html, struct header_edit *edit)
{
    *edit = (struct header_edit){ .leaf = leaf, .insert = plain, .mark = true };
    if (strcmp(leaf->type, "text/html") != 0) {
        return NULL;
    }
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    struct bytes text = BYTES_NONE;
    TRY(header_edit_read(leaf, &owner, &text));
    edit->insert = html;
    edit->cut.start = header_display_html_start(text);
    return NULL;
}

struct error *header_write_display(const struct mime_tree *tree, struct mapping **ret_message)
{
    const struct mime_entity *root = mime_tree_root(tree);
    const struct mime_field *subject = mime_header_find(root->header, "Subject");
    struct header_texts texts = { 0 };
    struct header_edit edits[LIMIT_MAIN_PARTS] = { 0 };
    size_t count = 0;
    *ret_message = NULL;
    if (!subject || root->ambiguous) {
        return NULL;
    }
    CLEANUP(string_free) char *value = NULL;
    CLEANUP(buffer_free) struct buffer *plain = NULL;
    CLEANUP(buffer_free) struct buffer *html = NULL;
    TRY(mime_field_text(subject, &value));
    TRY(buffer_new(0, &plain));
    TRY(buffer_new(0, &html));
    TRY(header_display_write_text(value, plain));
    TRY(header_display_write_html(value, html));

    header_edit_find_texts(root, &texts);
    for (size_t i = 0; i < texts.count; i++) {
        if (can_hold(texts.items[i], value)) {
            TRY(place_display(texts.items[i], buffer_view(plain), buffer_view(html),
                              &edits[count]));
            count++;
        }
    }
    return count > 0 ? header_edit_apply(root, edits, count, ret_message) : NULL;
}
