#include "cms/signed.h"
#include "signed_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

static const char *const names[] = { "p256", "p384" };

static void make_all(void)
{
    signed_fixture_make(names, ARRAY_SIZE(names));
}

TestSuite(signed, .timeout = 60);

static struct cms_signed *parse(struct mapping *message)
{
    struct cms_signed *parsed = NULL;
    assert_ok(cms_signed_parse(mapping_view(message), &parsed));
    return parsed;
}

static struct mapping *sign(const char *options)
{
    signed_fixture_write("text", BYTES_LITERAL("content\r\n"));
    signed_fixture_run("openssl cms -sign -binary -in text -signer p256.crt -inkey p256.key "
                       "-outform DER -out signed %s",
                       options);
    return signed_fixture_read("signed");
}

Test(signed, tells_content_signers_and_certificates, .init = make_all,
     .fini = signed_fixture_remove)
{
    CLEANUP(mapping_unref)
    struct mapping *message = sign("-nodetach -signer p384.crt -inkey p384.key");
    CLEANUP(cms_signed_free) struct cms_signed *parsed = parse(message);
    cr_assert_not_null(cms_signed_content(parsed));
    cr_expect(bytes_equal(cms_signed_content(parsed)->first, BYTES_LITERAL("content\r\n")));
    cr_expect(cms_signed_content_is_data(parsed));
    cr_expect_eq(cms_signed_signer_count(parsed), 2);
    cr_expect_eq(cms_signed_certificate_count(parsed), 2);
    cr_expect_eq(cms_signed_crl_count(parsed), 0);
    const struct cms_signer *signer = cms_signed_signer(parsed, 0);
    cr_expect_str_eq(signer->signature_name, "ecdsa");
    cr_expect(signer->has_signing_time);
    cr_expect_gt(signer->ref.serial.len, 0);
    cr_expect_eq(signer->ref.key_id.len, 0);
}

Test(signed, a_detached_one_has_no_content, .init = make_all, .fini = signed_fixture_remove)
{
    CLEANUP(mapping_unref) struct mapping *message = sign("-keyid -nocerts");
    CLEANUP(cms_signed_free) struct cms_signed *parsed = parse(message);
    cr_expect_null(cms_signed_content(parsed));
    cr_expect_eq(cms_signed_certificate_count(parsed), 0);
    cr_expect_gt(cms_signed_signer(parsed, 0)->ref.key_id.len, 0);
}

Test(signed, freeing_nothing_is_fine)
{
    cms_signed_free(NULL);
}
