#include "rpc/method.h"

#include "rpc/blob_methods.h"
#include "rpc/params.h"
#include "wire/json.h"

#include <string.h>

const struct rpc_method *method_find(const struct rpc_methods *methods, const char *name)
{
    for (size_t i = 0; i < methods->count; i++) {
        if (strcmp(methods->items[i]->name, name) == 0) {
            return methods->items[i];
        }
    }
    return NULL;
}

static struct error *add_names(struct json_object *names, const struct rpc_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        TRY(json_append_string(names, table->params[i].name));
    }
    return NULL;
}

static struct error *describe(const struct rpc_methods *methods, struct json_object *object)
{
    for (size_t i = 0; i < methods->count; i++) {
        const struct rpc_method *method = methods->items[i];
        struct json_object *names = NULL;
        TRY(json_add_array(object, method->name, &names));
        TRY(add_names(names, &method->request));
        if ((method->flags & METHOD_INTERACTIVE) != 0) {
            TRY(add_names(names, &params_common));
        }
    }
    return NULL;
}

struct error *method_describe(const struct rpc_methods *methods, struct json_object **ret_object)
{
    CLEANUP(json_free) struct json_object *object = NULL;
    TRY(json_new_object(&object));
    TRY(describe(methods, object));
    TRY(describe(&blob_methods, object));
    *ret_object = TAKE_PTR(object);
    return NULL;
}
