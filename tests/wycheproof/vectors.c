#include "vectors.h"

#include "base/macros.h"
#include "nss/nss_scope.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The vectors are no hostile input; where one can't be read, nothing can be said of it. */
static NO_RETURN void give_up(const char *what)
{
    (void)fprintf(stderr, "a vector cannot be used: %s\n", what);
    abort();
}

const char *vector_result(const struct vector *vector)
{
    return json_object_get_string(json_object_object_get(vector->test, "result"));
}

static uint8_t *room(const struct vector *vector, size_t len)
{
    uint8_t *data = PORT_ArenaZAlloc(vector->arena, len + 1);
    if (!data) {
        give_up("no memory");
    }
    return data;
}

static unsigned nibble(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return (unsigned)(digit - '0');
    }
    if (digit >= 'a' && digit <= 'f') {
        return (unsigned)(digit - 'a') + 10;
    }
    give_up("a digit that is not hexadecimal");
}

struct bytes vector_bytes(const struct vector *vector, struct json_object *from, const char *name)
{
    const char *hex = json_object_get_string(json_object_object_get(from, name));
    size_t len = hex ? strlen(hex) / 2 : 0;
    uint8_t *data = room(vector, len);
    for (size_t i = 0; i < len; i++) {
        data[i] = (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    }
    return (struct bytes){ data, len };
}

struct bytes vector_of_test(const struct vector *vector, const char *name)
{
    return vector_bytes(vector, vector->test, name);
}

struct bytes vector_of_group(const struct vector *vector, const char *name)
{
    return vector_bytes(vector, vector->group, name);
}

struct bytes vector_join(const struct vector *vector, const struct bytes *parts, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        len += parts[i].len;
    }
    uint8_t *data = room(vector, len);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > 0) {
            memcpy(data + at, parts[i].data, parts[i].len);
        }
        at += parts[i].len;
    }
    return (struct bytes){ data, len };
}

struct bytes vector_der(const struct vector *vector, unsigned tag, struct bytes content)
{
    if (content.len >= 0x10000) {
        give_up("too long for two octets of length");
    }
    uint8_t octets[] = { (uint8_t)tag, 0x82, (uint8_t)(content.len >> 8), (uint8_t)content.len };
    size_t len = sizeof octets;
    if (content.len < 0x100) { /* DER: no longer than need be */
        octets[1] = 0x81;
        octets[2] = (uint8_t)content.len;
        len = 3;
    }
    if (content.len < 0x80) {
        octets[1] = (uint8_t)content.len;
        len = 2;
    }
    return VECTOR_JOIN(vector, { octets, len }, content);
}

enum answer vector_compare(struct bytes ours, struct bytes theirs)
{
    return bytes_equal(ours, theirs) ? ANSWER_AGREED : ANSWER_DIFFERED;
}

bool vector_is(const struct vector *vector, const char *name, const char *text)
{
    const char *value = json_object_get_string(json_object_object_get(vector->group, name));
    return value && strcmp(value, text) == 0;
}
