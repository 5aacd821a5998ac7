/* From the text of a frame to a filled request: envelope, parameters of every type, and back. */
#include "base/limits.h"
#include "rpc/envelope.h"
#include "rpc/params.h"
#include "wire/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct inner {
    char *name;
    struct rpc_bool truth;
};

struct request {
    char *string;
    struct rpc_integer integer;
    struct rpc_time time;
    struct rpc_word word;
    struct rpc_data data;
    struct rpc_strings strings;
    struct inner *object;
    struct rpc_objects objects;
    struct json_object *raw;
};

static const struct rpc_word_entry words[] = { { "one", 1 }, { "two", 2 }, { NULL, 0 } };
static const struct rpc_param inner_params[] = {
    PARAM_STRING("n", struct inner, name, PARAM_REQUIRED, 4),
    PARAM_BOOL("t", struct inner, truth, 0, true),
};
static const struct rpc_table inner = METHOD_REQUEST(struct inner, inner_params);
static const struct rpc_param params[] = {
    PARAM_STRING("s", struct request, string, 0, 8),
    PARAM_INTEGER("i", struct request, integer, 0, -5, 5, 3),
    PARAM_TIME("t", struct request, time, 0),
    PARAM_WORD("w", struct request, word, 0, words, 2),
    PARAM_DATA("d", struct request, data, 0),
    PARAM_STRINGS("l", struct request, strings, 0, 3),
    PARAM_OBJECT("o", struct request, object, 0, &inner),
    PARAM_OBJECTS("os", struct request, objects, 0, 2, &inner),
    PARAM_RAW("r", struct request, raw, 0),
};
static const struct rpc_method method = { .name = "m",
                                          .request = METHOD_REQUEST(struct request, params),
                                          .flags = METHOD_INTERACTIVE };

static struct error *no_blob(void *context, const char *handle, struct mapping **ret_owner,
                             struct bytes *ret_view)
{
    (void)context;
    (void)handle;
    (void)ret_owner;
    (void)ret_view;
    return error_new(ERR_BLOB_UNKNOWN, "none");
}

static struct error *answer(struct json_object *message, struct json_object **ret_answer)
{
    const struct params_context context = { .blob = no_blob, .max_data = 100 };
    struct envelope envelope;
    CLEANUP(params_free) struct params *parsed = NULL;
    TRY(envelope_read(message, &envelope));
    TRY(params_parse(&method, envelope.params, &context, &parsed));
    return envelope_result(&envelope.id, NULL, ret_answer);
}

/* What is sent back must be strict JSON, whatever came. */
static void check_error(const struct error *error)
{
    CLEANUP(json_free) struct json_object *message = NULL;
    CLEANUP(json_free) struct json_object *again = NULL;
    const struct envelope_id nobody = { .kind = ENVELOPE_ID_NONE };
    struct bytes text = BYTES_NONE;
    if (envelope_error(&nobody, error, &message) || json_text(message, &text) ||
        json_parse(text, &again)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(json_free) struct json_object *message = NULL;
    CLEANUP(json_free) struct json_object *reply = NULL;
    CLEANUP(error_free) struct error *error = json_parse((struct bytes){ data, size }, &message);
    if (!error) {
        error = answer(message, &reply);
    }
    if (error) {
        check_error(error);
    }
    return 0;
}
