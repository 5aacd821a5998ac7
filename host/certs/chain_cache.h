/* Remembers for a short time what chain_verify said of certificates of the databases: to choose
 * among the certificates of two hundred recipients while their names are typed, two milliseconds
 * each are too much. What stands in a message is never remembered, nor is a chain itself.
 * Thread-safe. One policy is in force as long as it lives.
 *
 * An answer is used again for the same certificate and purpose only while nothing in the databases
 * changed (store_generation), for CHAIN_CACHE_SECONDS, and up to the moment at which a certificate
 * of the path becomes valid or expires. */
#ifndef SEALPOST_CERTS_CHAIN_CACHE_H
#define SEALPOST_CERTS_CHAIN_CACHE_H

#include "certs/chain.h"

struct chain_cache;

/* For `limit` answers (LIMIT_CHAIN_CACHE; a multiple of 16). ERR_NO_MEMORY. */
struct error *chain_cache_new(size_t limit, struct chain_cache **ret_cache) MUST_USE;
void chain_cache_free(struct chain_cache *cache); /* NULL is fine */
DEFINE_CLEANUP(struct chain_cache *, chain_cache_free);

/* The problems that chain_verify finds. `generation` is store_generation from before the
 * certificate was looked up. `cache` may be NULL; with certificates or CRLs of a message, too,
 * nothing is remembered. Errors of chain_verify. */
struct error *chain_cache_problems(struct chain_cache *cache, unsigned long generation,
                                   const struct chain_request *request, word_set *ret_problems)
    MUST_USE;

#endif
