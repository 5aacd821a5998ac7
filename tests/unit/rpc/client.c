#include "rpc/client.h"

#include "base/clock.h"
#include "support/support.h"
#include "wire/json.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TIMEOUT_MS = 2000 };

static void *serve(void *context)
{
    struct client *client = context;
    client->status = server_run(client->server, &client->stuck);
    return NULL;
}

void client_start(struct client *client, const struct rpc_methods *methods)
{
    int in[2];
    int out[2];
    (void)signal(SIGPIPE, SIG_IGN);
    cr_assert_eq(pipe(in), 0);
    cr_assert_eq(pipe(out), 0);
    *client = (struct client){ .to = in[1], .from = out[0], .status = -1 };
    const struct server_options options = { .input = in[0], .output = out[1], .methods = methods };
    assert_ok(server_new(&options, &client->server));
    cr_assert_eq(pthread_create(&client->thread, NULL, serve, client), 0);
    CLEANUP(json_free) struct json_object *ready = client_receive(client);
    cr_assert_str_eq(client_text_at(ready, "method"), "host.ready");
    cr_assert_str_eq(client_text_at(ready, "params.name"), "sealpost");
}

void client_start_ready(struct client *client, const struct rpc_methods *methods)
{
    client_start(client, methods);
    client_send(client, "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"host.hello\"}");
    (void)client_expect_result(client, 0);
}

static void write_all(int fd, const void *data, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t count = write(fd, (const uint8_t *)data + done, len - done);
        cr_assert_gt(count, 0);
        done += (size_t)count;
    }
}

void client_send_bytes(struct client *client, struct bytes text)
{
    uint32_t len = (uint32_t)text.len;
    write_all(client->to, &len, sizeof(len));
    write_all(client->to, text.data, text.len);
}

void client_send(struct client *client, const char *text)
{
    client_send_bytes(client, bytes_of_string(text));
}

void client_sendf(struct client *client, const char *format, ...)
{
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    cr_assert(len > 0 && (size_t)len < sizeof(text));
    client_send(client, text);
}

static bool read_all(int fd, void *target, size_t len, int timeout_ms)
{
    for (size_t done = 0; done < len;) {
        struct pollfd wanted = { .fd = fd, .events = POLLIN };
        if (poll(&wanted, 1, timeout_ms) <= 0) {
            return false;
        }
        ssize_t count = read(fd, (uint8_t *)target + done, len - done);
        if (count <= 0) {
            return false;
        }
        done += (size_t)count;
    }
    return true;
}

struct json_object *client_receive_within(struct client *client, int timeout_ms)
{
    uint32_t len = 0;
    struct json_object *message = NULL;
    if (!read_all(client->from, &len, sizeof(len), timeout_ms)) {
        return NULL;
    }
    cr_assert_leq(len, 1048576);
    CLEANUP(mapping_unref) struct mapping *text = NULL;
    uint8_t *tail = NULL;
    assert_ok(mapping_new(len, &text));
    assert_ok(mapping_extend(text, len, &tail));
    cr_assert(read_all(client->from, tail, len, TIMEOUT_MS));
    assert_ok(json_parse(mapping_view(text), &message));
    return message;
}

struct json_object *client_receive(struct client *client)
{
    return client_receive_within(client, TIMEOUT_MS);
}

struct json_object *client_at(struct json_object *object, const char *path)
{
    while (object && path) {
        char name[64];
        const char *dot = strchr(path, '.');
        size_t len = dot ? (size_t)(dot - path) : strlen(path);
        cr_assert_lt(len, sizeof(name));
        memcpy(name, path, len);
        name[len] = '\0';
        if (!json_get(object, name, &object)) {
            return NULL;
        }
        path = dot ? dot + 1 : NULL;
    }
    return object;
}

const char *client_text_at(struct json_object *object, const char *path)
{
    struct json_object *value = client_at(object, path);
    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

static struct json_object *expect(struct client *client)
{
    struct json_object *message = client_receive(client);
    cr_assert_not_null(message, "no answer came");
    return message;
}

static void assert_id(struct json_object *message, int id)
{
    int64_t seen = -1;
    cr_assert(json_get_integer(message, "id", &seen) && seen == id, "not the answer to %d: %s", id,
              json_object_to_json_string(message));
}

struct json_object *client_expect_result(struct client *client, int id)
{
    struct json_object *message = expect(client);
    assert_id(message, id);
    struct json_object *result = client_at(message, "result");
    json_free(client->last);
    client->last = message;
    cr_assert_not_null(result, "%s", json_object_to_json_string(message));
    return result;
}

static void assert_error_is(struct json_object *message, int code, const char *reason)
{
    cr_assert_str_eq(client_text_at(message, "error.data.reason"), reason, "%s",
                     json_object_to_json_string(message));
    cr_assert_eq(json_object_get_int(client_at(message, "error.code")), code);
    cr_assert_str_neq(client_text_at(message, "error.message"), "");
}

void client_expect_error(struct client *client, int id, int code, const char *reason)
{
    CLEANUP(json_free) struct json_object *message = expect(client);
    assert_id(message, id);
    assert_error_is(message, code, reason);
}

void client_expect_nobodys_error(struct client *client, int code, const char *reason)
{
    CLEANUP(json_free) struct json_object *message = expect(client);
    struct json_object *id = NULL;
    cr_assert(json_get(message, "id", &id) && id == NULL);
    assert_error_is(message, code, reason);
}

unsigned client_end(struct client *client)
{
    uint64_t start = clock_monotonic_ms();
    if (client->to >= 0) {
        (void)close(client->to);
        client->to = -1;
    }
    (void)pthread_join(client->thread, NULL);
    json_free(TAKE_PTR(client->last));
    unsigned took = (unsigned)(clock_monotonic_ms() - start);
    if (!client->stuck) {
        server_free(client->server);
    }
    return took;
}
