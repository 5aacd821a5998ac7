#include "rpc/data.h"

#include "wire/base64.h"
#include "wire/json.h"

#include <string.h>

typedef struct error *decode_fn(struct mapping *mapping, struct bytes text, size_t limit);

static struct error *decode_text(struct mapping *mapping, struct bytes text, size_t limit)
{
    if (text.len > limit) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "more than %zu bytes", limit);
    }
    return mapping_append(mapping, text);
}

static struct error *decode(const struct params_context *context, decode_fn *decoder,
                            struct bytes text, struct rpc_data *data)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    /* no form is longer than its text */
    TRY(mapping_new(text.len + BASE64_SLACK, &mapping));
    TRY(decoder(mapping, text, context->max_data));
    data->view = mapping_view(mapping);
    data->owner = TAKE_PTR(mapping);
    return NULL;
}

static struct error *take_blob(const struct params_context *context, struct bytes handle,
                               struct rpc_data *data)
{
    TRY(context->blob(context->blob_context, (const char *)handle.data, &data->owner, &data->view));
    if (data->view.len > context->max_data) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "more than %zu bytes", context->max_data);
    }
    return NULL;
}

static struct error *parse_form(const struct params_context *context, const char *form,
                                struct json_object *value, struct rpc_data *data)
{
    static const struct {
        const char *name;
        decode_fn *decoder;
    } forms[] = {
        { "text", decode_text },
        { "base64", base64_decode },
        { "base64url", base64_decode_url },
    };
    if (!json_object_is_type(value, json_type_string)) {
        return error_new(ERR_PARAMS, "must be a string");
    }
    struct bytes text = json_string_bytes(value);
    for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
        if (strcmp(form, forms[i].name) == 0) {
            return decode(context, forms[i].decoder, text, data);
        }
    }
    if (strcmp(form, "blob") == 0) {
        return take_blob(context, text, data);
    }
    return error_new(ERR_PARAMS, "is none of text, base64, base64url and blob");
}

struct error *data_parse(const struct params_context *context, struct path *path,
                         struct json_object *value, struct rpc_data *data)
{
    if (!json_object_is_type(value, json_type_object)) {
        return path_error(path, ERR_PARAMS, "must be an object with text, base64 or blob");
    }
    if (json_object_object_length(value) != 1) {
        return path_error(path, ERR_PARAMS, "must have one of text, base64, base64url and blob");
    }
    data->given = true;
    json_object_object_foreach (value, form, content) {
        struct error *error = parse_form(context, form, content, data);
        if (error) {
            (void)path_enter(path, form);
            error_set_path(error, path->text);
        }
        return error;
    }
    return NULL;
}
