#include "mime/content_fields.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "mime/boundary.h"
#include "mime/gmime_scope.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Parameters that decide about structure or S/MIME: twice means two readings. */
static const char *const structural[] = { "boundary", "protocol", "smime-type", "hp" };

bool content_fields_multipart(const char *type)
{
    return strncasecmp(type, "multipart/", strlen("multipart/")) == 0;
}

/* The value of the first such field as a string; NULL where there is none or it is too long to be
 * handed to GMime (whose RFC 2231 decoder takes stack in proportion to it). */
static struct error *field_value(const struct mime_header *header, const char *name,
                                 char **ret_value)
{
    const struct mime_field *field = mime_header_find(header, name);
    if (!field || field->value.len > LIMIT_CONTENT_FIELD) {
        *ret_value = NULL;
        return NULL;
    }
    return bytes_to_string(field->value, ret_value);
}

static bool field_too_long(const struct mime_header *header, const char *name)
{
    const struct mime_field *field = mime_header_find(header, name);
    return field && field->value.len > LIMIT_CONTENT_FIELD;
}

/* A clean copy of a parameter; NULL stays NULL. */
static struct error *copy_text(const char *value, char **ret_text)
{
    *ret_text = NULL;
    return value ? utf8_sanitise(bytes_of_string(value), ret_text) : NULL;
}

static size_t count_parameter(GMimeParamList *list, const char *name)
{
    size_t count = 0;
    for (int i = 0; i < g_mime_param_list_length(list); i++) {
        const char *seen = g_mime_param_get_name(g_mime_param_list_get_parameter_at(list, i));
        count += strcasecmp(seen, name) == 0 ? 1 : 0;
    }
    return count;
}

static bool parameters_odd(GMimeParamList *list)
{
    for (size_t i = 0; i < ARRAY_SIZE(structural); i++) {
        if (count_parameter(list, structural[i]) > 1) {
            return true;
        }
    }
    GMimeParam *boundary = g_mime_param_list_get_parameter(list, "boundary");
    return boundary &&
           g_mime_param_get_encoding_method(boundary) != GMIME_PARAM_ENCODING_METHOD_DEFAULT;
}

/* How often something like a boundary parameter stands in the field, be it in quotes or where GMime
 * sees none. The word alone is common in boundaries. */
static size_t boundary_named(const char *value)
{
    size_t count = 0;
    while ((value = strcasestr(value, "boundary"))) {
        value += strlen("boundary");
        const char *next = value + strspn(value, " \t\r\n");
        count += *next == '=' || *next == '*' ? 1 : 0;
    }
    return count;
}

/* A boundary that a stricter or laxer reader of RFC 2045 5.1 would cut elsewhere: special
 * characters without quotes, quoted pairs, comments. ('=' without quotes is common and read alike
 * by all.) */
static bool boundary_odd(const char *value, const char *boundary)
{
    if (boundary_named(value) > 1 || strchr(value, '\\') ||
        (strchr(value, '(') && !strchr(boundary, '('))) {
        return true;
    }
    if (!strpbrk(boundary, " \"(),;:<>@[]")) {
        return false;
    }
    /* then it has to stand in quotes, as a whole */
    const char *found = strstr(value, boundary);
    return !found || found == value || found[-1] != '"' || found[strlen(boundary)] != '"';
}

static struct error *read_boundary(GMimeContentType *type, const char *value,
                                   struct content_fields *fields)
{
    const char *boundary = g_mime_content_type_get_parameter(type, "boundary");
    if (!boundary || !boundary_valid(bytes_of_string(boundary)) ||
        !content_fields_multipart(fields->type)) {
        return NULL;
    }
    fields->odd |= boundary_odd(value, boundary);
    return copy_text(boundary, &fields->boundary);
}

/* RFC 9788 */
static struct error *read_header_protection(GMimeContentType *type, struct content_fields *fields)
{
    const char *display = g_mime_content_type_get_parameter(type, "hp-legacy-display");
    fields->legacy_display = display && strcmp(display, "1") == 0;
    TRY(copy_text(g_mime_content_type_get_parameter(type, "hp"), &fields->header_protection));
    return copy_text(g_mime_content_type_get_parameter(type, "forwarded"), &fields->forwarded);
}

static struct error *read_parameters(GMimeContentType *type, struct content_fields *fields)
{
    TRY(copy_text(g_mime_content_type_get_parameter(type, "protocol"), &fields->protocol));
    TRY(copy_text(g_mime_content_type_get_parameter(type, "micalg"), &fields->micalg));
    TRY(copy_text(g_mime_content_type_get_parameter(type, "smime-type"), &fields->smime_type));
    TRY(copy_text(g_mime_content_type_get_parameter(type, "charset"), &fields->charset));
    TRY(read_header_protection(type, fields));
    fields->odd |= parameters_odd(g_mime_content_type_get_parameters(type));
    return copy_text(g_mime_content_type_get_parameter(type, "name"), &fields->filename);
}

static void lower(char *text)
{
    for (; *text; text++) {
        *text = (char)(*text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text);
    }
}

/* GMime makes a value that is no type into application/octet-stream; RFC 2045 5.2 wants the
 * default. Other programs do either, hence odd. */
static bool is_type(const char *value)
{
    value += strspn(value, " \t\r\n");
    size_t token = strcspn(value, " \t\r\n;/");
    return token > 0 && strchr(value, '/') != NULL;
}

static struct error *default_type(bool in_digest, struct content_fields *fields)
{
    return copy_text(in_digest ? "message/rfc822" : "text/plain", &fields->type);
}

static struct error *read_type(const char *value, bool in_digest, struct content_fields *fields)
{
    if (!value) {
        return default_type(in_digest, fields);
    }
    if (!is_type(value)) {
        fields->odd = true;
        return default_type(in_digest, fields);
    }
    CLEANUP(gmime_scope_options_free) GMimeParserOptions *options = g_mime_parser_options_new();
    CLEANUP(gmime_scope_type_unref)
    GMimeContentType *type = g_mime_content_type_parse(options, value);
    CLEANUP(gmime_scope_string_free) char *name = g_mime_content_type_get_mime_type(type);
    TRY(utf8_sanitise(bytes_of_string(name), &fields->type));
    lower(fields->type);
    TRY(read_parameters(type, fields));
    return read_boundary(type, value, fields);
}

static struct error *read_disposition(const char *value, struct content_fields *fields)
{
    if (!value) {
        return NULL;
    }
    CLEANUP(gmime_scope_options_free) GMimeParserOptions *options = g_mime_parser_options_new();
    CLEANUP(gmime_scope_disposition_unref)
    GMimeContentDisposition *disposition = g_mime_content_disposition_parse(options, value);
    fields->attachment = g_mime_content_disposition_is_attachment(disposition);
    const char *filename = g_mime_content_disposition_get_parameter(disposition, "filename");
    if (!filename) {
        return NULL;
    }
    free(fields->filename); /* the one of Content-Type */
    return copy_text(filename, &fields->filename);
}

static enum mime_encoding read_encoding(char *value)
{
    if (!value) {
        return MIME_7BIT;
    }
    const char *start = value + strspn(value, " \t\r\n");
    /* RFC 2045 6.1 has one token here; a comment or a stray semicolon may follow */
    value[(size_t)(start - value) + strcspn(start, " \t\r\n;(")] = '\0';
    switch (g_mime_content_encoding_from_string(start)) {
    case GMIME_CONTENT_ENCODING_7BIT:
        return MIME_7BIT;
    case GMIME_CONTENT_ENCODING_8BIT:
        return MIME_8BIT;
    case GMIME_CONTENT_ENCODING_BINARY:
        return MIME_BINARY;
    case GMIME_CONTENT_ENCODING_BASE64:
        return MIME_BASE64;
    case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE:
        return MIME_QUOTED_PRINTABLE;
    case GMIME_CONTENT_ENCODING_UUENCODE:
        return MIME_UUENCODE;
    case GMIME_CONTENT_ENCODING_DEFAULT:
    default:
        return *start ? MIME_ENCODING_UNKNOWN : MIME_7BIT;
    }
}

/* RFC 2045 6.4: a multipart has 7bit, 8bit or binary and nothing else. */
static bool multipart_odd(const struct content_fields *fields)
{
    bool plain = fields->encoding == MIME_7BIT || fields->encoding == MIME_8BIT ||
                 fields->encoding == MIME_BINARY;
    return content_fields_multipart(fields->type) && (!fields->boundary || !plain);
}

struct error *content_fields_read(const struct mime_header *header, bool in_digest,
                                  struct content_fields **ret_fields)
{
    CLEANUP(content_fields_free) struct content_fields *fields = calloc(1, sizeof(*fields));
    if (!fields) {
        return error_no_memory();
    }
    CLEANUP(string_free) char *type = NULL;
    CLEANUP(string_free) char *disposition = NULL;
    CLEANUP(string_free) char *encoding = NULL;
    TRY(field_value(header, "Content-Type", &type));
    TRY(field_value(header, "Content-Disposition", &disposition));
    TRY(field_value(header, "Content-Transfer-Encoding", &encoding));
    TRY(read_type(type, in_digest, fields));
    TRY(read_disposition(disposition, fields));
    fields->encoding = read_encoding(encoding);
    fields->odd |= mime_header_count(header, "Content-Type") > 1 ||
                   mime_header_count(header, "Content-Transfer-Encoding") > 1 ||
                   field_too_long(header, "Content-Type") ||
                   field_too_long(header, "Content-Transfer-Encoding") || multipart_odd(fields);
    *ret_fields = TAKE_PTR(fields);
    return NULL;
}

void content_fields_free(struct content_fields *fields)
{
    if (fields) {
        free(fields->type);
        free(fields->filename);
        free(fields->protocol);
        free(fields->micalg);
        free(fields->smime_type);
        free(fields->header_protection);
        free(fields->forwarded);
        free(fields->charset);
        free(fields->boundary);
        free(fields);
    }
}
