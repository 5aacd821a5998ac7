/* How a method is declared: its name, a table of its parameters and the function that runs it. The
 * table decides what JSON is accepted, fills a plain request struct, frees it again, and is what
 * host.hello tells a client about the method; a handler never sees JSON it did not ask for.
 *
 *     struct open_request {
 *         struct rpc_data message;
 *         struct rpc_time at;
 *     };
 *     static const struct rpc_param open_params[] = {
 *         PARAM_DATA("message", struct open_request, message, PARAM_REQUIRED),
 *         PARAM_TIME("at", struct open_request, at, 0),
 *     };
 *     const struct rpc_method op_message_open = {
 *         .name = "message.open",
 *         .request = METHOD_REQUEST(struct open_request, open_params),
 *         .flags = METHOD_INTERACTIVE,
 *         .run = run,
 *     };
 */
#ifndef SEALPOST_RPC_METHOD_H
#define SEALPOST_RPC_METHOD_H

#include "base/bytes.h"
#include "base/mapping.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;
struct rpc_call;
struct rpc_table;

/* What the members of a request struct look like, by parameter type. All of it is owned by the
 * request, which is freed by its table; a handler borrows, or takes references of its own.
 * Where an optional parameter is absent, `given` is false and `value` is the table's fallback. */

/* string: `char *`, NULL where absent */

struct rpc_bool {
    bool given;
    bool value;
};

struct rpc_integer {
    bool given;
    int64_t value;
};

struct rpc_time {
    bool given;
    int64_t value; /* seconds since the epoch, UTC */
};

struct rpc_word {
    bool given;
    int value; /* of the word in the parameter's list */
};

/* Data: {"text"}, {"base64"}, {"base64url"} or {"blob"}: the bytes as they were when the request
 * arrived. Not NUL-terminated. Never written to. */
struct rpc_data {
    bool given;
    struct mapping *owner; /* what `view` lies in; may hold more bytes than the view */
    struct bytes view;
};

struct rpc_strings {
    bool given;
    size_t count;
    char **items;
};

/* object: a pointer to the inner table's struct, NULL where absent */

struct rpc_objects {
    bool given;
    size_t count;
    void *items; /* an array of the inner table's struct */
};

/* raw: `struct json_object *` (a JSON object of whatever members), NULL where absent */

enum rpc_type {
    RPC_STRING,
    RPC_BOOL,
    RPC_INTEGER,
    RPC_TIME, /* RFC 3339 */
    RPC_WORD, /* one of a list of words */
    RPC_DATA,
    RPC_STRINGS,
    RPC_OBJECT,
    RPC_OBJECTS,
    RPC_RAW,
};

enum {
    PARAM_REQUIRED = 1, /* absent: ERR_PARAMS */
    PARAM_SENSITIVE = 2, /* never logged, not even its size */
};

struct rpc_word_entry {
    const char *word; /* NULL ends a list */
    int value;
};

struct rpc_param {
    const char *name;
    enum rpc_type type;
    size_t offset; /* of the member in the request struct */
    unsigned flags; /* PARAM_* */
    int64_t min; /* integer: least value */
    int64_t max; /* integer: greatest value; string: bytes (0: LIMIT_PARAM_STRING); lists: items */
    int64_t fallback; /* value where absent: bool, integer, time, word */
    const struct rpc_word_entry *words; /* word: ended by a NULL word */
    const struct rpc_table *inner; /* object, objects */
};

struct rpc_table {
    const struct rpc_param *params;
    size_t count;
    size_t size; /* bytes of the request struct */
};

/* The offset of a member that has this very type; anything else does not compile. */
#define PARAM_OFFSET(request, member, type) \
    (offsetof(request, member) + \
     0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((request *)NULL)->member), type) \
                         ? 1 \
                         : -1]))

#define PARAM_STRING(name_, request, member, flags_, max_bytes) \
    { \
        .name = (name_), .type = RPC_STRING, .offset = PARAM_OFFSET(request, member, char *), \
        .flags = (flags_), .max = (int64_t)(max_bytes) \
    }
#define PARAM_BOOL(name_, request, member, flags_, fallback_) \
    { \
        .name = (name_), .type = RPC_BOOL, \
        .offset = PARAM_OFFSET(request, member, struct rpc_bool), .flags = (flags_), \
        .fallback = (fallback_) \
    }
#define PARAM_INTEGER(name_, request, member, flags_, min_, max_, fallback_) \
    { \
        .name = (name_), .type = RPC_INTEGER, \
        .offset = PARAM_OFFSET(request, member, struct rpc_integer), .flags = (flags_), \
        .min = (int64_t)(min_), .max = (int64_t)(max_), .fallback = (int64_t)(fallback_) \
    }
#define PARAM_TIME(name_, request, member, flags_) \
    { \
        .name = (name_), .type = RPC_TIME, \
        .offset = PARAM_OFFSET(request, member, struct rpc_time), .flags = (flags_) \
    }
#define PARAM_WORD(name_, request, member, flags_, words_, fallback_) \
    { \
        .name = (name_), .type = RPC_WORD, \
        .offset = PARAM_OFFSET(request, member, struct rpc_word), .flags = (flags_), \
        .fallback = (fallback_), .words = (words_) \
    }
#define PARAM_DATA(name_, request, member, flags_) \
    { \
        .name = (name_), .type = RPC_DATA, \
        .offset = PARAM_OFFSET(request, member, struct rpc_data), .flags = (flags_) \
    }
/* Each string may have LIMIT_PARAM_STRING bytes. */
#define PARAM_STRINGS(name_, request, member, flags_, max_items) \
    { \
        .name = (name_), .type = RPC_STRINGS, \
        .offset = PARAM_OFFSET(request, member, struct rpc_strings), .flags = (flags_), \
        .max = (int64_t)(max_items) \
    }
/* `member` is a pointer to the struct of `inner_`, a `struct rpc_table *`. */
#define PARAM_OBJECT(name_, request, member, flags_, inner_) \
    { \
        .name = (name_), .type = RPC_OBJECT, .offset = offsetof(request, member), \
        .flags = (flags_), .inner = (inner_) \
    }
#define PARAM_OBJECTS(name_, request, member, flags_, max_items, inner_) \
    { \
        .name = (name_), .type = RPC_OBJECTS, \
        .offset = PARAM_OFFSET(request, member, struct rpc_objects), .flags = (flags_), \
        .max = (int64_t)(max_items), .inner = (inner_) \
    }
#define PARAM_RAW(name_, request, member, flags_) \
    { \
        .name = (name_), .type = RPC_RAW, \
        .offset = PARAM_OFFSET(request, member, struct json_object *), .flags = (flags_) \
    }

/* A table's value: for `.request` of a method, and for inner tables. */
#define METHOD_REQUEST(request, params_) \
    { \
        .params = (params_), .count = ARRAY_SIZE(params_), .size = sizeof(request) \
    }
/* The same without any parameter. */
#define METHOD_NO_REQUEST \
    { \
        .params = NULL, .count = 0, .size = 1 \
    }

enum {
    METHOD_INTERACTIVE = 1, /* uses keys or the network: takes `site` and `interaction` too */
    METHOD_INLINE = 2, /* quick, and takes effect in the order of arrival: runs on the reader */
    METHOD_HELLO = 4, /* host.hello: the only method before itself; nothing overtakes it */
};

/* Runs on a worker thread, several at a time. `request` is the filled struct, borrowed. On success
 * `ret_result` may stay NULL: the client then gets {}. Long work calls task_check(call->task)
 * between steps, task_progress, and task_begin_change before it changes state. */
typedef struct error *rpc_run_fn(struct rpc_call *call, const void *request,
                                 struct json_object **ret_result);

struct rpc_method {
    const char *name;
    struct rpc_table request;
    unsigned flags; /* METHOD_* */
    rpc_run_fn *run;
};

/* The methods of a server or of the command line. */
struct rpc_methods {
    const struct rpc_method *const *items;
    size_t count;
};

/* The method of this name, or NULL. The blob methods are part of the server, not of `methods`. */
const struct rpc_method *method_find(const struct rpc_methods *methods, const char *name);

/* {name: [parameter, …]} of all methods and of the blob methods, for host.hello. ERR_NO_MEMORY. */
struct error *method_describe(const struct rpc_methods *methods, struct json_object **ret_object)
    MUST_USE;

#endif
