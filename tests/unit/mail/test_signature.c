#include "base/limits.h"
#include "mail/compose.h"
#include "mail/signature.h"
#include "store/fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

TestSuite(signature, .fini = fixture_remove, .timeout = 60);

/* Signed by somebody whose certificate nobody here has, made by openssl with more arguments. */
static struct bytes signed_by_eve(struct mail_fixture *fixture, const char *option)
{
    fixture_identity("eve");
    fixture_write("text", BYTES_LITERAL("Content-Type: text/plain\r\n\r\nby Eve\r\n"));
    fixture_run("openssl", "cms", "-sign", "-nodetach", "-binary", "-in", "text", "-signer",
                "eve.crt", "-inkey", "eve.key", "-outform", "DER", "-out", "eve.p7m", option, NULL);
    return mail_keep_file(fixture, "eve.p7m");
}

static struct signature_report *verify(struct mail_fixture *fixture, struct bytes cms)
{
    struct signature_report *report = NULL;
    assert_ok(signature_verify(&fixture->context, cms, NULL, &report));
    return report;
}

Test(signature, of_an_unknown_signer_is_unverified)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(signature_report_free)
    struct signature_report *report = verify(fixture, signed_by_eve(fixture, "-nocerts"));
    cr_assert_eq(report->judgement.status, SIGNATURE_UNVERIFIED);
    cr_assert_eq(report->judgement.problems, WORD_BIT(WORD_SIGNER_UNKNOWN));
    cr_assert_eq(report->signer_count, 1);
    cr_assert_null(report->signers[0].cert);
    cr_assert_eq(report->carried.count, 0);
}

Test(signature, of_a_message_with_an_unknown_signer_has_one_word)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes sealed = compose_pkcs7(fixture, "signed-data", signed_by_eve(fixture, "-nocerts"));
    assert_signature(mail_open(fixture, compose_mail(fixture, sealed)), SIGNATURE_UNVERIFIED,
                     WORD_BIT(WORD_SIGNER_UNKNOWN));
}

Test(signature, by_a_certificate_of_its_own_making_is_unverified)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(signature_report_free)
    struct signature_report *report = verify(fixture, signed_by_eve(fixture, "-nosmimecap"));
    cr_assert_eq(report->judgement.status, SIGNATURE_UNVERIFIED);
    cr_assert(words_has(report->judgement.problems, WORD_CHAIN_UNTRUSTED) ||
              words_has(report->judgement.problems, WORD_CHAIN_INCOMPLETE));
    cr_assert_not_null(report->signers[0].cert);
    cr_assert_eq(report->carried.count, 1);
}

/* Alice's certificate and key, out of the database, in alice.pem. */
static void export_alice(void)
{
    fixture_run("pk12util", "-o", "alice.p12", "-d", "sql:db", "-n", "alice@example.org", "-W",
                "p12", "-K", "", NULL);
    fixture_run("openssl", "pkcs12", "-in", "alice.p12", "-passin", "pass:p12", "-nodes",
                "-clcerts", "-out", "alice.pem", NULL);
}

Test(signature, finds_the_signer_in_the_database)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    export_alice();
    fixture_write("text", BYTES_LITERAL("Content-Type: text/plain\r\n\r\nby Alice\r\n"));
    fixture_run("openssl", "cms", "-sign", "-nodetach", "-binary", "-in", "text", "-signer",
                "alice.pem", "-nocerts", "-outform", "DER", "-out", "alice.p7m", NULL);
    CLEANUP(signature_report_free)
    struct signature_report *report = verify(fixture, mail_keep_file(fixture, "alice.p7m"));
    cr_assert_eq(report->judgement.status, SIGNATURE_GOOD);
    cr_assert_str_eq(cert_id(report->signers[0].cert), cert_id(fixture->alice));
    cr_assert_eq(report->signers[0].chain->chain.count, 2);
}

Test(signature, tells_what_it_is_made_with)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes cms = compose_cms(
        fixture, compose_signed(fixture, fixture->alice, FORM_OPAQUE, compose_text(fixture, "x")));
    CLEANUP(signature_report_free) struct signature_report *report = verify(fixture, cms);
    cr_assert_str_eq(report->signers[0].digest, "sha256");
    cr_assert_str_eq(report->signers[0].signature_algorithm, "ecdsa");
    cr_assert(report->signers[0].has_signing_time);
    cr_assert_eq(report->signers[0].signing_time, fixture->context.at);
    cr_assert(report->has_content);
}

/* `decoys` certificates of other keys, with the key identifier of the signer, before his. */
static word_set problems_among(struct mail_fixture *fixture, size_t decoys)
{
    fixture_write("ski.cnf", BYTES_LITERAL("[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=x\n"
                                           "[ext]\nsubjectKeyIdentifier=0102030405\n"));
    fixture_run("openssl", "req", "-x509", "-config", "ski.cnf", "-extensions", "ext", "-newkey",
                "rsa:2048", "-nodes", "-keyout", "ski.key", "-out", "ski.crt", NULL);
    struct buffer *more = mail_keep(fixture);
    for (size_t i = 0; i < decoys; i++) {
        fixture_run("openssl", "req", "-x509", "-config", "ski.cnf", "-extensions", "ext",
                    "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    "decoy.key", "-out", "decoy.crt", NULL);
        assert_ok(buffer_append(more, mail_keep_file(fixture, "decoy.crt")));
    }
    fixture_write("more.crt", buffer_view(more));
    fixture_write("text", BYTES_LITERAL("Content-Type: text/plain\r\n\r\nby X\r\n"));
    /* a SET in DER: the certificates of EC keys come first, being shorter */
    fixture_run("openssl", "cms", "-sign", "-nodetach", "-binary", "-keyid", "-in", "text",
                "-signer", "ski.crt", "-inkey", "ski.key", "-certfile", "more.crt", "-outform",
                "DER", "-out", "ski.p7m", NULL);
    CLEANUP(signature_report_free)
    struct signature_report *report = verify(fixture, mail_keep_file(fixture, "ski.p7m"));
    cr_assert_eq(report->carried.count, decoys + 1);
    return report->judgement.problems;
}

/* The signer is named by a key identifier that his certificate doesn't hold: it is that of the key
 * (RFC 5280 4.2.1.2, method 1). */
Test(signature, finds_the_signer_by_the_identifier_of_his_key)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    fixture_write("ski.cnf", BYTES_LITERAL("[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=x\n"
                                           "[with]\nsubjectKeyIdentifier=hash\n"
                                           "[without]\nkeyUsage=digitalSignature\n"));
    fixture_run("openssl", "req", "-x509", "-config", "ski.cnf", "-extensions", "with", "-newkey",
                "rsa:2048", "-nodes", "-keyout", "ski.key", "-out", "with.crt", NULL);
    fixture_run("openssl", "req", "-x509", "-config", "ski.cnf", "-extensions", "without", "-key",
                "ski.key", "-out", "without.crt", NULL);
    fixture_write("text", BYTES_LITERAL("Content-Type: text/plain\r\n\r\nby X\r\n"));
    fixture_run("openssl", "cms", "-sign", "-nodetach", "-binary", "-keyid", "-nocerts", "-in",
                "text", "-signer", "with.crt", "-inkey", "ski.key", "-certfile", "without.crt",
                "-outform", "DER", "-out", "ski.p7m", NULL);
    CLEANUP(signature_report_free)
    struct signature_report *report = verify(fixture, mail_keep_file(fixture, "ski.p7m"));
    cr_assert_eq(report->carried.count, 1);
    cr_assert_not(words_has(report->judgement.problems, WORD_SIGNER_UNKNOWN));
    cr_assert_eq(report->signers[0].cert, report->carried.items[0]);
}

/* A certificate of Alice's key that nobody trusts comes along; the one in the database is of the
 * same key and speaks for it. Named by issuer and serial number, only the first is meant. */
Test(signature, takes_the_certificate_of_the_key_that_is_believed)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    export_alice();
    fixture_run("openssl", "req", "-x509", "-key", "alice.pem", "-subj", "/CN=self", "-out",
                "self.crt", NULL);
    fixture_write("text", BYTES_LITERAL("Content-Type: text/plain\r\n\r\nby Alice\r\n"));
    static const char *const names[] = { "-keyid", "-binary" };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        fixture_run("openssl", "cms", "-sign", "-nodetach", "-binary", "-in", "text", "-signer",
                    "self.crt", "-inkey", "alice.pem", "-outform", "DER", "-out", "self.p7m",
                    names[i], NULL);
        CLEANUP(signature_report_free)
        struct signature_report *report = verify(fixture, mail_keep_file(fixture, "self.p7m"));
        bool by_key = i == 0;
        cr_assert_eq(report->carried.count, 1);
        cr_assert_eq(report->judgement.status, by_key ? SIGNATURE_GOOD : SIGNATURE_UNVERIFIED);
        const struct cert *expected = by_key ? fixture->alice : report->carried.items[0];
        cr_assert_str_eq(cert_id(report->signers[0].cert), cert_id(expected));
    }
}

Test(signature, tries_few_certificates_of_one_key_identifier)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    cr_assert_not(
        words_has(problems_among(fixture, LIMIT_CANDIDATES - 1), WORD_SIGNATURE_MISMATCH));
    cr_assert(words_has(problems_among(fixture, LIMIT_CANDIDATES), WORD_SIGNATURE_MISMATCH));
}

Test(signature, altered_inside_is_bad)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes cms = compose_cms(fixture, compose_signed(fixture, fixture->alice, FORM_OPAQUE,
                                                           compose_text(fixture, "pay 10")));
    struct bytes altered = compose_replaced(fixture, cms, "pay 10", "pay 99");
    CLEANUP(signature_report_free) struct signature_report *report = verify(fixture, altered);
    cr_assert_eq(report->judgement.status, SIGNATURE_BAD);
    cr_assert_eq(report->judgement.problems, WORD_BIT(WORD_DIGEST_MISMATCH));
}

Test(signature, refuses_another_type_of_cms)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes cms =
        compose_cms(fixture, compose_encrypted(fixture, fixture->bob, CMS_AES_128_CBC,
                                               compose_text(fixture, "x")));
    struct signature_report *report = NULL;
    assert_error(signature_verify(&fixture->context, cms, NULL, &report), ERR_CMS_UNSUPPORTED);
    cr_assert_null(report);
}

/* 12 bytes that declare 2 GB: judged bad, and nothing is reserved for them. */
Test(signature, that_claims_two_gigabytes_is_damage)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(signature_report_free)
    struct signature_report *report =
        verify(fixture, BYTES_LITERAL("\x30\x84\x7f\xff\xff\xff\x06\x09\x2a\x86\x48\x86"));
    cr_assert_eq(report->judgement.status, SIGNATURE_BAD);
    cr_assert_eq(report->judgement.problems, WORD_BIT(WORD_CMS_MALFORMED));
}

Test(signature, gives_out_its_content)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    struct bytes cms = compose_cms(fixture, compose_signed(fixture, fixture->alice, FORM_OPAQUE,
                                                           compose_text(fixture, "inside")));
    CLEANUP(mapping_unref) struct mapping *owner = mail_mapping(cms);
    CLEANUP(signature_report_free)
    struct signature_report *report = verify(fixture, mapping_view(owner));
    for (int ours = 0; ours < 2; ours++) {
        CLEANUP(mapping_unref) struct mapping *content_owner = NULL;
        struct bytes content = BYTES_NONE;
        assert_ok(signature_content(report, owner, ours, &content_owner, &content));
        cr_assert(
            bytes_equal(content, BYTES_LITERAL("Content-Type: text/plain\r\n\r\ninside\r\n")));
    }
}

/* Content in segments, as streaming programs write it. */
Test(signature, puts_segments_together)
{
    CLEANUP(mail_fixture_free) struct mail_fixture *fixture = mail_fixture_new();
    CLEANUP(mapping_unref) struct mapping *owner = mail_mapping(signed_by_eve(fixture, "-stream"));
    CLEANUP(signature_report_free)
    struct signature_report *report = verify(fixture, mapping_view(owner));
    cr_assert_gt(cms_signed_content(report->cms)->segments, 0);
    for (int ours = 0; ours < 2; ours++) {
        CLEANUP(mapping_unref) struct mapping *content_owner = NULL;
        struct bytes content = BYTES_NONE;
        assert_ok(signature_content(report, owner, ours, &content_owner, &content));
        cr_assert(
            bytes_equal(content, BYTES_LITERAL("Content-Type: text/plain\r\n\r\nby Eve\r\n")));
    }
}
