#include "ops/database_json.h"

#include "store/store.h"
#include "wire/json.h"

static const char *kind_text(enum database_kind kind)
{
    switch (kind) {
    case DATABASE_NSSDB:
        return "nssdb";
    case DATABASE_FIREFOX:
        return "firefox";
    case DATABASE_THUNDERBIRD:
        return "thunderbird";
    case DATABASE_EVOLUTION:
        return "evolution";
    }
    return "nssdb";
}

static const char *state_text(enum database_state state)
{
    switch (state) {
    case DATABASE_OPEN:
        return "open";
    case DATABASE_LOCKED:
        return "locked";
    case DATABASE_ABSENT:
        return "absent";
    case DATABASE_CORRUPT:
        return "corrupt";
    }
    return "absent";
}

struct error *database_json_add(struct json_object *object, const char *name,
                                const struct store *store)
{
    struct json_object *array = NULL;
    TRY(json_add_array(object, name, &array));
    for (size_t i = 0; i < store_database_count(store); i++) {
        struct database_info info = store_database(store, i);
        struct json_object *item = NULL;
        TRY(json_append_object(array, &item));
        TRY(json_add_string(item, "path", info.path));
        TRY(json_add_string(item, "kind", kind_text(info.kind)));
        TRY(json_add_bool(item, "writable", info.writable));
        TRY(json_add_string(item, "state", state_text(info.state)));
    }
    return NULL;
}
