/* JSON-RPC 2.0 around methods: what a client's message is, and what answers look like. */
#ifndef SEALPOST_RPC_ENVELOPE_H
#define SEALPOST_RPC_ENVELOPE_H

#include "base/error.h"
#include "base/limits.h"

#include <stdbool.h>
#include <stdint.h>

struct json_object;

enum envelope_id_kind { ENVELOPE_ID_NONE, ENVELOPE_ID_NUMBER, ENVELOPE_ID_TEXT };

/* Plain data, so that any thread can answer. */
struct envelope_id {
    enum envelope_id_kind kind; /* none: null in an answer */
    int64_t number;
    char text[LIMIT_ID_LENGTH + 1];
};

bool envelope_id_equal(const struct envelope_id *a, const struct envelope_id *b);

/* An id from JSON; ENVELOPE_ID_NONE for what can't be one. */
struct envelope_id envelope_id_read(struct json_object *value);

struct envelope {
    struct envelope_id id; /* none: a notification */
    const char *method; /* borrowed from the message */
    struct json_object *params; /* borrowed from the message; NULL: none; of any type */
};

/* Reads a client's message. `envelope->id` is set as far as it can be read, also where
 * ERR_REQUEST comes back, so that the error can be answered. */
struct error *envelope_read(struct json_object *message, struct envelope *envelope) MUST_USE;

/* Answers and notifications, new. `result` and `params` are consumed in any case; NULL is {}.
 * ERR_NO_MEMORY. */
struct error *envelope_result(const struct envelope_id *id, struct json_object *result,
                              struct json_object **ret_message) MUST_USE;
struct error *envelope_notification(const char *method, struct json_object *params,
                                    struct json_object **ret_message) MUST_USE;
/* {code, message, data: {reason, path?, nss?, cause?, hint?, supported?}}; `error` is borrowed. */
struct error *envelope_error(const struct envelope_id *id, const struct error *error,
                             struct json_object **ret_message) MUST_USE;
/* The error object alone. */
struct error *envelope_error_object(const struct error *error, struct json_object **ret_object)
    MUST_USE;

/* Adds the id to a notification's parameters. */
struct error *envelope_add_id(struct json_object *object, const struct envelope_id *id) MUST_USE;

#endif
