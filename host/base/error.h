/* Errors as values: a code, a sentence for people, and an owned cause. NULL means success.
 *
 * An error says that a question could not be answered; a bad signature is a result and never an
 * error. The outermost code is what a client sees (its wire word is in error_codes.def), the causes
 * behind it go into `data.cause`. Messages never hold mail text, addresses, subjects or PINs.
 * Errors are not shared between threads. */
#ifndef SEALPOST_BASE_ERROR_H
#define SEALPOST_BASE_ERROR_H

#include "base/macros.h"

#include <stdbool.h>

enum error_code {
#define ERROR(code, rpc, reason, summary) code,
#include "base/error_codes.def"
#undef ERROR
    ERROR_CODE_COUNT
};

struct error;

/* A new error. Never NULL: where memory is out, a static ERR_NO_MEMORY error comes back. */
struct error *error_new(enum error_code code, const char *format, ...) MUST_USE NEVER_NULL
    PRINTF_LIKE(2, 3);

/* As error_new; `cause` (may be NULL) is consumed and becomes the cause. */
struct error *error_wrap(struct error *cause, enum error_code code, const char *format, ...)
    MUST_USE NEVER_NULL PRINTF_LIKE(3, 4);

/* ERR_INTERNAL (ERR_NO_MEMORY for ENOMEM) from an errno value; the text names the number's meaning.
 */
struct error *error_new_errno(int number, const char *format, ...) MUST_USE NEVER_NULL
    PRINTF_LIKE(2, 3);

/* The static out-of-memory error. */
struct error *error_no_memory(void) MUST_USE NEVER_NULL;

/* Frees the error and its causes; NULL is fine. */
void error_free(struct error *error);
DEFINE_CLEANUP(struct error *, error_free);

enum error_code error_get_code(const struct error *error);
const char *error_get_message(const struct error *error); /* borrowed, never NULL */
const struct error *error_get_cause(const struct error *error); /* borrowed, NULL at the end */

/* The number and name of a foreign library's error (NSS: -8172, "SEC_ERROR_…"). `name` is a static
 * string and is not copied. The getter searches the causes too; NULL where there is none. */
void error_set_foreign(struct error *error, int number, const char *name);
const char *error_get_foreign(const struct error *error);

/* Where in the request's parameters the error lies ("params.message.base64"); copied, cut at 127
 * bytes. The getter searches the causes too; NULL where there is none. */
void error_set_path(struct error *error, const char *path);
const char *error_get_path(const struct error *error);

/* What the person can do about it; copied, cut at 255 bytes. Searches the causes; NULL: none. */
void error_set_hint(struct error *error, const char *hint);
const char *error_get_hint(const struct error *error);

/* A recipient who stood in the way, and why; copied, and told to the client in the order of the
 * calls. Addresses stand here alone and never in a message, so that none reaches a log. Where
 * memory is out the recipient is left out. */
void error_add_recipient(struct error *error, const char *address, enum error_code reason);
/* One of them: false where `number` (from 0) is behind the last. Searches the causes for the first
 * error that has any. `ret_address` is borrowed from the error. */
bool error_get_recipient(const struct error *error, size_t number, const char **ret_address,
                         enum error_code *ret_reason);

/* The table: wire word, JSON-RPC number, summary. Static strings. */
const char *error_code_reason(enum error_code code);
int error_code_rpc(enum error_code code);
const char *error_code_summary(enum error_code code);

/* clang 14's analyser does not read NEVER_NULL from a declaration, and then finds functions that
 * failed without an error. NOLINTBEGIN(readability-identifier-naming): named as what they stand for
 */
#ifdef __clang_analyzer__
static inline struct error *error_never_null(struct error *error)
{
    if (!error) {
        __builtin_unreachable();
    }
    return error;
}
#endif
#if defined(__clang_analyzer__) && !defined(ERROR_DEFINED_HERE)
#define error_new(...) error_never_null(error_new(__VA_ARGS__))
#define error_wrap(...) error_never_null(error_wrap(__VA_ARGS__))
#define error_new_errno(...) error_never_null(error_new_errno(__VA_ARGS__))
#define error_no_memory() error_never_null(error_no_memory())
#endif
/* NOLINTEND(readability-identifier-naming): their names */

/* Returns the error from the calling function, if there is one. */
#define TRY(expression) \
    do { \
        struct error *try_error_ = (expression); \
        if (try_error_) { \
            return try_error_; \
        } \
    } while (0)

/* The same, with a link added: TRY_WRAP(read_it(), ERR_CMS_MALFORMED, "while reading …"). */
#define TRY_WRAP(expression, code, ...) \
    do { \
        struct error *try_error_ = (expression); \
        if (try_error_) { \
            return error_wrap(try_error_, code, __VA_ARGS__); \
        } \
    } while (0)

#endif
