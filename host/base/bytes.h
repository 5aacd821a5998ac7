/* Two ways to hold bytes: `struct bytes`, a borrowed read-only view, and `struct buffer`, an owned
 * array that grows up to a limit and is wiped when it goes. For content that can be as large as a
 * message use base/mapping.h. */
#ifndef SEALPOST_BASE_BYTES_H
#define SEALPOST_BASE_BYTES_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A view: `data` may be NULL only where `len` is 0. Owns nothing. */
struct bytes {
    const uint8_t *data;
    size_t len; /* bytes */
};

#define BYTES_NONE ((struct bytes){ NULL, 0 })

/* A view of a string literal, without its NUL. */
#define BYTES_LITERAL(text) ((struct bytes){ (const uint8_t *)(text), sizeof(text) - 1 })

struct bytes bytes_of_string(const char *text); /* NULL gives the empty view */
bool bytes_equal(struct bytes a, struct bytes b); /* not constant time: not for secrets */
bool bytes_starts_with(struct bytes whole, struct bytes start);
/* ASCII case folded; for header names, MIME types and other tokens */
bool bytes_equal_ascii_nocase(struct bytes a, struct bytes b);
/* Offset of the first `needle` in `whole`, or SIZE_MAX. An empty needle is at 0. */
size_t bytes_find(struct bytes whole, struct bytes needle);
/* `len` bytes from `offset`; cut to what is there, so never outside `whole` */
struct bytes bytes_slice(struct bytes whole, size_t offset, size_t len);

/* An owned, growing array; plain data, zero-initialised is empty. */
struct buffer {
    uint8_t *data;
    size_t len; /* bytes used */
    size_t capacity; /* bytes allocated */
    size_t limit; /* most bytes it may ever hold; 0: LIMIT_MESSAGE */
};

/* A new empty buffer on the heap that refuses to grow over `limit` bytes. ERR_NO_MEMORY. */
struct error *buffer_new(size_t limit, struct buffer **ret_buffer) MUST_USE;
/* Wipes and frees; NULL is fine. */
void buffer_free(struct buffer *buffer);
DEFINE_CLEANUP(struct buffer *, buffer_free);

/* Appends. ERR_NO_MEMORY; ERR_MESSAGE_TOO_LARGE above the limit, the buffer being unchanged. */
struct error *buffer_append(struct buffer *buffer, struct bytes more) MUST_USE;
struct error *buffer_append_string(struct buffer *buffer, const char *text) MUST_USE;
struct error *buffer_append_byte(struct buffer *buffer, uint8_t byte) MUST_USE;
struct error *buffer_printf(struct buffer *buffer, const char *format, ...)
    MUST_USE PRINTF_LIKE(2, 3);
/* `count` more bytes at the end, to be written by the caller; borrowed until the next change. */
struct error *buffer_extend(struct buffer *buffer, size_t count, uint8_t **ret_tail) MUST_USE;
struct bytes buffer_view(const struct buffer *buffer); /* borrowed until the next change */

/* A NUL-terminated copy of `bytes` on the heap, freed with free(). ERR_NO_MEMORY. A NUL inside
 * would cut the string short: the caller has refused it before. */
struct error *bytes_to_string(struct bytes bytes, char **ret_text) MUST_USE;

/* Lower-case hex, NUL-terminated, freed with free(). ERR_NO_MEMORY. */
struct error *bytes_to_hex(struct bytes bytes, char **ret_text) MUST_USE;

/* free() for CLEANUP: CLEANUP(string_free) char *text = NULL; */
void string_free(char *text);
DEFINE_CLEANUP(char *, string_free);

#endif
