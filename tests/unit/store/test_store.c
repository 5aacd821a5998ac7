#include "base/task.h"
#include "nss/nss_scope.h"
#include "store/dialog.h"
#include "store/fixture.h"
#include "store/store.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <cryptohi.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(store, .fini = fixture_remove, .timeout = 30);

static const struct interaction allowed = { .allowed = true, .site = "https://mail.example" };
static const struct interaction forbidden = { .allowed = false };

static struct database_info only_database(const struct store *store)
{
    cr_assert_eq(store_database_count(store), 1);
    return store_database(store, 0);
}

static void assert_cannot_be_used(const char *directory, enum database_state state,
                                  enum error_code code)
{
    struct store_options options = { .database = directory, .mozilla_roots = true };
    struct store *store = fixture_open(&options);
    cr_assert_eq(only_database(store).state, state);
    assert_error(store_require_database(store, false), code);
    cr_assert(SECMOD_HasRootCerts(), "verification has to work without a database");
    fixture_close(store);
}

Test(store, makes_nothing_where_nothing_is)
{
    (void)fixture_directory();
    assert_cannot_be_used("nowhere", DATABASE_ABSENT, ERR_DATABASE_UNAVAILABLE);
    cr_assert_neq(access("nowhere", F_OK), 0);
}

Test(store, makes_nothing_in_an_empty_directory)
{
    (void)fixture_directory();
    cr_assert_eq(mkdir("empty", S_IRWXU), 0);
    assert_cannot_be_used("empty", DATABASE_ABSENT, ERR_DATABASE_UNAVAILABLE);
    cr_assert_eq(rmdir("empty"), 0, "something was made in it");
}

Test(store, makes_no_missing_half)
{
    fixture_database("db", NULL);
    cr_assert_eq(unlink("db/key4.db"), 0);
    assert_cannot_be_used("db", DATABASE_CORRUPT, ERR_DATABASE_UNAVAILABLE);
    cr_assert_neq(access("db/key4.db", F_OK), 0);
}

Test(store, reports_garbage_as_corrupt)
{
    fixture_database("db", NULL);
    fixture_write("db/cert9.db", BYTES_LITERAL("this has never been a database at all"));
    assert_cannot_be_used("db", DATABASE_CORRUPT, ERR_DATABASE_UNAVAILABLE);
}

Test(store, reports_garbage_behind_an_sqlite_header_as_corrupt)
{
    fixture_database("db", NULL);
    CLEANUP(buffer_free) struct buffer *file = fixture_read("db/cert9.db");
    for (size_t i = 16; i < file->len; i++) {
        file->data[i] = (uint8_t)(i * 37);
    }
    fixture_write("db/cert9.db", buffer_view(file));
    assert_cannot_be_used("db", DATABASE_CORRUPT, ERR_DATABASE_UNAVAILABLE);
}

Test(store, reports_an_empty_file_as_corrupt)
{
    fixture_database("db", NULL);
    fixture_write("db/key4.db", BYTES_NONE);
    assert_cannot_be_used("db", DATABASE_CORRUPT, ERR_DATABASE_UNAVAILABLE);
}

Test(store, does_not_open_the_old_dbm_form)
{
    (void)fixture_directory();
    cr_assert_eq(mkdir("old", S_IRWXU), 0);
    fixture_write("old/cert8.db", BYTES_LITERAL("\x00\x06\x15\x61"));
    fixture_write("old/key3.db", BYTES_LITERAL("\x00\x06\x15\x61"));
    assert_cannot_be_used("old", DATABASE_ABSENT, ERR_DATABASE_UNAVAILABLE);
    cr_assert_neq(access("old/cert9.db", F_OK), 0);
}

Test(store, says_that_another_process_holds_the_lock)
{
    fixture_database("db", NULL);
    FILE *shell = popen("sqlite3 db/cert9.db >/dev/null", "w");
    cr_assert_not_null(shell);
    (void)fputs("BEGIN EXCLUSIVE;\n.shell touch locked\n", shell);
    (void)fflush(shell);
    for (int i = 0; i < 100 && access("locked", F_OK) != 0; i++) {
        (void)usleep(20000);
    }
    assert_cannot_be_used("db", DATABASE_LOCKED, ERR_DATABASE_LOCKED);
    (void)pclose(shell);
}

Test(store, runs_without_any_database)
{
    struct store_options options = { 0 };
    struct store *store = fixture_open(&options);
    cr_assert_eq(store_database_count(store), 0);
    assert_error(store_require_database(store, false), ERR_DATABASE_UNAVAILABLE);
    fixture_close(store);
}

Test(store, refuses_to_open_twice)
{
    struct store_options options = { 0 };
    struct store *store = fixture_open(&options);
    struct store *second = NULL;
    assert_error(store_open(&options, &second), ERR_DATABASE_UNAVAILABLE);
    fixture_close(store);
}

Test(store, finds_the_databases_below_home)
{
    const char *home = fixture_directory();
    cr_assert_eq(mkdir(".pki", S_IRWXU), 0);
    fixture_database(".pki/nssdb", NULL);
    fixture_run("mkdir", "-p", ".local/share/pki", NULL);
    fixture_database(".local/share/pki/nssdb", NULL);
    fixture_identity("alice");
    fixture_import(".local/share/pki/nssdb", NULL, "alice");

    struct store_options options = { .home = home };
    struct store *store = fixture_open(&options);
    cr_assert_eq(store_database_count(store), 2);
    cr_assert_eq(store_database(store, 0).state, DATABASE_OPEN);
    cr_assert(store_database(store, 0).writable);
    cr_assert_eq(store_database(store, 1).state, DATABASE_OPEN);
    cr_assert_not(store_database(store, 1).writable);

    CERTCertificate *certificate = fixture_certificate("alice");
    SECKEYPrivateKey *key = NULL;
    cr_assert(store_has_key(store, certificate));
    assert_ok(store_key(store, certificate, &forbidden, &key));
    store_key_free(key);
    CERT_DestroyCertificate(certificate);
    fixture_close(store);
}

Test(store, reports_the_places_looked_at_where_none_has_a_database)
{
    struct store_options options = { .home = fixture_directory() };
    struct store *store = fixture_open(&options);
    cr_assert_eq(store_database_count(store), 2);
    cr_assert_eq(store_database(store, 0).state, DATABASE_ABSENT);
    fixture_close(store);
    cr_assert_neq(access(".pki", F_OK), 0);
}

Test(store, opens_a_path_with_quotes_and_spaces)
{
    fixture_database("it's a \"db\"", NULL);
    struct store_options options = { .database = "it's a \"db\"" };
    struct store *store = fixture_open(&options);
    cr_assert_eq(only_database(store).state, DATABASE_OPEN);
    fixture_close(store);
}

Test(store, changes_no_byte_of_a_database_that_is_only_read)
{
    fixture_database("db", "secret");
    fixture_identity("alice");
    fixture_import("db", "secret", "alice");
    CLEANUP(buffer_free) struct buffer *certificates = fixture_read("db/cert9.db");
    CLEANUP(buffer_free) struct buffer *keys = fixture_read("db/key4.db");

    struct store_options options = { .database = "db", .pin = "secret", .mozilla_roots = true };
    struct store *store = fixture_open(&options);
    CERTCertificate *certificate = fixture_certificate("alice");
    SECKEYPrivateKey *key = NULL;
    assert_ok(store_key(store, certificate, &forbidden, &key));
    store_key_free(key);
    CERT_DestroyCertificate(certificate);
    fixture_close(store);

    CLEANUP(buffer_free) struct buffer *certificates_after = fixture_read("db/cert9.db");
    CLEANUP(buffer_free) struct buffer *keys_after = fixture_read("db/key4.db");
    cr_assert(bytes_equal(buffer_view(certificates), buffer_view(certificates_after)));
    cr_assert(bytes_equal(buffer_view(keys), buffer_view(keys_after)));
}

Test(store, makes_no_list_of_modules_where_there_is_none)
{
    fixture_database("db", NULL);
    cr_assert_eq(unlink("db/pkcs11.txt"), 0);
    struct store_options options = { .database = "db" };
    struct store *store = fixture_open(&options);
    cr_assert_eq(only_database(store).state, DATABASE_OPEN);
    fixture_close(store);
    cr_assert_neq(access("db/pkcs11.txt", F_OK), 0);
}

Test(store, refuses_to_write_where_it_was_opened_read_only)
{
    fixture_database("db", NULL);
    struct store_options options = { .database = "db", .read_only = true };
    struct store *store = fixture_open(&options);
    cr_assert_not(only_database(store).writable);
    assert_ok(store_require_database(store, false));
    assert_error(store_require_database(store, true), ERR_DATABASE_READ_ONLY);
    PK11SlotInfo *slot = NULL;
    assert_error(store_key_slot(store, &allowed, &slot), ERR_DATABASE_READ_ONLY);
    fixture_close(store);
}

Test(store, reads_keys_from_a_directory_that_cannot_be_written)
{
    enum { NOBODY = 65534 };
    fixture_database("db", NULL);
    fixture_identity("alice");
    fixture_import("db", NULL, "alice");
    fixture_run("chmod", "0755", ".", NULL);
    fixture_run("chmod", "-R", "a+rX,a-w", "db", NULL);
    if (geteuid() == 0) { /* permissions don't bind root */
        cr_assert_eq(seteuid(NOBODY), 0);
    }
    struct store_options options = { .database = "db" };
    struct store *store = fixture_open(&options);
    cr_assert_eq(only_database(store).state, DATABASE_OPEN);
    cr_assert_not(only_database(store).writable);
    assert_error(store_require_database(store, true), ERR_DATABASE_READ_ONLY);
    CERTCertificate *certificate = fixture_certificate("alice");
    SECKEYPrivateKey *key = NULL;
    assert_ok(store_key(store, certificate, &forbidden, &key));
    store_key_free(key);
    CERT_DestroyCertificate(certificate);
    fixture_close(store);
    if (getuid() == 0) {
        cr_assert_eq(seteuid(0), 0);
    }
    fixture_run("chmod", "-R", "u+w", "db", NULL);
}

Test(store, tells_a_change_by_another_process)
{
    fixture_database("db", NULL);
    fixture_identity("alice");
    struct store_options options = { .database = "db" };
    struct store *store = fixture_open(&options);
    CERTCertificate *certificate = fixture_certificate("alice");
    unsigned long before = store_generation(store);
    cr_assert_eq(store_generation(store), before);
    cr_assert_not(store_has_key(store, certificate));

    fixture_import("db", NULL, "alice");

    cr_assert_neq(store_generation(store), before);
    cr_assert(store_has_key(store, certificate));
    CERT_DestroyCertificate(certificate);
    fixture_close(store);
}

Test(store, tells_a_change_of_its_own)
{
    fixture_database("db", NULL);
    struct store_options options = { .database = "db" };
    struct store *store = fixture_open(&options);
    unsigned long before = store_generation(store);
    store_change_begin(store);
    store_change_end(store);
    cr_assert_neq(store_generation(store), before);
    fixture_close(store);
}

/* One database with alice's key and mallory's certificate. */
static struct store *open_alice(const char *password, const char *pin, struct remote *remote)
{
    fixture_database("db", password);
    fixture_identity("alice");
    fixture_identity("mallory");
    fixture_import("db", password, "alice");
    fixture_run("certutil", "-A", "-d", "sql:db", "-n", "mallory", "-t", ",,", "-i", "mallory.crt",
                "-f", "password", NULL);
    struct store_options options = { .database = "db", .pin = pin, .remote = remote };
    return fixture_open(&options);
}

static void assert_signs(struct store *store, const struct interaction *interaction)
{
    CERTCertificate *certificate = fixture_certificate("alice");
    SECKEYPrivateKey *key = NULL;
    assert_ok(store_key(store, certificate, interaction, &key));
    uint8_t hash[32] = { 1 };
    SECItem digest = { siBuffer, hash, sizeof(hash) };
    SECItem signature = { siBuffer, NULL, 0 };
    cr_assert_eq(SGN_Digest(key, SEC_OID_SHA256, &signature, &digest), SECSuccess);
    SECITEM_FreeItem(&signature, PR_FALSE);
    store_key_free(key);
    CERT_DestroyCertificate(certificate);
}

static void assert_no_key(struct store *store, const char *name,
                          const struct interaction *interaction, enum error_code code)
{
    CERTCertificate *certificate = fixture_certificate(name);
    SECKEYPrivateKey *key = NULL;
    assert_error(store_key(store, certificate, interaction, &key), code);
    cr_assert_null(key);
    CERT_DestroyCertificate(certificate);
}

static void assert_has_key(struct store *store, const char *name, bool expected)
{
    CERTCertificate *certificate = fixture_certificate(name);
    cr_assert_eq(store_has_key(store, certificate), expected, "%s", name);
    CERT_DestroyCertificate(certificate);
}

Test(store, finds_a_key_without_a_password)
{
    struct store *store = open_alice(NULL, NULL, NULL);
    assert_has_key(store, "alice", true);
    assert_has_key(store, "mallory", false);
    assert_signs(store, &forbidden);
    assert_signs(store, NULL);
    fixture_close(store);
}

Test(store, has_no_key_for_a_correspondents_certificate)
{
    struct store *store = open_alice(NULL, NULL, NULL);
    assert_no_key(store, "mallory", &allowed, ERR_KEY_ABSENT);
    fixture_close(store);
}

Test(store, asks_nobody_for_a_key_that_is_not_there)
{
    struct store *store = open_alice("secret", NULL, NULL);
    assert_no_key(store, "mallory", &allowed, ERR_KEY_ABSENT);
    fixture_close(store);
}

Test(store, raises_no_dialog_where_none_is_allowed)
{
    struct dialog script = { .answers = (const char *[]){ "secret" } };
    struct store *store = open_alice("secret", NULL, dialog_remote(&script));
    assert_no_key(store, "alice", &forbidden, ERR_INTERACTION_FORBIDDEN);
    assert_no_key(store, "alice", NULL, ERR_INTERACTION_FORBIDDEN);
    cr_assert_eq(script.asked, 0);
    fixture_close(store);
}

Test(store, says_that_nobody_can_be_asked)
{
    struct store *store = open_alice("secret", NULL, NULL);
    assert_no_key(store, "alice", &allowed, ERR_PROMPT_UNAVAILABLE);
    fixture_close(store);
}

Test(store, sees_its_own_keys_before_the_login)
{
    struct store *store = open_alice("secret", NULL, NULL);
    assert_has_key(store, "alice", true);
    assert_has_key(store, "mallory", false);
    fixture_close(store);
}

Test(store, logs_in_with_the_pin_given)
{
    struct store *store = open_alice("secret", "secret", NULL);
    assert_signs(store, &forbidden);
    fixture_close(store);
}

Test(store, tries_a_wrong_pin_given_once)
{
    struct store *store = open_alice("secret", "wrong", NULL);
    assert_no_key(store, "alice", &allowed, ERR_PIN_INCORRECT);
    assert_no_key(store, "alice", &allowed, ERR_PIN_INCORRECT);
    fixture_close(store);
}

Test(store, refuses_a_pin_longer_than_the_limit)
{
    char pin[300];
    memset(pin, '1', sizeof(pin) - 1);
    pin[sizeof(pin) - 1] = '\0';
    struct store_options options = { .pin = pin };
    struct store *store = NULL;
    assert_error(store_open(&options, &store), ERR_PIN_INCORRECT);
}

Test(store, asks_for_the_password_once)
{
    struct dialog script = { .answers = (const char *[]){ "secret", NULL } };
    struct store *store = open_alice("secret", NULL, dialog_remote(&script));
    assert_signs(store, &allowed);
    assert_signs(store, &allowed);
    assert_signs(store, &forbidden);
    cr_assert_eq(script.asked, 1);
    cr_assert(script.saw_site);
    cr_assert_not(script.saw_complaint);
    fixture_close(store);
}

Test(store, asks_again_with_a_reason_after_a_wrong_password)
{
    struct dialog script = { .answers = (const char *[]){ "wrong", "secret", NULL } };
    struct store *store = open_alice("secret", NULL, dialog_remote(&script));
    assert_signs(store, &allowed);
    cr_assert_eq(script.asked, 2);
    cr_assert(script.saw_complaint);
    fixture_close(store);
}

Test(store, gives_up_after_three_wrong_passwords)
{
    struct dialog script = { .answers = (const char *[]){ "a", "b", "c", "secret" } };
    struct store *store = open_alice("secret", NULL, dialog_remote(&script));
    assert_no_key(store, "alice", &allowed, ERR_PIN_INCORRECT);
    cr_assert_eq(script.asked, 3);
    fixture_close(store);
}

Test(store, tells_that_the_dialog_was_cancelled)
{
    struct dialog script = { .answers = (const char *[]){ NULL } };
    struct store *store = open_alice("secret", NULL, dialog_remote(&script));
    assert_no_key(store, "alice", &allowed, ERR_PIN_CANCELLED);
    fixture_close(store);
}

Test(store, tells_that_the_request_was_cancelled)
{
    CLEANUP(task_unref) struct task *task = NULL;
    assert_ok(task_new(NULL, NULL, &task));
    cr_assert(task_cancel(task));
    struct interaction cancelled = { .allowed = true, .task = task };
    struct dialog script = { .answers = (const char *[]){ "secret" } };
    struct store *store = open_alice("secret", NULL, dialog_remote(&script));
    assert_no_key(store, "alice", &cancelled, ERR_CANCELLED);
    fixture_close(store);
}

Test(store, hands_out_session_copies_of_protected_keys)
{
    struct store *store = open_alice("secret", "secret", NULL);
    CERTCertificate *certificate = fixture_certificate("alice");
    SECKEYPrivateKey *first = NULL;
    SECKEYPrivateKey *second = NULL;
    assert_ok(store_key(store, certificate, &forbidden, &first));
    assert_ok(store_key(store, certificate, &forbidden, &second));
    cr_assert(first->pkcs11IsTemp);
    cr_assert(second->pkcs11IsTemp);
    store_key_free(first);
    store_key_free(second);
    store_forget_keys(store);
    assert_signs(store, &forbidden);
    CERT_DestroyCertificate(certificate);
    fixture_close(store);
}
