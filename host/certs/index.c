#include "certs/index.h"

#include "base/limits.h"
#include "certs/index_read.h"
#include "certs/index_table.h"
#include "certs/match.h"
#include "store/store.h"

#include <pthread.h>
#include <stdlib.h>

/* All that was read at one generation of the store. */
struct snapshot {
    bool there;
    unsigned long generation;
    struct cert_list certs;
    char **addresses; /* normalised; the keys of by_address */
    size_t address_count;
    struct index_table by_id;
    struct index_table by_address;
    struct index_table by_serial;
    struct index_table by_key_id;
};

struct cert_index {
    struct store *store;
    pthread_rwlock_t lock;
    struct snapshot snapshot;
};

static void snapshot_done(struct snapshot *snapshot)
{
    index_table_done(&snapshot->by_id);
    index_table_done(&snapshot->by_address);
    index_table_done(&snapshot->by_serial);
    index_table_done(&snapshot->by_key_id);
    for (size_t i = 0; i < snapshot->address_count; i++) {
        free(snapshot->addresses[i]);
    }
    free((void *)snapshot->addresses);
    cert_list_done(&snapshot->certs);
    *snapshot = (struct snapshot){ 0 };
}

static size_t count_addresses(const struct cert_list *certs)
{
    size_t count = 0;
    for (size_t i = 0; i < certs->count; i++) {
        count += cert_address_count(certs->items[i]);
    }
    return count;
}

static struct error *add_addresses(struct snapshot *snapshot, size_t number)
{
    const struct cert *cert = snapshot->certs.items[number];
    for (size_t i = 0; i < cert_address_count(cert); i++) {
        char **normal = &snapshot->addresses[snapshot->address_count];
        TRY(match_normalise(cert_address(cert, i), normal));
        if (*normal) {
            snapshot->address_count++;
            TRY(index_table_add(&snapshot->by_address, bytes_of_string(*normal), number));
        }
    }
    return NULL;
}

static struct error *add_certificate(struct snapshot *snapshot, size_t number)
{
    const struct cert *cert = snapshot->certs.items[number];
    struct bytes key_id = cert_subject_key_id(cert);
    TRY(index_table_add(&snapshot->by_id, bytes_of_string(cert_id(cert)), number));
    TRY(index_table_add(&snapshot->by_serial, cert_serial_bytes(cert), number));
    if (key_id.len > 0) {
        TRY(index_table_add(&snapshot->by_key_id, key_id, number));
    }
    return add_addresses(snapshot, number);
}

static struct error *fill(struct snapshot *snapshot)
{
    TRY(index_read_all(LIMIT_INDEX, &snapshot->certs));
    size_t addresses = count_addresses(&snapshot->certs);
    snapshot->addresses = calloc(addresses + 1, sizeof(char *));
    if (!snapshot->addresses) {
        return error_no_memory();
    }
    for (size_t i = 0; i < snapshot->certs.count; i++) {
        TRY(add_certificate(snapshot, i));
    }
    index_table_sort(&snapshot->by_id);
    index_table_sort(&snapshot->by_address);
    index_table_sort(&snapshot->by_serial);
    index_table_sort(&snapshot->by_key_id);
    snapshot->there = true;
    return NULL;
}

/* Under the write lock. The generation is asked for before anything is read: a change in between
 * makes the next look-up read again. */
static struct error *rebuild(struct cert_index *index)
{
    unsigned long generation = store_generation(index->store);
    if (index->snapshot.there && index->snapshot.generation == generation) {
        return NULL;
    }
    snapshot_done(&index->snapshot);
    struct error *error = fill(&index->snapshot);
    if (error) {
        snapshot_done(&index->snapshot);
        return error;
    }
    index->snapshot.generation = generation;
    return NULL;
}

static void unlock(struct cert_index *index)
{
    (void)pthread_rwlock_unlock(&index->lock);
}

/* Read-locks the index, which is up to date then. On an error it is not locked. */
static struct error *lock(struct cert_index *index)
{
    (void)pthread_rwlock_rdlock(&index->lock);
    if (index->snapshot.there && index->snapshot.generation == store_generation(index->store)) {
        return NULL;
    }
    unlock(index);
    (void)pthread_rwlock_wrlock(&index->lock);
    struct error *error = rebuild(index);
    unlock(index);
    if (error) {
        return error;
    }
    /* where it changed once more in between, what was just read is new enough */
    (void)pthread_rwlock_rdlock(&index->lock);
    return NULL;
}

struct error *cert_index_new(struct store *store, struct cert_index **ret_index)
{
    struct cert_index *index = calloc(1, sizeof *index);
    if (!index) {
        return error_no_memory();
    }
    index->store = store;
    if (pthread_rwlock_init(&index->lock, NULL) != 0) {
        free(index);
        return error_no_memory();
    }
    *ret_index = index;
    return NULL;
}

void cert_index_free(struct cert_index *index)
{
    if (index) {
        snapshot_done(&index->snapshot);
        (void)pthread_rwlock_destroy(&index->lock);
        free(index);
    }
}

struct error *cert_index_all(struct cert_index *index, struct cert_list *list)
{
    TRY(lock(index));
    struct error *error = NULL;
    for (size_t i = 0; i < index->snapshot.certs.count && !error; i++) {
        error = cert_list_add(list, index->snapshot.certs.items[i]);
    }
    unlock(index);
    return error;
}

/* Those of the table with this key and, unless it is empty, this issuer. */
static struct error *append(const struct snapshot *snapshot, const struct index_table *table,
                            struct bytes key, struct bytes issuer, struct cert_list *list)
{
    size_t count = 0;
    const struct index_entry *entries = index_table_find(table, key, &count);
    for (size_t i = 0; i < count; i++) {
        struct cert *cert = snapshot->certs.items[entries[i].number];
        /* two spellings of one address make two entries side by side */
        bool again = i > 0 && entries[i].number == entries[i - 1].number;
        if (!again && (issuer.len == 0 || bytes_equal(cert_issuer_der(cert), issuer))) {
            TRY(cert_list_add(list, cert));
        }
    }
    return NULL;
}

struct error *cert_index_by_address(struct cert_index *index, const char *address,
                                    struct cert_list *list)
{
    CLEANUP(string_free) char *normal = NULL;
    TRY(match_normalise(address, &normal));
    if (!normal) {
        return NULL;
    }
    TRY(lock(index));
    struct error *error = append(&index->snapshot, &index->snapshot.by_address,
                                 bytes_of_string(normal), BYTES_NONE, list);
    unlock(index);
    return error;
}

struct error *cert_index_by_issuer_serial(struct cert_index *index, struct bytes issuer_der,
                                          struct bytes serial, struct cert_list *list)
{
    if (issuer_der.len == 0) {
        return NULL;
    }
    TRY(lock(index));
    struct error *error =
        append(&index->snapshot, &index->snapshot.by_serial, serial, issuer_der, list);
    unlock(index);
    return error;
}

struct error *cert_index_by_key_id(struct cert_index *index, struct bytes key_id,
                                   struct cert_list *list)
{
    TRY(lock(index));
    struct error *error =
        append(&index->snapshot, &index->snapshot.by_key_id, key_id, BYTES_NONE, list);
    unlock(index);
    return error;
}

struct error *cert_index_by_id(struct cert_index *index, const char *id, struct cert_list *list)
{
    TRY(lock(index));
    struct error *error =
        append(&index->snapshot, &index->snapshot.by_id, bytes_of_string(id), BYTES_NONE, list);
    unlock(index);
    return error;
}

/* Which keys are at hand can change with a login, which changes no certificate: asked each time. */
struct error *cert_index_mine(struct cert_index *index, struct cert_list *list)
{
    TRY(lock(index));
    struct error *error = NULL;
    for (size_t i = 0; i < index->snapshot.certs.count && !error; i++) {
        struct cert *cert = index->snapshot.certs.items[i];
        if (store_has_key(index->store, cert_decoded(cert))) {
            error = cert_list_add(list, cert);
        }
    }
    unlock(index);
    return error;
}

unsigned long cert_index_generation(struct cert_index *index)
{
    return store_generation(index->store);
}
