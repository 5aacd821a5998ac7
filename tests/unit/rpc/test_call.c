#include "base/limits.h"
#include "rpc/call.h"
#include "rpc/client.h"
#include "rpc/sample_methods.h"
#include "support/support.h"
#include "wire/json.h"

#include <criterion/criterion.h>
#include <string.h>

static struct json_object *content(struct client *client, size_t size)
{
    client_sendf(client,
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"content\",\"params\":{\"value\":%zu}}",
                 size);
    return client_expect_result(client, 1);
}

Test(call_data, is_inline_up_to_its_limit_and_a_blob_above)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    struct json_object *data = content(&client, LIMIT_INLINE_DATA);
    cr_assert_eq(strlen(client_text_at(data, "base64")), (LIMIT_INLINE_DATA + 2) / 3 * 4);
    cr_assert_null(client_at(data, "blob"));
    data = content(&client, LIMIT_INLINE_DATA + 1);
    cr_assert_str_eq(client_text_at(data, "blob"), "b1");
    cr_assert_eq((size_t)json_object_get_int64(client_at(data, "size")), LIMIT_INLINE_DATA + 1);
    cr_assert_null(client_at(data, "base64"));
    (void)client_end(&client);
}

Test(call_data_result, has_one_member)
{
    struct rpc_call call = { .interaction = true };
    CLEANUP(content_unref) struct content *text = NULL;
    CLEANUP(json_free) struct json_object *result = NULL;
    assert_ok(content_new(&text));
    assert_ok(content_append_copy(text, BYTES_LITERAL("abc")));
    assert_ok(call_data_result(&call, "cms", text, &result));
    cr_assert_str_eq(json_object_to_json_string_ext(result, JSON_C_TO_STRING_PLAIN),
                     "{\"cms\":{\"base64\":\"YWJj\"}}");
}

Test(call, has_nobody_to_tell_on_the_command_line)
{
    struct rpc_call call = { .interaction = true };
    struct json_object *params = NULL;
    assert_ok(json_new_object(&params));
    call_notify(&call, "tokens.changed", params);
    assert_ok(call_set_session(&call, "https://a.example", 1));
}
