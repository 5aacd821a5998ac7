#include "base/limits.h"
#include "rpc/params.h"
#include "support/support.h"
#include "wire/json.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct inner {
    char *name;
    struct rpc_integer number;
};

struct outer {
    char *string;
    struct rpc_bool truth;
    struct rpc_integer integer;
    struct rpc_time time;
    struct rpc_word word;
    struct rpc_data data;
    struct rpc_strings strings;
    struct inner *object;
    struct rpc_objects objects;
    struct json_object *raw;
};

static const struct rpc_param inner_params[] = {
    PARAM_STRING("name", struct inner, name, PARAM_REQUIRED, 4),
    PARAM_INTEGER("number", struct inner, number, 0, 0, 9, 5),
};
static const struct rpc_table inner_table = METHOD_REQUEST(struct inner, inner_params);

static const struct rpc_word_entry words[] = { { "one", 1 }, { "two", 2 }, { NULL, 0 } };

static const struct rpc_param params[] = {
    PARAM_STRING("string", struct outer, string, 0, 8),
    PARAM_BOOL("truth", struct outer, truth, 0, true),
    PARAM_INTEGER("integer", struct outer, integer, 0, -5, 5, 3),
    PARAM_TIME("time", struct outer, time, 0),
    PARAM_WORD("word", struct outer, word, 0, words, 2),
    PARAM_DATA("data", struct outer, data, 0),
    PARAM_STRINGS("strings", struct outer, strings, 0, 3),
    PARAM_OBJECT("object", struct outer, object, 0, &inner_table),
    PARAM_OBJECTS("objects", struct outer, objects, 0, 2, &inner_table),
    PARAM_RAW("raw", struct outer, raw, 0),
};

static const struct rpc_method method = { .name = "m",
                                          .request = METHOD_REQUEST(struct outer, params) };
static const struct rpc_method interactive = { .name = "i",
                                               .request = METHOD_NO_REQUEST,
                                               .flags = METHOD_INTERACTIVE };
static const struct rpc_param needed[] = {
    PARAM_STRING("string", struct outer, string, PARAM_REQUIRED, 8),
};
static const struct rpc_method strict = { .name = "s",
                                          .request = METHOD_REQUEST(struct outer, needed) };

static struct error *blob(void *context, const char *handle, struct mapping **ret_owner,
                          struct bytes *ret_view)
{
    struct mapping *only = context;
    if (strcmp(handle, "b1") != 0) {
        return error_new(ERR_BLOB_UNKNOWN, "unknown");
    }
    *ret_owner = mapping_ref(only);
    *ret_view = mapping_view(only);
    return NULL;
}

static struct error *parse_for(const struct rpc_method *of, const char *text,
                               struct params **ret_params)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    assert_ok(json_parse(bytes_of_string(text), &object));
    assert_ok(mapping_new(100, &mapping));
    assert_ok(mapping_append(mapping, BYTES_LITERAL("blob bytes")));
    const struct params_context context = { .blob = blob, .blob_context = mapping, .max_data = 16 };
    return params_parse(of, object, &context, ret_params);
}

static struct params *parse(const char *text)
{
    struct params *parsed = NULL;
    assert_ok(parse_for(&method, text, &parsed));
    return parsed;
}

static void assert_refused_by(const struct rpc_method *of, const char *text, enum error_code code,
                              const char *path)
{
    struct params *parsed = NULL;
    struct error *error = parse_for(of, text, &parsed);
    cr_assert_not_null(error, "taken: %s", text);
    cr_assert_null(parsed);
    cr_assert_str_eq(error_get_path(error), path, "%s: %s", text, error_get_path(error));
    assert_error(error, code);
}

static void assert_refused(const char *text, const char *path)
{
    assert_refused_by(&method, text, ERR_PARAMS, path);
}

Test(params, refuses_what_is_no_object)
{
    assert_refused("[]", "params");
    assert_refused("\"x\"", "params");
}

Test(params, refuses_what_the_table_does_not_know)
{
    assert_refused("{\"nobody\":1}", "params.nobody");
    assert_refused("{\"site\":\"https://a\"}", "params.site");
    assert_refused("{\"object\":{\"name\":\"a\",\"x\":1}}", "params.object.x");
    assert_refused("{\"objects\":[{\"name\":\"a\"},{\"name\":\"b\",\"x\":1}]}",
                   "params.objects[1].x");
}

Test(params, refuses_what_is_missing)
{
    assert_refused_by(&strict, "{}", ERR_PARAMS, "params.string");
    assert_refused("{\"object\":{}}", "params.object.name");
    assert_refused("{\"objects\":[{\"number\":1}]}", "params.objects[0].name");
}

Test(params, refuses_wrong_types)
{
    static const struct {
        const char *name;
        const char *fits; /* the one of the values below that has the right type */
    } members[] = {
        { "string", "\"x\"" }, { "truth", "true" }, { "integer", "1" },  { "time", "" },
        { "word", "" },        { "data", "" },      { "strings", "[]" }, { "object", "" },
        { "objects", "[]" },   { "raw", "{}" },
    };
    static const char *const values[] = { "null", "\"x\"", "true", "1", "1.5", "[]", "{}", "[1]" };
    for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
            char text[64];
            char path[64];
            if (strcmp(members[i].fits, values[j]) == 0) {
                continue;
            }
            struct params *parsed = NULL;
            (void)snprintf(text, sizeof(text), "{\"%s\":%s}", members[i].name, values[j]);
            (void)snprintf(path, sizeof(path), "params.%s", members[i].name);
            struct error *error = parse_for(&method, text, &parsed);
            cr_assert_not_null(error, "%s", text);
            cr_assert_eq(strncmp(error_get_path(error), path, strlen(path)), 0, "%s", text);
            assert_error(error, ERR_PARAMS);
        }
    }
}

Test(params, refuses_values_out_of_their_limits)
{
    assert_refused("{\"string\":\"123456789\"}", "params.string");
    assert_refused("{\"integer\":6}", "params.integer");
    assert_refused("{\"integer\":-6}", "params.integer");
    assert_refused("{\"time\":\"2026-13-01T00:00:00Z\"}", "params.time");
    assert_refused("{\"word\":\"three\"}", "params.word");
    assert_refused("{\"word\":\"On\"}", "params.word");
    assert_refused("{\"strings\":[\"a\",\"b\",\"c\",\"d\"]}", "params.strings");
    assert_refused("{\"strings\":[\"a\",7]}", "params.strings[1]");
    assert_refused("{\"object\":{\"name\":\"12345\"}}", "params.object.name");
    assert_refused("{\"objects\":[{\"name\":\"a\"},{\"name\":\"a\"},{\"name\":\"a\"}]}",
                   "params.objects");
}

Test(params, bounds_the_strings_of_a_list)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    uint8_t *tail = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, "{\"strings\":[\""));
    assert_ok(buffer_extend(text, LIMIT_PARAM_STRING + 1, &tail));
    memset(tail, 'x', LIMIT_PARAM_STRING + 1);
    assert_ok(buffer_append(text, (struct bytes){ (const uint8_t *)"\"]}", 4 }));
    assert_refused((const char *)text->data, "params.strings[0]");
}

Test(params, refuses_bad_data)
{
    assert_refused("{\"data\":{}}", "params.data");
    assert_refused("{\"data\":{\"text\":\"a\",\"base64\":\"\"}}", "params.data");
    assert_refused("{\"data\":{\"text\":1}}", "params.data.text");
    assert_refused("{\"data\":{\"hex\":\"00\"}}", "params.data.hex");
    assert_refused("{\"data\":{\"base64\":\"a\"}}", "params.data.base64");
    assert_refused("{\"data\":{\"base64url\":\"+a\"}}", "params.data.base64url");
    assert_refused_by(&method, "{\"data\":{\"blob\":\"b2\"}}", ERR_BLOB_UNKNOWN,
                      "params.data.blob");
    assert_refused_by(&method, "{\"data\":{\"text\":\"12345678901234567\"}}", ERR_MESSAGE_TOO_LARGE,
                      "params.data.text");
    assert_refused_by(&method, "{\"data\":{\"base64\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}}",
                      ERR_MESSAGE_TOO_LARGE, "params.data.base64");
}

Test(params, cuts_a_long_path)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, "{\""));
    for (size_t i = 0; i < 300; i++) {
        assert_ok(buffer_append_string(text, "\xc3\xa9"));
    }
    assert_ok(buffer_append(text, (struct bytes){ (const uint8_t *)"\":1}", 5 }));
    struct params *parsed = NULL;
    struct error *error = parse_for(&method, (const char *)text->data, &parsed);
    cr_assert_eq(strlen(error_get_path(error)), LIMIT_PARAM_PATH - 1);
    assert_error(error, ERR_PARAMS);
}

Test(params, sets_fallbacks)
{
    CLEANUP(params_free) struct params *parsed = parse("{}");
    const struct outer *outer = parsed->request;
    cr_assert_null(outer->string);
    cr_assert(!outer->truth.given && outer->truth.value);
    cr_assert(!outer->integer.given && outer->integer.value == 3);
    cr_assert(!outer->time.given);
    cr_assert(!outer->word.given && outer->word.value == 2);
    cr_assert_not(outer->data.given);
    cr_assert(!outer->strings.given && outer->strings.count == 0);
    cr_assert_null(outer->object);
    cr_assert_not(outer->objects.given);
    cr_assert_null(outer->raw);
    cr_assert(parsed->interaction);
    cr_assert_null(parsed->site);
}

Test(params, takes_no_params_at_all)
{
    const struct params_context context = { .blob = blob, .max_data = 16 };
    CLEANUP(params_free) struct params *parsed = NULL;
    assert_ok(params_parse(&method, NULL, &context, &parsed));
    cr_assert_eq(((const struct outer *)parsed->request)->integer.value, 3);
}

Test(params, fills_every_type)
{
    CLEANUP(params_free)
    struct params *parsed = parse(
        "{\"string\":\"12345678\",\"truth\":false,\"integer\":-5,\"time\":\"1970-01-01T00:01:00Z\","
        "\"word\":\"one\",\"strings\":[\"a\",\"\",\"c\"],\"object\":{\"name\":\"n\"},"
        "\"objects\":[{\"name\":\"a\",\"number\":1},{\"name\":\"b\"}],\"raw\":{\"x\":[1]}}");
    const struct outer *outer = parsed->request;
    cr_assert_str_eq(outer->string, "12345678");
    cr_assert(outer->truth.given && !outer->truth.value);
    cr_assert(outer->integer.given && outer->integer.value == -5);
    cr_assert(outer->time.given && outer->time.value == 60);
    cr_assert(outer->word.given && outer->word.value == 1);
    cr_assert_eq(outer->strings.count, 3);
    cr_assert_str_eq(outer->strings.items[2], "c");
    cr_assert_str_eq(outer->object->name, "n");
    cr_assert(!outer->object->number.given && outer->object->number.value == 5);
    const struct inner *items = outer->objects.items;
    cr_assert_eq(outer->objects.count, 2);
    cr_assert(items[0].number.given && items[0].number.value == 1);
    cr_assert_str_eq(items[1].name, "b");
    cr_assert_str_eq(json_object_to_json_string_ext(outer->raw, 0), "{\"x\":[1]}");
}

Test(params, reads_data_in_every_form)
{
    static const struct {
        const char *text;
        const char *wanted;
    } cases[] = {
        { "{\"data\":{\"text\":\"h\\u00e9\"}}", "h\xc3\xa9" },
        { "{\"data\":{\"text\":\"\"}}", "" },
        { "{\"data\":{\"base64\":\"YWJj/w==\"}}", "abc\xff" },
        { "{\"data\":{\"base64url\":\"YWJj_w\"}}", "abc\xff" },
        { "{\"data\":{\"blob\":\"b1\"}}", "blob bytes" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        CLEANUP(params_free) struct params *parsed = parse(cases[i].text);
        const struct outer *outer = parsed->request;
        cr_assert(outer->data.given);
        cr_assert_not_null(outer->data.owner);
        cr_assert(bytes_equal(outer->data.view, bytes_of_string(cases[i].wanted)), "%zu", i);
    }
}

Test(params, takes_site_and_interaction_where_the_method_is_interactive)
{
    CLEANUP(params_free) struct params *parsed = NULL;
    assert_ok(parse_for(&interactive,
                        "{\"site\":\"https://mail.example:8443\",\"interaction\":\"none\"}",
                        &parsed));
    cr_assert_str_eq(parsed->site, "https://mail.example:8443");
    cr_assert_not(parsed->interaction);
    assert_refused_by(&interactive, "{\"interaction\":\"maybe\"}", ERR_PARAMS,
                      "params.interaction");
    assert_refused_by(&interactive, "{\"site\":\"https://a\\nb\"}", ERR_PARAMS, "params.site");
    assert_refused_by(&interactive, "{\"site\":\"https://\\u202e\"}", ERR_PARAMS, "params.site");
    assert_refused_by(&interactive, "{\"other\":1}", ERR_PARAMS, "params.other");
}
