/* What the tests of the methods and of the terminal commands play in: a home folder that is gone
 * afterwards, a host in it, perhaps a database with an authority and two people, and somebody who
 * answers the dialogs. */
#ifndef SEALPOST_TESTS_UNIT_OPS_SCENE_H
#define SEALPOST_TESTS_UNIT_OPS_SCENE_H

#include "base/bytes.h"
#include "ops/ops.h"
#include "remote/messages.h"
#include "wire/json.h"

/* A letter from Alice to Bob, as the text of a JSON string. */
#define SCENE_LETTER \
    "From: Alice <alice@example.org>\\r\\nTo: bob@example.org\\r\\nSubject: Hello\\r\\n" \
    "MIME-Version: 1.0\\r\\nContent-Type: text/plain\\r\\n\\r\\nDear Bob\\r\\n"

/* A host in a new home folder, with no database and no configuration; freed with host_free. The
 * suite's .fini is fixture_remove (store/fixture.h). */
struct host *scene_host(void);

/* The same with the database "nssdb" in the home folder: an authority, Alice and Bob with keys on
 * P-256, and alice@example.org, bob@example.org as their addresses. */
struct host *scene_people(void);

/* One more person in that database, certified by its authority from `not_before` to `not_after`
 * (seconds since the epoch; 0: as trial.h has it). */
void scene_person(struct host *host, const char *name, const char *address, int64_t not_before,
                  int64_t not_after);

/* The id of the certificate of one of them; freed by the caller. */
char *scene_id(struct host *host, const char *address);

/* Writes the user's configuration, to be read with the first request. */
void scene_configure(struct host *host, const char *json);

/* Calls a method, which must succeed; the result is freed by the caller. */
struct json_object *scene_call(struct host *host, const char *method, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Calls a method, which must fail with this code and, unless NULL, this path. */
void scene_refused(struct host *host, enum error_code code, const char *path, const char *method,
                   const char *params);

/* ERR_PARAMS at `path` for a string of `len` letters between `before` and `after`. */
void scene_refused_long(struct host *host, const char *path, const char *method, const char *before,
                        size_t len, const char *after);

/* A member by its path ("copies.0.message"); NULL: absent. */
struct json_object *scene_at(struct json_object *object, const char *path);
const char *scene_text(struct json_object *object, const char *path); /* "": absent */
size_t scene_count(struct json_object *object, const char *path); /* of a list that is there */
bool scene_has(struct json_object *object, const char *path, const char *word); /* in that list */
bool scene_is(struct json_object *object, const char *path, bool value); /* a boolean */

/* The JSON of a member, freed by the caller. */
char *scene_json(struct json_object *object, const char *path);

/* A signed and encrypted SCENE_LETTER, or only one of the two, as Data; freed by the caller. */
char *scene_protected(struct host *host, bool sign, bool encrypt);

/* One dialog's answer. */
struct scene_answer {
    enum message_status status;
    const char *text; /* the PIN; NULL: none */
};

/* What the person was asked. */
struct scene_dialogs {
    size_t count;
    bool complained; /* a dialog told of an error before */
    char question[256]; /* the last dialog's text and site */
    char site[64];
};

/* Has the host's dialogs answered in this order, the last answer again and again. Before the first
 * request; `dialogs` and `answers` have to last as long as the host. */
void scene_answer(struct host *host, const struct scene_answer *answers, size_t count,
                  struct scene_dialogs *dialogs);

#endif
