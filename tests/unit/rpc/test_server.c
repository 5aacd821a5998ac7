/* The server as a browser sees it: frames, concurrency, the end. */
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
