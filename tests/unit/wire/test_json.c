#include "base/limits.h"
#include "support/support.h"
#include "wire/json.h"

#include <criterion/criterion.h>
#include <string.h>

static struct json_object *parse(const char *text)
{
    struct json_object *value = NULL;
    assert_ok(json_parse(bytes_of_string(text), &value));
    return value;
}

static void assert_text(struct json_object *value, const char *wanted)
{
    struct bytes text = BYTES_NONE;
    assert_ok(json_text(value, &text));
    cr_assert(bytes_equal(text, bytes_of_string(wanted)), "%.*s", (int)text.len, text.data);
}

Test(json, refuses_what_the_scanner_refuses)
{
    struct json_object *value = NULL;
    assert_error(json_parse(BYTES_LITERAL("{\"a\":1,\"a\":2}"), &value), ERR_JSON);
    assert_error(json_parse(BYTES_LITERAL("{'a':1}"), &value), ERR_JSON);
    assert_error(json_parse(BYTES_NONE, &value), ERR_JSON);
    cr_assert_null(value);
}

Test(json, parses_as_deep_as_the_scanner_lets_pass)
{
    char text[2 * LIMIT_JSON_DEPTH + 1] = { 0 };
    memset(text, '[', LIMIT_JSON_DEPTH);
    memset(text + LIMIT_JSON_DEPTH, ']', LIMIT_JSON_DEPTH);
    CLEANUP(json_free) struct json_object *value = parse(text);
    assert_text(value, text);
}

Test(json, parses_bare_values)
{
    static const char *const texts[] = { "12", "-1.5", "true", "null", "\"a\"" };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        CLEANUP(json_free) struct json_object *value = parse(texts[i]);
        assert_text(value, texts[i]);
    }
}

Test(json, gets_only_members_of_the_type_asked_for)
{
    CLEANUP(json_free)
    struct json_object *object =
        parse("{\"s\":\"x\",\"i\":-5,\"d\":5.0,\"b\":true,\"o\":{},\"a\":[1],\"n\":null}");
    const char *text = NULL;
    int64_t number = 0;
    bool truth = false;
    struct json_object *value = NULL;
    cr_assert(json_get_string(object, "s", &text) && strcmp(text, "x") == 0);
    cr_assert(json_get_integer(object, "i", &number) && number == -5);
    cr_assert(json_get_bool(object, "b", &truth) && truth);
    cr_assert(json_get_object(object, "o", &value));
    cr_assert(json_get_array(object, "a", &value));
    cr_assert(json_get(object, "n", &value) && value == NULL);
    cr_assert_not(json_get_string(object, "i", &text));
    cr_assert_not(json_get_integer(object, "s", &number));
    cr_assert_not(json_get_integer(object, "d", &number));
    cr_assert_not(json_get_bool(object, "i", &truth));
    cr_assert_not(json_get_object(object, "a", &value));
    cr_assert_not(json_get_array(object, "o", &value));
    cr_assert_not(json_get_string(object, "n", &text));
    cr_assert_not(json_get(object, "absent", &value));
    cr_assert_not(json_get(NULL, "s", &value));
}

Test(json, keeps_integers_exact)
{
    CLEANUP(json_free)
    struct json_object *object = parse("{\"a\":9223372036854775807,\"b\":-9223372036854775808}");
    assert_text(object, "{\"a\":9223372036854775807,\"b\":-9223372036854775808}");
}

Test(json, builds_objects)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    struct json_object *inner = NULL;
    struct json_object *array = NULL;
    assert_ok(json_new_object(&object));
    assert_ok(json_add_string(object, "s", "a/\"\n"));
    assert_ok(json_add_string(object, "none", NULL));
    assert_ok(json_add_bool(object, "b", true));
    assert_ok(json_add_size(object, "z", 7));
    assert_ok(json_add_time(object, "t", 0));
    assert_ok(json_add_hex(object, "h", BYTES_LITERAL("\x0a\xff")));
    assert_ok(json_add_object(object, "o", &inner));
    assert_ok(json_add_array(inner, "a", &array));
    assert_ok(json_append_integer(array, 1));
    assert_ok(json_append_string(array, "x"));
    assert_ok(json_append_object(array, &inner));
    assert_ok(json_append_take(array, NULL));
    assert_text(object, "{\"s\":\"a/\\\"\\n\",\"b\":true,\"z\":7,\"t\":\"1970-01-01T00:00:00Z\","
                        "\"h\":\"0aff\",\"o\":{\"a\":[1,\"x\",{},null]}}");
}

Test(json, makes_foreign_text_valid)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    assert_ok(json_new_object(&object));
    assert_ok(json_add_string(object, "s", "caf\xe9"));
    assert_ok(json_add_text(object, "t", (struct bytes){ NULL, 0 }));
    assert_text(object, "{\"s\":\"caf\xef\xbf\xbd\",\"t\":\"\"}");
}

Test(json, writes_content_as_base64)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    assert_ok(content_new(&content));
    assert_ok(content_append_copy(content, BYTES_LITERAL("foo")));
    assert_ok(content_append_copy(content, BYTES_LITERAL("bar!")));
    assert_ok(json_new_object(&object));
    assert_ok(json_add_base64(object, "all", content, 0, 100));
    assert_ok(json_add_base64(object, "part", content, 2, 2));
    assert_ok(json_add_base64(object, "none", content, 100, 2));
    assert_text(object, "{\"all\":\"Zm9vYmFyIQ==\",\"part\":\"b2I=\",\"none\":\"\"}");
}

Test(json, writes_large_content_as_base64)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    CLEANUP(json_free) struct json_object *again = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    CLEANUP(mapping_unref) struct mapping *text = NULL;
    uint8_t *tail = NULL;
    assert_ok(mapping_new(MIB, &mapping));
    assert_ok(mapping_extend(mapping, MIB, &tail));
    assert_ok(content_new(&content));
    assert_ok(content_append_slice(content, mapping, mapping_view(mapping)));
    assert_ok(json_new_object(&object));
    assert_ok(json_add_base64(object, "b", content, 0, MIB));
    assert_ok(json_write(object, &text));
    assert_ok(json_parse(mapping_view(text), &again));
    const char *base64 = NULL;
    cr_assert(json_get_string(again, "b", &base64));
    cr_assert_eq(strlen(base64), (MIB + 2) / 3 * 4);
    cr_assert_eq(strspn(base64, "A"), MIB / 3 * 4 + 2);
}
