/* databases.list: the NSS databases that were found or named, and their state. */
#include "ops/database_json.h"
#include "ops/methods.h"
#include "ops/start.h"
#include "store/store.h"
#include "wire/json.h"

static struct error *run(struct rpc_call *call, const void *request,
                         struct json_object **ret_result)
{
    (void)request;
    CLEANUP(json_free) struct json_object *object = NULL;
    TRY(start_store(call->host));
    TRY(json_new_object(&object));
    TRY(database_json_add(object, "items", call->host->store));
    TRY(json_add_size(object, "total", store_database_count(call->host->store)));
    TRY(json_add_integer(object, "generation", (int64_t)store_generation(call->host->store)));
    *ret_result = TAKE_PTR(object);
    return NULL;
}

const struct rpc_method op_databases_list = {
    .name = "databases.list",
    .request = METHOD_NO_REQUEST,
    .run = run,
};
