#include "rpc/values.h"

#include "wire/json.h"

#include <stdint.h>
#include <stdlib.h>

void *values_new(size_t count, size_t size)
{
    if (size == 0 || count > SIZE_MAX / size) {
        return NULL;
    }
    return calloc(count > 0 ? count : 1, size);
}

void values_set_fallback(const struct rpc_param *param, void *member)
{
    switch (param->type) {
    case RPC_BOOL:
        ((struct rpc_bool *)member)->value = param->fallback != 0;
        return;
    case RPC_INTEGER:
        ((struct rpc_integer *)member)->value = param->fallback;
        return;
    case RPC_TIME:
        ((struct rpc_time *)member)->value = param->fallback;
        return;
    case RPC_WORD:
        ((struct rpc_word *)member)->value = (int)param->fallback;
        return;
    case RPC_STRING:
    case RPC_DATA:
    case RPC_STRINGS:
    case RPC_OBJECT:
    case RPC_OBJECTS:
    case RPC_RAW:
        return;
    }
}

static void release_strings(struct rpc_strings *strings)
{
    for (size_t i = 0; i < strings->count; i++) {
        string_free(strings->items[i]);
    }
    free(strings->items);
}

static void release_objects(const struct rpc_table *inner, struct rpc_objects *objects)
{
    for (size_t i = 0; i < objects->count; i++) {
        values_release(inner, (uint8_t *)objects->items + i * inner->size);
    }
    free(objects->items);
}

static void release_object(const struct rpc_table *inner, void *request)
{
    if (request) {
        values_release(inner, request);
        free(request);
    }
}

static void release_member(const struct rpc_param *param, void *member)
{
    switch (param->type) {
    case RPC_STRING:
        string_free(*(char **)member);
        return;
    case RPC_DATA:
        mapping_unref(((struct rpc_data *)member)->owner);
        return;
    case RPC_STRINGS:
        release_strings(member);
        return;
    case RPC_OBJECT:
        release_object(param->inner, *(void **)member);
        return;
    case RPC_OBJECTS:
        release_objects(param->inner, member);
        return;
    case RPC_RAW:
        json_free(*(struct json_object **)member);
        return;
    case RPC_BOOL:
    case RPC_INTEGER:
    case RPC_TIME:
    case RPC_WORD:
        return;
    }
}

void values_release(const struct rpc_table *table, void *request)
{
    for (size_t i = 0; request && i < table->count; i++) {
        release_member(&table->params[i], (uint8_t *)request + table->params[i].offset);
    }
}
