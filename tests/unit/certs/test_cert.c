#include "base/limits.h"
#include "certs/cert.h"
#include "certs/pki.h"
#include "nss/nss_scope.h"
#include "support/support.h"

#include <certdb.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct bytes rfc822(struct pki *pki, struct bytes address)
{
    return pki_tlv(pki, 0x81, address);
}

static struct bytes mailbox(struct pki *pki, unsigned tag, const char *address)
{
    struct bytes oid = pki_tlv(pki, 6, PKI_OCTETS(0x2b, 6, 1, 5, 5, 7, 8, 9));
    struct bytes value = pki_tlv(pki, 0xa0, pki_tlv(pki, tag, bytes_of_string(address)));
    return pki_tlv(pki, 0xa0, PKI_JOIN(pki, oid, value));
}

static struct cert *make(struct pki *pki, struct pki_spec spec)
{
    struct cert *cert = NULL;
    spec.name = spec.name ? spec.name : "Somebody";
    assert_ok(cert_from_der(pki_der(pki, &spec), &cert));
    return cert;
}

Test(cert_from_der, rejects_what_is_no_certificate)
{
    struct pki pki;
    struct cert *cert = NULL;
    pki_begin(&pki);
    assert_error(cert_from_der(BYTES_NONE, &cert), ERR_CMS_MALFORMED);
    assert_error(cert_from_der(BYTES_LITERAL("0"), &cert), ERR_CMS_MALFORMED);
    assert_error(cert_from_der(BYTES_LITERAL("\x30\x80"), &cert), ERR_CMS_MALFORMED);
    assert_error(cert_from_der(BYTES_LITERAL("\x30\x03\x02\x01\x01"), &cert), ERR_CMS_MALFORMED);
    assert_error(cert_from_der(BYTES_LITERAL("\x30\x84\x7f\xff\xff\xf0"), &cert),
                 ERR_CMS_MALFORMED);
    cr_assert_null(cert);
    pki_end(&pki);
}

Test(cert_from_der, rejects_every_truncation_and_what_follows)
{
    struct pki pki;
    struct cert *cert = NULL;
    pki_begin(&pki);
    struct bytes der = pki_der(&pki, &(struct pki_spec){ .name = "Whole", .mail = "a@b.example" });
    for (size_t len = 0; len < der.len; len++) {
        assert_error(cert_from_der(bytes_slice(der, 0, len), &cert), ERR_CMS_MALFORMED);
    }
    assert_error(cert_from_der(PKI_JOIN(&pki, der, PKI_OCTETS(0)), &cert), ERR_CMS_MALFORMED);
    pki_end(&pki);
}

Test(cert_from_der, rejects_a_certificate_above_the_limit)
{
    struct pki pki;
    struct cert *cert = NULL;
    pki_begin(&pki);
    size_t len = LIMIT_CERTIFICATE;
    uint8_t *filler = calloc(1, len);
    struct bytes big =
        pki_extension(&pki, PKI_OCTETS(0x2a, 3, 4), false, (struct bytes){ filler, len });
    struct bytes der = pki_der(&pki, &(struct pki_spec){ .name = "Big", .extensions = big });
    assert_error(cert_from_der(der, &cert), ERR_CMS_MALFORMED);
    free(filler);
    pki_end(&pki);
}

static struct bytes many_extensions(struct pki *pki, size_t count)
{
    struct bytes all = BYTES_NONE;
    for (size_t i = 0; i < count; i++) {
        struct bytes oid = PKI_OCTETS(0x2a, (uint8_t)(i / 100), (uint8_t)(i % 100));
        all = PKI_JOIN(pki, all, pki_extension(pki, oid, false, PKI_OCTETS(5, 0)));
    }
    return all;
}

Test(cert_from_der, rejects_an_extension_that_is_there_twice_and_too_many)
{
    struct pki pki;
    struct cert *cert = NULL;
    pki_begin(&pki);
    struct bytes one = many_extensions(&pki, 1);
    struct pki_spec twice = { .name = "Twice", .extensions = PKI_JOIN(&pki, one, one) };
    assert_error(cert_from_der(pki_der(&pki, &twice), &cert), ERR_CMS_MALFORMED);
    struct pki_spec many = { .name = "Many",
                             .extensions = many_extensions(&pki, LIMIT_CERT_EXTENSIONS + 1) };
    assert_error(cert_from_der(pki_der(&pki, &many), &cert), ERR_CMS_MALFORMED);
    many.extensions = many_extensions(&pki, LIMIT_CERT_EXTENSIONS);
    assert_ok(cert_from_der(pki_der(&pki, &many), &cert));
    cert_unref(cert);
    pki_end(&pki);
}

Test(cert_from_der, tells_what_stands_in_the_certificate)
{
    struct pki pki;
    pki_begin(&pki);
    struct pki_spec spec = { .name = "J\xc3\xb6rg, \"the\" <b>",
                             .mail = "joerg@example.org",
                             .serial = 0x80abcd,
                             .from = 1000,
                             .to = 4102444800,
                             .key = PKI_RSA_2048 };
    struct bytes der = pki_der(&pki, &spec);
    struct cert *cert = NULL;
    assert_ok(cert_from_der(der, &cert));
    uint8_t digest[32];
    CLEANUP(string_free) char *hex = NULL;
    cr_assert_eq(PK11_HashBuf(SEC_OID_SHA256, digest, der.data, (int)der.len), SECSuccess);
    assert_ok(bytes_to_hex((struct bytes){ digest, sizeof digest }, &hex));
    cr_assert_str_eq(cert_id(cert), hex);
    cr_assert_not_null(strstr(cert_subject(cert), "J\xc3\xb6rg"), "%s", cert_subject(cert));
    cr_assert_str_eq(cert_issuer(cert), cert_subject(cert));
    cr_assert_str_eq(cert_serial(cert), "0080abcd");
    cr_assert(bytes_equal(cert_serial_bytes(cert), PKI_OCTETS(0, 0x80, 0xab, 0xcd)));
    cr_assert(bytes_equal(cert_issuer_der(cert), pki_name(&pki, spec.name, false)));
    cr_assert(bytes_equal(cert_subject_der(cert), cert_issuer_der(cert)));
    cr_assert(bytes_equal(cert_der(cert), der));
    cr_assert_eq(cert_subject_key_id(cert).len, 0);
    cr_assert_eq(cert_not_before(cert), 1000);
    cr_assert_eq(cert_not_after(cert), 4102444800);
    cr_assert_eq(cert_key_type(cert), CERT_KEY_RSA);
    cr_assert_str_eq(cert_key_type_text(cert), "rsa");
    cr_assert_eq(cert_key_bits(cert), 2048);
    cert_unref(cert);
    pki_end(&pki);
}

Test(cert_subject, holds_no_control_character)
{
    struct pki pki;
    pki_begin(&pki);
    struct cert *cert = make(&pki, (struct pki_spec){ .name = "a\x1b[31m\nb\xff\xc2\x9b" });
    for (const char *at = cert_subject(cert); *at; at++) {
        cr_assert_geq((unsigned char)*at, 0x20);
    }
    cr_assert_null(strstr(cert_subject(cert), "\xc2\x9b"));
    cert_unref(cert);
    pki_end(&pki);
}

Test(cert_subject_key_id, is_the_extensions)
{
    struct pki pki;
    pki_begin(&pki);
    struct bytes id = PKI_OCTETS(1, 2, 3, 4);
    struct pki_spec spec = { .extensions = pki_extension(&pki, PKI_OCTETS(0x55, 0x1d, 14), false,
                                                         pki_tlv(&pki, 4, id)) };
    struct cert *cert = make(&pki, spec);
    cr_assert(bytes_equal(cert_subject_key_id(cert), id));
    cert_unref(cert);
    pki_end(&pki);
}

Test(cert_address, leaves_out_what_could_be_read_in_two_ways)
{
    struct pki pki;
    pki_begin(&pki);
    struct bytes names[] = {
        rfc822(&pki, BYTES_LITERAL("alice@good.example\0.evil.example")),
        rfc822(&pki, BYTES_LITERAL("alice@good.example\r\nx")),
        rfc822(&pki, BYTES_LITERAL("alice@good.example b@evil.example")),
        rfc822(&pki, BYTES_LITERAL("jos\xc3\xa9@good.example")), /* not ASCII */
        rfc822(&pki, BYTES_LITERAL("good.example")),
        rfc822(&pki, BYTES_LITERAL("@good.example")),
        rfc822(&pki, BYTES_LITERAL("alice@")),
        rfc822(&pki, BYTES_NONE),
        mailbox(&pki, 0x0c, "ascii@good.example"), /* RFC 9598 3: has to be an rfc822Name */
        mailbox(&pki, 0x0c, "jos\xe9@good.example"), /* no UTF-8 */
        mailbox(&pki, 0x16, "jos\xc3\xa9@good.example"), /* an IA5String */
        mailbox(&pki, 0x0c, "jos\xc3\xa9@good.example\xc2\x80"),
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct cert *cert = make(&pki, (struct pki_spec){ .alternative = names[i] });
        cr_expect_eq(cert_address_count(cert), 0, "name %zu", i);
        cr_expect_null(cert_address(cert, 0));
        cert_unref(cert);
    }
    pki_end(&pki);
}

Test(cert_address, gives_names_and_utf8_mailboxes)
{
    struct pki pki;
    pki_begin(&pki);
    struct bytes all = PKI_JOIN(&pki, rfc822(&pki, BYTES_LITERAL("Alice@Example.org")),
                                pki_tlv(&pki, 0x82, BYTES_LITERAL("dns@example.org")),
                                mailbox(&pki, 0x0c, "jos\xc3\xa9@example.org"));
    struct cert *cert = make(&pki, (struct pki_spec){ .alternative = all });
    cr_assert_eq(cert_address_count(cert), 2);
    cr_assert_str_eq(cert_address(cert, 0), "Alice@Example.org");
    cr_assert_str_eq(cert_address(cert, 1), "jos\xc3\xa9@example.org");
    cr_assert_null(cert_address(cert, 2));
    cert_unref(cert);
    pki_end(&pki);
}

/* emailAddress as the only attribute of a name. */
static struct bytes mail_name(struct pki *pki, unsigned tag, struct bytes address)
{
    struct bytes oid = pki_tlv(pki, 6, PKI_OCTETS(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1));
    struct bytes pair = PKI_JOIN(pki, oid, pki_tlv(pki, tag, address));
    return pki_tlv(pki, 0x30, pki_tlv(pki, 0x31, pki_tlv(pki, 0x30, pair)));
}

Test(cert_address, takes_the_subjects_only_where_no_other_was_written)
{
    struct pki pki;
    pki_begin(&pki);
    struct bytes subject = mail_name(&pki, 0x16, BYTES_LITERAL("subject@example.org"));
    struct cert *alone = make(&pki, (struct pki_spec){ .subject = subject });
    struct cert *with =
        make(&pki, (struct pki_spec){ .subject = subject, .mail = "san@example.org" });
    struct bytes trick = rfc822(&pki, BYTES_LITERAL("x@y\0z"));
    struct cert *broken = make(&pki, (struct pki_spec){ .subject = subject, .alternative = trick });
    struct bytes host = pki_tlv(&pki, 0x82, BYTES_LITERAL("host.example"));
    struct cert *other = make(&pki, (struct pki_spec){ .subject = subject, .alternative = host });
    struct bytes nul = mail_name(&pki, 0x16, BYTES_LITERAL("a@good.example\0.evil.example"));
    struct cert *hidden = make(&pki, (struct pki_spec){ .subject = nul });
    cr_assert_eq(cert_address_count(alone), 1);
    cr_assert_str_eq(cert_address(alone, 0), "subject@example.org");
    cr_assert_eq(cert_address_count(with), 1);
    cr_assert_str_eq(cert_address(with, 0), "san@example.org");
    cr_assert_eq(cert_address_count(broken), 0);
    cr_assert_eq(cert_address_count(other), 1);
    cr_assert_eq(cert_address_count(hidden), 0);
    cert_unref(alone);
    cert_unref(with);
    cert_unref(broken);
    cert_unref(other);
    cert_unref(hidden);
    pki_end(&pki);
}

Test(cert_address, stops_at_the_limit)
{
    struct pki pki;
    pki_begin(&pki);
    struct bytes all = BYTES_NONE;
    for (int i = 0; i <= LIMIT_CERT_ADDRESSES; i++) {
        char address[32];
        (void)snprintf(address, sizeof address, "a%d@example.org", i);
        all = PKI_JOIN(&pki, all, rfc822(&pki, bytes_of_string(address)));
    }
    struct cert *cert = make(&pki, (struct pki_spec){ .alternative = all });
    cr_assert_eq(cert_address_count(cert), LIMIT_CERT_ADDRESSES);
    cert_unref(cert);
    pki_end(&pki);
}

struct usage_case {
    const char *what;
    struct pki_spec spec;
    unsigned expected;
};

Test(cert_usages, follow_the_extensions)
{
    struct pki pki;
    pki_begin(&pki);
    const unsigned both = CERT_USAGE_SIGN | CERT_USAGE_ENCRYPT;
    struct bytes type = PKI_OCTETS(0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 1, 1);
    struct bytes tls_only = pki_extension(&pki, type, false, PKI_OCTETS(3, 2, 6, 0x40));
    struct bytes mail = pki_extension(&pki, type, false, PKI_OCTETS(3, 2, 5, 0x20));
    struct bytes odd_usage =
        pki_extension(&pki, PKI_OCTETS(0x55, 0x1d, 15), true, PKI_OCTETS(5, 0));
    struct bytes odd_purpose =
        pki_extension(&pki, PKI_OCTETS(0x55, 0x1d, 37), false, PKI_OCTETS(5, 0));
    const struct usage_case cases[] = {
        { "nothing forbids", { 0 }, both },
        { "nothing forbids an RSA key", { .key = PKI_RSA_1024 }, both },
        { "signing", { .usage = PKI_SIGN }, CERT_USAGE_SIGN },
        { "non-repudiation", { .usage = PKI_REPUDIATE }, CERT_USAGE_SIGN },
        { "agreement", { .usage = PKI_AGREE }, CERT_USAGE_ENCRYPT },
        { "encipherment is not for EC", { .usage = PKI_ENCIPHER }, 0 },
        { "encipherment", { .usage = PKI_ENCIPHER, .key = PKI_RSA_1024 }, CERT_USAGE_ENCRYPT },
        { "agreement is not for RSA", { .usage = PKI_AGREE, .key = PKI_RSA_1024 }, 0 },
        { "e-mail", { .purpose = "email" }, both },
        { "any purpose", { .purpose = "any" }, both },
        { "server only", { .purpose = "server" }, 0 },
        { "Netscape's TLS", { .extensions = tls_only }, 0 },
        { "Netscape's mail", { .extensions = mail }, both },
        { "purpose before Netscape's", { .extensions = tls_only, .purpose = "email" }, both },
        { "unreadable usage", { .extensions = odd_usage }, 0 },
        { "unreadable purpose", { .extensions = odd_purpose }, 0 },
        { "a CA", { .ca = true, .path_length = -1, .usage = PKI_CERT_SIGN }, CERT_USAGE_CA },
        { "a CA that may not sign",
          { .ca = true, .path_length = -1, .usage = PKI_SIGN },
          CERT_USAGE_SIGN },
        { "a CA for servers",
          { .ca = true, .path_length = 0, .purpose = "server" },
          CERT_USAGE_CA },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cert *cert = make(&pki, cases[i].spec);
        cr_expect_eq(cert_usages(cert), cases[i].expected, "%s", cases[i].what);
        cert_unref(cert);
    }
    pki_end(&pki);
}

Test(cert_nss, is_the_same_object_each_time_and_never_null)
{
    struct pki pki;
    pki_begin(&pki);
    struct cert *cert = make(&pki, (struct pki_spec){ 0 });
    CERTCertificate *certificate = cert_nss(cert);
    cr_assert_not_null(certificate);
    cr_assert_eq(cert_nss(cert), certificate);
    cr_assert(certificate->istemp);
    cr_assert_not(certificate->isperm);
    cert_unref(cert);
    pki_end(&pki);
}

Test(cert_nss, stands_two_certificates_of_one_issuer_and_serial_number)
{
    struct pki pki;
    pki_begin(&pki);
    struct cert *first = make(&pki, (struct pki_spec){ .serial = 5 });
    struct cert *second = make(&pki, (struct pki_spec){ .serial = 5 });
    cr_assert_not_null(cert_nss(first));
    cr_assert_not_null(cert_nss(second));
    cr_assert_neq(cert_nss(first), cert_nss(second));
    cert_unref(first);
    cert_unref(second);
    pki_end(&pki);
}

Test(cert_from_nss, keeps_the_object_it_was_given)
{
    struct pki pki;
    pki_begin(&pki);
    struct cert *cert = make(&pki, (struct pki_spec){ .mail = "a@b.example" });
    pki_trust(cert, ",P,");
    struct cert *again = NULL;
    assert_ok(cert_from_nss(cert_nss(cert), &again));
    cr_assert_eq(cert_nss(again), cert_nss(cert));
    cr_assert(cert_nss(again)->isperm);
    cr_assert_str_eq(cert_id(again), cert_id(cert));
    cr_assert_str_eq(cert_address(again, 0), "a@b.example");
    cert_unref(again);
    cert_unref(cert);
    pki_end(&pki);
}

Test(cert_ref, takes_null)
{
    cr_assert_null(cert_ref(NULL));
    cert_unref(NULL);
}

Test(cert_list_add_once, compares_by_content)
{
    struct pki pki;
    pki_begin(&pki);
    struct bytes der = pki_der(&pki, &(struct pki_spec){ .name = "One" });
    struct cert *first = NULL;
    struct cert *second = NULL;
    struct cert *other = make(&pki, (struct pki_spec){ .name = "Two" });
    assert_ok(cert_from_der(der, &first));
    assert_ok(cert_from_der(der, &second));
    struct cert_list list = { 0 };
    assert_ok(cert_list_add_once(&list, first));
    assert_ok(cert_list_add_once(&list, second));
    assert_ok(cert_list_add_once(&list, other));
    cr_assert_eq(list.count, 2);
    assert_ok(cert_list_add(&list, second));
    cr_assert_eq(list.count, 3);
    cr_assert_eq(cert_list_find(&list, cert_id(second)), first);
    cr_assert_null(cert_list_find(&list, "none"));
    cert_unref(first);
    cert_unref(second);
    cert_unref(other);
    cert_list_done(&list); /* has references of its own */
    cr_assert_eq(list.count, 0);
    pki_end(&pki);
}
