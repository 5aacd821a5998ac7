/* Language helpers that every layer uses: attributes, owned locals, small arithmetic.
 * No functions of the domain belong here. */
#ifndef SEALPOST_BASE_MACROS_H
#define SEALPOST_BASE_MACROS_H

#include <stddef.h>

#define MUST_USE __attribute__((warn_unused_result))
#define NEVER_NULL __attribute__((returns_nonnull)) /* what it returns */
#define NO_RETURN __attribute__((noreturn))
#define PRINTF_LIKE(format_index, first) __attribute__((format(printf, format_index, first)))

/* Declares an owned local: CLEANUP(x_free) struct x *p = NULL; released at the end of the scope.
 * The destructor takes a pointer and accepts NULL; DEFINE_CLEANUP makes the adapter it needs. */
#define CLEANUP(destructor) __attribute__((cleanup(destructor##_cleanup)))

/* NOLINTBEGIN(bugprone-macro-parentheses): `type` is a type, which takes none */
#define DEFINE_CLEANUP(type, destructor) \
    static inline void destructor##_cleanup(type *owned) \
    { \
        destructor(*owned); \
        *owned = NULL; \
    } \
    struct macros_need_a_semicolon
/* NOLINTEND(bugprone-macro-parentheses): as above */

/* Moves an owned pointer out of its variable, which becomes NULL. */
#define TAKE_PTR(variable) \
    __extension__({ \
        __typeof__(variable) taken_ = (variable); \
        (variable) = NULL; \
        taken_; \
    })

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
