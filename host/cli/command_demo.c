#include "cli/commands.h"
#include "cli/input.h"
#include "cli/text.h"
#include "cli/verdict_text.h"
#include "ops/ops.h"
#include "ops/start.h"
#include "rpc/local.h"
#include "store/store.h"
#include "store/trial.h"
#include "wire/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The message that goes from one throw-away identity to the other. */
static const char letter[] = "From: Alice Example <alice@example.org>\r\n"
                             "To: Bob Example <bob@example.org>\r\n"
                             "Subject: Lunch on Friday\r\n"
                             "MIME-Version: 1.0\r\n"
                             "Content-Type: text/plain; charset=utf-8\r\n"
                             "\r\n"
                             "Dear Bob,\r\n"
                             "lunch on Friday at noon, the usual place?\r\n"
                             "Alice\r\n";

enum { MOST_LINES = 4 };

struct demo {
    struct host *host;
    char *folder; /* owned */
    unsigned step;
};

static void say(struct demo *demo, const char *sentence)
{
    (void)printf("\n%u. %s\n", ++demo->step, sentence);
}

static struct error *make_database(struct demo *demo)
{
    CLEANUP(string_free) char *path = NULL;
    if (asprintf(&path, "%s/nssdb", demo->folder) < 0) {
        path = NULL;
        return error_no_memory();
    }
    say(demo, "A new, empty certificate database, in a temporary folder.");
    TRY(store_create_database(path));
    (void)printf("   %s\n", path);
    string_free(demo->host->database);
    demo->host->database = TAKE_PTR(path);
    return start_store(demo->host);
}

static struct error *make_identity(struct demo *demo, struct bytes ca, const char *name,
                                   const char *address, enum trial_key key)
{
    CLEANUP(buffer_free) struct buffer *certificate = NULL;
    const struct interaction silent = { .allowed = false };
    const struct trial_subject subject = { .name = name, .address = address, .key = key };
    TRY(trial_identity_make(demo->host->store, ca, &subject, &silent, &certificate));
    (void)printf("   %s <%s>, %s\n", name, address,
                 key == TRIAL_RSA_2048 ? "RSA with 2048 bits" : "ECDSA on P-256");
    return NULL;
}

static struct error *make_identities(struct demo *demo)
{
    CLEANUP(buffer_free) struct buffer *ca = NULL;
    const struct interaction silent = { .allowed = false };
    const struct trial_subject authority = { .name = "Sealpost Demo CA", .key = TRIAL_RSA_2048 };
    say(demo, "An authority that is trusted for e-mail in this database, and two people.");
    TRY(trial_ca_make(demo->host->store, &authority, &silent, &ca));
    TRY(make_identity(demo, buffer_view(ca), "Alice Example", "alice@example.org", TRIAL_RSA_2048));
    return make_identity(demo, buffer_view(ca), "Bob Example", "bob@example.org", TRIAL_ECDSA_P256);
}

static struct error *protect(struct demo *demo, bool encrypt, struct mapping **ret_message)
{
    CLEANUP(json_free) struct json_object *params = NULL;
    CLEANUP(json_free) struct json_object *result = NULL;
    struct json_object *ignored = NULL;
    struct json_object *copies = NULL;
    struct json_object *message = NULL;
    TRY(commands_message_params(BYTES_LITERAL(letter), &params));
    TRY(json_add_object(params, "sign", &ignored));
    if (encrypt) {
        TRY(json_add_object(params, "encrypt", &ignored));
    }
    TRY(local_call(ops_methods(), demo->host, "message.protect", params, &result));
    if (!json_get_array(result, "copies", &copies) ||
        !json_get_object(json_object_array_get_idx(copies, 0), "message", &message)) {
        return error_new(ERR_INTERNAL, "the result holds no copy");
    }
    TRY(commands_data(message, ret_message));
    (void)printf("   %zu bytes became %zu\n", sizeof(letter) - 1, mapping_len(*ret_message));
    return NULL;
}

/* The first lines of the body that was opened. */
static struct error *show_text(struct json_object *result)
{
    struct json_object *content = NULL;
    CLEANUP(mapping_unref) struct mapping *message = NULL;
    if (!json_get_object(result, "content", &content)) {
        return error_new(ERR_INTERNAL, "the result holds no content");
    }
    TRY(commands_data(content, &message));
    struct bytes rest = mapping_view(message);
    size_t header = bytes_find(rest, BYTES_LITERAL("\r\n\r\n"));
    rest = bytes_slice(rest, header == SIZE_MAX ? 0 : header + strlen("\r\n\r\n"), rest.len);
    for (int i = 0; i < MOST_LINES && rest.len > 0; i++) {
        size_t end = bytes_find(rest, BYTES_LITERAL("\r\n"));
        (void)fputs("  | ", stdout);
        text_print(stdout, bytes_slice(rest, 0, end));
        (void)fputc('\n', stdout);
        rest = end == SIZE_MAX ? BYTES_NONE : bytes_slice(rest, end + strlen("\r\n"), rest.len);
    }
    return NULL;
}

/* Opens and checks that the verdict is the one the demonstration is about. */
static struct error *open_and_show(struct demo *demo, struct bytes message, const char *expected)
{
    CLEANUP(json_free) struct json_object *params = NULL;
    CLEANUP(json_free) struct json_object *result = NULL;
    struct json_object *signature = NULL;
    const char *status = "";
    TRY(commands_message_params(message, &params));
    TRY(local_call(ops_methods(), demo->host, "message.open", params, &result));
    verdict_text_line(stdout, result);
    verdict_text_details(stdout, result);
    TRY(show_text(result));
    if (!json_get_object(result, "signature", &signature) ||
        !json_get_string(signature, "status", &status) || strcmp(status, expected) != 0) {
        return error_new(ERR_INTERNAL, "the verdict should have been %s", expected);
    }
    return NULL;
}

static struct error *show_good(struct demo *demo)
{
    CLEANUP(mapping_unref) struct mapping *message = NULL;
    say(demo, "Alice's message is signed with her key and encrypted to Bob.");
    TRY(protect(demo, true, &message));
    say(demo, "Bob opens it.");
    return open_and_show(demo, mapping_view(message), "good");
}

static struct error *show_altered(struct demo *demo)
{
    CLEANUP(mapping_unref) struct mapping *message = NULL;
    say(demo, "The same message, only signed; on its way somebody turns Friday into Monday.");
    TRY(protect(demo, false, &message));
    size_t at = bytes_find(mapping_view(message), BYTES_LITERAL("on Friday at"));
    if (at == SIZE_MAX) {
        return error_new(ERR_INTERNAL, "the text is not in the signed message");
    }
    memcpy(mapping_data(message) + at, "on Monday at", strlen("on Monday at"));
    say(demo, "Bob opens what arrived.");
    return open_and_show(demo, mapping_view(message), "bad");
}

static struct error *show_all(struct demo *demo)
{
    TRY(make_database(demo));
    TRY(make_identities(demo));
    TRY(show_good(demo));
    return show_altered(demo);
}

static struct error *make_folder(char **ret_folder)
{
    const char *place = secure_getenv("TMPDIR");
    if (!place || place[0] != '/') {
        place = "/tmp";
    }
    CLEANUP(string_free) char *folder = NULL;
    if (asprintf(&folder, "%s/sealpost-demo-XXXXXX", place) < 0) {
        folder = NULL;
        return error_no_memory();
    }
    if (!mkdtemp(folder)) {
        return error_new_errno(errno, "making a folder in %s", place);
    }
    *ret_folder = TAKE_PTR(folder);
    return NULL;
}

static struct error *run(struct demo *demo)
{
    TRY(make_folder(&demo->folder));
    (void)printf("Sealpost %s shows its main job with throw-away keys; nothing outside\n%s is "
                 "changed.\n",
                 SEALPOST_VERSION, demo->folder);
    struct error *error = show_all(demo);
    struct error *removing = file_remove_tree(demo->folder);
    if (error) {
        error_free(removing);
        return error;
    }
    return removing;
}

int command_demo(struct host *host, const struct options *options)
{
    if (options->argument_count != 1) {
        return commands_usage("demo takes no arguments");
    }
    struct demo demo = { .host = host };
    struct error *error = run(&demo);
    string_free(demo.folder);
    if (error) {
        return commands_fail(error);
    }
    (void)printf("\nThe temporary folder is gone again. Sealpost works.\n");
    return EXIT_DONE;
}
