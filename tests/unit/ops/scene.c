#include "ops/scene.h"

#include "ops/start.h"
#include "remote/remote.h"
#include "rpc/local.h"
#include "store/fixture.h"
#include "store/trial.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define DATABASE "nssdb"

static const struct interaction silent = { .allowed = false };

static char *copy(const char *text)
{
    char *made = strdup(text);
    cr_assert_not_null(made);
    return made;
}

struct host *scene_host(void)
{
    static const char *const variables[] = { "SEALPOST_DB", "SEALPOST_CONFIG", "XDG_CONFIG_HOME" };
    for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
        cr_assert_eq(unsetenv(variables[i]), 0);
    }
    (void)fixture_directory();
    struct host *host = NULL;
    assert_ok(host_new(NULL, &host));
    string_free(host->policy_path); /* this machine's administrator has no say in tests */
    host->policy_path = NULL;
    string_free(host->database);
    host->database = NULL;
    return host;
}

static void identity(struct host *host, const struct trial_subject *subject)
{
    CLEANUP(buffer_free) struct buffer *ca = fixture_read("ca.der");
    CLEANUP(buffer_free) struct buffer *made = NULL;
    assert_ok(trial_identity_make(host->store, buffer_view(ca), subject, &silent, &made));
}

void scene_person(struct host *host, const char *name, const char *address, int64_t not_before,
                  int64_t not_after)
{
    const struct trial_subject subject = { name, address, TRIAL_ECDSA_P256, not_before, not_after };
    identity(host, &subject);
}

struct host *scene_people(void)
{
    struct host *host = scene_host();
    CLEANUP(buffer_free) struct buffer *ca = NULL;
    const struct trial_subject authority = { .name = "Test CA", .key = TRIAL_ECDSA_P256 };
    assert_ok(store_create_database(DATABASE));
    host->database = copy(DATABASE);
    assert_ok(start_store(host));
    assert_ok(trial_ca_make(host->store, &authority, &silent, &ca));
    fixture_write("ca.der", buffer_view(ca));
    scene_person(host, "Alice", "alice@example.org", 0, 0);
    scene_person(host, "Bob", "bob@example.org", 0, 0);
    return host;
}

void scene_configure(struct host *host, const char *json)
{
    fixture_write("config.json", bytes_of_string(json));
    string_free(host->user_config);
    host->user_config = copy("config.json");
    cr_assert_null(host->config, "the configuration has been read already");
}

static struct error *try_call(struct host *host, const char *method, const char *text,
                              struct json_object **ret_result)
{
    CLEANUP(json_free) struct json_object *params = NULL;
    struct error *error = json_parse(bytes_of_string(text), &params);
    cr_assert_null(error, "%s", text);
    return local_call(ops_methods(), host, method, params, ret_result);
}

struct json_object *scene_call(struct host *host, const char *method, const char *format, ...)
{
    CLEANUP(string_free) char *text = NULL;
    struct json_object *result = NULL;
    va_list list;
    va_start(list, format);
    cr_assert_geq(vasprintf(&text, format, list), 0);
    va_end(list);
    assert_ok(try_call(host, method, text, &result));
    return result;
}

void scene_refused(struct host *host, enum error_code code, const char *path, const char *method,
                   const char *params)
{
    CLEANUP(json_free) struct json_object *result = NULL;
    CLEANUP(error_free) struct error *error = try_call(host, method, params, &result);
    cr_assert_not_null(error, "%s took %.100s", method, params);
    cr_assert_eq(error_get_code(error), code, "%s %.100s: %s", method, params,
                 error_get_message(error));
    const char *found = error_get_path(error);
    cr_assert(!path || (found && strcmp(found, path) == 0), "%s %.100s: %s", method, params,
              found ? found : "no path");
}

void scene_refused_long(struct host *host, const char *path, const char *method, const char *before,
                        size_t len, const char *after)
{
    CLEANUP(buffer_free) struct buffer *text = NULL;
    uint8_t *letters = NULL;
    assert_ok(buffer_new(0, &text));
    assert_ok(buffer_append_string(text, before));
    assert_ok(buffer_extend(text, len, &letters));
    memset(letters, 'a', len);
    assert_ok(buffer_append_string(text, after));
    assert_ok(buffer_append_byte(text, 0));
    scene_refused(host, ERR_PARAMS, path, method, (const char *)text->data);
}

struct json_object *scene_at(struct json_object *object, const char *path)
{
    CLEANUP(string_free) char *names = copy(path);
    char *rest = NULL;
    for (char *name = strtok_r(names, ".", &rest); object && name;
         name = strtok_r(NULL, ".", &rest)) {
        if (json_object_is_type(object, json_type_array)) {
            object = json_object_array_get_idx(object, (size_t)strtoul(name, NULL, 10));
        } else {
            object = json_object_object_get(object, name);
        }
    }
    return object;
}

const char *scene_text(struct json_object *object, const char *path)
{
    struct json_object *value = scene_at(object, path);
    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

size_t scene_count(struct json_object *object, const char *path)
{
    struct json_object *array = scene_at(object, path);
    cr_assert(json_object_is_type(array, json_type_array), "%s is no list", path);
    return json_object_array_length(array);
}

bool scene_has(struct json_object *object, const char *path, const char *word)
{
    for (size_t i = 0; i < scene_count(object, path); i++) {
        struct json_object *item = json_object_array_get_idx(scene_at(object, path), i);
        if (strcmp(json_object_get_string(item), word) == 0) {
            return true;
        }
    }
    return false;
}

bool scene_is(struct json_object *object, const char *path, bool value)
{
    struct json_object *found = scene_at(object, path);
    return json_object_is_type(found, json_type_boolean) &&
           (json_object_get_boolean(found) != 0) == value;
}

char *scene_json(struct json_object *object, const char *path)
{
    struct json_object *value = scene_at(object, path);
    struct bytes text = BYTES_NONE;
    char *made = NULL;
    cr_assert_not_null(value, "%s is not there", path);
    assert_ok(json_text(value, &text));
    assert_ok(bytes_to_string(text, &made));
    return made;
}

char *scene_protected(struct host *host, bool sign, bool encrypt)
{
    CLEANUP(json_free)
    struct json_object *result =
        scene_call(host, "message.protect", "{\"message\":{\"text\":\"" SCENE_LETTER "\"}%s%s}",
                   sign ? ",\"sign\":{}" : "", encrypt ? ",\"encrypt\":{}" : "");
    return scene_json(result, "copies.0.message");
}

struct helper {
    int fd;
    const struct scene_answer *answers;
    size_t count;
    struct scene_dialogs *dialogs;
};

static void note(char *target, size_t size, struct bytes text)
{
    size_t len = text.len < size - 1 ? text.len : size - 1;
    memcpy(target, text.len > 0 ? text.data : (const uint8_t *)"", len);
    target[len] = '\0';
}

/* Until the host closes its end. */
static void *answer_dialogs(void *context)
{
    struct helper *helper = context;
    struct scene_dialogs *dialogs = helper->dialogs;
    for (;;) {
        CLEANUP(buffer_free) struct buffer *packet = NULL;
        CLEANUP(error_free) struct error *error = NULL;
        struct message request = { 0 };
        error = message_receive(helper->fd, &packet, &request);
        if (error) {
            free(helper);
            return NULL;
        }
        size_t last = helper->count - 1;
        const struct scene_answer *answer =
            &helper->answers[dialogs->count < last ? dialogs->count : last];
        dialogs->count++;
        dialogs->complained = dialogs->complained || request.fields[MESSAGE_FIELD_ERROR].len > 0;
        note(dialogs->question, sizeof(dialogs->question), request.fields[MESSAGE_FIELD_TEXT]);
        note(dialogs->site, sizeof(dialogs->site), request.fields[MESSAGE_FIELD_SITE]);
        struct message reply = { .type = MESSAGE_ANSWER, .id = request.id };
        reply.status = answer->status;
        reply.fields[MESSAGE_FIELD_ANSWER] = bytes_of_string(answer->text);
        error = message_send(helper->fd, &reply);
    }
}

void scene_answer(struct host *host, const struct scene_answer *answers, size_t count,
                  struct scene_dialogs *dialogs)
{
    int ends[2];
    pthread_t thread;
    struct helper *helper = calloc(1, sizeof(*helper));
    cr_assert_not_null(helper);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    *helper = (struct helper){ ends[1], answers, count, dialogs };
    assert_ok(remote_new(ends[0], &host->remote));
    cr_assert_eq(pthread_create(&thread, NULL, answer_dialogs, helper), 0);
    cr_assert_eq(pthread_detach(thread), 0);
}

char *scene_id(struct host *host, const char *address)
{
    CLEANUP(json_free)
    struct json_object *list =
        scene_call(host, "certificates.list", "{\"address\":\"%s\"}", address);
    char *id = strdup(scene_text(list, "items.0.id"));
    cr_assert(id && strlen(id) == 64);
    return id;
}
