/* How answers go out. */
#include "base/clock.h"
#include "base/limits.h"
#include "rpc/client.h"
#include "rpc/sample_methods.h"
#include "rpc/session.h"
#include "support/support.h"
#include "wire/json.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CALL "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"%s\",\"params\":%s}"

static void call(struct client *client, int id, const char *method, const char *params)
{
    client_sendf(client, CALL, id, method, params);
}

Test(session, puts_a_result_too_large_for_a_frame_into_a_blob)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    call(&client, 1, "large", "{\"value\":3000000}");
    struct json_object *result = client_expect_result(&client, 1);
    cr_assert_str_eq(client_text_at(result, "encoding"), "json");
    cr_assert_eq(json_object_get_int(client_at(result, "size")), 3000000 + 11);
    char params[64];
    (void)snprintf(params, sizeof(params), "{\"blob\":\"%s\",\"offset\":2999994,\"length\":100}",
                   client_text_at(result, "blob"));
    call(&client, 2, "blob.read", params);
    result = client_expect_result(&client, 2);
    cr_assert_str_eq(client_text_at(result, "base64"), "eHh4eHh4eHh4eHh4eHh4In0=");
    cr_assert(json_object_get_boolean(client_at(result, "eof")));
    (void)client_end(&client);
}

Test(session, fills_a_frame_to_its_very_limit)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    size_t around = strlen("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"text\":\"\"}}");
    char params[64];
    (void)snprintf(params, sizeof(params), "{\"value\":%zu}", LIMIT_FRAME_OUT - around);
    call(&client, 1, "large", params);
    struct json_object *result = client_expect_result(&client, 1);
    cr_assert_eq(strlen(client_text_at(result, "text")), LIMIT_FRAME_OUT - around);
    (void)snprintf(params, sizeof(params), "{\"value\":%zu}", LIMIT_FRAME_OUT - around + 1);
    call(&client, 1, "large", params);
    result = client_expect_result(&client, 1);
    cr_assert_str_eq(client_text_at(result, "encoding"), "json");
    (void)client_end(&client);
}

Test(session, tells_all_of_an_error)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    call(&client, 1, "fail", "{}");
    CLEANUP(json_free) struct json_object *answer = client_receive(&client);
    cr_assert_str_eq(client_text_at(answer, "error.message"), "no key");
    cr_assert_str_eq(client_text_at(answer, "error.data.reason"), "key-absent");
    cr_assert_str_eq(client_text_at(answer, "error.data.nss"), "SEC_ERROR_NO_TOKEN");
    cr_assert_str_eq(client_text_at(answer, "error.data.hint"), "insert the card");
    struct json_object *cause = json_object_array_get_idx(client_at(answer, "error.data.cause"), 0);
    cr_assert_str_eq(client_text_at(cause, "reason"), "token-absent");
    (void)client_end(&client);
}
