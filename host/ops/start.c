#include "ops/start.h"

#include "base/clock.h"
#include "base/limits.h"
#include "certs/chain_cache.h"
#include "certs/index.h"
#include "config/load.h"
#include "mail/open.h"
#include "remote/remote.h"
#include "store/store.h"

#include <stdlib.h>

static struct error *load_config(struct host *host)
{
    if (host->config) {
        return NULL;
    }
    CLEANUP(config_free) struct config *config = NULL;
    TRY(config_load(host->policy_path, host->user_config, &config));
    if (host->remote) {
        TRY(remote_set_pinentry(host->remote, config->pinentry));
    }
    host->config = TAKE_PTR(config);
    return NULL;
}

static struct error *open_store(struct host *host)
{
    TRY(load_config(host));
    if (host->index) {
        return NULL;
    }
    const struct store_options options = {
        .database = host->database ? host->database : host->config->database,
        .home = secure_getenv("HOME"),
        .pin = host->pin,
        .remote = host->remote,
        .mozilla_roots = host->config->policy.mozilla_roots,
    };
    if (!host->store) {
        TRY(store_open(&options, &host->store));
        open_start();
    }
    if (!host->chains) {
        TRY(chain_cache_new(LIMIT_CHAIN_CACHE, &host->chains));
    }
    return cert_index_new(host->store, &host->index);
}

static struct error *locked(struct host *host, struct error *(*start)(struct host *))
{
    (void)pthread_mutex_lock(&host->lock);
    struct error *error = start(host);
    (void)pthread_mutex_unlock(&host->lock);
    return error;
}

struct error *start_config(struct host *host)
{
    return locked(host, load_config);
}

struct error *start_store(struct host *host)
{
    return locked(host, open_store);
}

struct error *start_context(const struct rpc_call *call, int64_t at,
                            struct mail_context *ret_context)
{
    struct host *host = call->host;
    TRY(start_store(host));
    *ret_context = (struct mail_context){
        .store = host->store,
        .index = host->index,
        .chains = host->chains,
        .policy = &host->config->policy,
        .interaction = { .allowed = call->interaction, .site = call->site, .task = call->task },
        .remote = host->remote,
        .password = host->pin,
        .at = at == START_NOW ? clock_now() : at,
    };
    return NULL;
}

struct error *start_check_size(const struct host *host, size_t size)
{
    if (size > host->config->policy.max_message) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "the message has %zu bytes, %zu are allowed", size,
                         host->config->policy.max_message);
    }
    return NULL;
}
