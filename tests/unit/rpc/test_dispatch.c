/* What a message leads to, as a browser sees it. */
#include "base/clock.h"
#include "base/limits.h"
#include "rpc/client.h"
#include "rpc/dispatch.h"
#include "rpc/sample_methods.h"
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

Test(dispatch, refuses_everything_before_hello)
{
    struct client client;
    client_start(&client, &sample_methods);
    call(&client, 1, "who", "{}");
    client_expect_error(&client, 1, -32000, "not-initialised");
    call(&client, 2, "nobody.knows", "{}");
    client_expect_error(&client, 2, -32000, "not-initialised");
    call(&client, 3, "blob.create", "{}");
    client_expect_error(&client, 3, -32000, "not-initialised");
    call(&client, 4, "blob.append", "{\"blob\":\"b1\",\"base64\":\"AAAA\"}");
    client_expect_error(&client, 4, -32000, "not-initialised");
    (void)client_end(&client);
    cr_assert_eq(client.status, 0);
}

Test(dispatch, stays_uninitialised_when_hello_fails)
{
    struct client client;
    client_start(&client, &sample_methods);
    call(&client, 1, "host.hello", "{\"fail\":true}");
    CLEANUP(json_free) struct json_object *answer = client_receive(&client);
    cr_assert_str_eq(client_text_at(answer, "error.data.reason"), "protocol-unsupported");
    cr_assert_eq(json_object_get_int(
                     json_object_array_get_idx(client_at(answer, "error.data.supported"), 0)),
                 1);
    call(&client, 2, "who", "{}");
    client_expect_error(&client, 2, -32000, "not-initialised");
    call(&client, 3, "host.hello", "{}");
    (void)client_expect_result(&client, 3);
    call(&client, 4, "who", "{}");
    (void)client_expect_result(&client, 4);
    (void)client_end(&client);
}

Test(dispatch, answers_requests_that_are_sent_right_behind_hello)
{
    struct client client;
    client_start(&client, &sample_methods);
    call(&client, 1, "host.hello", "{\"delay\":200,\"site\":\"https://mail.example\"}");
    call(&client, 2, "blob.create", "{}");
    call(&client, 3, "who", "{}");
    (void)client_expect_result(&client, 1);
    (void)client_expect_result(&client, 2);
    struct json_object *result = client_expect_result(&client, 3);
    cr_assert_str_eq(client_text_at(result, "site"), "https://mail.example");
    (void)client_end(&client);
}

Test(dispatch, answers_bad_messages_and_goes_on)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    client_send(&client, "");
    client_expect_nobodys_error(&client, -32700, "parse-error");
    client_send(&client, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"who\",\"id\":1}");
    client_expect_nobodys_error(&client, -32700, "parse-error");
    client_send(&client, "[]");
    client_expect_nobodys_error(&client, -32600, "invalid-request");
    client_send(&client, "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"who\"}]");
    client_expect_nobodys_error(&client, -32600, "invalid-request");
    client_send(&client, "17");
    client_expect_nobodys_error(&client, -32600, "invalid-request");
    client_send(&client, "{\"id\":1,\"method\":\"who\"}");
    client_expect_error(&client, 1, -32600, "invalid-request");
    call(&client, 2, "nobody.knows", "{}");
    client_expect_error(&client, 2, -32601, "method-unknown");
    call(&client, 3, "who", "[]");
    client_expect_error(&client, 3, -32602, "params-invalid");
    call(&client, 4, "who", "{}");
    (void)client_expect_result(&client, 4);
    (void)client_end(&client);
}

Test(dispatch, ignores_notifications_of_the_client)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    client_send(&client, "{\"jsonrpc\":\"2.0\",\"method\":\"who\"}");
    client_send(&client, "{\"jsonrpc\":\"2.0\",\"method\":\"$/nobodyKnows\",\"params\":{}}");
    client_send(&client,
                "{\"jsonrpc\":\"2.0\",\"method\":\"$/cancelRequest\",\"params\":{\"id\":99}}");
    client_send(&client, "{\"jsonrpc\":\"2.0\",\"method\":\"$/cancelRequest\",\"params\":[]}");
    client_send(&client, "{\"jsonrpc\":\"2.0\",\"method\":\"$/cancelRequest\"}");
    call(&client, 1, "who", "{}");
    (void)client_expect_result(&client, 1);
    (void)client_end(&client);
}

Test(dispatch, tells_ids_apart_by_type)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    call(&client, 5, "sleep", "{\"value\":200}");
    client_send(&client, "{\"jsonrpc\":\"2.0\",\"id\":\"5\",\"method\":\"who\"}");
    CLEANUP(json_free) struct json_object *answer = client_receive(&client);
    cr_assert_str_eq(client_text_at(answer, "id"), "5");
    cr_assert_not_null(client_at(answer, "result"));
    (void)client_expect_result(&client, 5);
    (void)client_end(&client);
}

static int64_t size_of(struct json_object *result)
{
    int64_t size = -1;
    cr_assert(json_get_integer(result, "size", &size));
    return size;
}

static void start_with_blob(struct client *client)
{
    client_start_ready(client, &sample_methods);
    call(client, 1, "blob.create", "{}");
    (void)client_expect_result(client, 1);
}

Test(dispatch, appends_whatever_the_spelling_of_the_request)
{
    struct client client;
    start_with_blob(&client);
    static const char *const texts[] = {
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"blob.append\",\"params\":{\"blob\":\"b1\",\"base64\":"
        "\"AAAA\"}}",
        " { \"params\" : { \"base64\" : \"AAAA\" , \"blob\" : \"b1\" } , \"method\" : \"blob.append\" , "
        "\"id\" : 2 , \"jsonrpc\" : \"2.0\" } ",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"blob\\u002eappend\",\"params\":{\"blob\":\"b1\","
        "\"base64\":\"AAAA\"}}",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"blob.append\",\"params\":{\"blob\":\"b1\",\"base64\":"
        "\"AA\\/A\"}}",
        "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"blob.append\","
        "\"params\":{\"blob\":\"b1\",\"base64\":\"AAAA\"}}",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        client_send(&client, texts[i]);
        cr_assert_eq(size_of(client_expect_result(&client, 2)), 3 * (int64_t)(i + 1));
    }
    client_send(&client, "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"blob.append\",\"params\":{"
                         "\"blob\":\"b1\",\"base64\":\"AAAA\"}}");
    CLEANUP(json_free) struct json_object *answer = client_receive(&client);
    cr_assert_str_eq(client_text_at(answer, "id"), "x");
    (void)client_end(&client);
}

Test(dispatch, answers_bad_appends_like_any_other_request)
{
    struct client client;
    start_with_blob(&client);
    client_send(&client, "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"blob.append\",\"params\":{"
                         "\"blob\":\"b1\",\"base64\":\"AAAA\"}}");
    client_expect_nobodys_error(&client, -32600, "invalid-request");
    client_send(&client, "{\"jsonrpc\":\"1.0\",\"id\":2,\"method\":\"blob.append\",\"params\":{"
                         "\"blob\":\"b1\",\"base64\":\"AAAA\"}}");
    client_expect_error(&client, 2, -32600, "invalid-request");
    client_send(&client, "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"blob.append\",\"params\":{"
                         "\"blob\":\"b1\",\"base64\":\"AAAA\"}}");
    client_expect_nobodys_error(&client, -32600, "invalid-request");
    /* a notification changes nothing */
    client_send(&client,
                "{\"jsonrpc\":\"2.0\",\"method\":\"blob.append\",\"params\":{\"blob\":\"b1\","
                "\"base64\":\"AAAA\"}}");
    call(&client, 3, "blob.read", "{\"blob\":\"b1\",\"offset\":0}");
    cr_assert_eq(size_of(client_expect_result(&client, 3)), 0);
    (void)client_end(&client);
}
