#include "rpc/params.h"

#include "base/clock.h"
#include "base/limits.h"
#include "rpc/data.h"
#include "rpc/path.h"
#include "rpc/values.h"
#include "wire/json.h"

#include <stdlib.h>
#include <string.h>

/* The common parameters' own struct, filled by a table like any other. */
struct common {
    char *site;
    struct rpc_word interaction;
};

static const struct rpc_word_entry interaction_words[] = {
    { "allow", true },
    { "none", false },
    { NULL, 0 },
};

static const struct rpc_param common_params[] = {
    PARAM_STRING("site", struct common, site, 0, LIMIT_SITE),
    PARAM_WORD("interaction", struct common, interaction, 0, interaction_words, true),
};

const struct rpc_table params_common = METHOD_REQUEST(struct common, common_params);

struct parser {
    const struct params_context *context;
    struct path path;
};

/* A table and the struct that it fills; the outer object fills two. */
struct target {
    const struct rpc_table *table;
    uint8_t *request;
};

static struct error *fill(struct parser *parser, const struct target *targets, size_t count,
                          struct json_object *object);

static struct error *expected(const struct parser *parser, const char *what)
{
    return path_error(&parser->path, ERR_PARAMS, what);
}

static struct error *fill_text(struct parser *parser, size_t max, struct json_object *value,
                               char **ret_text)
{
    if (!json_object_is_type(value, json_type_string)) {
        return expected(parser, "must be a string");
    }
    struct bytes text = json_string_bytes(value);
    if (text.len > max) {
        return expected(parser, "is too long");
    }
    return bytes_to_string(text, ret_text);
}

static size_t string_limit(const struct rpc_param *param)
{
    return param->max > 0 ? (size_t)param->max : LIMIT_PARAM_STRING;
}

static struct error *fill_bool(struct parser *parser, struct json_object *value,
                               struct rpc_bool *target)
{
    if (!json_object_is_type(value, json_type_boolean)) {
        return expected(parser, "must be true or false");
    }
    *target = (struct rpc_bool){ true, json_object_get_boolean(value) != 0 };
    return NULL;
}

static struct error *fill_integer(struct parser *parser, const struct rpc_param *param,
                                  struct json_object *value, struct rpc_integer *target)
{
    if (!json_object_is_type(value, json_type_int)) {
        return expected(parser, "must be an integer");
    }
    int64_t number = json_object_get_int64(value);
    if (number < param->min || number > param->max) {
        return expected(parser, "is out of range");
    }
    *target = (struct rpc_integer){ true, number };
    return NULL;
}

static struct error *fill_time(struct parser *parser, struct json_object *value,
                               struct rpc_time *target)
{
    int64_t seconds = 0;
    if (!json_object_is_type(value, json_type_string) ||
        !clock_parse(json_string_bytes(value), &seconds)) {
        return expected(parser, "must be a time of RFC 3339");
    }
    *target = (struct rpc_time){ true, seconds };
    return NULL;
}

static struct error *fill_word(struct parser *parser, const struct rpc_param *param,
                               struct json_object *value, struct rpc_word *target)
{
    if (!json_object_is_type(value, json_type_string)) {
        return expected(parser, "must be a string");
    }
    for (const struct rpc_word_entry *entry = param->words; entry->word; entry++) {
        if (bytes_equal(json_string_bytes(value), bytes_of_string(entry->word))) {
            *target = (struct rpc_word){ true, entry->value };
            return NULL;
        }
    }
    return expected(parser, "is none of the words that are known here");
}

static struct error *check_list(struct parser *parser, const struct rpc_param *param,
                                struct json_object *value, size_t *ret_count)
{
    if (!json_object_is_type(value, json_type_array)) {
        return expected(parser, "must be a list");
    }
    *ret_count = json_object_array_length(value);
    return *ret_count > (size_t)param->max ? expected(parser, "is too long") : NULL;
}

static struct error *fill_strings(struct parser *parser, const struct rpc_param *param,
                                  struct json_object *value, struct rpc_strings *target)
{
    size_t count = 0;
    TRY(check_list(parser, param, value, &count));
    char **items = values_new(count, sizeof(*items));
    if (!items) {
        return error_no_memory();
    }
    *target = (struct rpc_strings){ .given = true, .items = items };
    for (size_t i = 0; i < count; i++) {
        size_t mark = path_enter_index(&parser->path, i);
        TRY(fill_text(parser, LIMIT_PARAM_STRING, json_object_array_get_idx(value, i),
                      &target->items[i]));
        target->count = i + 1;
        path_leave(&parser->path, mark);
    }
    return NULL;
}

static struct error *fill_inner(struct parser *parser, const struct rpc_table *inner,
                                struct json_object *value, void *request)
{
    if (!json_object_is_type(value, json_type_object)) {
        return expected(parser, "must be an object");
    }
    struct target target = { inner, request };
    return fill(parser, &target, 1, value);
}

static struct error *fill_object(struct parser *parser, const struct rpc_param *param,
                                 struct json_object *value, void **target)
{
    *target = values_new(1, param->inner->size);
    if (!*target) {
        return error_no_memory();
    }
    return fill_inner(parser, param->inner, value, *target);
}

static struct error *fill_objects(struct parser *parser, const struct rpc_param *param,
                                  struct json_object *value, struct rpc_objects *target)
{
    size_t count = 0;
    TRY(check_list(parser, param, value, &count));
    uint8_t *items = values_new(count, param->inner->size);
    if (!items) {
        return error_no_memory();
    }
    *target = (struct rpc_objects){ .given = true, .items = items };
    for (size_t i = 0; i < count; i++) {
        size_t mark = path_enter_index(&parser->path, i);
        target->count = i + 1;
        TRY(fill_inner(parser, param->inner, json_object_array_get_idx(value, i),
                       items + i * param->inner->size));
        path_leave(&parser->path, mark);
    }
    return NULL;
}

static struct error *fill_raw(struct parser *parser, struct json_object *value,
                              struct json_object **target)
{
    if (!json_object_is_type(value, json_type_object)) {
        return expected(parser, "must be an object");
    }
    *target = json_object_get(value);
    return NULL;
}

static struct error *fill_member(struct parser *parser, const struct rpc_param *param,
                                 struct json_object *value, void *member)
{
    switch (param->type) {
    case RPC_STRING:
        return fill_text(parser, string_limit(param), value, member);
    case RPC_BOOL:
        return fill_bool(parser, value, member);
    case RPC_INTEGER:
        return fill_integer(parser, param, value, member);
    case RPC_TIME:
        return fill_time(parser, value, member);
    case RPC_WORD:
        return fill_word(parser, param, value, member);
    case RPC_DATA:
        return data_parse(parser->context, &parser->path, value, member);
    case RPC_STRINGS:
        return fill_strings(parser, param, value, member);
    case RPC_OBJECT:
        return fill_object(parser, param, value, member);
    case RPC_OBJECTS:
        return fill_objects(parser, param, value, member);
    case RPC_RAW:
        return fill_raw(parser, value, member);
    }
    return error_new(ERR_INTERNAL, "a parameter of no type");
}

static const struct rpc_param *find_param(const struct rpc_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->params[i].name, name) == 0) {
            return &table->params[i];
        }
    }
    return NULL;
}

static struct error *fill_named(struct parser *parser, const struct target *targets, size_t count,
                                const char *name, struct json_object *value)
{
    size_t mark = path_enter(&parser->path, name);
    for (size_t i = 0; i < count; i++) {
        const struct rpc_param *param = find_param(targets[i].table, name);
        if (param) {
            TRY(fill_member(parser, param, value, targets[i].request + param->offset));
            path_leave(&parser->path, mark);
            return NULL;
        }
    }
    return expected(parser, "is not a parameter of this method");
}

static struct error *check_absent(struct parser *parser, const struct target *target,
                                  struct json_object *object)
{
    for (size_t i = 0; i < target->table->count; i++) {
        const struct rpc_param *param = &target->table->params[i];
        struct json_object *value = NULL;
        if (json_get(object, param->name, &value)) {
            continue;
        }
        size_t mark = path_enter(&parser->path, param->name);
        if ((param->flags & PARAM_REQUIRED) != 0) {
            return expected(parser, "is missing");
        }
        values_set_fallback(param, target->request + param->offset);
        path_leave(&parser->path, mark);
    }
    return NULL;
}

/* Every member of `object` into the first target that knows it. Recursion follows the tables, not
 * the input. */
static struct error *fill(struct parser *parser, const struct target *targets, size_t count,
                          struct json_object *object)
{
    if (object) {
        json_object_object_foreach (object, name, value) {
            TRY(fill_named(parser, targets, count, name, value));
        }
    }
    for (size_t i = 0; i < count; i++) {
        TRY(check_absent(parser, &targets[i], object));
    }
    return NULL;
}

struct error *params_check_site(const char *site)
{
    for (const char *c = site; c && *c != '\0'; c++) {
        if (*c <= 0x20 || *c >= 0x7f) {
            struct error *error = error_new(ERR_PARAMS, "params.site must be a web origin");
            error_set_path(error, "params.site");
            return error;
        }
    }
    return NULL;
}

static struct error *fill_common(struct params *params, struct common *common,
                                 struct parser *parser, struct json_object *object, size_t count)
{
    struct target targets[] = {
        { params->table, params->request },
        { &params_common, (uint8_t *)common },
    };
    TRY(fill(parser, targets, count, object));
    params->interaction = count == 1 || common->interaction.value;
    TRY(params_check_site(common->site));
    params->site = TAKE_PTR(common->site);
    return NULL;
}

struct error *params_parse(const struct rpc_method *method, struct json_object *object,
                           const struct params_context *context, struct params **ret_params)
{
    CLEANUP(params_free) struct params *params = calloc(1, sizeof(*params));
    if (!params) {
        return error_no_memory();
    }
    params->table = &method->request;
    params->request = values_new(1, method->request.size);
    if (!params->request) {
        return error_no_memory();
    }
    struct parser parser = { .context = context };
    path_start(&parser.path, "params");
    if (object && !json_object_is_type(object, json_type_object)) {
        return expected(&parser, "must be an object");
    }
    struct common common = { 0 };
    size_t targets = (method->flags & METHOD_INTERACTIVE) != 0 ? 2 : 1;
    struct error *error = fill_common(params, &common, &parser, object, targets);
    values_release(&params_common, &common);
    if (!error) {
        *ret_params = TAKE_PTR(params);
    }
    return error;
}

void params_free(struct params *params)
{
    if (params) {
        values_release(params->table, params->request);
        free(params->request);
        string_free(params->site);
        free(params);
    }
}
