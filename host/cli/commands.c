#include "cli/commands.h"

#include "base/content.h"
#include "base/limits.h"
#include "cli/text.h"
#include "rpc/envelope.h"
#include "wire/base64.h"
#include "wire/json.h"

int commands_fail(struct error *error)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    struct error *second = envelope_error_object(error, &object);
    if (second) {
        error_free(second);
        (void)fprintf(stderr, "sealpost: %s\n", error_get_message(error));
    } else {
        commands_print_json(stderr, object);
    }
    error_free(error);
    return EXIT_FAILED;
}

int commands_usage(const char *sentence)
{
    (void)fprintf(stderr, "sealpost: %s\nTry sealpost --help.\n", sentence);
    return EXIT_USAGE;
}

/* A JSON string of base64, which is larger than what a parameter's text may otherwise be. */
static struct error *encode(struct bytes message, struct buffer *text)
{
    CLEANUP(content_unref) struct content *content = NULL;
    TRY(content_new(&content));
    TRY(content_append_copy(content, message));
    char piece[BASE64_PIECE_TEXT];
    for (size_t at = 0; at < message.len; at += BASE64_PIECE) {
        size_t count = base64_encode_piece(content, at, message.len - at, piece);
        TRY(buffer_append(text, (struct bytes){ (const uint8_t *)piece, count }));
    }
    return NULL;
}

struct error *commands_message_params(struct bytes message, struct json_object **ret_params)
{
    CLEANUP(json_free) struct json_object *params = NULL;
    CLEANUP(buffer_free) struct buffer *text = NULL;
    struct json_object *data = NULL;
    TRY(buffer_new(2 * LIMIT_MESSAGE, &text));
    TRY(encode(message, text));
    TRY(json_new_object(&params));
    TRY(json_add_object(params, "message", &data));
    TRY(json_add_text(data, "base64", buffer_view(text)));
    *ret_params = TAKE_PTR(params);
    return NULL;
}

struct error *commands_data(struct json_object *data, struct mapping **ret_bytes)
{
    struct json_object *value = NULL;
    CLEANUP(mapping_unref) struct mapping *text = NULL;
    CLEANUP(mapping_unref) struct mapping *bytes = NULL;
    if (!json_get(data, "base64", &value)) {
        return error_new(ERR_INTERNAL, "a result holds no data");
    }
    /* the value encodes itself when it is written, between its quotes */
    TRY(json_write(value, &text));
    struct bytes quoted = mapping_view(text);
    TRY(mapping_new(LIMIT_MESSAGE + BASE64_SLACK, &bytes));
    TRY(base64_decode(bytes, bytes_slice(quoted, 1, quoted.len - 2), LIMIT_MESSAGE));
    *ret_bytes = TAKE_PTR(bytes);
    return NULL;
}

void commands_print_json(FILE *file, struct json_object *value)
{
    const char *text = json_object_to_json_string_ext(
        value, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
    text_print_json(file, bytes_of_string(text));
    (void)fputc('\n', file);
}
