#include "certs/crl_scope.h"
#include "certs/pki.h"
#include "nss/item.h"
#include "nss/nss_scope.h"
#include "support/support.h"

#include <criterion/criterion.h>

enum { DELTA = 27, POINT = 28, NUMBER = 20 };

/* The scope that one extension 2.5.29.`kind` gives. */
static struct crl_scope read_scope(uint8_t kind, bool critical, struct bytes value)
{
    uint8_t oid[] = { 0x55, 0x1d, kind };
    uint8_t yes[] = { 0xff };
    CERTCertExtension extension = { .id = { siBuffer, oid, sizeof oid } };
    extension.critical = (SECItem){ siBuffer, yes, critical ? 1 : 0 };
    cr_assert(item_set(&extension.value, value));
    CERTCertExtension *extensions[] = { &extension, NULL };
    struct crl_scope scope = { 0 };
    assert_ok(crl_scope_read(extensions, &scope));
    return scope;
}

Test(crl_scope_read, does_not_understand_what_is_broken)
{
    static const char *const broken[] = {
        "",
        "\x05\x02zz",
        "\x31\x02\x05\x01",
        "\x30\x03\x81\x05\xff",
        "\x30\x02\x05\x01z",
        "\x30\x03\x86\x01\xff",
        "\x30\x01\x81",
    };
    for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
        struct crl_scope scope = read_scope(POINT, true, bytes_of_string(broken[i]));
        cr_expect(scope.not_understood, "case %zu", i);
        crl_scope_done(&scope);
    }
}

Test(crl_scope_read, understands_nothing_critical_that_it_does_not_know)
{
    struct crl_scope unknown = read_scope(99, true, BYTES_LITERAL("\x05"));
    struct crl_scope harmless = read_scope(99, false, BYTES_LITERAL("\x05"));
    struct crl_scope number = read_scope(NUMBER, true, BYTES_LITERAL("\x02\x01\x01"));
    cr_assert(unknown.not_understood);
    cr_assert_not(harmless.not_understood);
    cr_assert_not(number.not_understood);
}

Test(crl_scope_read, reads_each_field)
{
    struct crl_scope users = read_scope(POINT, true, BYTES_LITERAL("\x30\x03\x81\x01\xff"));
    struct crl_scope cas = read_scope(POINT, true, BYTES_LITERAL("\x30\x03\x82\x01\xff"));
    struct crl_scope reasons = read_scope(POINT, true, BYTES_LITERAL("\x30\x04\x83\x02\x01\x40"));
    /* unused bits are nobody's */
    struct crl_scope two = read_scope(POINT, true, BYTES_LITERAL("\x30\x05\x83\x03\x00\x81\xff"));
    struct crl_scope none = read_scope(POINT, true, BYTES_LITERAL("\x30\x02\x83\x00"));
    struct crl_scope indirect = read_scope(POINT, true, BYTES_LITERAL("\x30\x03\x84\x01\xff"));
    struct crl_scope attributes = read_scope(POINT, true, BYTES_LITERAL("\x30\x03\x85\x01\xff"));
    struct crl_scope no = read_scope(POINT, true, BYTES_LITERAL("\x30\x03\x84\x01\x00"));
    struct crl_scope delta = read_scope(DELTA, true, BYTES_LITERAL("\x02\x01\x01"));
    cr_assert(users.only_users && !users.only_cas && !users.not_understood);
    cr_assert(cas.only_cas && !cas.only_users);
    cr_assert_eq(reasons.reasons, 0x4000);
    cr_assert_eq(users.reasons, CRL_ALL_REASONS);
    cr_assert_eq(two.reasons, 0x0180);
    cr_assert_eq(none.reasons, 0);
    cr_assert(indirect.indirect);
    cr_assert(attributes.only_attributes);
    cr_assert_not(no.indirect);
    cr_assert(delta.delta && !delta.not_understood);
}

Test(crl_scope_covers, judges_by_kind_and_issuer)
{
    struct pki pki;
    struct pki_party ca;
    struct pki_party person;
    pki_begin(&pki);
    pki_authority(&pki, "CA", NULL, &ca);
    pki_person(&pki, "Person", &ca, &person);
    const unsigned every = CRL_ALL_REASONS;
    struct crl_scope all = { .reasons = every };
    struct crl_scope none = { 0 };
    struct crl_scope users = { .only_users = true, .reasons = every };
    struct crl_scope cas = { .only_cas = true, .reasons = every };
    struct crl_scope indirect = { .indirect = true, .reasons = every };
    struct crl_scope odd = { .not_understood = true, .reasons = every };
    cr_assert_not(crl_scope_covers(&none, person.cert, true));
    cr_assert_eq(crl_scope_covers(&all, person.cert, true), every);
    cr_assert_not(crl_scope_covers(&all, person.cert, false));
    cr_assert(crl_scope_covers(&indirect, person.cert, false));
    cr_assert(crl_scope_covers(&users, person.cert, true));
    cr_assert_not(crl_scope_covers(&users, ca.cert, true));
    cr_assert(crl_scope_covers(&cas, ca.cert, true));
    cr_assert_not(crl_scope_covers(&cas, person.cert, true));
    cr_assert_not(crl_scope_covers(&odd, person.cert, true));
    pki_party_done(&person);
    pki_party_done(&ca);
    pki_end(&pki);
}
