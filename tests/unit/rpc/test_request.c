/* One request from its arrival to its answer: ids, cancel, progress, limits. */
#include "base/clock.h"
#include "base/limits.h"
#include "rpc/client.h"
#include "rpc/request.h"
#include "rpc/sample_methods.h"
#include "rpc/server.h"
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

Test(request, refuses_an_id_that_is_in_flight)
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

Test(request, cancels_at_once_even_work_that_does_not_look)
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

Test(request, closes_the_blobs_of_a_result_that_is_dropped)
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

Test(request, cancels_what_still_waits_for_a_worker)
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

Test(request, completes_a_request_that_changes_state)
{
    struct client client;
    client_start_ready(&client, &sample_methods);
    call(&client, 1, "change", "{\"value\":200}");
    (void)usleep(50000);
    cancel(&client, 1);
    (void)client_expect_result(&client, 1);
    (void)client_end(&client);
}

Test(request, tells_progress_of_long_work_ten_times_a_second)
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

Test(request, bounds_the_requests_in_flight)
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

Test(request, takes_site_and_interaction_of_the_request_first)
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

Test(request, bounds_the_memory_of_requests_in_flight)
{
    CLEANUP(server_free) struct rpc_server *server = NULL;
    CLEANUP(request_free) struct rpc_request *request = NULL;
    const struct server_options options = { .input = -1, .output = -1, .methods = &sample_methods };
    const struct envelope envelope = { .id = { .kind = ENVELOPE_ID_NUMBER }, .method = "who" };
    assert_ok(server_new(&options, &server));
    server->alive_bytes = LIMIT_IN_FLIGHT_BYTES - 10;
    assert_ok(request_new(server, method_find(&sample_methods, "who"), &envelope, 11, &request));
    assert_error(request_register(request), ERR_TOO_MANY_REQUESTS);
    request->frame_bytes = 10;
    assert_ok(request_register(request));
    cr_assert(request_in_flight(server, &envelope.id));
}

Test(request, is_found_by_its_task)
{
    CLEANUP(server_free) struct rpc_server *server = NULL;
    CLEANUP(request_free) struct rpc_request *request = NULL;
    const struct server_options options = { .input = -1, .output = -1, .methods = &sample_methods };
    const struct envelope envelope = { .id = { .kind = ENVELOPE_ID_TEXT, .text = "x" },
                                       .method = "who" };
    struct envelope_id id = { 0 };
    assert_ok(server_new(&options, &server));
    assert_ok(request_new(server, method_find(&sample_methods, "who"), &envelope, 1, &request));
    cr_assert_not(request_of_task(server, request->task, &id));
    assert_ok(request_register(request));
    cr_assert(request_of_task(server, request->task, &id));
    cr_assert_str_eq(id.text, "x");
    cr_assert_not(request_of_task(server, NULL, &id));
}
