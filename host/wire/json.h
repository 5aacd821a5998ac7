/* JSON values: parsed by json-c after our own scanner has let the text pass, read by typed getters,
 * built and written. A tree belongs to one thread at a time. What is added to a tree is valid UTF-8
 * whatever the source held.
 *
 * Builders take a plain object and give back an error only where memory is out, so they chain with
 * TRY. Members are never looked up by a foreign name. */
#ifndef SEALPOST_WIRE_JSON_H
#define SEALPOST_WIRE_JSON_H

#include "base/bytes.h"
#include "base/content.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* json_object_put for CLEANUP; NULL is fine. */
void json_free(struct json_object *object);
DEFINE_CLEANUP(struct json_object *, json_free);

/* Scans and parses one text (wire/scan.h tells what is refused). ERR_JSON, ERR_NO_MEMORY. */
struct error *json_parse(struct bytes text, struct json_object **ret_value) MUST_USE;

/* The same for a text that scan_json has let pass. */
struct error *json_parse_scanned(struct bytes text, struct json_object **ret_value) MUST_USE;

/* The text of a value without white space; borrowed from `value` until it is next written, changed
 * or freed. ERR_NO_MEMORY. */
struct error *json_text(struct json_object *value, struct bytes *ret_text) MUST_USE;

/* The same as a copy in a new mapping. ERR_NO_MEMORY, ERR_MESSAGE_TOO_LARGE. */
struct error *json_write(struct json_object *value, struct mapping **ret_text) MUST_USE;

/* Getters: true and the value where `object` is an object that has a member of this very type;
 * results are borrowed from `object`. */
bool json_get(struct json_object *object, const char *name, struct json_object **ret_value);
bool json_get_string(struct json_object *object, const char *name, const char **ret_text);
bool json_get_bool(struct json_object *object, const char *name, bool *ret_value);
bool json_get_integer(struct json_object *object, const char *name, int64_t *ret_value);
bool json_get_object(struct json_object *object, const char *name, struct json_object **ret_value);
bool json_get_array(struct json_object *object, const char *name, struct json_object **ret_value);

/* The bytes of a string value, which may hold any character but NUL; borrowed. */
struct bytes json_string_bytes(struct json_object *value);

/* New empty containers. ERR_NO_MEMORY. */
struct error *json_new_object(struct json_object **ret_object) MUST_USE;
struct error *json_new_array(struct json_object **ret_array) MUST_USE;

/* Each adds a member to `object`, replacing one of that name. ERR_NO_MEMORY.
 * Text that is not UTF-8 goes through utf8_sanitise; NULL adds nothing. */
struct error *json_add_string(struct json_object *object, const char *name, const char *text)
    MUST_USE;
struct error *json_add_text(struct json_object *object, const char *name, struct bytes text)
    MUST_USE;
struct error *json_add_bool(struct json_object *object, const char *name, bool value) MUST_USE;
struct error *json_add_integer(struct json_object *object, const char *name, int64_t value)
    MUST_USE;
struct error *json_add_size(struct json_object *object, const char *name, size_t value) MUST_USE;
/* RFC 3339 in UTC. */
struct error *json_add_time(struct json_object *object, const char *name, int64_t seconds) MUST_USE;
/* Lower-case hex. */
struct error *json_add_hex(struct json_object *object, const char *name, struct bytes bytes)
    MUST_USE;
/* Base64 (RFC 4648 4, padded) of `len` bytes of `content` from `offset`, cut to what is there;
 * encoded only when the value is written. Takes a reference to `content`, which must not change. */
struct error *json_add_base64(struct json_object *object, const char *name, struct content *content,
                              size_t offset, size_t len) MUST_USE;
/* Consumes `value` in any case; NULL adds null. */
struct error *json_add_take(struct json_object *object, const char *name, struct json_object *value)
    MUST_USE;
/* A new container, already a member; `ret_value` is borrowed from `object`. */
struct error *json_add_object(struct json_object *object, const char *name,
                              struct json_object **ret_value) MUST_USE;
struct error *json_add_array(struct json_object *object, const char *name,
                             struct json_object **ret_value) MUST_USE;

/* The same for the end of an array. */
struct error *json_append_string(struct json_object *array, const char *text) MUST_USE;
struct error *json_append_integer(struct json_object *array, int64_t value) MUST_USE;
struct error *json_append_take(struct json_object *array, struct json_object *value) MUST_USE;
struct error *json_append_object(struct json_object *array, struct json_object **ret_value)
    MUST_USE;

#endif
