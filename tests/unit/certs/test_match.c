#include "certs/match.h"
#include "certs/pki.h"
#include "support/support.h"

#include <criterion/criterion.h>

Test(match_addresses_equal, refuses_what_is_no_address)
{
    static const char *const unusable[] = {
        "",
        "alice",
        "@",
        "alice@",
        "@example.org",
        "a@b@example.org",
        "alice @example.org",
        " alice@example.org",
        "alice@example.org\n",
        "alice\x7f@example.org",
        "alice@exa\xffmple.org", /* no UTF-8 */
        "alice@ex\xc2\x85.org", /* C1 */
        "alice@\xef\xbd\x85xample.org", /* FULLWIDTH e: IDNA 2008 refuses it, NFKC would not */
    };
    for (size_t i = 0; i < sizeof unusable / sizeof *unusable; i++) {
        cr_expect_not(match_addresses_equal(unusable[i], unusable[i]), "%s", unusable[i]);
    }
    cr_expect_not(match_addresses_equal(NULL, NULL));
    cr_expect_not(match_addresses_equal("alice@example.org", NULL));
}

Test(match_addresses_equal, tells_others_apart)
{
    cr_expect_not(match_addresses_equal("alice@example.org", "alice@example.com"));
    cr_expect_not(match_addresses_equal("alice@example.org", "alicia@example.org"));
    cr_expect_not(match_addresses_equal("alice@example.org", "alice@example.org.evil.example"));
    cr_expect_not(match_addresses_equal("alice@example.org", "alice@sub.example.org"));
    /* Cyrillic a and the NFKC form of a ligature are other characters */
    cr_expect_not(match_addresses_equal("alice@example.org", "\xd0\xb0lice@example.org"));
    cr_expect_not(match_addresses_equal("fi@example.org", "\xef\xac\x81@example.org"));
    cr_expect_not(match_addresses_equal("alice+tag@example.org", "alice@example.org"));
}

Test(match_addresses_equal, folds_ascii_case)
{
    cr_expect(match_addresses_equal("Alice@Example.ORG", "alice@example.org"));
    /* but no other case: what it folds to depends on the language */
    cr_expect_not(match_addresses_equal("\xc3\x89mile@example.org", "\xc3\xa9mile@example.org"));
}

Test(match_addresses_equal, compares_domains_as_a_labels)
{
    cr_expect(match_addresses_equal("alice@b\xc3\xbc"
                                    "cher.example",
                                    "alice@XN--bcher-kva.example"));
    cr_expect(match_addresses_equal("jos\xc3\xa9@xn--bcher-kva.example", "jos\xc3\xa9@b\xc3\xbc"
                                                                         "cher.example"));
    cr_expect_not(match_addresses_equal("alice@b\xc3\xbc"
                                        "cher.example",
                                        "alice@bucher.example"));
}

Test(match_addresses_equal, keeps_an_underscore_in_a_domain)
{
    cr_expect(match_addresses_equal("a@my_host.example", "a@MY_host.example"));
}

Test(match_normalise, gives_nothing_and_no_error_for_what_is_no_address)
{
    char *normal = NULL;
    assert_ok(match_normalise("nobody", &normal));
    cr_assert_null(normal);
    assert_ok(match_normalise("A@B.example", &normal));
    cr_assert_str_eq(normal, "a@b.example");
    string_free(normal);
}

Test(match_certificate, looks_at_every_address)
{
    struct pki pki;
    struct pki_party party;
    pki_begin(&pki);
    struct bytes both = PKI_JOIN(&pki, pki_tlv(&pki, 0x81, bytes_of_string("one@example.org")),
                                 pki_tlv(&pki, 0x81, bytes_of_string("two@example.org")));
    pki_issue(&pki, &(struct pki_spec){ .name = "Two", .alternative = both }, NULL, &party);
    cr_assert(match_certificate(party.cert, "ONE@example.org"));
    cr_assert(match_certificate(party.cert, "two@example.org"));
    cr_assert_not(match_certificate(party.cert, "three@example.org"));
    cr_assert_not(match_certificate(party.cert, "Two"));
    pki_party_done(&party);
    pki_end(&pki);
}

static void assert_converted(struct error *convert(const char *address, char **ret_address),
                             const char *address, const char *expected)
{
    CLEANUP(string_free) char *converted = NULL;
    assert_ok(convert(address, &converted));
    cr_assert_str_eq(converted, expected);
}

Test(match, turns_labels_into_letters_and_back)
{
    assert_converted(match_with_letters, "A@xn--mller-kva.org", "A@m\xc3\xbcller.org");
    assert_converted(match_with_letters, "A@Example.org", "A@Example.org");
    assert_converted(match_with_letters, "a", "a");
    assert_converted(match_with_letters, "a@xn--", "a@xn--");
    assert_converted(match_with_a_labels, "A@m\xc3\xbcller.org", "A@xn--mller-kva.org");
    assert_converted(match_with_a_labels, "a@b\xe2\x80\x8b", "a@b\xe2\x80\x8b");
}
