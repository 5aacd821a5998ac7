#include "wire/json.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "wire/base64.h"
#include "wire/scan.h"

#include <json-c/printbuf.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What a base64 value is made from when it is written. */
struct slice {
    struct content *content;
    size_t offset;
    size_t len;
};

void json_free(struct json_object *object)
{
    (void)json_object_put(object);
}

static void tokener_free(struct json_tokener *tokener)
{
    if (tokener) {
        json_tokener_free(tokener);
    }
}
DEFINE_CLEANUP(struct json_tokener *, tokener_free);

struct error *json_parse(struct bytes text, struct json_object **ret_value)
{
    TRY(scan_json(text, NULL));
    return json_parse_scanned(text, ret_value);
}

struct error *json_parse_scanned(struct bytes text, struct json_object **ret_value)
{
    if (text.len >= INT_MAX) {
        return error_new(ERR_JSON, "too long");
    }
    CLEANUP(tokener_free)
    struct json_tokener *tokener = json_tokener_new_ex(LIMIT_JSON_DEPTH + 1);
    if (!tokener) {
        return error_no_memory();
    }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    struct json_object *value =
        json_tokener_parse_ex(tokener, (const char *)text.data, (int)text.len);
    enum json_tokener_error problem = json_tokener_get_error(tokener);
    if (problem == json_tokener_continue) {
        /* a number at the very end: only what follows tells that it is complete */
        value = json_tokener_parse_ex(tokener, " ", 1);
        problem = json_tokener_get_error(tokener);
    }
    if (problem != json_tokener_success) {
        json_free(value);
        return error_new(ERR_JSON, "%s", json_tokener_error_desc(problem));
    }
    *ret_value = value;
    return NULL;
}

struct error *json_text(struct json_object *value, struct bytes *ret_text)
{
    size_t len = 0;
    const char *text = json_object_to_json_string_length(
        value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
    *ret_text = (struct bytes){ (const uint8_t *)text, len };
    return text ? NULL : error_no_memory();
}

struct error *json_write(struct json_object *value, struct mapping **ret_text)
{
    struct bytes text = BYTES_NONE;
    TRY(json_text(value, &text));
    if (text.len > LIMIT_MESSAGE) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "an answer of %zu bytes", text.len);
    }
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    TRY(mapping_new(text.len, &mapping));
    TRY(mapping_append(mapping, text));
    *ret_text = TAKE_PTR(mapping);
    return NULL;
}

bool json_get(struct json_object *object, const char *name, struct json_object **ret_value)
{
    struct json_object *value = NULL;
    bool there = json_object_is_type(object, json_type_object) &&
                 json_object_object_get_ex(object, name, &value);
    if (there) {
        *ret_value = value;
    }
    return there;
}

static bool get_typed(struct json_object *object, const char *name, enum json_type type,
                      struct json_object **ret_value)
{
    struct json_object *value = NULL;
    if (!json_get(object, name, &value) || !json_object_is_type(value, type)) {
        return false;
    }
    *ret_value = value;
    return true;
}

bool json_get_string(struct json_object *object, const char *name, const char **ret_text)
{
    struct json_object *value = NULL;
    bool there = get_typed(object, name, json_type_string, &value);
    if (there) {
        *ret_text = json_object_get_string(value);
    }
    return there;
}

bool json_get_bool(struct json_object *object, const char *name, bool *ret_value)
{
    struct json_object *value = NULL;
    bool there = get_typed(object, name, json_type_boolean, &value);
    if (there) {
        *ret_value = json_object_get_boolean(value) != 0;
    }
    return there;
}

bool json_get_integer(struct json_object *object, const char *name, int64_t *ret_value)
{
    struct json_object *value = NULL;
    bool there = get_typed(object, name, json_type_int, &value);
    if (there) {
        *ret_value = json_object_get_int64(value);
    }
    return there;
}

bool json_get_object(struct json_object *object, const char *name, struct json_object **ret_value)
{
    return get_typed(object, name, json_type_object, ret_value);
}

bool json_get_array(struct json_object *object, const char *name, struct json_object **ret_value)
{
    return get_typed(object, name, json_type_array, ret_value);
}

struct bytes json_string_bytes(struct json_object *value)
{
    return (struct bytes){ (const uint8_t *)json_object_get_string(value),
                           (size_t)json_object_get_string_len(value) };
}

struct error *json_new_object(struct json_object **ret_object)
{
    *ret_object = json_object_new_object();
    return *ret_object ? NULL : error_no_memory();
}

struct error *json_new_array(struct json_object **ret_array)
{
    *ret_array = json_object_new_array();
    return *ret_array ? NULL : error_no_memory();
}

struct error *json_add_take(struct json_object *object, const char *name, struct json_object *value)
{
    if (json_object_object_add(object, name, value) != 0) {
        json_free(value);
        return error_no_memory();
    }
    return NULL;
}

/* The same where NULL means that a constructor ran out of memory. */
static struct error *add_new(struct json_object *object, const char *name,
                             struct json_object *value)
{
    return value ? json_add_take(object, name, value) : error_no_memory();
}

static struct error *new_text(struct bytes text, struct json_object **ret_value)
{
    CLEANUP(string_free) char *clean = NULL;
    if (!utf8_valid(text)) {
        TRY(utf8_sanitise(text, &clean));
        text = bytes_of_string(clean);
    }
    if (text.len >= INT_MAX) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "a text is too long");
    }
    const char *start = text.data ? (const char *)text.data : "";
    *ret_value = json_object_new_string_len(start, (int)text.len);
    return *ret_value ? NULL : error_no_memory();
}

struct error *json_add_text(struct json_object *object, const char *name, struct bytes text)
{
    struct json_object *value = NULL;
    TRY(new_text(text, &value));
    return json_add_take(object, name, value);
}

struct error *json_add_string(struct json_object *object, const char *name, const char *text)
{
    return text ? json_add_text(object, name, bytes_of_string(text)) : NULL;
}

struct error *json_add_bool(struct json_object *object, const char *name, bool value)
{
    return add_new(object, name, json_object_new_boolean(value));
}

struct error *json_add_integer(struct json_object *object, const char *name, int64_t value)
{
    return add_new(object, name, json_object_new_int64(value));
}

struct error *json_add_size(struct json_object *object, const char *name, size_t value)
{
    return json_add_integer(object, name, (int64_t)value);
}

struct error *json_add_time(struct json_object *object, const char *name, int64_t seconds)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format(seconds, text);
    return json_add_string(object, name, text);
}

struct error *json_add_hex(struct json_object *object, const char *name, struct bytes bytes)
{
    CLEANUP(string_free) char *text = NULL;
    TRY(bytes_to_hex(bytes, &text));
    return json_add_string(object, name, text);
}

static void slice_free(struct slice *slice)
{
    if (slice) {
        content_unref(slice->content);
        free(slice);
    }
}
DEFINE_CLEANUP(struct slice *, slice_free);

static void delete_slice(struct json_object *value, void *slice)
{
    (void)value;
    slice_free(slice);
}

/* json-c calls this when the value is written: the encoded text goes from the content to the output
 * without ever being a json-c string. */
static int write_base64(struct json_object *value, struct printbuf *output, int level, int flags)
{
    (void)level;
    (void)flags;
    const struct slice *slice = json_object_get_userdata(value);
    int problem = printbuf_strappend(output, "\"") < 0 ? -1 : 0;
    for (size_t done = 0; done < slice->len && problem == 0; done += BASE64_PIECE) {
        char text[BASE64_PIECE_TEXT];
        size_t len =
            base64_encode_piece(slice->content, slice->offset + done, slice->len - done, text);
        problem = printbuf_memappend(output, text, (int)len) < 0 ? -1 : 0;
    }
    return printbuf_strappend(output, "\"") < 0 ? -1 : problem;
}

struct error *json_add_base64(struct json_object *object, const char *name, struct content *content,
                              size_t offset, size_t len)
{
    CLEANUP(slice_free) struct slice *slice = calloc(1, sizeof(*slice));
    struct json_object *value = slice ? json_object_new_string("") : NULL;
    if (!value) {
        return error_no_memory();
    }
    size_t size = content_size(content);
    slice->content = content_ref(content);
    slice->offset = offset < size ? offset : size;
    slice->len = len < size - slice->offset ? len : size - slice->offset;
    json_object_set_serializer(value, write_base64, TAKE_PTR(slice), delete_slice);
    return json_add_take(object, name, value);
}

struct error *json_add_object(struct json_object *object, const char *name,
                              struct json_object **ret_value)
{
    struct json_object *value = NULL;
    TRY(json_new_object(&value));
    TRY(json_add_take(object, name, value));
    *ret_value = value;
    return NULL;
}

struct error *json_add_array(struct json_object *object, const char *name,
                             struct json_object **ret_value)
{
    struct json_object *value = NULL;
    TRY(json_new_array(&value));
    TRY(json_add_take(object, name, value));
    *ret_value = value;
    return NULL;
}

struct error *json_append_take(struct json_object *array, struct json_object *value)
{
    if (json_object_array_add(array, value) != 0) {
        json_free(value);
        return error_no_memory();
    }
    return NULL;
}

struct error *json_append_string(struct json_object *array, const char *text)
{
    struct json_object *value = NULL;
    TRY(new_text(bytes_of_string(text), &value));
    return json_append_take(array, value);
}

struct error *json_append_integer(struct json_object *array, int64_t value)
{
    struct json_object *item = json_object_new_int64(value);
    return item ? json_append_take(array, item) : error_no_memory();
}

struct error *json_append_object(struct json_object *array, struct json_object **ret_value)
{
    struct json_object *value = NULL;
    TRY(json_new_object(&value));
    TRY(json_append_take(array, value));
    *ret_value = value;
    return NULL;
}
