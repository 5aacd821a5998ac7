#include "certs/cert.h"
#include "certs/cert_key.h"
#include "certs/pki.h"
#include "support/support.h"

#include <criterion/criterion.h>

static struct cert *make(struct pki *pki, struct pki_spec spec)
{
    struct cert *cert = NULL;
    spec.name = spec.name ? spec.name : "Somebody";
    assert_ok(cert_from_der(pki_der(pki, &spec), &cert));
    return cert;
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

Test(cert_key_of, tells_the_type_and_the_size)
{
    struct pki pki;
    pki_begin(&pki);
    struct cert *ec = make(&pki, (struct pki_spec){ .key = PKI_P256 });
    struct cert *rsa = make(&pki, (struct pki_spec){ .key = PKI_RSA_1024 });
    cr_assert_eq(cert_key_type(ec), CERT_KEY_EC);
    cr_assert_str_eq(cert_key_type_text(ec), "ec");
    cr_assert_eq(cert_key_bits(ec), 256);
    cr_assert_eq(cert_key_type(rsa), CERT_KEY_RSA);
    cr_assert_eq(cert_key_bits(rsa), 1024);
    struct cert *x25519 = make(&pki, (struct pki_spec){ .x25519 = true, .usage = PKI_AGREE });
    cr_assert_eq(cert_key_type(x25519), CERT_KEY_X25519);
    cr_assert_str_eq(cert_key_type_text(x25519), "x25519");
    cr_assert_eq(cert_key_bits(x25519), 256);
    cr_assert_eq(cert_usages(x25519), CERT_USAGE_ENCRYPT);
    cert_unref(x25519);
    struct cert *signing = make(&pki, (struct pki_spec){ .x25519 = true, .usage = PKI_SIGN });
    cr_assert_eq(cert_usages(signing), 0, "an X25519 key signs nothing");
    cert_unref(signing);
    cert_unref(ec);
    cert_unref(rsa);
    pki_end(&pki);
}

Test(cert_key_inherit, gives_parameters_only_where_they_lack_and_only_from_dsa)
{
    struct pki pki;
    struct pki_party whole;
    struct pki_party bare;
    struct pki_party ec;
    struct cert *complete = NULL;
    pki_begin(&pki);
    pki_issue(&pki, &(struct pki_spec){ .name = "Whole", .key = PKI_DSA }, NULL, &whole);
    pki_issue(&pki, &(struct pki_spec){ .name = "Bare", .key = PKI_DSA, .bare_key = true }, &whole,
              &bare);
    pki_issue(&pki, &(struct pki_spec){ .name = "EC" }, NULL, &ec);
    cr_assert_not(cert_key_is_incomplete(whole.cert));
    cr_assert_not(cert_key_is_incomplete(ec.cert));
    cr_assert(cert_key_is_incomplete(bare.cert));
    cr_assert_eq(cert_key_bits(bare.cert), 0);
    const struct {
        struct cert *cert;
        struct cert *issuer;
    } cases[] = {
        { whole.cert, whole.cert },
        { ec.cert, whole.cert },
        { bare.cert, ec.cert },
        { bare.cert, bare.cert },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_ok(cert_with_inherited_key(cases[i].cert, cases[i].issuer, &complete));
        cr_expect_null(complete, "case %zu", i);
    }
    assert_ok(cert_with_inherited_key(bare.cert, whole.cert, &complete));
    cr_assert_not_null(complete);
    cr_assert(cert_key_is_inherited(complete));
    cr_assert_not(cert_key_is_incomplete(complete));
    cr_assert_eq(cert_key_bits(complete), 2048, "whatever the public value is");
    cr_assert_eq(cert_key_bits(whole.cert), 2048);
    cr_assert_str_eq(cert_id(complete), cert_id(bare.cert), "it is the same certificate");
    cr_assert(cert_key_is_incomplete(bare.cert), "the other one stays as it is");
    cert_unref(complete);
    pki_party_done(&ec);
    pki_party_done(&bare);
    pki_party_done(&whole);
    pki_end(&pki);
}
