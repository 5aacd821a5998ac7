#include "certs/chain_cache.h"

#include "base/limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { ID_LEN = 64, ROW = 16 };

struct entry {
    char id[ID_LEN + 1]; /* empty: free */
    enum chain_purpose purpose;
    unsigned long generation;
    int64_t from; /* seconds since the epoch, UTC: holds from here */
    int64_t to; /* to here */
    word_set problems;
};

struct chain_cache {
    pthread_mutex_t lock;
    unsigned next; /* which of a full row goes */
    size_t row_count;
    struct entry rows[][ROW];
};

struct error *chain_cache_new(size_t limit, struct chain_cache **ret_cache)
{
    size_t rows = limit / ROW;
    struct chain_cache *cache = calloc(1, sizeof(*cache) + rows * sizeof(cache->rows[0]));
    if (!cache) {
        return error_no_memory();
    }
    cache->row_count = rows;
    (void)pthread_mutex_init(&cache->lock, NULL);
    *ret_cache = cache;
    return NULL;
}

void chain_cache_free(struct chain_cache *cache)
{
    if (cache) {
        (void)pthread_mutex_destroy(&cache->lock);
        free(cache);
    }
}

/* An id is a SHA-256: its first digits are as good as any hash. */
static struct entry *row_of(struct chain_cache *cache, const char *id)
{
    size_t number = 0;
    for (size_t i = 0; i < 4 && id[i]; i++) {
        number = number * 16 + (size_t)(id[i] <= '9' ? id[i] - '0' : id[i] - 'a' + 10);
    }
    return cache->rows[number % cache->row_count];
}

static bool is_of(const struct entry *entry, const struct chain_request *request)
{
    return entry->purpose == request->purpose && strcmp(entry->id, cert_id(request->cert)) == 0;
}

static bool find(struct chain_cache *cache, unsigned long generation,
                 const struct chain_request *request, word_set *ret_problems)
{
    bool found = false;
    (void)pthread_mutex_lock(&cache->lock);
    const struct entry *row = row_of(cache, cert_id(request->cert));
    for (size_t i = 0; i < ROW && !found; i++) {
        found = is_of(&row[i], request) && row[i].generation == generation &&
                request->at >= row[i].from && request->at <= row[i].to;
        if (found) {
            *ret_problems = row[i].problems;
        }
    }
    (void)pthread_mutex_unlock(&cache->lock);
    return found;
}

/* Its own old entry, a free one, or any. */
static struct entry *choose(struct chain_cache *cache, const struct chain_request *request)
{
    struct entry *row = row_of(cache, cert_id(request->cert));
    struct entry *chosen = NULL;
    for (size_t i = 0; i < ROW; i++) {
        if (is_of(&row[i], request)) {
            return &row[i];
        }
        if (!chosen && row[i].id[0] == '\0') {
            chosen = &row[i];
        }
    }
    return chosen ? chosen : &row[cache->next++ % ROW];
}

/* Shortens the time in which `entry`, made at `at`, holds: it must not cross from `last_before` to
 * the next second. */
static void stop_at(struct entry *entry, int64_t at, int64_t last_before)
{
    if (at > last_before) {
        entry->from = last_before + 1 > entry->from ? last_before + 1 : entry->from;
    } else {
        entry->to = last_before < entry->to ? last_before : entry->to;
    }
}

static void keep(struct chain_cache *cache, unsigned long generation,
                 const struct chain_request *request, const struct chain_result *result)
{
    struct entry fresh = {
        .purpose = request->purpose,
        .generation = generation,
        .from = request->at - CHAIN_CACHE_SECONDS,
        .to = request->at + CHAIN_CACHE_SECONDS,
        .problems = result->problems,
    };
    const char *id = cert_id(request->cert);
    memcpy(fresh.id, id, strnlen(id, ID_LEN));
    for (size_t i = 0; i < result->chain.count; i++) {
        stop_at(&fresh, request->at, cert_not_before(result->chain.items[i]) - 1);
        stop_at(&fresh, request->at, cert_not_after(result->chain.items[i]));
    }
    (void)pthread_mutex_lock(&cache->lock);
    *choose(cache, request) = fresh;
    (void)pthread_mutex_unlock(&cache->lock);
}

struct error *chain_cache_problems(struct chain_cache *cache, unsigned long generation,
                                   const struct chain_request *request, word_set *ret_problems)
{
    bool remembers = cache && !request->extra && request->crl_count == 0;
    if (remembers && find(cache, generation, request, ret_problems)) {
        return NULL;
    }
    CLEANUP(chain_result_free) struct chain_result *result = NULL;
    TRY(chain_verify(request, &result));
    if (remembers) {
        keep(cache, generation, request, result);
    }
    *ret_problems = result->problems;
    return NULL;
}
