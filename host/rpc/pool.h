/* The threads that requests run on: a fixed number of workers, and spare ones for the time in which
 * all of those wait for a person, a card or a network. Jobs start in the order they come. */
#ifndef SEALPOST_RPC_POOL_H
#define SEALPOST_RPC_POOL_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct pool;

/* Embedded in whatever has to run; owned by the submitter until it runs. */
struct pool_job {
    void (*run)(struct pool_job *job); /* may free the job */
    struct pool_job *next; /* the pool's own */
};

/* No thread is started before the first job. ERR_NO_MEMORY. */
struct error *pool_new(size_t workers, size_t spare, struct pool **ret_pool) MUST_USE;

/* Queues a job. ERR_NO_MEMORY where not even one thread can be had: the job then is not queued. */
struct error *pool_submit(struct pool *pool, struct pool_job *job) MUST_USE;

/* Takes a job back that has not begun; false where it has. */
bool pool_take_back(struct pool *pool, struct pool_job *job);

/* Whether jobs wait because all threads are busy. */
bool pool_congested(struct pool *pool);

/* Starts one spare thread if the pool is congested. */
void pool_relieve(struct pool *pool);

/* No more jobs start; waits up to `timeout_ms` until those that run are over and their threads
 * gone. False: some still run, and the pool must not be freed. Call it with an empty queue. */
bool pool_stop(struct pool *pool, unsigned timeout_ms);

/* After pool_stop was true; NULL is fine. */
void pool_free(struct pool *pool);

/* How many workers this machine should have. */
size_t pool_default_workers(void);

#endif
