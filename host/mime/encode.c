#include "mime/encode.h"

#include "mime/canonical.h"
#include "mime/quoted.h"
#include "mime/transfer.h"

#include <string.h>

/* What is to become of a body. */
enum treatment { KEEP, LINE_ENDS, QUOTED, BASE64 };

static bool has_type(const struct mime_entity *entity, const char *start)
{
    return strncmp(entity->type, start, strlen(start)) == 0;
}

/* The header of these is not of a kind that another encoding could be written into. */
static bool is_fixed(const struct mime_entity *entity)
{
    return has_type(entity, "message/") || entity->encoding == MIME_ENCODING_UNKNOWN;
}

static bool is_encoded(const struct mime_entity *entity)
{
    return entity->encoding == MIME_BASE64 || entity->encoding == MIME_QUOTED_PRINTABLE ||
           entity->encoding == MIME_UUENCODE;
}

/* Quoted-printable is for text with lines; UTF-16 has NUL bytes and would suffer. */
static enum treatment choose_encoding(const struct mime_entity *entity)
{
    bool text = has_type(entity, "text/") && entity->encoding != MIME_BASE64 &&
                entity->encoding != MIME_UUENCODE &&
                (entity->body.len == 0 || !memchr(entity->body.data, '\0', entity->body.len));
    return text ? QUOTED : BASE64;
}

static enum treatment choose(const struct mime_entity *entity)
{
    enum canonical_state state = canonical_check(entity->body);
    if (state == CANONICAL_CLEAN) {
        return KEEP;
    }
    if (is_fixed(entity)) {
        return LINE_ENDS;
    }
    /* a line end inside binary content is content */
    bool content = entity->encoding == MIME_BINARY && !has_type(entity, "text/");
    return state == CANONICAL_LINE_ENDS && !content ? LINE_ENDS : choose_encoding(entity);
}

/* The name that goes into the header in place of the one there; NULL: leave that alone. */
static const char *new_encoding(const struct mime_entity *entity, enum treatment treatment)
{
    switch (treatment) {
    case QUOTED:
        return "quoted-printable";
    case BASE64:
        return "base64";
    case KEEP:
    case LINE_ENDS:
        break;
    }
    /* what is 7-bit in fact is better called so: a relay without 8BITMIME would recode it */
    bool wide = entity->encoding == MIME_8BIT || entity->encoding == MIME_BINARY;
    return wide && !is_fixed(entity) ? "7bit" : NULL;
}

static bool is_content_field(const struct mime_field *field)
{
    return bytes_equal_ascii_nocase(bytes_slice(field->name, 0, strlen("Content-")),
                                    BYTES_LITERAL("Content-"));
}

static bool is_encoding_field(const struct mime_field *field)
{
    return bytes_equal_ascii_nocase(field->name, BYTES_LITERAL("Content-Transfer-Encoding"));
}

/* A field that is canonical stays where it lies, so that runs join up. */
static struct error *write_field(struct runs *runs, const struct mime_field *field)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    TRY(buffer_new(0, &text));
    TRY(canonical_field(field->raw, text));
    if (bytes_equal(buffer_view(text), field->raw)) {
        return runs_keep(runs, field->raw);
    }
    return runs_add(runs, buffer_view(text));
}

static struct error *write_header(struct runs *runs, const struct mime_entity *entity,
                                  const char *encoding)
{
    const struct mime_header *header = entity->header;
    for (size_t i = 0; i < header->count; i++) {
        const struct mime_field *field = &header->fields[i];
        bool wanted = entity->parent || is_content_field(field);
        if (wanted && !(encoding && is_encoding_field(field))) {
            TRY(write_field(runs, field));
        }
    }
    if (!entity->parent && !mime_header_find(header, "Content-Type")) {
        TRY(runs_add(runs, BYTES_LITERAL("Content-Type: text/plain; charset=utf-8\r\n")));
    }
    if (encoding) {
        TRY(runs_add(runs, BYTES_LITERAL("Content-Transfer-Encoding: ")));
        TRY(runs_add(runs, bytes_of_string(encoding)));
        TRY(runs_add(runs, BYTES_LITERAL("\r\n")));
    }
    return NULL;
}

/* The empty line behind the header: where it lies, if it is there as CRLF. */
static struct error *write_empty_line(struct runs *runs, const struct mime_entity *entity)
{
    const uint8_t *end = entity->header->block.data + entity->header->block.len;
    if (entity->body.data - end == 2) {
        return runs_keep(runs, (struct bytes){ end, 2 });
    }
    return runs_add(runs, BYTES_LITERAL("\r\n"));
}

static struct error *write_encoded(struct runs *runs, const struct mime_entity *entity,
                                   enum treatment treatment)
{
    CLEANUP(mapping_unref) struct mapping *decoded = NULL;
    struct bytes body = entity->body;
    if (is_encoded(entity)) {
        TRY(transfer_decode(entity->encoding, entity->body, &decoded, &body));
    }
    struct mapping *scratch = NULL;
    TRY(runs_scratch(runs, &scratch));
    return treatment == QUOTED ? quoted_encode(body, scratch) : transfer_base64(body, scratch);
}

static struct error *write_lines(struct runs *runs, struct bytes text)
{
    struct mapping *scratch = NULL;
    TRY(runs_scratch(runs, &scratch));
    return canonical_lines(text, scratch);
}

static struct error *write_leaf(struct runs *runs, const struct mime_entity *entity)
{
    enum treatment treatment = choose(entity);
    TRY(write_header(runs, entity, new_encoding(entity, treatment)));
    TRY(write_empty_line(runs, entity));
    switch (treatment) {
    case KEEP:
        return runs_keep(runs, entity->body);
    case LINE_ENDS:
        return write_lines(runs, entity->body);
    case QUOTED:
    case BASE64:
        break;
    }
    return write_encoded(runs, entity, treatment);
}

static struct error *write_glue(struct runs *runs, const uint8_t *start, const uint8_t *end)
{
    struct bytes glue = { start, (size_t)(end - start) };
    if (canonical_check(glue) == CANONICAL_CLEAN) {
        return runs_keep(runs, glue);
    }
    struct mapping *scratch = NULL;
    TRY(runs_scratch(runs, &scratch));
    return canonical_glue(glue, scratch);
}

static struct error *write_signed(struct runs *runs, const struct mime_entity *entity)
{
    TRY(write_header(runs, entity, NULL));
    TRY(write_empty_line(runs, entity));
    return canonical_check(entity->body) == CANONICAL_CLEAN ? runs_keep(runs, entity->body)
                                                            : write_lines(runs, entity->body);
}

static struct error *write_multipart(struct runs *runs, const struct mime_entity *entity)
{
    TRY(write_header(runs, entity, NULL));
    TRY(write_empty_line(runs, entity));
    const uint8_t *at = entity->body.data;
    for (size_t i = 0; i < entity->child_count; i++) {
        struct bytes child = entity->children[i]->whole;
        TRY(write_glue(runs, at, child.data));
        TRY(encode_entity(runs, entity->children[i]));
        at = child.data + child.len;
    }
    return write_glue(runs, at, entity->body.data + entity->body.len);
}

struct error *encode_entity(struct runs *runs, const struct mime_entity *entity)
{
    if (strcmp(entity->type, "multipart/signed") == 0) {
        return write_signed(runs, entity);
    }
    return entity->child_count > 0 ? write_multipart(runs, entity) : write_leaf(runs, entity);
}
