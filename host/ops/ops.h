/* The methods that the host answers, and what they share. One method a file (op_<method>.c), each
 * thin: parameters in, calls into the domain, result out. */
#ifndef SEALPOST_OPS_OPS_H
#define SEALPOST_OPS_OPS_H

#include "base/error.h"
#include "rpc/method.h"

#include <pthread.h>
#include <stdbool.h>

struct cert_index;
struct chain_cache;
struct config;
struct remote;
struct rpc_server;
struct store;

/* The state of the program, made by main.c and passed down. Members that are NULL come to life
 * under `lock` with the first request that needs them. */
struct host {
    pthread_mutex_t lock; /* guards the start of what follows */
    struct config *config;
    struct store *store; /* NULL: NSS was not started yet */
    struct cert_index *index;
    struct chain_cache *chains;
    struct remote *remote; /* the helper; NULL: no dialog can be shown */
    struct rpc_server *server; /* browser mode; NULL on the command line; borrowed */
    const char *origin; /* who the browser says is calling; NULL on the command line; borrowed */
    char *policy_path; /* root's policy file; owned */
    char *user_config; /* the user's configuration file, may be NULL; owned */
    char *database; /* --db or SEALPOST_DB, may be NULL; owned */
    char *pin; /* of --pin-file, terminal only; may be NULL; owned, wiped by host_free */
};

/* `remote` may be NULL; it is consumed. ERR_NO_MEMORY. */
struct error *host_new(struct remote *remote, struct host **ret_host) MUST_USE;
/* Closes the store (which shuts NSS down) and the helper; NULL is fine. */
void host_free(struct host *host);
DEFINE_CLEANUP(struct host *, host_free);

/* Every method but the blob.* ones; static, never NULL. */
const struct rpc_methods *ops_methods(void);

#endif
