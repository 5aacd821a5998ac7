#include "rpc/envelope.h"

#include "wire/json.h"

#include <string.h>

enum { CAUSES_TOLD = 8, PROTOCOL = 1 };

bool envelope_id_equal(const struct envelope_id *a, const struct envelope_id *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case ENVELOPE_ID_NUMBER:
        return a->number == b->number;
    case ENVELOPE_ID_TEXT:
        return strcmp(a->text, b->text) == 0;
    case ENVELOPE_ID_NONE:
        break;
    }
    return false;
}

struct envelope_id envelope_id_read(struct json_object *value)
{
    struct envelope_id id = { .kind = ENVELOPE_ID_NONE };
    if (json_object_is_type(value, json_type_int)) {
        id.kind = ENVELOPE_ID_NUMBER;
        id.number = json_object_get_int64(value);
    } else if (json_object_is_type(value, json_type_string)) {
        struct bytes text = json_string_bytes(value);
        if (text.len <= LIMIT_ID_LENGTH) {
            id.kind = ENVELOPE_ID_TEXT;
            memcpy(id.text, text.data, text.len);
        }
    }
    return id;
}

struct error *envelope_read(struct json_object *message, struct envelope *envelope)
{
    *envelope = (struct envelope){ 0 };
    if (json_object_is_type(message, json_type_array)) {
        return error_new(ERR_REQUEST, "batches are not spoken");
    }
    struct json_object *id = NULL;
    bool has_id = json_get(message, "id", &id);
    envelope->id = envelope_id_read(id);
    const char *version = NULL;
    if (!json_get_string(message, "jsonrpc", &version) || strcmp(version, "2.0") != 0) {
        return error_new(ERR_REQUEST, "not a request of JSON-RPC 2.0");
    }
    if (!json_get_string(message, "method", &envelope->method)) {
        return error_new(ERR_REQUEST, "a request without a method");
    }
    if (has_id && envelope->id.kind == ENVELOPE_ID_NONE) {
        return error_new(ERR_REQUEST, "an id is an integer or a string of up to %d bytes",
                         LIMIT_ID_LENGTH);
    }
    if (json_get(message, "params", &envelope->params) && !envelope->params) {
        return error_new(ERR_REQUEST, "params must be an object");
    }
    return NULL;
}

struct error *envelope_add_id(struct json_object *object, const struct envelope_id *id)
{
    switch (id->kind) {
    case ENVELOPE_ID_NUMBER:
        return json_add_integer(object, "id", id->number);
    case ENVELOPE_ID_TEXT:
        return json_add_string(object, "id", id->text);
    case ENVELOPE_ID_NONE:
        break;
    }
    return json_add_take(object, "id", NULL);
}

static struct error *new_message(struct json_object **ret_message)
{
    CLEANUP(json_free) struct json_object *message = NULL;
    TRY(json_new_object(&message));
    TRY(json_add_string(message, "jsonrpc", "2.0"));
    *ret_message = TAKE_PTR(message);
    return NULL;
}

/* Adds what was handed over, or {} for NULL. */
static struct error *add_taken(struct json_object *message, const char *name,
                               struct json_object **value)
{
    if (!*value) {
        TRY(json_new_object(value));
    }
    return json_add_take(message, name, TAKE_PTR(*value));
}

struct error *envelope_result(const struct envelope_id *id, struct json_object *result,
                              struct json_object **ret_message)
{
    CLEANUP(json_free) struct json_object *taken = result;
    CLEANUP(json_free) struct json_object *message = NULL;
    TRY(new_message(&message));
    TRY(envelope_add_id(message, id));
    TRY(add_taken(message, "result", &taken));
    *ret_message = TAKE_PTR(message);
    return NULL;
}

struct error *envelope_notification(const char *method, struct json_object *params,
                                    struct json_object **ret_message)
{
    CLEANUP(json_free) struct json_object *taken = params;
    CLEANUP(json_free) struct json_object *message = NULL;
    TRY(new_message(&message));
    TRY(json_add_string(message, "method", method));
    TRY(add_taken(message, "params", &taken));
    *ret_message = TAKE_PTR(message);
    return NULL;
}

static struct error *add_causes(struct json_object *data, const struct error *error)
{
    const struct error *cause = error_get_cause(error);
    if (!cause) {
        return NULL;
    }
    struct json_object *causes = NULL;
    TRY(json_add_array(data, "cause", &causes));
    for (size_t i = 0; cause && i < CAUSES_TOLD; i++) {
        struct json_object *link = NULL;
        TRY(json_append_object(causes, &link));
        TRY(json_add_string(link, "reason", error_code_reason(error_get_code(cause))));
        TRY(json_add_string(link, "message", error_get_message(cause)));
        cause = error_get_cause(cause);
    }
    return NULL;
}

static struct error *add_recipients(struct json_object *data, const struct error *error)
{
    struct json_object *array = NULL;
    const char *address = NULL;
    enum error_code reason = ERR_INTERNAL;
    for (size_t i = 0; error_get_recipient(error, i, &address, &reason); i++) {
        struct json_object *item = NULL;
        if (!array) {
            TRY(json_add_array(data, "recipients", &array));
        }
        TRY(json_append_object(array, &item));
        TRY(json_add_string(item, "address", address));
        TRY(json_add_string(item, "reason", error_code_reason(reason)));
    }
    return NULL;
}

static struct error *add_data(struct json_object *object, const struct error *error)
{
    struct json_object *data = NULL;
    enum error_code code = error_get_code(error);
    TRY(json_add_object(object, "data", &data));
    TRY(json_add_string(data, "reason", error_code_reason(code)));
    TRY(json_add_string(data, "path", error_get_path(error)));
    TRY(json_add_string(data, "nss", error_get_foreign(error)));
    TRY(json_add_string(data, "hint", error_get_hint(error)));
    TRY(add_recipients(data, error));
    TRY(add_causes(data, error));
    if (code == ERR_PROTOCOL_UNSUPPORTED) {
        struct json_object *supported = NULL;
        TRY(json_add_array(data, "supported", &supported));
        TRY(json_append_integer(supported, PROTOCOL));
    }
    return NULL;
}

struct error *envelope_error_object(const struct error *error, struct json_object **ret_object)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    enum error_code code = error_get_code(error);
    const char *message = error_get_message(error);
    TRY(json_new_object(&object));
    TRY(json_add_integer(object, "code", error_code_rpc(code)));
    TRY(json_add_string(object, "message", *message ? message : error_code_summary(code)));
    TRY(add_data(object, error));
    *ret_object = TAKE_PTR(object);
    return NULL;
}

struct error *envelope_error(const struct envelope_id *id, const struct error *error,
                             struct json_object **ret_message)
{
    CLEANUP(json_free) struct json_object *message = NULL;
    struct json_object *told = NULL;
    TRY(new_message(&message));
    TRY(envelope_add_id(message, id));
    TRY(envelope_error_object(error, &told));
    TRY(json_add_take(message, "error", told));
    *ret_message = TAKE_PTR(message);
    return NULL;
}
