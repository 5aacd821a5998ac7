#include "mail/fields.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

void fields_done(struct open_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        free(fields->items[i].name);
        free(fields->items[i].value);
    }
    free(fields->items);
    *fields = (struct open_fields){ 0 };
}

bool fields_is_structural(const struct mime_field *field)
{
    struct bytes start = bytes_slice(field->name, 0, strlen("Content-"));
    return bytes_equal_ascii_nocase(start, BYTES_LITERAL("Content-")) ||
           bytes_equal_ascii_nocase(field->name, BYTES_LITERAL("MIME-Version"));
}

/* Room for all fields of `header`, which are at most LIMIT_HEADER_FIELDS. */
static struct error *reserve(struct open_fields *fields, size_t count)
{
    fields->items = calloc(count ? count : 1, sizeof(*fields->items));
    return fields->items ? NULL : error_no_memory();
}

static struct error *add_field(struct open_fields *fields, const struct mime_field *field,
                               enum header_protection protection)
{
    struct open_field *item = &fields->items[fields->count];
    CLEANUP(string_free) char *value = NULL;
    TRY(mime_field_text(field, &value));
    TRY(utf8_sanitise(field->name, &item->name));
    item->value = TAKE_PTR(value);
    item->protection = protection;
    fields->count++;
    return NULL;
}

static struct error *add_all(struct open_fields *fields, const struct mime_header *header,
                             enum header_protection protection)
{
    TRY(reserve(fields, header->count));
    for (size_t i = 0; i < header->count; i++) {
        if (!fields_is_structural(&header->fields[i])) {
            TRY(add_field(fields, &header->fields[i], protection));
        }
    }
    return NULL;
}

static const struct open_field *find(const struct open_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (strcasecmp(fields->items[i].name, name) == 0) {
            return &fields->items[i];
        }
    }
    return NULL;
}

/* Names of protected fields whose value outside is another one or missing. */
static struct error *note_differences(struct open_result *result)
{
    TRY(reserve(&result->differences, result->protected.count));
    for (size_t i = 0; i < result->protected.count; i++) {
        const struct open_field *inside = &result->protected.items[i];
        const struct open_field *outside = find(&result->outer, inside->name);
        if (outside && strcmp(outside->value, inside->value) == 0) {
            continue;
        }
        char *name = strdup(inside->name);
        if (!name) {
            return error_no_memory();
        }
        result->differences.items[result->differences.count++].name = name;
    }
    return NULL;
}

struct error *fields_read(const struct mime_header *outer, const struct mime_header *inner,
                          enum header_protection protection, struct open_result *result)
{
    TRY(add_all(&result->outer, outer, HEADER_UNPROTECTED));
    if (inner) {
        TRY(add_all(&result->protected, inner, protection));
        TRY(note_differences(result));
    }
    /* which protected field replaces which outer one is RFC 9788's matter (header protection);
     * until a message asks for that, people are shown the outer ones, marked as unprotected */
    return add_all(&result->shown, outer, HEADER_UNPROTECTED);
}
