#include "mail/fields.h"

#include "base/utf8.h"
#include "mail/address.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FIRST_ITEMS = 16 };

/* Who a message says it is from: letters that deceive are shown as A-labels there. */
static const char *const origin_fields[] = { "From", "Sender", "Reply-To" };

void fields_done(struct open_fields *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].name);
        free(list->items[i].value);
    }
    free(list->items);
    *list = (struct open_fields){ 0 };
}

bool fields_is_structural(const struct mime_field *field)
{
    struct bytes start = bytes_slice(field->name, 0, strlen("Content-"));
    return bytes_equal_ascii_nocase(start, BYTES_LITERAL("Content-")) ||
           bytes_equal_ascii_nocase(field->name, BYTES_LITERAL("MIME-Version"));
}

bool fields_named(struct bytes name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal_ascii_nocase(name, bytes_of_string(names[i]))) {
            return true;
        }
    }
    return false;
}

/* The list grows at powers of two, so that its capacity need not be kept. */
static struct error *reserve_one(struct open_fields *list)
{
    bool full =
        list->count == 0 || (list->count >= FIRST_ITEMS && (list->count & (list->count - 1)) == 0);
    if (!full) {
        return NULL;
    }
    size_t wanted = list->count < FIRST_ITEMS ? FIRST_ITEMS : list->count * 2;
    struct open_field *items = reallocarray(list->items, wanted, sizeof(*items));
    if (!items) {
        return error_no_memory();
    }
    list->items = items;
    return NULL;
}

/* The next character of a value as it is compared: a run of blanks is one space. */
static unsigned char next_character(const char **text)
{
    size_t blanks = strspn(*text, " \t");
    unsigned char c = blanks > 0 ? ' ' : (unsigned char)**text;
    *text += blanks > 0 ? blanks : 1;
    return c;
}

/* FNV-1a: a header of a thousand long fields is compared with another such one in no time. */
static uint64_t hash_byte(uint64_t hash, unsigned char c)
{
    return (hash ^ c) * UINT64_C(0x100000001b3);
}

static uint64_t hash_field(const char *name, const char *value)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name; name++) {
        bool upper = *name >= 'A' && *name <= 'Z';
        hash = hash_byte(hash, (unsigned char)(upper ? *name - 'A' + 'a' : *name));
    }
    hash = hash_byte(hash, ':');
    while (*value) {
        hash = hash_byte(hash, next_character(&value));
    }
    return hash;
}

struct error *fields_add(struct open_fields *list, const struct mime_field *field)
{
    CLEANUP(string_free) char *value = NULL;
    CLEANUP(string_free) char *name = NULL;
    TRY(reserve_one(list));
    TRY(mime_field_text(field, &value));
    TRY(utf8_sanitise(field->name, &name));
    if (fields_named(field->name, origin_fields, ARRAY_SIZE(origin_fields))) {
        TRY(address_show(field, name, &value));
    }
    struct open_field *item = &list->items[list->count++];
    *item = (struct open_field){ .hash = hash_field(name, value) };
    item->name = TAKE_PTR(name);
    item->value = TAKE_PTR(value);
    return NULL;
}

struct error *fields_add_all(struct open_fields *list, const struct mime_header *header)
{
    for (size_t i = 0; i < header->count; i++) {
        if (!fields_is_structural(&header->fields[i])) {
            TRY(fields_add(list, &header->fields[i]));
        }
    }
    return NULL;
}

size_t fields_count(const struct open_fields *list, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        count += strcasecmp(list->items[i].name, name) == 0 ? 1 : 0;
    }
    return count;
}

struct error *fields_add_name(struct open_fields *list, const char *name)
{
    if (fields_count(list, name) > 0) {
        return NULL;
    }
    TRY(reserve_one(list));
    char *copy = strdup(name);
    if (!copy) {
        return error_no_memory();
    }
    list->items[list->count++] = (struct open_field){ .name = copy };
    return NULL;
}

/* Values are clean text: blanks are the only white space in them. */
static bool same_value(const char *a, const char *b)
{
    while (*a && *b) {
        if (next_character(&a) != next_character(&b)) {
            return false;
        }
    }
    return !*a && !*b;
}

bool fields_has(const struct open_fields *list, const struct open_field *field)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct open_field *other = &list->items[i];
        if (other->hash == field->hash && strcasecmp(other->name, field->name) == 0 &&
            same_value(other->value, field->value)) {
            return true;
        }
    }
    return false;
}
