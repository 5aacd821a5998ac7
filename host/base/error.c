#ifdef __clang_analyzer__ /* elsewhere clang finds the macro unused */
#define ERROR_DEFINED_HERE
#endif
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_SIZE = 256, PATH_SIZE = 128, HINT_SIZE = 256 };

struct error_recipient {
    char *address;
    enum error_code reason;
};

struct error {
    enum error_code code;
    int foreign_number;
    const char *foreign_name;
    struct error *cause;
    char message[MESSAGE_SIZE];
    char path[PATH_SIZE];
    char hint[HINT_SIZE];
    struct error_recipient *recipients;
    size_t recipient_count;
};

/* Handed out where an error itself can't be allocated; never written to and never freed. */
static struct error out_of_memory = { .code = ERR_NO_MEMORY, .message = "not enough memory" };

static const struct {
    int rpc;
    const char *reason;
    const char *summary;
} table[] = {
#define ERROR(code, rpc, reason, summary) [code] = { rpc, reason, summary },
#include "base/error_codes.def"
#undef ERROR
};

struct error *error_no_memory(void)
{
    return &out_of_memory;
}

PRINTF_LIKE(3, 0)
static struct error *make(struct error *cause, enum error_code code, const char *format,
                          va_list arguments)
{
    struct error *error = calloc(1, sizeof(*error));
    if (!error) {
        error_free(cause);
        return &out_of_memory;
    }
    error->code = code;
    error->cause = cause;
    (void)vsnprintf(error->message, sizeof(error->message), format, arguments);
    return error;
}

struct error *error_new(enum error_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct error *error = make(NULL, code, format, arguments);
    va_end(arguments);
    return error;
}

struct error *error_wrap(struct error *cause, enum error_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct error *error = make(cause, code, format, arguments);
    va_end(arguments);
    return error;
}

struct error *error_new_errno(int number, const char *format, ...)
{
    char reason[96] = "unknown error";
    /* the GNU variant may return a static string instead of filling the buffer */
    const char *text = strerror_r(number, reason, sizeof(reason));

    char prefix[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(prefix, sizeof(prefix), format, arguments);
    va_end(arguments);

    enum error_code code = number == ENOMEM ? ERR_NO_MEMORY : ERR_INTERNAL;
    return error_new(code, "%.*s: %s", MESSAGE_SIZE / 2, prefix, text);
}

void error_free(struct error *error)
{
    while (error && error != &out_of_memory) {
        struct error *cause = error->cause;
        for (size_t i = 0; i < error->recipient_count; i++) {
            free(error->recipients[i].address);
        }
        free(error->recipients);
        free(error);
        error = cause;
    }
}

enum error_code error_get_code(const struct error *error)
{
    return error->code;
}

const char *error_get_message(const struct error *error)
{
    return error->message;
}

const struct error *error_get_cause(const struct error *error)
{
    return error->cause;
}

static void copy_text(char *target, size_t size, const char *text)
{
    (void)snprintf(target, size, "%s", text);
}

void error_set_foreign(struct error *error, int number, const char *name)
{
    if (error != &out_of_memory) {
        error->foreign_number = number;
        error->foreign_name = name;
    }
}

const char *error_get_foreign(const struct error *error)
{
    while (error && !error->foreign_name) {
        error = error->cause;
    }
    return error ? error->foreign_name : NULL;
}

void error_set_path(struct error *error, const char *path)
{
    if (error != &out_of_memory) {
        copy_text(error->path, sizeof(error->path), path);
    }
}

const char *error_get_path(const struct error *error)
{
    while (error && !error->path[0]) {
        error = error->cause;
    }
    return error ? error->path : NULL;
}

void error_set_hint(struct error *error, const char *hint)
{
    if (error != &out_of_memory) {
        copy_text(error->hint, sizeof(error->hint), hint);
    }
}

const char *error_get_hint(const struct error *error)
{
    while (error && !error->hint[0]) {
        error = error->cause;
    }
    return error ? error->hint : NULL;
}

void error_add_recipient(struct error *error, const char *address, enum error_code reason)
{
    if (error == &out_of_memory) {
        return;
    }
    char *copy = strdup(address);
    struct error_recipient *grown =
        reallocarray(error->recipients, error->recipient_count + 1, sizeof(*error->recipients));
    error->recipients = grown ? grown : error->recipients;
    if (!copy || !grown) {
        free(copy);
        return;
    }
    error->recipients[error->recipient_count++] = (struct error_recipient){ copy, reason };
}

bool error_get_recipient(const struct error *error, size_t number, const char **ret_address,
                         enum error_code *ret_reason)
{
    while (error && error->recipient_count == 0) {
        error = error->cause;
    }
    if (!error || number >= error->recipient_count) {
        return false;
    }
    *ret_address = error->recipients[number].address;
    *ret_reason = error->recipients[number].reason;
    return true;
}

const char *error_code_reason(enum error_code code)
{
    return table[code].reason;
}

int error_code_rpc(enum error_code code)
{
    return table[code].rpc;
}

const char *error_code_summary(enum error_code code)
{
    return table[code].summary;
}
