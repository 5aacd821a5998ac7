#include "base/clock.h"
#include "base/limits.h"
#include "nss/item.h"
#include "nss/nss_scope.h"
#include "store/fixture.h"
#include "store/trial.h"
#include "support/support.h"

#include <certdb.h>
#include <criterion/criterion.h>
#include <cryptohi.h>
#include <string.h>

TestSuite(trial, .fini = fixture_remove, .timeout = 30);

static const struct trial_subject authority = { .name = "Trial CA", .key = TRIAL_ECDSA_P256 };

static struct store *open_new(void)
{
    (void)fixture_directory();
    assert_ok(store_create_database("db"));
    struct store_options options = { .database = "db" };
    return fixture_open(&options);
}

static CERTCertificate *certificate_of(const struct buffer *der)
{
    SECItem item;
    cr_assert(item_set(&item, buffer_view(der)));
    CERTCertificate *certificate =
        CERT_NewTempCertificate(CERT_GetDefaultCertDB(), &item, NULL, PR_FALSE, PR_TRUE);
    cr_assert_not_null(certificate);
    return certificate;
}

static SECStatus verify(const struct buffer *der, SECCertificateUsage usage)
{
    CERTCertificate *certificate = certificate_of(der);
    SECStatus status = CERT_VerifyCertificate(CERT_GetDefaultCertDB(), certificate, PR_TRUE, usage,
                                              PR_Now(), NULL, NULL, NULL);
    CERT_DestroyCertificate(certificate);
    return status;
}

static void assert_refused(const struct trial_subject *subject, enum error_code code)
{
    struct store *store = open_new();
    CLEANUP(buffer_free) struct buffer *ca = NULL;
    CLEANUP(buffer_free) struct buffer *certificate = NULL;
    assert_ok(trial_ca_make(store, &authority, NULL, &ca));
    assert_error(trial_identity_make(store, buffer_view(ca), subject, NULL, &certificate), code);
    fixture_close(store);
}

Test(trial, refuses_an_identity_without_an_address)
{
    assert_refused(&(struct trial_subject){ .name = "Alice" }, ERR_PARAMS);
}

Test(trial, refuses_an_address_that_is_none)
{
    assert_refused(&(struct trial_subject){ .name = "Alice", .address = "alice" }, ERR_PARAMS);
}

Test(trial, refuses_an_address_with_a_line_break)
{
    assert_refused(&(struct trial_subject){ .name = "A", .address = "a@example.org\n" },
                   ERR_PARAMS);
}

Test(trial, refuses_an_empty_name)
{
    assert_refused(&(struct trial_subject){ .name = "", .address = "a@example.org" }, ERR_PARAMS);
}

Test(trial, refuses_an_authority_with_an_address)
{
    struct store *store = open_new();
    CLEANUP(buffer_free) struct buffer *ca = NULL;
    const struct trial_subject subject = { .name = "CA", .address = "ca@example.org" };
    assert_error(trial_ca_make(store, &subject, NULL, &ca), ERR_PARAMS);
    fixture_close(store);
}

Test(trial, refuses_an_authority_that_is_no_certificate)
{
    struct store *store = open_new();
    CLEANUP(buffer_free) struct buffer *certificate = NULL;
    const struct trial_subject subject = { .name = "Alice", .address = "alice@example.org" };
    assert_error(trial_identity_make(store, BYTES_LITERAL("no DER"), &subject, NULL, &certificate),
                 ERR_CERTIFICATE_UNUSABLE);
    fixture_close(store);
}

Test(trial, refuses_an_authority_whose_key_is_elsewhere)
{
    fixture_identity("other");
    struct store *store = open_new();
    CERTCertificate *other = fixture_certificate("other");
    CLEANUP(buffer_free) struct buffer *certificate = NULL;
    const struct trial_subject subject = { .name = "Alice", .address = "alice@example.org" };
    assert_error(
        trial_identity_make(store, item_bytes(&other->derCert), &subject, NULL, &certificate),
        ERR_KEY_ABSENT);
    CERT_DestroyCertificate(other);
    fixture_close(store);
}

Test(trial, needs_a_database)
{
    struct store_options options = { 0 };
    struct store *store = fixture_open(&options);
    CLEANUP(buffer_free) struct buffer *ca = NULL;
    assert_error(trial_ca_make(store, &authority, NULL, &ca), ERR_DATABASE_UNAVAILABLE);
    fixture_close(store);
}

static void assert_identity(enum trial_key key)
{
    struct store *store = open_new();
    CLEANUP(buffer_free) struct buffer *ca = NULL;
    CLEANUP(buffer_free) struct buffer *der = NULL;
    const struct trial_subject subject = { .name = "Alice, \"A\" = Ü",
                                           .address = "alice@example.org",
                                           .key = key };
    assert_ok(trial_ca_make(store, &authority, NULL, &ca));
    assert_ok(trial_identity_make(store, buffer_view(ca), &subject, NULL, &der));
    cr_assert_eq(verify(der, certificateUsageEmailSigner), SECSuccess);
    cr_assert_eq(verify(der, certificateUsageEmailRecipient), SECSuccess);
    cr_assert_eq(verify(der, certificateUsageSSLServer), SECFailure);

    CERTCertificate *certificate = certificate_of(der);
    cr_assert_str_eq(certificate->emailAddr, "alice@example.org");
    cr_assert(store_has_key(store, certificate));
    SECKEYPrivateKey *private_key = NULL;
    assert_ok(store_key(store, certificate, NULL, &private_key));
    store_key_free(private_key);
    CERT_DestroyCertificate(certificate);
    fixture_close(store);
}

Test(trial, makes_an_ecdsa_identity_that_verifies)
{
    assert_identity(TRIAL_ECDSA_P256);
}

Test(trial, makes_an_rsa_identity_that_verifies)
{
    assert_identity(TRIAL_RSA_2048);
}

Test(trial, openssl_accepts_the_chain)
{
    struct store *store = open_new();
    CLEANUP(buffer_free) struct buffer *ca = NULL;
    CLEANUP(buffer_free) struct buffer *der = NULL;
    const struct trial_subject subject = { .name = "Alice", .address = "alice@example.org" };
    assert_ok(trial_ca_make(store, &authority, NULL, &ca));
    assert_ok(trial_identity_make(store, buffer_view(ca), &subject, NULL, &der));
    fixture_write("ca.der", buffer_view(ca));
    fixture_write("alice.der", buffer_view(der));
    fixture_close(store);
    fixture_run("openssl", "x509", "-inform", "der", "-in", "ca.der", "-out", "ca.pem", NULL);
    fixture_run("openssl", "verify", "-x509_strict", "-purpose", "smimesign", "-verify_email",
                "alice@example.org", "-CAfile", "ca.pem", "alice.der", NULL);
}

Test(trial, makes_an_expired_identity_where_asked)
{
    struct store *store = open_new();
    CLEANUP(buffer_free) struct buffer *ca = NULL;
    CLEANUP(buffer_free) struct buffer *der = NULL;
    int64_t now = clock_now();
    const struct trial_subject subject = { .name = "Alice",
                                           .address = "alice@example.org",
                                           .key = TRIAL_ECDSA_P256,
                                           .not_before = now - 1000,
                                           .not_after = now - 500 };
    assert_ok(trial_ca_make(store, &authority, NULL, &ca));
    assert_ok(trial_identity_make(store, buffer_view(ca), &subject, NULL, &der));
    cr_assert_eq(verify(der, certificateUsageEmailSigner), SECFailure);
    fixture_close(store);
}
