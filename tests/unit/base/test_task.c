#include "base/task.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <pthread.h>

struct seen {
    unsigned calls;
    uint64_t done;
    uint64_t total;
};

static void note(void *context, uint64_t done, uint64_t total)
{
    struct seen *seen = context;
    seen->calls++;
    seen->done = done;
    seen->total = total;
}

static struct task *quiet_task(void)
{
    struct task *task = NULL;
    assert_ok(task_new(NULL, NULL, &task));
    return task;
}

Test(task_check, fails_once_the_task_was_cancelled)
{
    CLEANUP(task_unref) struct task *task = quiet_task();
    assert_ok(task_check(task));
    cr_assert(task_cancel(task));
    assert_error(task_check(task), ERR_CANCELLED);
    assert_error(task_check(task), ERR_CANCELLED);
}

Test(task_cancel, can_be_asked_twice)
{
    CLEANUP(task_unref) struct task *task = quiet_task();
    cr_assert(task_cancel(task));
    cr_assert(task_cancel(task));
}

Test(task_begin_change, fails_after_a_cancel)
{
    CLEANUP(task_unref) struct task *task = quiet_task();
    cr_assert(task_cancel(task));
    assert_error(task_begin_change(task), ERR_CANCELLED);
    assert_error(task_check(task), ERR_CANCELLED);
}

Test(task_begin_change, makes_a_later_cancel_come_too_late)
{
    CLEANUP(task_unref) struct task *task = quiet_task();
    assert_ok(task_begin_change(task));
    cr_assert_not(task_cancel(task));
    assert_ok(task_check(task));
    assert_ok(task_begin_change(task)); /* a second step of the same change */
}

Test(task, null_is_never_cancelled_and_tells_nobody)
{
    assert_ok(task_check(NULL));
    assert_ok(task_begin_change(NULL));
    task_progress(NULL, 1, 2);
    cr_assert_null(task_ref(NULL));
    task_unref(NULL);
}

Test(task_progress, reaches_the_receiver_with_its_context)
{
    struct seen seen = { 0 };
    CLEANUP(task_unref) struct task *task = NULL;
    assert_ok(task_new(note, &seen, &task));
    task_progress(task, 3, 10);
    task_progress(task, 10, 10);
    cr_assert_eq(seen.calls, 2);
    cr_assert_eq(seen.done, 10);
    cr_assert_eq(seen.total, 10);
}

Test(task_progress, without_receiver_does_nothing)
{
    CLEANUP(task_unref) struct task *task = quiet_task();
    task_progress(task, 1, 2);
    assert_ok(task_check(task));
}

Test(task_ref, keeps_it_until_the_last_one_goes)
{
    struct task *task = quiet_task();
    CLEANUP(task_unref) struct task *second = task_ref(task);
    task_unref(task);
    assert_ok(task_check(second));
}

static void *cancel_it(void *task)
{
    return task_cancel(task) ? task : NULL;
}

/* either the cancel comes first or the change does, never both */
Test(task, cancel_and_change_at_once_have_one_winner)
{
    for (unsigned i = 0; i < 300; i++) {
        CLEANUP(task_unref) struct task *task = quiet_task();
        pthread_t other;
        void *cancelled = NULL;
        cr_assert_eq(pthread_create(&other, NULL, cancel_it, task), 0);
        CLEANUP(error_free) struct error *error = task_begin_change(task);
        cr_assert_eq(pthread_join(other, &cancelled), 0);
        cr_assert_eq(cancelled != NULL, error != NULL);
    }
}
