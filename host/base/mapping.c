#include "base/mapping.h"

#include "base/limits.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Pages are made usable in steps, so that 512 KiB appends don't cost a system call each. */
#define GROWTH_STEP (2 * MIB)

struct mapping {
    atomic_uint references;
    uint8_t *data;
    size_t len;
    size_t usable; /* bytes made readable and writable */
    size_t reserved; /* bytes of address space */
    size_t limit;
};

static size_t round_up(size_t value, size_t step)
{
    return (value + step - 1) / step * step;
}

struct error *mapping_new(size_t limit, struct mapping **ret_mapping)
{
    struct mapping *mapping = calloc(1, sizeof(*mapping));
    if (!mapping) {
        return error_no_memory();
    }
    size_t reserved = round_up(limit, GROWTH_STEP);
    /* PROT_NONE is not counted against the commit limit; mprotect() later is */
    void *data = mmap(NULL, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) {
        free(mapping);
        return error_new(ERR_NO_MEMORY, "no address space for %zu bytes", limit);
    }
    (void)madvise(data, reserved, MADV_DONTDUMP);
    atomic_init(&mapping->references, 1);
    mapping->data = data;
    mapping->reserved = reserved;
    mapping->limit = limit;
    *ret_mapping = mapping;
    return NULL;
}

struct mapping *mapping_ref(struct mapping *mapping)
{
    if (mapping) {
        (void)atomic_fetch_add(&mapping->references, 1);
    }
    return mapping;
}

void mapping_unref(struct mapping *mapping)
{
    if (mapping && atomic_fetch_sub(&mapping->references, 1) == 1) {
        explicit_bzero(mapping->data, mapping->len);
        (void)munmap(mapping->data, mapping->reserved);
        free(mapping);
    }
}

struct error *mapping_extend(struct mapping *mapping, size_t count, uint8_t **ret_tail)
{
    if (count > mapping->limit || mapping->len > mapping->limit - count) {
        return error_new(ERR_MESSAGE_TOO_LARGE, "more than %zu bytes", mapping->limit);
    }
    size_t needed = mapping->len + count;
    if (needed > mapping->usable) {
        size_t usable = round_up(needed, GROWTH_STEP);
        if (mprotect(mapping->data, usable, PROT_READ | PROT_WRITE) != 0) {
            return error_new(ERR_NO_MEMORY, "no memory for %zu bytes", usable);
        }
        mapping->usable = usable;
    }
    *ret_tail = mapping->data + mapping->len;
    mapping->len = needed;
    return NULL;
}

struct error *mapping_append(struct mapping *mapping, struct bytes more)
{
    if (more.len == 0) {
        return NULL;
    }
    uint8_t *tail = NULL;
    TRY(mapping_extend(mapping, more.len, &tail));
    memcpy(tail, more.data, more.len);
    return NULL;
}

void mapping_truncate(struct mapping *mapping, size_t len)
{
    if (len < mapping->len) {
        explicit_bzero(mapping->data + len, mapping->len - len);
        mapping->len = len;
    }
}

size_t mapping_len(const struct mapping *mapping)
{
    return mapping->len;
}

uint8_t *mapping_data(struct mapping *mapping)
{
    return mapping->data;
}

struct bytes mapping_view(const struct mapping *mapping)
{
    return (struct bytes){ mapping->data, mapping->len };
}
