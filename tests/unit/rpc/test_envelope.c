#include "rpc/envelope.h"
#include "support/support.h"
#include "wire/json.h"

#include <criterion/criterion.h>
#include <string.h>

static struct json_object *parse(const char *text)
{
    struct json_object *value = NULL;
    assert_ok(json_parse(bytes_of_string(text), &value));
    return value;
}

Test(envelope, refuses_what_is_no_request)
{
    static const char *const texts[] = {
        "null",
        "1",
        "\"x\"",
        "[]",
        "{}",
        "{\"jsonrpc\":\"2.0\",\"id\":1}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}",
        "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"m\"}",
        "{\"jsonrpc\":2.0,\"id\":1,\"method\":\"m\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}",
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"m\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"m\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"m\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":[],\"method\":\"m\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":null}",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        CLEANUP(json_free) struct json_object *message = parse(texts[i]);
        struct envelope envelope;
        assert_error(envelope_read(message, &envelope), ERR_REQUEST);
    }
}

static struct error *read_id_of_length(size_t length, struct envelope *envelope)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    CLEANUP(json_free) struct json_object *message = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":\""));
    for (size_t i = 0; i < length; i++) {
        assert_ok(buffer_append_byte(text, 'i'));
    }
    assert_ok(buffer_append_string(text, "\"}"));
    assert_ok(json_parse(buffer_view(text), &message));
    struct error *error = envelope_read(message, envelope);
    envelope->method = NULL; /* it goes with the message */
    return error;
}

Test(envelope, bounds_the_length_of_an_id)
{
    struct envelope envelope;
    assert_ok(read_id_of_length(LIMIT_ID_LENGTH, &envelope));
    cr_assert_eq(strlen(envelope.id.text), LIMIT_ID_LENGTH);
    assert_error(read_id_of_length(LIMIT_ID_LENGTH + 1, &envelope), ERR_REQUEST);
    cr_assert_eq(envelope.id.kind, ENVELOPE_ID_NONE);
}

Test(envelope, keeps_the_id_of_what_is_no_request)
{
    CLEANUP(json_free) struct json_object *message = parse("{\"id\":\"x\"}");
    struct envelope envelope;
    assert_error(envelope_read(message, &envelope), ERR_REQUEST);
    cr_assert_str_eq(envelope.id.text, "x");
}

Test(envelope, reads_requests_and_notifications)
{
    CLEANUP(json_free)
    struct json_object *request =
        parse("{\"jsonrpc\":\"2.0\",\"id\":-7,\"method\":\"m\",\"params\":{},\"more\":1}");
    CLEANUP(json_free)
    struct json_object *notification = parse("{\"jsonrpc\":\"2.0\",\"method\":\"n\"}");
    struct envelope envelope;
    assert_ok(envelope_read(request, &envelope));
    cr_assert(envelope.id.kind == ENVELOPE_ID_NUMBER && envelope.id.number == -7);
    cr_assert_str_eq(envelope.method, "m");
    cr_assert_not_null(envelope.params);
    assert_ok(envelope_read(notification, &envelope));
    cr_assert_eq(envelope.id.kind, ENVELOPE_ID_NONE);
    cr_assert_null(envelope.params);
}

Test(envelope, tells_ids_apart)
{
    const struct envelope_id none = { .kind = ENVELOPE_ID_NONE };
    const struct envelope_id zero = { .kind = ENVELOPE_ID_NUMBER };
    const struct envelope_id empty = { .kind = ENVELOPE_ID_TEXT };
    const struct envelope_id one = { .kind = ENVELOPE_ID_NUMBER, .number = 1 };
    const struct envelope_id text = { .kind = ENVELOPE_ID_TEXT, .text = "1" };
    cr_assert_not(envelope_id_equal(&none, &none));
    cr_assert_not(envelope_id_equal(&zero, &empty));
    cr_assert_not(envelope_id_equal(&one, &text));
    cr_assert_not(envelope_id_equal(&one, &zero));
    cr_assert_not(envelope_id_equal(&empty, &text));
    cr_assert(envelope_id_equal(&one, &one));
    cr_assert(envelope_id_equal(&text, &text));
    cr_assert(envelope_id_equal(&empty, &empty));
}

static void assert_written(struct json_object *message, const char *wanted)
{
    CLEANUP(json_free) struct json_object *owned = message;
    struct bytes text = BYTES_NONE;
    assert_ok(json_text(owned, &text));
    cr_assert(bytes_equal(text, bytes_of_string(wanted)), "%.*s", (int)text.len, text.data);
}

Test(envelope, writes_answers)
{
    const struct envelope_id id = { .kind = ENVELOPE_ID_TEXT, .text = "a" };
    struct json_object *message = NULL;
    assert_ok(envelope_result(&id, NULL, &message));
    assert_written(message, "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{}}");
    assert_ok(envelope_result(&id, parse("[1]"), &message));
    assert_written(message, "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":[1]}");
    assert_ok(envelope_notification("n", NULL, &message));
    assert_written(message, "{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{}}");
}

Test(envelope, writes_errors)
{
    const struct envelope_id nobody = { .kind = ENVELOPE_ID_NONE };
    struct json_object *message = NULL;
    CLEANUP(error_free) struct error *error = error_new(ERR_PARAMS, "bad \xff");
    error_set_path(error, "params.x");
    assert_ok(envelope_error(&nobody, error, &message));
    assert_written(message,
                   "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32602,\"message\":"
                   "\"bad \xef\xbf\xbd\",\"data\":{\"reason\":\"params-invalid\","
                   "\"path\":\"params.x\"}}}");
}

Test(envelope, tells_a_bounded_number_of_causes)
{
    struct json_object *object = NULL;
    struct error *error = error_new(ERR_CMS_MALFORMED, "0");
    for (size_t i = 0; i < 30; i++) {
        error = error_wrap(error, ERR_CMS_UNSUPPORTED, "next");
    }
    assert_ok(envelope_error_object(error, &object));
    struct json_object *data = NULL;
    struct json_object *causes = NULL;
    cr_assert(json_get_object(object, "data", &data));
    cr_assert(json_get_array(data, "cause", &causes));
    cr_assert_eq(json_object_array_length(causes), 8);
    json_free(object);
    error_free(error);
}
