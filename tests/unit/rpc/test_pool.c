#include "base/clock.h"
#include "base/limits.h"
#include "rpc/pool.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdatomic.h>
#include <unistd.h>

struct sample {
    struct pool_job job;
    atomic_int *running;
    atomic_int *most;
    atomic_int *done;
    unsigned ms;
};

static void run(struct pool_job *job)
{
    struct sample *sample = (struct sample *)job;
    int now = atomic_fetch_add(sample->running, 1) + 1;
    int most = atomic_load(sample->most);
    while (now > most && !atomic_compare_exchange_weak(sample->most, &most, now)) {
    }
    (void)usleep(sample->ms * 1000);
    (void)atomic_fetch_sub(sample->running, 1);
    (void)atomic_fetch_add(sample->done, 1);
}

struct counts {
    atomic_int running;
    atomic_int most;
    atomic_int done;
};

static struct sample make(struct counts *counts, unsigned ms)
{
    return (struct sample){ .job = { .run = run },
                            .running = &counts->running,
                            .most = &counts->most,
                            .done = &counts->done,
                            .ms = ms };
}

static struct pool *new_pool(size_t workers, size_t spare)
{
    struct pool *pool = NULL;
    assert_ok(pool_new(workers, spare, &pool));
    return pool;
}

static void wait_for(const atomic_int *number, int wanted)
{
    uint64_t end = clock_monotonic_ms() + 3000;
    while (atomic_load(number) != wanted && clock_monotonic_ms() < end) {
        (void)usleep(1000);
    }
    cr_assert_eq(atomic_load(number), wanted);
}

Test(pool, runs_as_many_jobs_at_a_time_as_it_has_workers)
{
    struct pool *pool = new_pool(3, 0);
    struct counts counts = { 0 };
    struct sample samples[30];
    for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
        samples[i] = make(&counts, 5);
        assert_ok(pool_submit(pool, &samples[i].job));
    }
    wait_for(&counts.done, 30);
    cr_assert_eq(atomic_load(&counts.most), 3);
    cr_assert(pool_stop(pool, 1000));
    pool_free(pool);
}

Test(pool, keeps_to_its_limits)
{
    struct pool *pool = new_pool(1000, 1000);
    struct counts counts = { 0 };
    static struct sample samples[LIMIT_WORKERS + LIMIT_WORKERS_SPARE + 10];
    for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
        samples[i] = make(&counts, 200);
        assert_ok(pool_submit(pool, &samples[i].job));
    }
    wait_for(&counts.running, LIMIT_WORKERS);
    cr_assert(pool_congested(pool));
    for (size_t i = 0; i < 2 * LIMIT_WORKERS_SPARE; i++) {
        pool_relieve(pool);
    }
    wait_for(&counts.done, (int)ARRAY_SIZE(samples));
    cr_assert_eq(atomic_load(&counts.most), LIMIT_WORKERS + LIMIT_WORKERS_SPARE);
    cr_assert(pool_stop(pool, 1000));
    pool_free(pool);
}

Test(pool, lets_spare_threads_go_and_come_again)
{
    struct pool *pool = new_pool(1, 2);
    for (int round = 0; round < 5; round++) {
        struct counts counts = { 0 };
        struct sample samples[3];
        for (size_t i = 0; i < 3; i++) {
            samples[i] = make(&counts, 30);
            assert_ok(pool_submit(pool, &samples[i].job));
        }
        pool_relieve(pool);
        pool_relieve(pool);
        wait_for(&counts.done, 3);
        cr_assert_eq(atomic_load(&counts.most), 3);
        (void)usleep(5000);
    }
    cr_assert_not(pool_congested(pool));
    cr_assert(pool_stop(pool, 1000));
    pool_free(pool);
}

Test(pool, gives_back_a_job_that_has_not_begun)
{
    struct pool *pool = new_pool(1, 0);
    struct counts counts = { 0 };
    struct sample samples[4];
    for (size_t i = 0; i < 4; i++) {
        samples[i] = make(&counts, 50);
        assert_ok(pool_submit(pool, &samples[i].job));
    }
    wait_for(&counts.running, 1);
    cr_assert_not(pool_take_back(pool, &samples[0].job), "it has begun");
    cr_assert(pool_take_back(pool, &samples[3].job), "the last of the queue");
    cr_assert(pool_take_back(pool, &samples[1].job), "the first of the queue");
    cr_assert_not(pool_take_back(pool, &samples[1].job), "it was given back before");
    assert_ok(pool_submit(pool, &samples[3].job));
    wait_for(&counts.done, 3);
    cr_assert(pool_stop(pool, 1000));
    pool_free(pool);
}

Test(pool, stops_at_once_when_nothing_runs)
{
    struct pool *pool = new_pool(4, 4);
    cr_assert(pool_stop(pool, 0));
    pool_free(pool);
}

Test(pool, tells_that_a_job_does_not_end)
{
    struct pool *pool = new_pool(2, 0);
    struct counts counts = { 0 };
    struct sample sample = make(&counts, 300);
    assert_ok(pool_submit(pool, &sample.job));
    wait_for(&counts.running, 1);
    uint64_t start = clock_monotonic_ms();
    cr_assert_not(pool_stop(pool, 50));
    cr_assert_lt(clock_monotonic_ms() - start, 250);
    cr_assert(pool_stop(pool, 1000));
    pool_free(pool);
}

Test(pool, has_a_sensible_number_of_workers)
{
    cr_assert_geq(pool_default_workers(), 4);
    cr_assert_leq(pool_default_workers(), LIMIT_WORKERS);
}
