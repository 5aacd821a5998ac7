#include "base/limits.h"
#include "certs/cert.h"
#include "certs/pki.h"
#include "nss/nss_scope.h"
#include "support/support.h"

#include <certdb.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

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

/* `count` copies of `part`. */
static struct bytes repeat(struct pki *pki, struct bytes part, size_t count)
{
    struct bytes all = BYTES_NONE;
    for (size_t i = 0; i < count; i++) {
        all = PKI_JOIN(pki, all, part);
    }
    return all;
}

/* Measured: 2,000 attributes in a subject made NSS's path validation take all memory. */
Test(cert_from_der, rejects_a_name_with_too_many_attributes)
{
    struct pki pki;
    struct cert *cert = NULL;
    pki_begin(&pki);
    struct bytes name = pki_name(&pki, "x", true);
    struct bytes one = bytes_slice(name, 2, name.len - 2); /* without the SEQUENCE around it */
    struct pki_spec spec = { .subject = pki_tlv(&pki, 0x30,
                                                repeat(&pki, one, LIMIT_NAME_ATTRIBUTES + 1)) };
    assert_error(cert_from_der(pki_der(&pki, &spec), &cert), ERR_CMS_MALFORMED);
    struct bytes pair = bytes_slice(one, 2, one.len - 2); /* one RDN with all of them */
    spec.subject =
        pki_tlv(&pki, 0x30, pki_tlv(&pki, 0x31, repeat(&pki, pair, LIMIT_NAME_ATTRIBUTES + 1)));
    assert_error(cert_from_der(pki_der(&pki, &spec), &cert), ERR_CMS_MALFORMED);
    spec.subject = pki_tlv(&pki, 0x30, repeat(&pki, one, LIMIT_NAME_ATTRIBUTES));
    assert_ok(cert_from_der(pki_der(&pki, &spec), &cert));
    cert_unref(cert);
    pki_end(&pki);
}

Test(cert_from_der, rejects_too_many_alternative_names)
{
    struct pki pki;
    struct cert *cert = NULL;
    pki_begin(&pki);
    struct bytes name = pki_tlv(&pki, 0x81, bytes_of_string("a@b.example"));
    struct pki_spec spec = { .name = "Many",
                             .alternative = repeat(&pki, name, LIMIT_GENERAL_NAMES + 1) };
    assert_error(cert_from_der(pki_der(&pki, &spec), &cert), ERR_CMS_MALFORMED);
    spec.alternative = repeat(&pki, name, LIMIT_GENERAL_NAMES);
    assert_ok(cert_from_der(pki_der(&pki, &spec), &cert));
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
    cr_assert_eq(cert_subject_key_id(cert).len, 20);
    cr_assert_eq(cert_not_before(cert), 1000);
    cr_assert_eq(cert_not_after(cert), 4102444800);
    cr_assert_eq(cert_key_type(cert), CERT_KEY_RSA);
    cr_assert_str_eq(cert_key_type_text(cert), "rsa");
    cr_assert_eq(cert_key_bits(cert), 2048);
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

/* RFC 5280 4.2.1.2: of the bits of the key, not of the value around them. */
Test(cert_subject_key_id, is_made_where_no_extension_says_it)
{
    struct pki pki;
    pki_begin(&pki);
    struct cert *cert = make(&pki, (struct pki_spec){ 0 });
    SECItem bits = cert_decoded(cert)->subjectPublicKeyInfo.subjectPublicKey;
    uint8_t expected[20];
    cr_assert_eq(PK11_HashBuf(SEC_OID_SHA1, expected, bits.data, (int)(bits.len + 7) / 8),
                 SECSuccess);
    cr_assert(bytes_equal(cert_subject_key_id(cert), (struct bytes){ expected, sizeof expected }));
    cert_unref(cert);
    pki_end(&pki);
}

/* An extension that is there and empty names no key, and would fit every empty wish. */
Test(cert_subject_key_id, is_made_where_the_extension_is_empty)
{
    struct pki pki;
    pki_begin(&pki);
    struct pki_spec spec = { .extensions = pki_extension(&pki, PKI_OCTETS(0x55, 0x1d, 14), false,
                                                         pki_tlv(&pki, 4, BYTES_NONE)) };
    struct cert *cert = make(&pki, spec);
    cr_assert_eq(cert_subject_key_id(cert).len, 20);
    cert_unref(cert);
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
