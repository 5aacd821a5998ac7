#include "base/task.h"

#include <stdatomic.h>
#include <stdlib.h>

enum state { RUNNING, CANCELLED, CHANGING };

struct task {
    atomic_uint references;
    atomic_int state; /* enum state; leaves RUNNING once, to either of the others */
    task_progress_fn *progress;
    void *context;
};

struct error *task_new(task_progress_fn *progress, void *context, struct task **ret_task)
{
    struct task *task = calloc(1, sizeof(*task));
    if (!task) {
        return error_no_memory();
    }
    atomic_init(&task->references, 1);
    atomic_init(&task->state, RUNNING);
    task->progress = progress;
    task->context = context;
    *ret_task = task;
    return NULL;
}

struct task *task_ref(struct task *task)
{
    if (task) {
        (void)atomic_fetch_add(&task->references, 1);
    }
    return task;
}

void task_unref(struct task *task)
{
    if (task && atomic_fetch_sub(&task->references, 1) == 1) {
        free(task);
    }
}

/* True where the task is in `wanted` afterwards. */
static bool move_to(struct task *task, int wanted)
{
    int seen = RUNNING;
    return atomic_compare_exchange_strong(&task->state, &seen, wanted) || seen == wanted;
}

bool task_cancel(struct task *task)
{
    return move_to(task, CANCELLED);
}

struct error *task_check(struct task *task)
{
    if (task && atomic_load(&task->state) == CANCELLED) {
        return error_new(ERR_CANCELLED, "the request was cancelled");
    }
    return NULL;
}

struct error *task_begin_change(struct task *task)
{
    if (task && !move_to(task, CHANGING)) {
        return error_new(ERR_CANCELLED, "the request was cancelled");
    }
    return NULL;
}

void task_progress(struct task *task, uint64_t done, uint64_t total)
{
    if (task && task->progress) {
        task->progress(task->context, done, total);
    }
}
