/* blob.create, append, read and close as a client sees them. */
#include "base/clock.h"
#include "base/limits.h"
#include "rpc/blob_methods.h"
#include "rpc/client.h"
#include "rpc/sample_methods.h"
#include "support/support.h"
#include "wire/json.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void call(struct client *client, int id, const char *method, const char *params)
{
    client_sendf(client, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"%s\",\"params\":%s}", id,
                 method, params);
}

static void start(struct client *client)
{
    client_start_ready(client, &sample_methods);
    call(client, 1, "blob.create", "{}");
    cr_assert_str_eq(client_text_at(client_expect_result(client, 1), "blob"), "b1");
}

static int64_t size_of(struct json_object *result)
{
    int64_t size = -1;
    cr_assert(json_get_integer(result, "size", &size));
    return size;
}

Test(blob_methods, refuse_bad_parameters)
{
    struct client client;
    start(&client);
    static const struct {
        const char *method;
        const char *params;
        const char *path;
    } cases[] = {
        { "blob.create", "{\"size\":-1}", "params.size" },
        { "blob.create", "{\"size\":\"1\"}", "params.size" },
        { "blob.append", "{\"blob\":\"b1\"}", "params.base64" },
        { "blob.append", "{\"blob\":\"b1\",\"base64\":7}", "params.base64" },
        { "blob.append", "{\"blob\":\"b1\",\"base64\":\"a\"}", "params.base64" },
        { "blob.append", "{\"blob\":\"b1\",\"base64\":\"\\u0021\"}", "params.base64" },
        { "blob.append", "{\"blob\":\"b1\",\"base64\":\"\",\"x\":1}", "params.x" },
        { "blob.append", "{\"blob\":1,\"base64\":\"\"}", "params.blob" },
        { "blob.read", "{\"blob\":\"b1\"}", "params.offset" },
        { "blob.read", "{\"blob\":\"b1\",\"offset\":-1}", "params.offset" },
        { "blob.read", "{\"blob\":\"b1\",\"offset\":0,\"length\":720001}", "params.length" },
        { "blob.read", "{\"blob\":\"b1\",\"offset\":0,\"length\":-1}", "params.length" },
        { "blob.close", "{}", "params.blob" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        call(&client, 2, cases[i].method, cases[i].params);
        CLEANUP(json_free) struct json_object *answer = client_receive(&client);
        cr_assert_str_eq(client_text_at(answer, "error.data.reason"), "params-invalid");
        cr_assert_str_eq(client_text_at(answer, "error.data.path"), cases[i].path);
    }
    (void)client_end(&client);
}

Test(blob_methods, tell_unknown_blobs)
{
    struct client client;
    start(&client);
    static const char *const appends[] = {
        "{\"blob\":\"b2\",\"base64\":\"\"}",
        "{\"blob\":\"b2\",\"base64\":\"\\u0041AAA\"}",
        "{\"blob\":\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\",\"base64\":\"\"}",
    };
    for (size_t i = 0; i < ARRAY_SIZE(appends); i++) {
        call(&client, 2, "blob.append", appends[i]);
        CLEANUP(json_free) struct json_object *answer = client_receive(&client);
        cr_assert_str_eq(client_text_at(answer, "error.data.reason"), "blob-unknown");
        cr_assert_str_eq(client_text_at(answer, "error.data.path"), "params.blob");
    }
    call(&client, 2, "blob.close", "{\"blob\":\"b2\"}");
    client_expect_error(&client, 2, -32000, "blob-unknown");
    call(&client, 2, "echo", "{\"data\":{\"blob\":\"b2\"}}");
    client_expect_error(&client, 2, -32000, "blob-unknown");
    (void)client_end(&client);
}

Test(blob_methods, act_in_the_order_of_arrival)
{
    struct client client;
    start(&client);
    call(&client, 2, "blob.append", "{\"blob\":\"b1\",\"base64\":\"YWJj\"}");
    call(&client, 3, "echo", "{\"data\":{\"blob\":\"b1\"},\"delay\":100}");
    call(&client, 4, "blob.append", "{\"blob\":\"b1\",\"base64\":\"ZGVm\"}");
    call(&client, 5, "blob.read", "{\"blob\":\"b1\",\"offset\":2,\"length\":2}");
    call(&client, 6, "blob.close", "{\"blob\":\"b1\"}");
    call(&client, 7, "echo", "{\"data\":{\"blob\":\"b1\"}}");
    cr_assert_eq(size_of(client_expect_result(&client, 2)), 3);
    cr_assert_eq(size_of(client_expect_result(&client, 4)), 6);
    struct json_object *part = client_expect_result(&client, 5);
    cr_assert_str_eq(client_text_at(part, "base64"), "Y2Q=");
    cr_assert_not(json_object_get_boolean(client_at(part, "eof")));
    (void)client_expect_result(&client, 6);
    client_expect_error(&client, 7, -32000, "blob-unknown");
    /* the request has its blob as it was when it arrived, though it is closed */
    struct json_object *echoed = client_expect_result(&client, 3);
    cr_assert_str_eq(client_text_at(echoed, "data.base64"), "YWJj");
    (void)client_end(&client);
}

Test(blob_methods, read_large_results_piece_by_piece)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    call(&client, 1, "content", "{\"value\":524288}");
    cr_assert_str_neq(client_text_at(client_expect_result(&client, 1), "base64"), "");
    call(&client, 1, "content", "{\"value\":1500000}");
    struct json_object *data = client_expect_result(&client, 1);
    cr_assert_eq(size_of(data), 1500000);
    cr_assert_str_eq(client_text_at(data, "blob"), "b1");
    size_t total = 0;
    bool end = false;
    while (!end) {
        char params[96];
        (void)snprintf(params, sizeof(params), "{\"blob\":\"b1\",\"offset\":%zu,\"length\":720000}",
                       total);
        call(&client, 2, "blob.read", params);
        struct json_object *part = client_expect_result(&client, 2);
        size_t len = strlen(client_text_at(part, "base64"));
        cr_assert_gt(len, 0);
        total += len / 4 * 3;
        end = json_object_get_boolean(client_at(part, "eof"));
    }
    cr_assert_eq(total, 1500000);
    /* a result's blob can be a parameter, and can't be appended to */
    call(&client, 3, "blob.append", "{\"blob\":\"b1\",\"base64\":\"AAAA\"}");
    client_expect_error(&client, 3, -32602, "params-invalid");
    call(&client, 4, "echo", "{\"data\":{\"blob\":\"b1\"}}");
    cr_assert_eq(size_of(client_at(client_expect_result(&client, 4), "data")), 1500000);
    (void)client_end(&client);
}

Test(blob_methods, keep_to_the_limit_of_a_message)
{
    struct client client;
    client_start(&client, &sample_methods);
    call(&client, 1, "host.hello", "{\"maxMessage\":4}");
    (void)client_expect_result(&client, 1);
    call(&client, 2, "blob.create", "{\"size\":5}");
    client_expect_error(&client, 2, -32000, "message-too-large");
    call(&client, 3, "blob.create", "{}");
    (void)client_expect_result(&client, 3);
    call(&client, 4, "blob.append", "{\"blob\":\"b1\",\"base64\":\"AAAAAAA=\"}");
    client_expect_error(&client, 4, -32000, "message-too-large");
    call(&client, 5, "echo", "{\"data\":{\"text\":\"12345\"}}");
    client_expect_error(&client, 5, -32000, "message-too-large");
    (void)client_end(&client);
}

Test(blob_methods, tell_the_limit_of_their_number)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    for (int i = 0; i < LIMIT_BLOBS; i++) {
        call(&client, i, "blob.create", "{}");
        (void)client_expect_result(&client, i);
    }
    call(&client, 1, "blob.create", "{}");
    client_expect_error(&client, 1, -32000, "blob-limit");
    call(&client, 2, "content", "{\"value\":600000}");
    client_expect_error(&client, 2, -32000, "blob-limit");
    (void)client_end(&client);
}

/* 25 MB in pieces of 512 KB of base64; generous, for sanitizers and busy machines. */
Test(blob_methods, take_a_large_message_quickly)
{
    struct client client;
    start(&client);
    static const char head[] =
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"blob.append\",\"params\":{"
        "\"blob\":\"b1\",\"base64\":\"";
    static const char tail[] = "\"}}";
    static char text[sizeof(head) + 512 * 1024 + sizeof(tail)];
    size_t len = strlen(head);
    memcpy(text, head, len);
    memset(text + len, 'Q', (size_t)512 * 1024);
    memcpy(text + len + (size_t)512 * 1024, tail, sizeof(tail));
    uint64_t started = clock_monotonic_ms();
    int64_t size = 0;
    while (size < 25000000) {
        client_send(&client, text);
        size = size_of(client_expect_result(&client, 2));
    }
    uint64_t took = clock_monotonic_ms() - started;
    (void)fprintf(stderr, "25 MB in %llu ms\n", (unsigned long long)took);
    cr_assert_lt(took, 1000);
    (void)client_end(&client);
}
