#include "rpc/local.h"
#include "rpc/sample_methods.h"
#include "support/support.h"
#include "wire/json.h"

#include <criterion/criterion.h>
#include <string.h>

static struct error *call(const char *name, const char *text, struct json_object **ret_result)
{
    CLEANUP(json_free) struct json_object *params = NULL;
    assert_ok(json_parse(bytes_of_string(text), &params));
    return local_call(&sample_methods, NULL, name, params, ret_result);
}

Test(local, tells_what_cannot_be_called)
{
    struct json_object *result = NULL;
    assert_error(call("nobody.knows", "{}", &result), ERR_METHOD_UNKNOWN);
    assert_error(call("blob.create", "{}", &result), ERR_METHOD_UNKNOWN);
    assert_error(call("who", "{\"x\":1}", &result), ERR_PARAMS);
    assert_error(call("echo", "{\"data\":{\"blob\":\"b1\"}}", &result), ERR_BLOB_UNKNOWN);
    assert_error(call("fail", "{}", &result), ERR_KEY_ABSENT);
    cr_assert_null(result);
}

Test(local, gives_an_empty_object_for_no_result)
{
    CLEANUP(json_free) struct json_object *result = NULL;
    assert_ok(local_call(&sample_methods, NULL, "host.hello", NULL, &result));
    cr_assert(json_object_is_type(result, json_type_object));
    cr_assert_eq(json_object_object_length(result), 0);
}

Test(local, gives_large_data_inline)
{
    CLEANUP(json_free) struct json_object *result = NULL;
    struct bytes text = BYTES_NONE;
    assert_ok(call("content", "{\"value\":3000000}", &result));
    assert_ok(json_text(result, &text));
    cr_assert_eq(text.len, 4000000 + strlen("{\"base64\":\"\"}"));
}

Test(local, hands_on_site_and_interaction)
{
    CLEANUP(json_free) struct json_object *result = NULL;
    const char *site = NULL;
    bool interaction = true;
    assert_ok(call("who", "{\"site\":\"https://a.example\",\"interaction\":\"none\"}", &result));
    cr_assert(json_get_string(result, "site", &site) && strcmp(site, "https://a.example") == 0);
    cr_assert(json_get_bool(result, "interaction", &interaction) && !interaction);
}
