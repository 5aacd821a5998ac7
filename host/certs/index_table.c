#include "certs/index_table.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

struct error *index_table_add(struct index_table *table, struct bytes key, size_t number)
{
    if (table->count == table->capacity) {
        size_t capacity = table->capacity == 0 ? FIRST_CAPACITY : 2 * table->capacity;
        struct index_entry *items = reallocarray(table->items, capacity, sizeof *items);
        if (!items) {
            return error_no_memory();
        }
        table->items = items;
        table->capacity = capacity;
    }
    table->items[table->count++] = (struct index_entry){ key, number };
    return NULL;
}

static int compare_keys(struct bytes a, struct bytes b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common > 0 ? memcmp(a.data, b.data, common) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_entries(const void *left, const void *right)
{
    const struct index_entry *a = left;
    const struct index_entry *b = right;
    int order = compare_keys(a->key, b->key);
    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

void index_table_sort(struct index_table *table)
{
    if (table->count > 0) {
        qsort(table->items, table->count, sizeof *table->items, compare_entries);
    }
}

const struct index_entry *index_table_find(const struct index_table *table, struct bytes key,
                                           size_t *ret_count)
{
    size_t from = 0;
    size_t to = table->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (compare_keys(table->items[middle].key, key) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    size_t end = from;
    while (end < table->count && compare_keys(table->items[end].key, key) == 0) {
        end++;
    }
    *ret_count = end - from;
    return table->items ? table->items + from : NULL;
}

void index_table_done(struct index_table *table)
{
    free(table->items);
    *table = (struct index_table){ 0 };
}
