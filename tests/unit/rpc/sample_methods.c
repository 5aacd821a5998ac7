#include "rpc/sample_methods.h"

#include "base/clock.h"
#include "base/limits.h"
#include "rpc/call.h"
#include "wire/json.h"

#include <string.h>
#include <unistd.h>

enum { STEP_US = 2000 };

struct hello {
    struct rpc_bool refuse;
    struct rpc_bool fail;
    struct rpc_integer delay;
    struct rpc_integer max_message;
    char *site;
};

struct echo {
    struct rpc_data data;
    struct rpc_integer delay;
};

struct number {
    struct rpc_integer value;
};

static void sleep_ms(int64_t ms)
{
    (void)usleep((useconds_t)ms * 1000);
}

static struct error *hello(struct rpc_call *call, const void *arguments,
                           struct json_object **ret_result)
{
    const struct hello *request = arguments;
    (void)ret_result;
    sleep_ms(request->delay.value);
    if (request->refuse.value) {
        return error_new(ERR_ORIGIN_NOT_ALLOWED, "go away");
    }
    if (request->fail.value) {
        return error_new(ERR_PROTOCOL_UNSUPPORTED, "not this one");
    }
    return call_set_session(call, request->site, (size_t)request->max_message.value);
}

static struct error *echo(struct rpc_call *call, const void *arguments,
                          struct json_object **ret_result)
{
    const struct echo *request = arguments;
    CLEANUP(content_unref) struct content *content = NULL;
    CLEANUP(json_free) struct json_object *result = NULL;
    struct json_object *data = NULL;
    sleep_ms(request->delay.value);
    TRY(content_new(&content));
    TRY(content_append_slice(content, request->data.owner, request->data.view));
    TRY(json_new_object(&result));
    TRY(call_data(call, content, &data));
    TRY(json_add_take(result, "data", data));
    *ret_result = TAKE_PTR(result);
    return NULL;
}

static struct error *sleep_checking(struct rpc_call *call, const void *arguments,
                                    struct json_object **ret_result)
{
    const struct number *request = arguments;
    uint64_t end = clock_monotonic_ms() + (uint64_t)request->value.value;
    (void)ret_result;
    while (clock_monotonic_ms() < end) {
        TRY(task_check(call->task));
        (void)usleep(STEP_US);
    }
    return NULL;
}

static struct error *stubborn(struct rpc_call *call, const void *arguments,
                              struct json_object **ret_result)
{
    const struct number *request = arguments;
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    uint8_t *tail = NULL;
    sleep_ms(request->value.value);
    /* a late result with a blob of its own */
    TRY(mapping_new(MIB, &mapping));
    TRY(mapping_extend(mapping, MIB, &tail));
    TRY(content_new(&content));
    TRY(content_append_slice(content, mapping, mapping_view(mapping)));
    return call_data(call, content, ret_result);
}

static struct error *change(struct rpc_call *call, const void *arguments,
                            struct json_object **ret_result)
{
    const struct number *request = arguments;
    (void)ret_result;
    TRY(task_begin_change(call->task));
    sleep_ms(request->value.value);
    return NULL;
}

static struct error *large(struct rpc_call *call, const void *arguments,
                           struct json_object **ret_result)
{
    const struct number *request = arguments;
    CLEANUP(buffer_free) struct buffer *text = NULL;
    CLEANUP(json_free) struct json_object *result = NULL;
    uint8_t *tail = NULL;
    (void)call;
    TRY(buffer_new(0, &text));
    TRY(buffer_extend(text, (size_t)request->value.value, &tail));
    memset(tail, 'x', (size_t)request->value.value);
    TRY(json_new_object(&result));
    TRY(json_add_text(result, "text", buffer_view(text)));
    *ret_result = TAKE_PTR(result);
    return NULL;
}

static struct error *content_of(struct rpc_call *call, const void *arguments,
                                struct json_object **ret_result)
{
    const struct number *request = arguments;
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    CLEANUP(content_unref) struct content *content = NULL;
    uint8_t *tail = NULL;
    size_t size = (size_t)request->value.value;
    TRY(mapping_new(size, &mapping));
    TRY(mapping_extend(mapping, size, &tail));
    memset(tail, 'x', size);
    TRY(content_new(&content));
    TRY(content_append_slice(content, mapping, bytes_slice(mapping_view(mapping), 0, size / 2)));
    TRY(content_append_slice(content, mapping, bytes_slice(mapping_view(mapping), size / 2, size)));
    return call_data(call, content, ret_result);
}

static struct error *who(struct rpc_call *call, const void *arguments,
                         struct json_object **ret_result)
{
    CLEANUP(json_free) struct json_object *result = NULL;
    (void)arguments;
    TRY(json_new_object(&result));
    TRY(json_add_string(result, "site", call->site));
    TRY(json_add_bool(result, "interaction", call->interaction));
    *ret_result = TAKE_PTR(result);
    return NULL;
}

static struct error *progress(struct rpc_call *call, const void *arguments,
                              struct json_object **ret_result)
{
    const struct number *request = arguments;
    uint64_t start = clock_monotonic_ms();
    uint64_t total = (uint64_t)request->value.value;
    (void)ret_result;
    for (uint64_t done = 0; done < total; done = clock_monotonic_ms() - start) {
        task_progress(call->task, done, total);
        (void)usleep(STEP_US);
    }
    return NULL;
}

static struct error *fail(struct rpc_call *call, const void *arguments,
                          struct json_object **ret_result)
{
    (void)call;
    (void)arguments;
    (void)ret_result;
    struct error *error = error_new(ERR_TOKEN_ABSENT, "the card is gone");
    error_set_foreign(error, -8127, "SEC_ERROR_NO_TOKEN");
    error = error_wrap(error, ERR_KEY_ABSENT, "no key");
    error_set_hint(error, "insert the card");
    return error;
}

static const struct rpc_param hello_params[] = {
    PARAM_BOOL("refuse", struct hello, refuse, 0, false),
    PARAM_BOOL("fail", struct hello, fail, 0, false),
    PARAM_INTEGER("delay", struct hello, delay, 0, 0, 10000, 0),
    PARAM_INTEGER("maxMessage", struct hello, max_message, 0, 0, LIMIT_MESSAGE, LIMIT_MESSAGE),
    PARAM_STRING("site", struct hello, site, 0, LIMIT_SITE),
};
static const struct rpc_param echo_params[] = {
    PARAM_DATA("data", struct echo, data, PARAM_REQUIRED),
    PARAM_INTEGER("delay", struct echo, delay, 0, 0, 10000, 0),
};
static const struct rpc_param number_params[] = {
    PARAM_INTEGER("value", struct number, value, PARAM_REQUIRED, 0, INT64_MAX, 0),
};

#define NUMBER_METHOD(variable, name_, run_) \
    static const struct rpc_method variable = { \
        .name = (name_), .request = METHOD_REQUEST(struct number, number_params), .run = (run_) \
    }

static const struct rpc_method hello_method = { .name = "host.hello",
                                                .request =
                                                    METHOD_REQUEST(struct hello, hello_params),
                                                .flags = METHOD_HELLO,
                                                .run = hello };
static const struct rpc_method echo_method = { .name = "echo",
                                               .request = METHOD_REQUEST(struct echo, echo_params),
                                               .run = echo };
NUMBER_METHOD(sleep_method, "sleep", sleep_checking);
NUMBER_METHOD(stubborn_method, "stubborn", stubborn);
NUMBER_METHOD(change_method, "change", change);
NUMBER_METHOD(large_method, "large", large);
NUMBER_METHOD(content_method, "content", content_of);
NUMBER_METHOD(progress_method, "progress", progress);
static const struct rpc_method who_method = {
    .name = "who", .request = METHOD_NO_REQUEST, .flags = METHOD_INTERACTIVE, .run = who
};
static const struct rpc_method fail_method = { .name = "fail",
                                               .request = METHOD_NO_REQUEST,
                                               .run = fail };

static const struct rpc_method *const items[] = {
    &hello_method, &echo_method,    &sleep_method,    &stubborn_method, &change_method,
    &large_method, &content_method, &progress_method, &who_method,      &fail_method,
};

const struct rpc_methods sample_methods = { items, ARRAY_SIZE(items) };
