#include "signed_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <stdio.h>

/* RSA-PSS by openssl: salts and mask digests of all sorts (RFC 4055, RFC 4056). */

ReportHook(PRE_ALL)(struct criterion_test_set *tests)
{
    static const char *const names[] = { "rsa", "pss", "pss256" };
    (void)tests;
    signed_fixture_make(names, ARRAY_SIZE(names));
    signed_fixture_write("content", BYTES_LITERAL("Content-Type: text/plain\r\n\r\nhello\r\n"));
}

ReportHook(POST_ALL)(struct criterion_global_stats *statistics)
{
    (void)statistics;
    signed_fixture_remove();
}

TestSuite(cms_signed_pss, .init = signed_fixture_start);

static void assert_signed(const char *signer, const char *options, word_set problems)
{
    CLEANUP(mapping_unref) struct mapping *message = signed_fixture_sign(signer, options);
    CLEANUP(nss_cert_free) CERTCertificate *certificate = signed_fixture_certificate(signer);
    signed_fixture_assert(mapping_view(message), NULL, certificate, problems);
}

Test(cms_signed_pss, accepts_pss_of_openssl)
{
    assert_signed("rsa", "-nodetach -md sha256 -keyopt rsa_padding_mode:pss", WORDS_NONE);
    assert_signed("rsa",
                  "-nodetach -md sha512 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:max",
                  WORDS_NONE);
    assert_signed("pss", "-nodetach -md sha384 -keyopt rsa_pss_saltlen:0", WORDS_NONE);
    assert_signed("pss256", "-nodetach -md sha256 -keyopt rsa_pss_saltlen:32", WORDS_NONE);
}

/* RFC 4055 3.1: MGF1 may have another digest, and the salt any length that fits. */
Test(cms_signed_pss, accepts_pss_of_all_sorts)
{
    static const char *const options[] = {
        "-md sha256 -keyopt rsa_pss_saltlen:0",
        "-md sha224 -keyopt rsa_pss_saltlen:28",
        "-md sha384 -keyopt rsa_pss_saltlen:1",
        "-md sha256 -keyopt rsa_pss_saltlen:222", /* 256 - 32 - 2 */
        "-md sha512 -keyopt rsa_pss_saltlen:20 -keyopt rsa_mgf1_md:sha256",
        "-md sha256 -keyopt rsa_pss_saltlen:32 -keyopt rsa_mgf1_md:sha512",
        "-md sha256 -keyopt rsa_pss_saltlen:32 -keyopt rsa_mgf1_md:sha1",
    };
    static const char *const signers[] = { "rsa", "pss" };
    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        for (size_t k = 0; k < ARRAY_SIZE(signers); k++) {
            char all[160] = "";
            (void)snprintf(all, sizeof(all), "-nodetach -keyopt rsa_padding_mode:pss %s",
                           options[i]);
            assert_signed(signers[k], all, WORDS_NONE);
        }
    }
    assert_signed("rsa", "-nodetach -md sha1 -keyopt rsa_padding_mode:pss",
                  WORD_BIT(WORD_WEAK_DIGEST));
}
