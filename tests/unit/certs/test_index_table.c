#include "certs/index_table.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(index_table_find, finds_nothing_in_an_empty_table)
{
    struct index_table table = { 0 };
    size_t count = 1;
    index_table_sort(&table);
    (void)index_table_find(&table, BYTES_LITERAL("x"), &count);
    cr_assert_eq(count, 0);
    index_table_done(&table);
}

Test(index_table_find, tells_a_key_from_its_beginning)
{
    struct index_table table = { 0 };
    size_t count = 0;
    assert_ok(index_table_add(&table, BYTES_LITERAL("abc"), 1));
    assert_ok(index_table_add(&table, BYTES_LITERAL("ab"), 2));
    assert_ok(index_table_add(&table, BYTES_NONE, 3));
    assert_ok(index_table_add(&table, BYTES_LITERAL("ab\0"), 4));
    index_table_sort(&table);
    const struct index_entry *entry = index_table_find(&table, BYTES_LITERAL("ab"), &count);
    cr_assert_eq(count, 1);
    cr_assert_eq(entry->number, 2);
    entry = index_table_find(&table, BYTES_NONE, &count);
    cr_assert_eq(count, 1);
    cr_assert_eq(entry->number, 3);
    (void)index_table_find(&table, BYTES_LITERAL("a"), &count);
    cr_assert_eq(count, 0);
    (void)index_table_find(&table, BYTES_LITERAL("zzz"), &count);
    cr_assert_eq(count, 0);
    index_table_done(&table);
}

Test(index_table_find, gives_all_of_one_key_in_the_order_of_their_numbers)
{
    enum { KEYS = 26, EACH = 100 };
    static const uint8_t letters[] = "abcdefghijklmnopqrstuvwxyz";
    struct index_table table = { 0 };
    for (size_t i = 0; i < (size_t)KEYS * EACH; i++) {
        assert_ok(index_table_add(&table, (struct bytes){ letters + (i * 7) % KEYS, 1 }, i));
    }
    index_table_sort(&table);
    for (size_t key = 0; key < KEYS; key++) {
        size_t count = 0;
        const struct index_entry *entries =
            index_table_find(&table, (struct bytes){ letters + key, 1 }, &count);
        cr_assert_eq(count, EACH);
        for (size_t i = 0; i + 1 < count; i++) {
            cr_assert_lt(entries[i].number, entries[i + 1].number);
            cr_assert_eq((entries[i].number * 7) % KEYS, key);
        }
    }
    index_table_done(&table);
    cr_assert_eq(table.count, 0);
}
