#include "base/limits.h"
#include "cms/smime_profiles.h"
#include "mail/fixture.h"
#include "nss/item.h"
#include "nss/nss_scope.h"
#include "store/fixture.h"
#include "support/support.h"

#include <cert.h>
#include <criterion/criterion.h>
#include <pkcs11n.h>

TestSuite(smime_profiles, .fini = fixture_remove, .timeout = 60);

#define BIT(what) (1U << (what))
#define AES "\x60\x86\x48\x01\x65\x03\x04\x01"
#define AES_128 "\x30\x0d\x30\x0b\x06\x09" AES "\x02"
#define AES_256 "\x30\x0d\x30\x0b\x06\x09" AES "\x2a"

/* As NSS's own mail code keeps what a signed message announced. */
static void save(const struct cert *cert, struct bytes capabilities)
{
    SECItem profile = { 0 };
    SECItem time = { 0 };
    cr_assert(item_set(&profile, capabilities));
    cr_assert(item_set(&time, BYTES_LITERAL("250101000000Z")));
    cr_assert_eq(CERT_SaveSMimeProfile(cert_nss(cert), &profile, &time), SECSuccess);
}

static struct smime_capabilities find(const struct cert *cert)
{
    CLEANUP(smime_profiles_free) struct smime_profiles *profiles = NULL;
    assert_ok(smime_profiles_new(LIMIT_PROFILES, &profiles));
    return smime_capabilities_of(cert, profiles);
}

Test(smime_profiles, are_nothing_in_a_new_database)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    cr_assert_not(find(fixture->bob).known);
}

Test(smime_profiles, tell_of_their_owner_alone)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    save(fixture->bob, BYTES_LITERAL(AES_256));
    cr_assert_eq(find(fixture->bob).ciphers, BIT(CMS_AES_256_CBC));
    cr_assert_not(find(fixture->alice).known);
}

Test(smime_profiles, that_cannot_be_read_are_passed_over)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    save(fixture->bob, BYTES_LITERAL("\x30\x0d\x30\x7f"));
    save(fixture->alice, BYTES_LITERAL(AES_128));
    cr_assert_not(find(fixture->bob).known);
    cr_assert_eq(find(fixture->alice).ciphers, BIT(CMS_AES_128_CBC));
}

/* A certificate that is in no database. */
static struct cert *another_of_bobs(struct mail_fixture *fixture)
{
    struct cert *cert = NULL;
    fixture_run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-keyout", "x.key", "-out", "x.crt", "-subj", "/CN=Bob at work",
                "-addext", "subjectAltName=email:bob@example.org", NULL);
    fixture_run("openssl", "x509", "-in", "x.crt", "-outform", "DER", "-out", "x.der", NULL);
    assert_ok(cert_from_der(mail_keep_file(fixture, "x.der"), &cert));
    return cert;
}

static CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, struct bytes value)
{
    return (CK_ATTRIBUTE){ type, item_pointer(value), value.len };
}

static void save_for_subject(const struct cert *cert, struct bytes capabilities)
{
    CK_OBJECT_CLASS class = CKO_NSS_SMIME;
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE attributes[] = {
        { CKA_CLASS, &class, sizeof(class) },
        { CKA_TOKEN, &yes, sizeof(yes) },
        attribute(CKA_SUBJECT, cert_subject_der(cert)),
        attribute(CKA_NSS_EMAIL, BYTES_LITERAL("bob@example.org")),
        attribute(CKA_NSS_SMIME_TIMESTAMP, BYTES_LITERAL("250101000000Z")),
        attribute(CKA_VALUE, capabilities),
    };
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalKeySlot();
    PK11GenericObject *object =
        PK11_CreateManagedGenericObject(slot, attributes, ARRAY_SIZE(attributes), PR_TRUE);
    cr_assert_not_null(object);
    cr_assert_eq(PK11_DestroyGenericObject(object), SECSuccess);
}

Test(smime_profiles, of_the_same_subject_come_first)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(cert_unref) struct cert *second = another_of_bobs(fixture);
    save(fixture->bob, BYTES_LITERAL(AES_256));
    cr_assert_eq(find(second).ciphers, BIT(CMS_AES_256_CBC), "it is the same person");
    save_for_subject(second, BYTES_LITERAL(AES_128));
    cr_assert_eq(find(second).ciphers, BIT(CMS_AES_128_CBC));
    cr_assert_eq(find(fixture->bob).ciphers, BIT(CMS_AES_256_CBC));
}

Test(smime_profiles, are_read_up_to_a_limit)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(smime_profiles_free) struct smime_profiles *profiles = NULL;
    save(fixture->bob, BYTES_LITERAL(AES_256));
    save(fixture->alice, BYTES_LITERAL(AES_256));
    assert_ok(smime_profiles_new(1, &profiles));
    cr_assert_neq(smime_profiles_find(profiles, fixture->bob).known,
                  smime_profiles_find(profiles, fixture->alice).known);
}
