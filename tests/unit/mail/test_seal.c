#include "mail/compose.h"
#include "mail/seal.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

TestSuite(seal, .fini = fixture_remove, .timeout = 60);

Test(seal, needs_the_signers_key)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(cert_unref) struct cert *eve = NULL;
    CLEANUP(content_unref) struct content *entity = NULL;
    fixture_identity("eve");
    fixture_run("openssl", "x509", "-in", "eve.crt", "-outform", "DER", "-out", "eve.der", NULL);
    assert_ok(cert_from_der(mail_keep_file(fixture, "eve.der"), &eve));
    assert_ok(content_new(&entity));
    const struct seal_front front = { 0 };
    struct content *sealed = NULL;
    const struct seal_signer signer = { .cert = eve, .form = FORM_DETACHED };
    assert_error(seal_sign(&fixture->context, &signer, &front, entity, &sealed), ERR_KEY_ABSENT);
    cr_assert_null(sealed);
}

Test(seal, sends_no_root_along)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(signature_report_free) struct signature_report *report = NULL;
    struct bytes cms = compose_cms(
        fixture, compose_signed(fixture, fixture->alice, FORM_OPAQUE, compose_text(fixture, "x")));
    assert_ok(signature_verify(&fixture->context, cms, NULL, &report));
    cr_assert_eq(report->carried.count, 1);
    cr_assert_str_eq(cert_id(report->carried.items[0]), cert_id(fixture->alice));
}

Test(seal, names_the_digest_in_micalg)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed =
        compose_signed(fixture, fixture->alice, FORM_DETACHED, compose_text(fixture, "x"));
    cr_assert_neq(bytes_find(sealed, BYTES_LITERAL("micalg=sha-256")), SIZE_MAX);
}

Test(seal, names_the_type_of_encryption)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes text = compose_text(fixture, "x");
    struct bytes cbc = compose_encrypted(fixture, fixture->bob, CMS_AES_128_CBC, text);
    struct bytes gcm = compose_encrypted(fixture, fixture->bob, CMS_AES_128_GCM, text);
    cr_assert_neq(bytes_find(cbc, BYTES_LITERAL("smime-type=enveloped-data")), SIZE_MAX);
    cr_assert_neq(bytes_find(gcm, BYTES_LITERAL("smime-type=authEnveloped-data")), SIZE_MAX);
}
