#include "rpc/pool.h"

#include "base/limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { LEAST_WORKERS = 4, MS = 1000, NS_OF_MS = 1000000 };

enum slot_state { SLOT_FREE, SLOT_RUNNING, SLOT_ENDED };

struct slot {
    struct pool *pool;
    pthread_t thread;
    enum slot_state state;
};

struct pool {
    pthread_mutex_t lock; /* guards all of this */
    pthread_cond_t work; /* a job was queued, or the end has come */
    pthread_cond_t ended; /* a thread is about to end */
    struct pool_job *first;
    struct pool_job *last;
    size_t queued;
    size_t workers; /* threads that stay */
    size_t running; /* threads that there are */
    size_t idle; /* of those, the ones that wait for a job */
    bool stopping;
    size_t slot_count;
    struct slot slots[LIMIT_WORKERS + LIMIT_WORKERS_SPARE];
};

size_t pool_default_workers(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t workers = cores > LEAST_WORKERS ? (size_t)cores : LEAST_WORKERS;
    return workers < LIMIT_WORKERS ? workers : LIMIT_WORKERS;
}

struct error *pool_new(size_t workers, size_t spare, struct pool **ret_pool)
{
    struct pool *pool = calloc(1, sizeof(*pool));
    if (!pool) {
        return error_no_memory();
    }
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->work, NULL);
    (void)pthread_cond_init(&pool->ended, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    pool->workers = workers < LIMIT_WORKERS ? workers : LIMIT_WORKERS;
    pool->slot_count = pool->workers + (spare < LIMIT_WORKERS_SPARE ? spare : LIMIT_WORKERS_SPARE);
    for (size_t i = 0; i < pool->slot_count; i++) {
        pool->slots[i].pool = pool;
    }
    *ret_pool = pool;
    return NULL;
}

static struct pool_job *pop(struct pool *pool)
{
    struct pool_job *job = pool->first;
    if (job) {
        pool->first = job->next;
        pool->last = pool->first ? pool->last : NULL;
        pool->queued--;
    }
    return job;
}

/* The next job; NULL where this thread should end. Spare threads don't wait for one. */
static struct pool_job *next_job(struct pool *pool)
{
    pool->idle++;
    while (!pool->stopping && !pool->first && pool->running <= pool->workers) {
        (void)pthread_cond_wait(&pool->work, &pool->lock);
    }
    pool->idle--;
    return pool->stopping ? NULL : pop(pool);
}

static void *work(void *context)
{
    struct slot *slot = context;
    struct pool *pool = slot->pool;
    (void)pthread_mutex_lock(&pool->lock);
    for (struct pool_job *job = next_job(pool); job; job = next_job(pool)) {
        (void)pthread_mutex_unlock(&pool->lock);
        job->run(job);
        (void)pthread_mutex_lock(&pool->lock);
    }
    pool->running--;
    slot->state = SLOT_ENDED;
    (void)pthread_cond_broadcast(&pool->ended);
    (void)pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void join_ended(struct slot *slot)
{
    if (slot->state == SLOT_ENDED) {
        /* it set this under the lock, which is ours now: it has nothing left to do */
        (void)pthread_join(slot->thread, NULL);
        slot->state = SLOT_FREE;
    }
}

/* False where there is no free slot, or the system gives no thread. */
static bool start_thread(struct pool *pool)
{
    for (size_t i = 0; i < pool->slot_count; i++) {
        struct slot *slot = &pool->slots[i];
        if (slot->state != SLOT_RUNNING) {
            join_ended(slot);
            if (pthread_create(&slot->thread, NULL, work, slot) != 0) {
                return false;
            }
            slot->state = SLOT_RUNNING;
            pool->running++;
            return true;
        }
    }
    return false;
}

static struct error *submit_locked(struct pool *pool, struct pool_job *job)
{
    bool grow = pool->idle <= pool->queued && pool->running < pool->workers;
    if (grow && !start_thread(pool) && pool->running == 0) {
        return error_new(ERR_NO_MEMORY, "the system gives no thread");
    }
    job->next = NULL;
    if (pool->last) {
        pool->last->next = job;
    } else {
        pool->first = job;
    }
    pool->last = job;
    pool->queued++;
    (void)pthread_cond_signal(&pool->work);
    return NULL;
}

struct error *pool_submit(struct pool *pool, struct pool_job *job)
{
    (void)pthread_mutex_lock(&pool->lock);
    struct error *error = submit_locked(pool, job);
    (void)pthread_mutex_unlock(&pool->lock);
    return error;
}

static bool take_back_locked(struct pool *pool, struct pool_job *job)
{
    struct pool_job *before = NULL;
    struct pool_job *seen = pool->first;
    while (seen && seen != job) {
        before = seen;
        seen = seen->next;
    }
    if (!seen) {
        return false;
    }
    if (before) {
        before->next = job->next;
    } else {
        pool->first = job->next;
    }
    pool->last = pool->last == job ? before : pool->last;
    pool->queued--;
    return true;
}

bool pool_take_back(struct pool *pool, struct pool_job *job)
{
    (void)pthread_mutex_lock(&pool->lock);
    bool taken = take_back_locked(pool, job);
    (void)pthread_mutex_unlock(&pool->lock);
    return taken;
}

bool pool_congested(struct pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    bool congested = pool->queued > pool->idle;
    (void)pthread_mutex_unlock(&pool->lock);
    return congested;
}

void pool_relieve(struct pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    if (pool->queued > pool->idle && !pool->stopping) {
        /* where the system gives none the jobs wait on: they are only late */
        (void)start_thread(pool);
    }
    (void)pthread_mutex_unlock(&pool->lock);
}

static struct timespec deadline_in(unsigned timeout_ms)
{
    struct timespec at = { 0 };
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += timeout_ms / MS;
    at.tv_nsec += (long)(timeout_ms % MS) * NS_OF_MS;
    if (at.tv_nsec >= (long)MS * NS_OF_MS) {
        at.tv_sec++;
        at.tv_nsec -= (long)MS * NS_OF_MS;
    }
    return at;
}

bool pool_stop(struct pool *pool, unsigned timeout_ms)
{
    struct timespec deadline = deadline_in(timeout_ms);
    (void)pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    (void)pthread_cond_broadcast(&pool->work);
    int timed_out = 0;
    while (pool->running > 0 && timed_out == 0) {
        timed_out = pthread_cond_timedwait(&pool->ended, &pool->lock, &deadline);
    }
    bool over = pool->running == 0;
    for (size_t i = 0; over && i < pool->slot_count; i++) {
        join_ended(&pool->slots[i]);
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return over;
}

void pool_free(struct pool *pool)
{
    if (pool) {
        (void)pthread_cond_destroy(&pool->ended);
        (void)pthread_cond_destroy(&pool->work);
        (void)pthread_mutex_destroy(&pool->lock);
        free(pool);
    }
}
