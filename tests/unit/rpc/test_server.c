/* The server as a browser sees it: order, concurrency, cancel, limits, the end. */
#include "base/clock.h"
#include "base/limits.h"
#include "rpc/client.h"
#include "rpc/sample_methods.h"
#include "rpc/server.h"
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

Test(server, refuses_everything_before_hello)
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

Test(server, stays_uninitialised_when_hello_fails)
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

Test(server, exits_with_1_when_the_caller_is_not_allowed)
{
    struct client client;
    client_start(&client, &sample_methods);
    call(&client, 1, "host.hello", "{\"refuse\":true}");
    call(&client, 2, "who", "{}");
    client_expect_error(&client, 1, -32000, "origin-not-allowed");
    (void)client_end(&client);
    cr_assert_eq(client.status, 1);
    cr_assert_null(client_receive_within(&client, 0));
}

Test(server, answers_requests_that_are_sent_right_behind_hello)
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

Test(server, answers_bad_messages_and_goes_on)
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

Test(server, ignores_notifications_of_the_client)
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

static void send_frame_length(struct client *client, uint32_t length)
{
    cr_assert_eq(write(client->to, &length, sizeof(length)), (ssize_t)sizeof(length));
}

Test(server, skips_a_frame_that_is_too_large)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    send_frame_length(&client, LIMIT_FRAME_IN + 1);
    static const uint8_t piece[MIB + 1] = { 0 };
    for (size_t i = 0; i < LIMIT_FRAME_IN / MIB; i++) {
        size_t size = i == 0 ? MIB + 1 : MIB;
        cr_assert_eq(write(client.to, piece, size), (ssize_t)size);
    }
    client_expect_nobodys_error(&client, -32000, "frame-too-large");
    call(&client, 1, "who", "{}");
    (void)client_expect_result(&client, 1);
    (void)client_end(&client);
    cr_assert_eq(client.status, 0);
}

Test(server, exits_with_2_when_the_stream_is_broken)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    send_frame_length(&client, 0x7fffffff);
    client_expect_nobodys_error(&client, -32000, "frame-desynchronised");
    (void)client_end(&client);
    cr_assert_eq(client.status, 2);
}

Test(server, refuses_an_id_that_is_in_flight)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    call(&client, 5, "sleep", "{\"value\":300}");
    call(&client, 5, "who", "{}");
    client_expect_error(&client, 5, -32600, "invalid-request");
    call(&client, 5, "blob.append", "{\"blob\":\"b1\",\"base64\":\"AAAA\"}");
    client_expect_error(&client, 5, -32600, "invalid-request");
    (void)client_expect_result(&client, 5);
    call(&client, 5, "who", "{}");
    (void)client_expect_result(&client, 5);
    (void)client_end(&client);
}

Test(server, tells_ids_apart_by_type)
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

Test(server, answers_fifty_requests_while_a_long_one_runs)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    call(&client, 1000, "sleep", "{\"value\":1000}");
    uint64_t start = clock_monotonic_ms();
    bool seen[50] = { false };
    for (int i = 0; i < 50; i++) {
        call(&client, i, "sleep", "{\"value\":5}");
    }
    for (int i = 0; i < 50; i++) {
        CLEANUP(json_free) struct json_object *answer = client_receive(&client);
        int64_t id = -1;
        cr_assert(json_get_integer(answer, "id", &id) && id >= 0 && id < 50 && !seen[id]);
        seen[id] = true;
    }
    cr_assert_lt(clock_monotonic_ms() - start, 900);
    (void)client_expect_result(&client, 1000);
    (void)client_end(&client);
}

Test(server, goes_on_when_all_workers_wait_for_something)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    for (int i = 0; i < LIMIT_WORKERS; i++) {
        call(&client, 100 + i, "stubborn", "{\"value\":1500}");
    }
    call(&client, 1, "who", "{}");
    uint64_t start = clock_monotonic_ms();
    (void)client_expect_result(&client, 1);
    cr_assert_lt(clock_monotonic_ms() - start, 1200);
    (void)client_end(&client);
}

static void cancel(struct client *client, int id)
{
    client_sendf(client,
                 "{\"jsonrpc\":\"2.0\",\"method\":\"$/cancelRequest\",\"params\":{\"id\":%d}}", id);
}

static void assert_cancelled_at_once(struct client *client, int id)
{
    uint64_t start = clock_monotonic_ms();
    cancel(client, id);
    client_expect_error(client, id, -32800, "cancelled");
    cr_assert_lt(clock_monotonic_ms() - start, 100);
}

Test(server, cancels_at_once_even_work_that_does_not_look)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    call(&client, 1, "stubborn", "{\"value\":400}");
    (void)usleep(50000);
    assert_cancelled_at_once(&client, 1);
    call(&client, 1, "who", "{}"); /* the id is free again */
    (void)client_expect_result(&client, 1);
    cr_assert_null(client_receive_within(&client, 600), "the late result was sent");
    (void)client_end(&client);
    cr_assert_not(client.stuck);
}

Test(server, closes_the_blobs_of_a_result_that_is_dropped)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    call(&client, 1, "stubborn", "{\"value\":100}");
    (void)usleep(20000);
    assert_cancelled_at_once(&client, 1);
    (void)usleep(300000);
    call(&client, 2, "blob.read", "{\"blob\":\"b1\",\"offset\":0}");
    client_expect_error(&client, 2, -32000, "blob-unknown");
    (void)client_end(&client);
}

Test(server, cancels_what_still_waits_for_a_worker)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    for (int i = 0; i < LIMIT_WORKERS; i++) {
        call(&client, 100 + i, "sleep", "{\"value\":300}");
    }
    call(&client, 1, "echo", "{\"data\":{\"text\":\"x\"}}");
    assert_cancelled_at_once(&client, 1);
    for (int i = 0; i < LIMIT_WORKERS; i++) {
        CLEANUP(json_free) struct json_object *answer = client_receive(&client);
        cr_assert_not_null(client_at(answer, "result"));
    }
    cr_assert_null(client_receive_within(&client, 100));
    (void)client_end(&client);
}

Test(server, completes_a_request_that_changes_state)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    call(&client, 1, "change", "{\"value\":200}");
    (void)usleep(50000);
    cancel(&client, 1);
    (void)client_expect_result(&client, 1);
    (void)client_end(&client);
}

Test(server, tells_progress_of_long_work_ten_times_a_second)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    call(&client, 1, "progress", "{\"value\":150}");
    (void)client_expect_result(&client, 1);
    call(&client, 2, "progress", "{\"value\":750}");
    size_t count = 0;
    for (;;) {
        CLEANUP(json_free) struct json_object *message = client_receive(&client);
        cr_assert_not_null(message);
        if (client_at(message, "result")) {
            break;
        }
        int64_t done = 0;
        int64_t total = 0;
        cr_assert_str_eq(client_text_at(message, "method"), "$/progress");
        cr_assert(json_get_integer(client_at(message, "params"), "done", &done) && done > 200);
        cr_assert(json_get_integer(client_at(message, "params"), "total", &total) && total == 750);
        cr_assert_eq(json_object_get_int(client_at(message, "params.id")), 2);
        count++;
    }
    cr_assert(count >= 3 && count <= 6, "%zu", count);
    (void)client_end(&client);
}

Test(server, puts_a_result_too_large_for_a_frame_into_a_blob)
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

Test(server, fills_a_frame_to_its_very_limit)
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

Test(server, tells_all_of_an_error)
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

Test(server, takes_site_and_interaction_of_the_request_first)
{
    struct client client;
    client_start(&client, &sample_methods);
    call(&client, 1, "host.hello", "{\"site\":\"https://a.example\"}");
    (void)client_expect_result(&client, 1);
    call(&client, 2, "who", "{\"site\":\"https://b.example\",\"interaction\":\"none\"}");
    struct json_object *result = client_expect_result(&client, 2);
    cr_assert_str_eq(client_text_at(result, "site"), "https://b.example");
    cr_assert_not(json_object_get_boolean(client_at(result, "interaction")));
    call(&client, 3, "who", "{}");
    result = client_expect_result(&client, 3);
    cr_assert_str_eq(client_text_at(result, "site"), "https://a.example");
    cr_assert(json_object_get_boolean(client_at(result, "interaction")));
    (void)client_end(&client);
}

Test(server, bounds_the_requests_in_flight)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    for (int i = 0; i < LIMIT_IN_FLIGHT; i++) {
        call(&client, i, "sleep", "{\"value\":100000}");
    }
    call(&client, LIMIT_IN_FLIGHT, "who", "{}");
    client_expect_error(&client, LIMIT_IN_FLIGHT, -32000, "too-many-requests");
    cancel(&client, LIMIT_IN_FLIGHT - 1);
    client_expect_error(&client, LIMIT_IN_FLIGHT - 1, -32800, "cancelled");
    (void)close(client.from);
    cr_assert_lt(client_end(&client), 1000);
    cr_assert_not(client.stuck);
}

Test(server, sends_notifications_from_other_threads)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    server_notify(client.server, "tokens.changed", NULL);
    CLEANUP(json_free) struct json_object *message = client_receive(&client);
    cr_assert_str_eq(client_text_at(message, "method"), "tokens.changed");
    cr_assert_null(client_at(message, "id"));
    (void)client_end(&client);
}

Test(server, ends_with_the_input_and_cancels_what_runs)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    call(&client, 1, "sleep", "{\"value\":5000}");
    (void)usleep(50000);
    cr_assert_lt(client_end(&client), 300);
    cr_assert_eq(client.status, 0);
    cr_assert_not(client.stuck);
    client_expect_error(&client, 1, -32800, "cancelled");
}

Test(server, ends_with_the_input_though_a_worker_is_stuck)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    call(&client, 1, "stubborn", "{\"value\":3000}");
    (void)usleep(50000);
    cr_assert_lt(client_end(&client), 900);
    cr_assert_eq(client.status, 0);
    cr_assert(client.stuck);
}

Test(server, ends_with_the_input_though_hello_is_stuck)
{
    struct client client;
    client_start(&client, &sample_methods);
    call(&client, 1, "host.hello", "{\"delay\":3000}");
    call(&client, 2, "who", "{}");
    (void)usleep(50000);
    cr_assert_lt(client_end(&client), 1000);
    cr_assert_eq(client.status, 0);
}

Test(server, ends_with_the_input_though_nobody_reads)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    for (int i = 1; i <= 20; i++) {
        call(&client, i, "large", "{\"value\":1000000}");
    }
    (void)usleep(300000);
    cr_assert_lt(client_end(&client), 1000);
    cr_assert_eq(client.status, 0);
}

Test(server, ends_with_the_input_though_the_reader_itself_waits_to_write)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    call(&client, 1, "content", "{\"value\":1000000}");
    char params[64];
    (void)snprintf(params, sizeof(params), "{\"blob\":\"%s\",\"offset\":0,\"length\":700000}",
                   client_text_at(client_expect_result(&client, 1), "blob"));
    for (int i = 1; i <= 20; i++) {
        call(&client, i, "blob.read", params);
    }
    (void)usleep(300000);
    cr_assert_lt(client_end(&client), 1000);
    cr_assert_eq(client.status, 0);
}

Test(server, ends_when_a_frame_breaks_off)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    send_frame_length(&client, 100);
    cr_assert_lt(client_end(&client), 300);
    cr_assert_eq(client.status, 0);
}
