#include "base/bytes.h"
#include "certs/chain_cache.h"
#include "certs/index.h"
#include "config/load.h"
#include "ops/ops.h"
#include "remote/remote.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USER_CONFIG "sealpost/config.json"

/* An environment variable's copy; an empty one counts as none. */
static struct error *copy_variable(const char *name, char **ret_value)
{
    const char *value = secure_getenv(name);
    if (!value || *value == '\0') {
        return NULL;
    }
    return bytes_to_string(bytes_of_string(value), ret_value);
}

static struct error *join(const char *folder, const char *file, char **ret_path)
{
    if (asprintf(ret_path, "%s/%s", folder, file) < 0) {
        *ret_path = NULL;
        return error_no_memory();
    }
    return NULL;
}

/* SEALPOST_CONFIG, else the place of the XDG base directory specification. */
static struct error *find_user_config(char **ret_path)
{
    CLEANUP(string_free) char *folder = NULL;
    CLEANUP(string_free) char *home = NULL;
    TRY(copy_variable("SEALPOST_CONFIG", ret_path));
    if (*ret_path) {
        return NULL;
    }
    TRY(copy_variable("XDG_CONFIG_HOME", &folder));
    if (folder && folder[0] == '/') {
        return join(folder, USER_CONFIG, ret_path);
    }
    TRY(copy_variable("HOME", &home));
    return home ? join(home, ".config/" USER_CONFIG, ret_path) : NULL;
}

static struct error *find_places(struct host *host)
{
    TRY(bytes_to_string(bytes_of_string(CONFIG_POLICY_FILE), &host->policy_path));
    TRY(find_user_config(&host->user_config));
    return copy_variable("SEALPOST_DB", &host->database);
}

struct error *host_new(struct remote *remote, struct host **ret_host)
{
    CLEANUP(remote_free) struct remote *taken = remote;
    CLEANUP(host_free) struct host *host = calloc(1, sizeof(*host));
    if (!host) {
        return error_no_memory();
    }
    (void)pthread_mutex_init(&host->lock, NULL);
    host->remote = TAKE_PTR(taken);
    TRY(find_places(host));
    *ret_host = TAKE_PTR(host);
    return NULL;
}

void host_free(struct host *host)
{
    if (!host) {
        return;
    }
    chain_cache_free(host->chains);
    cert_index_free(host->index);
    store_close(host->store);
    config_free(host->config);
    remote_free(host->remote);
    string_free(host->policy_path);
    string_free(host->user_config);
    string_free(host->database);
    if (host->pin) {
        explicit_bzero(host->pin, strlen(host->pin));
    }
    string_free(host->pin);
    (void)pthread_mutex_destroy(&host->lock);
    free(host);
}
