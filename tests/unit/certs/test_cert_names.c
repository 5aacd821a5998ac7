#include "base/limits.h"
#include "certs/cert.h"
#include "certs/cert_names.h"
#include "certs/pki.h"
#include "nss/item.h"
#include "nss/nss_scope.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <secder.h>
#include <stdio.h>
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

/* DER of a name, decoded; everything belongs to the arena. */
static CERTName *decoded_name(struct pki *pki, struct bytes der)
{
    CERTName *name = PORT_ArenaZNew(pki->arena, CERTName);
    SECItem item;
    cr_assert(item_set(&item, der));
    cr_assert_eq(SEC_QuickDERDecodeItem(pki->arena, name, CERT_NameTemplate, &item), SECSuccess);
    return name;
}

static bool names_equal(struct pki *pki, const char *a, const char *b)
{
    struct bytes left = pki_name(pki, a, true);
    struct bytes right = pki_name(pki, b, true);
    return cert_names_equal(decoded_name(pki, left), left, decoded_name(pki, right), right);
}

Test(cert_names_equal, folds_case_of_short_names_only)
{
    struct pki pki;
    pki_begin(&pki);
    cr_assert(names_equal(&pki, "Root CA", "root ca"));
    cr_assert_not(names_equal(&pki, "Root CA", "Root CB"));
    char upper[LIMIT_NAME + 1];
    char lower[LIMIT_NAME + 1];
    memset(upper, 'A', LIMIT_NAME);
    memset(lower, 'a', LIMIT_NAME);
    upper[LIMIT_NAME] = lower[LIMIT_NAME] = 0;
    cr_assert(names_equal(&pki, upper, upper));
    cr_assert_not(names_equal(&pki, upper, lower));
    upper[LIMIT_NAME / 2] = lower[LIMIT_NAME / 2] = 0;
    cr_assert(names_equal(&pki, upper, lower));
    pki_end(&pki);
}
