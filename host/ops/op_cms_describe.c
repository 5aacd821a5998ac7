/* cms.describe: what a CMS message is made of. Uses no key and looks nothing up. */
#include "cms/content_info.h"
#include "cms/describe.h"
#include "ops/methods.h"
#include "ops/start.h"
#include "wire/json.h"

#include <assert.h>

struct request {
    struct rpc_data cms;
};

static const struct rpc_param params[] = {
    PARAM_DATA("cms", struct request, cms, PARAM_REQUIRED),
};

/* Where the next value goes: the objects and lists that are open, all owned by the first. */
struct writer {
    struct json_object *stack[DESCRIBE_DEPTH + 1];
    unsigned depth;
};

static struct json_object *top(const struct writer *writer)
{
    return writer->stack[writer->depth];
}

static struct error *open_value(void *context, const char *name, bool list)
{
    struct writer *writer = context;
    struct json_object **next = &writer->stack[writer->depth + 1];
    assert(writer->depth < DESCRIBE_DEPTH);
    if (!name) {
        TRY(json_append_object(top(writer), next));
    } else {
        TRY(list ? json_add_array(top(writer), name, next)
                 : json_add_object(top(writer), name, next));
    }
    writer->depth++;
    return NULL;
}

static void close_value(void *context)
{
    struct writer *writer = context;
    assert(writer->depth > 0);
    writer->depth--;
}

static struct error *add_text(void *context, const char *name, const char *text)
{
    return json_add_string(top(context), name, text);
}

static struct error *add_number(void *context, const char *name, uint64_t number)
{
    /* a version can be any number; JSON's end where doubles do */
    int64_t most = INT64_C(1) << 53;
    return json_add_integer(top(context), name, number > (uint64_t)most ? most : (int64_t)number);
}

static struct error *add_flag(void *context, const char *name, bool flag)
{
    return json_add_bool(top(context), name, flag);
}

static struct error *add_hex(void *context, const char *name, struct bytes octets)
{
    return json_add_hex(top(context), name, octets);
}

static struct error *add_time(void *context, const char *name, int64_t seconds)
{
    return json_add_time(top(context), name, seconds);
}

static struct error *run(struct rpc_call *call, const void *data, struct json_object **ret_result)
{
    const struct request *request = data;
    TRY(start_store(call->host)); /* names are decoded by NSS */
    TRY(start_check_size(call->host, request->cms.view.len));

    CLEANUP(mapping_unref) struct mapping *unarmoured = NULL;
    CLEANUP(json_free) struct json_object *object = NULL;
    struct bytes cms = BYTES_NONE;
    TRY(content_info_unarmour(request->cms.view, &unarmoured, &cms));
    TRY(json_new_object(&object));
    struct writer writer = { .stack = { object } };
    const struct describe_sink sink = {
        .context = &writer,
        .open = open_value,
        .close = close_value,
        .text = add_text,
        .number = add_number,
        .flag = add_flag,
        .hex = add_hex,
        .time = add_time,
    };
    TRY(json_add_size(object, "size", cms.len));
    TRY(describe_message(cms, &sink));
    *ret_result = TAKE_PTR(object);
    return NULL;
}

const struct rpc_method op_cms_describe = {
    .name = "cms.describe",
    .request = METHOD_REQUEST(struct request, params),
    .run = run,
};
