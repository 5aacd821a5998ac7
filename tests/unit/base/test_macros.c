#include "base/macros.h"
#include "support/support.h"

#include <criterion/criterion.h>

/* An owned thing that counts, in the variable it points to, how often it was released. */
struct owned {
    int *released;
};

static void owned_free(struct owned *owned)
{
    if (owned) {
        (*owned->released)++;
    }
}
DEFINE_CLEANUP(struct owned *, owned_free);

static struct owned *keep(struct owned *thing, int leave_early)
{
    CLEANUP(owned_free) struct owned *owned = thing;
    if (leave_early) {
        return NULL;
    }
    return TAKE_PTR(owned);
}

Test(cleanup, releases_on_an_early_return)
{
    int released = 0;
    struct owned thing = { &released };
    cr_assert_null(keep(&thing, 1));
    cr_assert_eq(released, 1);
}

Test(take_ptr, moves_out_and_releases_nothing)
{
    int released = 0;
    struct owned thing = { &released };
    cr_assert_eq(keep(&thing, 0), &thing);
    cr_assert_eq(released, 0);
}

Test(take_ptr, leaves_null_behind)
{
    int released = 0;
    struct owned thing = { &released };
    struct owned *pointer = &thing;
    struct owned *taken = TAKE_PTR(pointer);
    cr_assert_eq(taken, &thing);
    cr_assert_null(pointer);
}

Test(array_size, counts_elements)
{
    static const short numbers[7] = { 0 };
    cr_assert_eq(ARRAY_SIZE(numbers), 7);
}
