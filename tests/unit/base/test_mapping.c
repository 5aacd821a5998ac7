#include "base/limits.h"
#include "base/mapping.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

Test(mapping_append, refuses_to_grow_over_its_limit_and_stays_as_it_was)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    assert_ok(mapping_new(4, &mapping));
    assert_ok(mapping_append(mapping, BYTES_LITERAL("abc")));
    assert_error(mapping_append(mapping, BYTES_LITERAL("de")), ERR_MESSAGE_TOO_LARGE);
    cr_assert(bytes_equal(mapping_view(mapping), BYTES_LITERAL("abc")));
    assert_ok(mapping_append(mapping, BYTES_LITERAL("d")));
    assert_error(mapping_append(mapping, BYTES_LITERAL("e")), ERR_MESSAGE_TOO_LARGE);
}

Test(mapping_extend, refuses_a_size_that_overflows)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    uint8_t *tail = NULL;
    assert_ok(mapping_new(100, &mapping));
    assert_ok(mapping_append(mapping, BYTES_LITERAL("a")));
    assert_error(mapping_extend(mapping, SIZE_MAX, &tail), ERR_MESSAGE_TOO_LARGE);
    assert_error(mapping_extend(mapping, 100, &tail), ERR_MESSAGE_TOO_LARGE);
    cr_assert_null(tail);
    cr_assert_eq(mapping_len(mapping), 1);
}

Test(mapping_new, without_address_space_gives_no_memory)
{
    struct mapping *mapping = NULL;
    assert_error(mapping_new((size_t)1 << 62, &mapping), ERR_NO_MEMORY);
    cr_assert_null(mapping);
}

Test(mapping_new, costs_no_memory_before_it_is_used)
{
    struct mapping *mappings[64] = { NULL };
    for (size_t i = 0; i < ARRAY_SIZE(mappings); i++) {
        assert_ok(mapping_new(LIMIT_MESSAGE, &mappings[i])); /* 16 GiB of addresses in all */
    }
    for (size_t i = 0; i < ARRAY_SIZE(mappings); i++) {
        cr_assert_eq(mapping_len(mappings[i]), 0);
        mapping_unref(mappings[i]);
    }
}

Test(mapping, never_moves_while_it_grows)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    uint8_t block[700];
    assert_ok(mapping_new(16 * MIB, &mapping));
    assert_ok(mapping_append(mapping, BYTES_LITERAL("start")));
    struct bytes early = mapping_view(mapping);
    memset(block, 'x', sizeof(block));
    while (mapping_len(mapping) + sizeof(block) <= 16 * MIB) {
        assert_ok(mapping_append(mapping, (struct bytes){ block, sizeof(block) }));
    }
    cr_assert_eq(mapping_data(mapping), early.data);
    cr_assert(bytes_equal(early, BYTES_LITERAL("start")));
    cr_assert_eq(mapping_data(mapping)[mapping_len(mapping) - 1], 'x');
}

Test(mapping_extend, gives_zeroes_that_can_be_written)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    uint8_t *tail = NULL;
    assert_ok(mapping_new(3 * MIB, &mapping));
    assert_ok(mapping_append(mapping, BYTES_LITERAL("a")));
    assert_ok(mapping_extend(mapping, 3 * MIB - 1, &tail));
    cr_assert_eq(tail, mapping_data(mapping) + 1);
    size_t zeroes = 0;
    while (zeroes < 3 * MIB - 1 && tail[zeroes] == 0) {
        zeroes++;
    }
    cr_assert_eq(zeroes, 3 * MIB - 1);
    memset(tail, 0xff, 3 * MIB - 1);
    cr_assert_eq(mapping_view(mapping).len, 3 * MIB);
}

Test(mapping_append, of_nothing_changes_nothing)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    assert_ok(mapping_new(1, &mapping));
    assert_ok(mapping_append(mapping, BYTES_NONE));
    cr_assert_eq(mapping_len(mapping), 0);
}

Test(mapping_truncate, cuts_and_never_lengthens)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    assert_ok(mapping_new(16, &mapping));
    assert_ok(mapping_append(mapping, BYTES_LITERAL("abcdef")));
    mapping_truncate(mapping, 100);
    cr_assert_eq(mapping_len(mapping), 6);
    mapping_truncate(mapping, 2);
    cr_assert(bytes_equal(mapping_view(mapping), BYTES_LITERAL("ab")));
    assert_ok(mapping_append(mapping, BYTES_LITERAL("XY")));
    cr_assert(bytes_equal(mapping_view(mapping), BYTES_LITERAL("abXY")));
}

Test(mapping_truncate, wipes_what_lay_behind)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    assert_ok(mapping_new(16, &mapping));
    assert_ok(mapping_append(mapping, BYTES_LITERAL("secret")));
    mapping_truncate(mapping, 1);
    cr_assert_arr_eq(mapping_data(mapping), "s\0\0\0\0\0", 6);
}

Test(mapping_ref, takes_null)
{
    cr_assert_null(mapping_ref(NULL));
    mapping_unref(NULL);
}

static void *ref_and_unref(void *mapping)
{
    for (unsigned i = 0; i < 20000; i++) {
        mapping_unref(mapping_ref(mapping));
    }
    return NULL;
}

Test(mapping_ref, counts_from_several_threads)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    pthread_t threads[4];
    assert_ok(mapping_new(16, &mapping));
    assert_ok(mapping_append(mapping, BYTES_LITERAL("still here")));
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, ref_and_unref, mapping), 0);
    }
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
    }
    cr_assert(bytes_equal(mapping_view(mapping), BYTES_LITERAL("still here")));
}
