#include "base/limits.h"
#include "base/task.h"
#include "nss/nss_scope.h"
#include "store/fixture.h"
#include "store/pkcs12.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(pkcs12, .fini = fixture_remove, .timeout = 60);

static struct store *open_new(void)
{
    (void)fixture_directory();
    assert_ok(store_create_database("db"));
    struct store_options options = { .database = "db" };
    return fixture_open(&options);
}

static struct error *import_file(struct store *store, const char *file, const char *password,
                                 struct pkcs12_result **ret_result)
{
    CLEANUP(buffer_free) struct buffer *bytes = fixture_read(file);
    return pkcs12_import(store, buffer_view(bytes), bytes_of_string(password), NULL, ret_result);
}

static void assert_refused(struct bytes file, const char *password, enum error_code code)
{
    struct store *store = open_new();
    struct pkcs12_result *result = NULL;
    assert_error(pkcs12_import(store, file, bytes_of_string(password), NULL, &result), code);
    cr_assert_null(result);
    fixture_close(store);
}

static void assert_imports(struct store *store, const char *file, const char *password, size_t keys,
                           size_t certificates)
{
    CLEANUP(pkcs12_result_free) struct pkcs12_result *result = NULL;
    assert_ok(import_file(store, file, password, &result));
    cr_assert_eq(result->key_count, keys);
    cr_assert_eq(result->certificate_count, certificates);
}

static void assert_has_key(struct store *store, const char *name)
{
    CERTCertificate *certificate = fixture_certificate(name);
    cr_assert(store_has_key(store, certificate), "%s", name);
    CERT_DestroyCertificate(certificate);
}

Test(pkcs12, refuses_an_empty_file)
{
    assert_refused(BYTES_NONE, "p12", ERR_IMPORT_MALFORMED);
}

Test(pkcs12, refuses_a_file_above_the_limit)
{
    static const uint8_t byte = 0x30;
    assert_refused((struct bytes){ &byte, LIMIT_PKCS12 + 1 }, "p12", ERR_IMPORT_MALFORMED);
}

Test(pkcs12, refuses_what_is_no_pkcs12)
{
    assert_refused(BYTES_LITERAL("-----BEGIN CERTIFICATE-----\n"), "p12", ERR_IMPORT_MALFORMED);
}

Test(pkcs12, refuses_a_wrong_password)
{
    fixture_identity("alice");
    CLEANUP(buffer_free) struct buffer *file = fixture_read("alice.p12");
    assert_refused(buffer_view(file), "wrong", ERR_IMPORT_PASSWORD);
}

Test(pkcs12, refuses_a_password_that_is_not_text)
{
    fixture_identity("alice");
    CLEANUP(buffer_free) struct buffer *file = fixture_read("alice.p12");
    assert_refused(buffer_view(file), "\xff", ERR_IMPORT_PASSWORD);
}

Test(pkcs12, refuses_a_file_cut_short)
{
    fixture_identity("alice");
    CLEANUP(buffer_free) struct buffer *file = fixture_read("alice.p12");
    struct store *store = open_new();
    for (size_t len = 0; len < file->len; len += 29) {
        struct pkcs12_result *result = NULL;
        struct bytes part = bytes_slice(buffer_view(file), 0, len);
        assert_error(pkcs12_import(store, part, BYTES_LITERAL("p12"), NULL, &result),
                     ERR_IMPORT_MALFORMED);
    }
    fixture_close(store);
}

Test(pkcs12, refuses_where_there_is_no_database)
{
    fixture_identity("alice");
    struct store_options options = { 0 };
    struct store *store = fixture_open(&options);
    struct pkcs12_result *result = NULL;
    assert_error(import_file(store, "alice.p12", "p12", &result), ERR_DATABASE_UNAVAILABLE);
    fixture_close(store);
}

Test(pkcs12, refuses_where_the_database_is_read_only)
{
    fixture_identity("alice");
    fixture_database("db", NULL);
    struct store_options options = { .database = "db", .read_only = true };
    struct store *store = fixture_open(&options);
    struct pkcs12_result *result = NULL;
    assert_error(import_file(store, "alice.p12", "p12", &result), ERR_DATABASE_READ_ONLY);
    fixture_close(store);
}

Test(pkcs12, asks_for_nothing_where_no_dialog_is_allowed)
{
    fixture_identity("alice");
    fixture_database("db", "secret");
    struct store_options options = { .database = "db" };
    struct store *store = fixture_open(&options);
    struct pkcs12_result *result = NULL;
    assert_error(import_file(store, "alice.p12", "p12", &result), ERR_INTERACTION_FORBIDDEN);
    fixture_close(store);
}

Test(pkcs12, changes_nothing_after_a_cancel)
{
    fixture_identity("alice");
    CLEANUP(buffer_free) struct buffer *file = fixture_read("alice.p12");
    CLEANUP(task_unref) struct task *task = NULL;
    assert_ok(task_new(NULL, NULL, &task));
    cr_assert(task_cancel(task));
    const struct interaction cancelled = { .allowed = true, .task = task };
    struct store *store = open_new();
    struct pkcs12_result *result = NULL;
    assert_error(pkcs12_import(store, buffer_view(file), BYTES_LITERAL("p12"), &cancelled, &result),
                 ERR_CANCELLED);
    CERTCertificate *certificate = fixture_certificate("alice");
    cr_assert_not(store_has_key(store, certificate));
    CERT_DestroyCertificate(certificate);
    fixture_close(store);
}

Test(pkcs12, imports_a_key_with_its_certificate)
{
    fixture_identity("alice");
    struct store *store = open_new();
    unsigned long before = store_generation(store);
    assert_imports(store, "alice.p12", "p12", 1, 1);
    assert_has_key(store, "alice");
    cr_assert_neq(store_generation(store), before);
    fixture_close(store);
}

Test(pkcs12, imports_the_same_file_twice)
{
    fixture_identity("alice");
    struct store *store = open_new();
    assert_imports(store, "alice.p12", "p12", 1, 1);
    assert_imports(store, "alice.p12", "p12", 1, 1);
    fixture_close(store);
}

Test(pkcs12, imports_into_a_database_with_a_password)
{
    fixture_identity("alice");
    fixture_database("db", "secret");
    struct store_options options = { .database = "db", .pin = "secret" };
    struct store *store = fixture_open(&options);
    assert_imports(store, "alice.p12", "p12", 1, 1);
    assert_has_key(store, "alice");
    fixture_close(store);
}

static void export_as(const char *name, const char *file, const char *friendly_name,
                      const char *password)
{
    char key[64];
    char certificate[64];
    char argument[64];
    (void)snprintf(key, sizeof(key), "%s.key", name);
    (void)snprintf(certificate, sizeof(certificate), "%s.crt", name);
    (void)snprintf(argument, sizeof(argument), "pass:%s", password);
    fixture_run("openssl", "pkcs12", "-export", "-in", certificate, "-inkey", key, "-out", file,
                "-passout", argument, friendly_name ? "-name" : "-nodes", friendly_name, NULL);
}

Test(pkcs12, gives_another_name_where_one_is_taken)
{
    fixture_identity("alice");
    fixture_identity("bob");
    export_as("alice", "one.p12", "me", "p12");
    export_as("bob", "two.p12", "me", "p12");
    struct store *store = open_new();
    assert_imports(store, "one.p12", "p12", 1, 1);
    assert_imports(store, "two.p12", "p12", 1, 1);
    assert_has_key(store, "alice");
    assert_has_key(store, "bob");
    fixture_close(store);
}

Test(pkcs12, imports_a_file_without_names)
{
    fixture_identity("alice");
    export_as("alice", "unnamed.p12", NULL, "p12");
    struct store *store = open_new();
    assert_imports(store, "unnamed.p12", "p12", 1, 1);
    assert_has_key(store, "alice");
    fixture_close(store);
}

Test(pkcs12, imports_a_file_with_the_empty_password)
{
    fixture_identity("alice");
    export_as("alice", "empty.p12", "alice", "");
    struct store *store = open_new();
    assert_imports(store, "empty.p12", "", 1, 1);
    assert_has_key(store, "alice");
    fixture_close(store);
}

Test(pkcs12, imports_a_file_with_an_umlaut_and_a_smile_in_its_password)
{
    fixture_identity("alice");
    export_as("alice", "umlaut.p12", "alice", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80");
    struct store *store = open_new();
    assert_imports(store, "umlaut.p12", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", 1, 1);
    assert_has_key(store, "alice");
    fixture_close(store);
}

Test(pkcs12, imports_the_old_ciphers)
{
    fixture_identity("alice");
    fixture_run("openssl", "pkcs12", "-export", "-legacy", "-descert", "-in", "alice.crt", "-inkey",
                "alice.key", "-out", "old.p12", "-passout", "pass:p12", NULL);
    struct store *store = open_new();
    assert_imports(store, "old.p12", "p12", 1, 1);
    fixture_close(store);
}

Test(pkcs12, imports_certificates_without_a_key)
{
    fixture_identity("alice");
    fixture_run("openssl", "pkcs12", "-export", "-nokeys", "-in", "alice.crt", "-out", "certs.p12",
                "-passout", "pass:p12", NULL);
    struct store *store = open_new();
    assert_imports(store, "certs.p12", "p12", 0, 1);
    fixture_close(store);
}

/* NSS files an elliptic curve's key only together with its certificate. */
Test(pkcs12, refuses_a_key_without_its_certificate)
{
    fixture_identity("alice");
    fixture_run("openssl", "pkcs12", "-export", "-nocerts", "-inkey", "alice.key", "-out",
                "key.p12", "-passout", "pass:p12", NULL);
    CLEANUP(buffer_free) struct buffer *file = fixture_read("key.p12");
    assert_refused(buffer_view(file), "p12", ERR_IMPORT_MALFORMED);
}

Test(pkcs12, imports_several_keys)
{
    fixture_identity("alice");
    fixture_identity("bob");
    fixture_database("from", NULL);
    fixture_import("from", NULL, "alice");
    fixture_import("from", NULL, "bob");
    fixture_run("sh", "-c", "cat alice.crt bob.crt > both.crt", NULL);
    fixture_run("openssl", "pkcs12", "-export", "-in", "both.crt", "-inkey", "alice.key", "-out",
                "both.p12", "-passout", "pass:p12", NULL);
    struct store *store = open_new();
    assert_imports(store, "both.p12", "p12", 1, 2);
    assert_imports(store, "bob.p12", "p12", 1, 1);
    assert_has_key(store, "alice");
    assert_has_key(store, "bob");
    fixture_close(store);
}
