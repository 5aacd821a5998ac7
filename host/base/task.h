/* What a piece of work is told by, and tells, whoever asked for it: whether it was cancelled, how
 * far it is, and that it now begins to change state (from then on it completes). One task a
 * request; all functions are safe from any thread. A NULL task is never cancelled and tells nobody.
 */
#ifndef SEALPOST_BASE_TASK_H
#define SEALPOST_BASE_TASK_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct task;

/* Called from the working thread; both numbers in bytes. Rate-limiting is the receiver's. */
typedef void task_progress_fn(void *context, uint64_t done, uint64_t total);

/* A task with one reference. `progress` may be NULL; `context` is borrowed for the task's life.
 * ERR_NO_MEMORY. */
struct error *task_new(task_progress_fn *progress, void *context, struct task **ret_task) MUST_USE;
struct task *task_ref(struct task *task); /* returns its argument; NULL stays NULL */
void task_unref(struct task *task); /* NULL is fine */
DEFINE_CLEANUP(struct task *, task_unref);

/* Asks the work to stop. True where that is still possible; false once state is being changed. */
bool task_cancel(struct task *task);

/* ERR_CANCELLED once the task was cancelled. Call it between steps of long work. */
struct error *task_check(struct task *task) MUST_USE;

/* The point of no return before state is changed: ERR_CANCELLED if the cancel came first. */
struct error *task_begin_change(struct task *task) MUST_USE;

void task_progress(struct task *task, uint64_t done, uint64_t total);

#endif
