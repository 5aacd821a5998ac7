/* databases.create: a new, empty database in the user's home, after the user said yes in the host's
 * own dialog. Never done silently. */
#include "config/load.h"
#include "ops/methods.h"
#include "ops/start.h"
#include "remote/remote.h"
#include "store/databases.h"
#include "store/store.h"
#include "wire/json.h"

#include <stdlib.h>

struct request {
    struct rpc_word kind;
};

static const struct rpc_word_entry kind_words[] = {
    { "nssdb", DATABASE_NSSDB },
    { NULL, 0 },
};

static const struct rpc_param params[] = {
    PARAM_WORD("kind", struct request, kind, 0, kind_words, DATABASE_NSSDB),
};

static struct error *ask(struct rpc_call *call)
{
    if (!call->interaction) {
        return error_new(ERR_INTERACTION_FORBIDDEN, "creating a database needs your consent");
    }
    if (!call->host->remote) {
        return error_new(ERR_PROMPT_UNAVAILABLE, "no dialog can be shown to ask for consent");
    }
    return remote_ask_consent(call->host->remote,
                              "Create a new, empty database for certificates and keys in your home "
                              "folder?",
                              call->site, call->task);
}

/* The one that start_store opens: the one that was named, else the place in the home folder that is
 * looked at first. */
static struct error *choose_path(const struct host *host, char **ret_path)
{
    const char *named = host->database ? host->database : host->config->database;
    if (named) {
        return bytes_to_string(bytes_of_string(named), ret_path);
    }
    const char *home = secure_getenv("HOME");
    if (!home) {
        return error_new(ERR_DATABASE_UNAVAILABLE, "there is no home folder");
    }
    struct database_list places = { 0 };
    struct error *error = databases_find(&places, home);
    if (!error) {
        error = bytes_to_string(bytes_of_string(places.items[0].path), ret_path);
    }
    databases_done(&places);
    return error;
}

static struct error *run(struct rpc_call *call, const void *request,
                         struct json_object **ret_result)
{
    (void)request;
    CLEANUP(json_free) struct json_object *object = NULL;
    CLEANUP(string_free) char *path = NULL;
    TRY(start_config(call->host));
    TRY(choose_path(call->host, &path));
    TRY(ask(call));
    TRY(task_begin_change(call->task));
    TRY(store_create_database(path));
    TRY(json_new_object(&object));
    TRY(json_add_string(object, "path", path));
    TRY(json_add_bool(object, "restart", true)); /* NSS opens it with the next start */
    *ret_result = TAKE_PTR(object);
    return NULL;
}

const struct rpc_method op_databases_create = {
    .name = "databases.create",
    .request = METHOD_REQUEST(struct request, params),
    .flags = METHOD_INTERACTIVE,
    .run = run,
};
