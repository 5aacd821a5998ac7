/* A sorted table from byte strings to numbers, filled once and then searched. Internal to certs. */
#ifndef SEALPOST_CERTS_INDEX_TABLE_H
#define SEALPOST_CERTS_INDEX_TABLE_H

#include "base/bytes.h"

struct index_entry {
    struct bytes key; /* borrowed: outlives the table */
    size_t number;
};

/* Plain data; zero-initialised is empty. */
struct index_table {
    struct index_entry *items;
    size_t count;
    size_t capacity;
};

/* ERR_NO_MEMORY. */
struct error *index_table_add(struct index_table *table, struct bytes key, size_t number) MUST_USE;
/* To be called once after the last index_table_add and before the first index_table_find. */
void index_table_sort(struct index_table *table);
/* The entries with this key: `ret_count` of them from the one returned, borrowed. */
const struct index_entry *index_table_find(const struct index_table *table, struct bytes key,
                                           size_t *ret_count);
void index_table_done(struct index_table *table);

#endif
