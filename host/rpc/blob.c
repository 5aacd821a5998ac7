#include "rpc/blob.h"

#include "base/limits.h"
#include "wire/base64.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct blob {
    struct blob_table *table;
    unsigned references; /* guarded by the table's lock, as all of this */
    char handle[BLOB_HANDLE_SIZE];
    struct mapping *mapping; /* a client's blob; NULL: a result's */
    struct content *content; /* a result's blob; NULL: a client's */
    size_t size; /* bytes, as they count */
};

struct blob_table {
    pthread_mutex_t lock;
    struct blob *open[LIMIT_BLOBS]; /* one reference each; NULL: free */
    uint64_t last_number;
    size_t total; /* bytes of all blobs, closed ones that are still used too */
    size_t limit; /* of one client's blob */
};

struct error *blob_table_new(struct blob_table **ret_table)
{
    struct blob_table *table = calloc(1, sizeof(*table));
    if (!table) {
        return error_no_memory();
    }
    (void)pthread_mutex_init(&table->lock, NULL);
    table->limit = LIMIT_MESSAGE;
    *ret_table = table;
    return NULL;
}

static void unref_locked(struct blob *blob)
{
    if (blob && --blob->references == 0) {
        blob->table->total -= blob->size;
        mapping_unref(blob->mapping);
        content_unref(blob->content);
        free(blob);
    }
}

void blob_unref(struct blob *blob)
{
    if (blob) {
        struct blob_table *table = blob->table;
        (void)pthread_mutex_lock(&table->lock);
        unref_locked(blob);
        (void)pthread_mutex_unlock(&table->lock);
    }
}

void blob_table_free(struct blob_table *table)
{
    if (!table) {
        return;
    }
    for (size_t i = 0; i < LIMIT_BLOBS; i++) {
        unref_locked(table->open[i]);
    }
    (void)pthread_mutex_destroy(&table->lock);
    free(table);
}

void blob_wipe_all(struct blob_table *table)
{
    (void)pthread_mutex_lock(&table->lock);
    for (size_t i = 0; i < LIMIT_BLOBS; i++) {
        struct blob *blob = TAKE_PTR(table->open[i]);
        if (blob && blob->mapping) {
            explicit_bzero(mapping_data(blob->mapping), mapping_len(blob->mapping));
        }
        unref_locked(blob);
    }
    (void)pthread_mutex_unlock(&table->lock);
}

void blob_set_limit(struct blob_table *table, size_t limit)
{
    (void)pthread_mutex_lock(&table->lock);
    table->limit = limit < LIMIT_MESSAGE ? limit : LIMIT_MESSAGE;
    (void)pthread_mutex_unlock(&table->lock);
}

static struct error *check_total(const struct blob_table *table, size_t more)
{
    if (more > LIMIT_BLOBS_TOTAL - table->total) {
        return error_new(ERR_BLOB_LIMIT, "all blobs together may have %zu bytes",
                         LIMIT_BLOBS_TOTAL);
    }
    return NULL;
}

static struct error *check_size(const struct blob_table *table, size_t size)
{
    if (size > table->limit) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "a blob may have %zu bytes", table->limit);
    }
    return check_total(table, size);
}

/* The number of a free place, LIMIT_BLOBS where there is none. */
static size_t free_place(const struct blob_table *table)
{
    size_t place = 0;
    while (place < LIMIT_BLOBS && table->open[place]) {
        place++;
    }
    return place;
}

static struct error *too_many(void)
{
    return error_new(ERR_BLOB_LIMIT, "%d blobs are open", LIMIT_BLOBS);
}

/* An empty blob in a free place of the table, which owns it; NULL: no memory. */
static struct blob *new_locked(struct blob_table *table, size_t place)
{
    struct blob *blob = calloc(1, sizeof(*blob));
    if (blob) {
        blob->table = table;
        blob->references = 1;
        table->last_number++;
        (void)snprintf(blob->handle, sizeof(blob->handle), "b%" PRIu64, table->last_number);
        table->open[place] = blob;
    }
    return blob;
}

static struct error *find_place(struct blob_table *table, const char *handle,
                                struct blob ***ret_place)
{
    for (size_t i = 0; i < LIMIT_BLOBS; i++) {
        if (table->open[i] && strcmp(table->open[i]->handle, handle) == 0) {
            *ret_place = &table->open[i];
            return NULL;
        }
    }
    return error_new(ERR_BLOB_UNKNOWN, "there is no such blob");
}

static struct error *create_locked(struct blob_table *table, size_t hint, char *handle)
{
    CLEANUP(mapping_unref) struct mapping *mapping = NULL;
    size_t place = free_place(table);
    TRY(check_size(table, hint));
    if (place == LIMIT_BLOBS) {
        return too_many();
    }
    TRY(mapping_new(table->limit + BASE64_SLACK, &mapping));
    struct blob *blob = new_locked(table, place);
    if (!blob) {
        return error_no_memory();
    }
    blob->mapping = TAKE_PTR(mapping);
    memcpy(handle, blob->handle, BLOB_HANDLE_SIZE);
    return NULL;
}

struct error *blob_create(struct blob_table *table, size_t hint,
                          char handle[static BLOB_HANDLE_SIZE])
{
    (void)pthread_mutex_lock(&table->lock);
    struct error *error = create_locked(table, hint, handle);
    (void)pthread_mutex_unlock(&table->lock);
    return error;
}

static struct error *add_locked(struct blob_table *table, struct content *content, char *handle)
{
    size_t place = free_place(table);
    TRY(check_total(table, content_size(content)));
    if (place == LIMIT_BLOBS) {
        return too_many();
    }
    struct blob *blob = new_locked(table, place);
    if (!blob) {
        return error_no_memory();
    }
    blob->content = content_ref(content);
    blob->size = content_size(content);
    table->total += blob->size;
    memcpy(handle, blob->handle, BLOB_HANDLE_SIZE);
    return NULL;
}

struct error *blob_add_content(struct blob_table *table, struct content *content,
                               char handle[static BLOB_HANDLE_SIZE])
{
    (void)pthread_mutex_lock(&table->lock);
    struct error *error = add_locked(table, content, handle);
    (void)pthread_mutex_unlock(&table->lock);
    return error;
}

static struct error *append_locked(struct blob_table *table, const char *handle,
                                   struct bytes base64, size_t *ret_size)
{
    struct blob **place = NULL;
    TRY(find_place(table, handle, &place));
    struct blob *blob = *place;
    if (!blob->mapping) {
        return error_new(ERR_PARAMS, "the blob is a result and does not change");
    }
    TRY(check_total(table, base64.len / 4 * 3));
    TRY(base64_decode(blob->mapping, base64, table->limit));
    size_t size = mapping_len(blob->mapping);
    table->total += size - blob->size;
    blob->size = size;
    *ret_size = size;
    return NULL;
}

struct error *blob_append(struct blob_table *table, const char *handle, struct bytes base64,
                          size_t *ret_size)
{
    (void)pthread_mutex_lock(&table->lock);
    struct error *error = append_locked(table, handle, base64, ret_size);
    (void)pthread_mutex_unlock(&table->lock);
    return error;
}

static struct error *content_locked(struct blob_table *table, const char *handle,
                                    struct content **ret_content)
{
    struct blob **place = NULL;
    TRY(find_place(table, handle, &place));
    struct blob *blob = *place;
    if (blob->content) {
        *ret_content = content_ref(blob->content);
        return NULL;
    }
    CLEANUP(content_unref) struct content *content = NULL;
    TRY(content_of_slice(blob->mapping, mapping_view(blob->mapping), &content));
    *ret_content = TAKE_PTR(content);
    return NULL;
}

struct error *blob_content(struct blob_table *table, const char *handle,
                           struct content **ret_content)
{
    (void)pthread_mutex_lock(&table->lock);
    struct error *error = content_locked(table, handle, ret_content);
    (void)pthread_mutex_unlock(&table->lock);
    return error;
}

/* Puts a result in one piece, and keeps it so. */
static struct error *join(struct blob *blob, struct mapping **ret_owner, struct bytes *ret_view)
{
    CLEANUP(mapping_unref) struct mapping *owner = NULL;
    CLEANUP(content_unref) struct content *joined = NULL;
    TRY(content_flatten(blob->content, &owner, ret_view));
    TRY(content_new(&joined));
    TRY(content_append_slice(joined, owner, *ret_view));
    content_unref(blob->content);
    blob->content = TAKE_PTR(joined);
    *ret_owner = TAKE_PTR(owner);
    return NULL;
}

static struct error *pin_locked(struct blob_table *table, const char *handle,
                                struct blob **ret_blob, struct mapping **ret_owner,
                                struct bytes *ret_view)
{
    struct blob **place = NULL;
    TRY(find_place(table, handle, &place));
    struct blob *blob = *place;
    if (blob->content) {
        TRY(join(blob, ret_owner, ret_view));
    } else {
        *ret_owner = mapping_ref(blob->mapping);
        *ret_view = mapping_view(blob->mapping);
    }
    blob->references++;
    *ret_blob = blob;
    return NULL;
}

struct error *blob_pin(struct blob_table *table, const char *handle, struct blob **ret_blob,
                       struct mapping **ret_owner, struct bytes *ret_view)
{
    (void)pthread_mutex_lock(&table->lock);
    struct error *error = pin_locked(table, handle, ret_blob, ret_owner, ret_view);
    (void)pthread_mutex_unlock(&table->lock);
    return error;
}

static struct error *close_locked(struct blob_table *table, const char *handle)
{
    struct blob **place = NULL;
    TRY(find_place(table, handle, &place));
    unref_locked(TAKE_PTR(*place));
    return NULL;
}

struct error *blob_close(struct blob_table *table, const char *handle)
{
    (void)pthread_mutex_lock(&table->lock);
    struct error *error = close_locked(table, handle);
    (void)pthread_mutex_unlock(&table->lock);
    return error;
}
