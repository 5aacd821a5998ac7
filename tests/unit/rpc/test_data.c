#include "base/limits.h"
#include "rpc/data.h"
#include "support/support.h"
#include "wire/json.h"

#include <criterion/criterion.h>
#include <string.h>

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

/* Data of at most ten bytes; b1 is "blob bytes" */
static struct error *parse(const char *text, struct rpc_data *data)
{
    CLEANUP(json_free) struct json_object *value = NULL;
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    struct path path;
    assert_ok(json_parse(bytes_of_string(text), &value));
    assert_ok(mapping_new(100, &mapping));
    assert_ok(mapping_append(mapping, BYTES_LITERAL("blob bytes")));
    const struct params_context context = { .blob = blob, .blob_context = mapping, .max_data = 10 };
    path_start(&path, "params.data");
    *data = (struct rpc_data){ 0 };
    return data_parse(&context, &path, value, data);
}

Test(data, refuses_what_is_none)
{
    static const struct {
        const char *text;
        enum error_code code;
        const char *path;
    } cases[] = {
        { "null", ERR_PARAMS, "params.data" },
        { "\"x\"", ERR_PARAMS, "params.data" },
        { "{}", ERR_PARAMS, "params.data" },
        { "{\"text\":\"a\",\"base64\":\"\"}", ERR_PARAMS, "params.data" },
        { "{\"text\":1}", ERR_PARAMS, "params.data.text" },
        { "{\"text\":null}", ERR_PARAMS, "params.data.text" },
        { "{\"hex\":\"00\"}", ERR_PARAMS, "params.data.hex" },
        { "{\"base64\":\"YQ\"}", ERR_PARAMS, "params.data.base64" },
        { "{\"base64\":\"YR==\"}", ERR_PARAMS, "params.data.base64" },
        { "{\"base64\":\"-_8=\"}", ERR_PARAMS, "params.data.base64" },
        { "{\"base64url\":\"+/8=\"}", ERR_PARAMS, "params.data.base64url" },
        { "{\"blob\":\"b2\"}", ERR_BLOB_UNKNOWN, "params.data.blob" },
        { "{\"text\":\"12345678901\"}", ERR_MESSAGE_TOO_LARGE, "params.data.text" },
        { "{\"base64\":\"AAAAAAAAAAAAAAA=\"}", ERR_MESSAGE_TOO_LARGE, "params.data.base64" },
        { "{\"base64url\":\"AAAAAAAAAAAAAAA\"}", ERR_MESSAGE_TOO_LARGE, "params.data.base64url" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct rpc_data data;
        struct error *error = parse(cases[i].text, &data);
        cr_assert_not_null(error, "taken: %s", cases[i].text);
        cr_assert_str_eq(error_get_path(error), cases[i].path);
        assert_error(error, cases[i].code);
        mapping_unref(data.owner);
    }
}

Test(data, is_read_in_every_form)
{
    static const struct {
        const char *text;
        const char *wanted;
    } cases[] = {
        { "{\"text\":\"h\\u00e9\"}", "h\xc3\xa9" },
        { "{\"text\":\"\"}", "" },
        { "{\"base64\":\"\"}", "" },
        { "{\"base64\":\"YWJj/w==\"}", "abc\xff" },
        { "{\"base64url\":\"YWJj_w\"}", "abc\xff" },
        { "{\"base64url\":\"YWJj_w==\"}", "abc\xff" },
        { "{\"blob\":\"b1\"}", "blob bytes" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct rpc_data data;
        assert_ok(parse(cases[i].text, &data));
        cr_assert(data.given);
        cr_assert_not_null(data.owner);
        cr_assert(bytes_equal(data.view, bytes_of_string(cases[i].wanted)), "%zu", i);
        mapping_unref(data.owner);
    }
}
