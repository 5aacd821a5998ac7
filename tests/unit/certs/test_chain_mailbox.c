#include "certs/chain_fixture.h"
#include "certs/chain_mailbox.h"
#include "support/support.h"

#include <criterion/criterion.h>

/* NSS knows no constraints on SmtpUTF8Mailbox (RFC 9598 section 6). */
static struct bytes utf8_mailbox(struct pki *pki, const char *address)
{
    struct bytes oid = pki_tlv(pki, 6, PKI_OCTETS(0x2b, 6, 1, 5, 5, 7, 8, 9));
    struct bytes value = pki_tlv(pki, 0xa0, pki_tlv(pki, 0x0c, bytes_of_string(address)));
    return pki_tlv(pki, 0xa0, PKI_JOIN(pki, oid, value));
}

Test(chain_mailbox, applies_constraints_on_addresses_to_utf8_mailboxes_too)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party ca;
    world_constrained(&world, &ca);
    struct pki_spec inside = { .alternative = utf8_mailbox(&world.pki, "jos\xc3\xa9@example.org") };
    struct pki_spec outside = { .alternative =
                                    utf8_mailbox(&world.pki, "jos\xc3\xa9@bank.example") };
    cr_assert_eq(world_judge_person(&world, inside, &ca), WORDS_NONE);
    cr_assert_eq(world_judge_person(&world, outside, &ca), WORD_BIT(WORD_CHAIN_UNTRUSTED));
    cr_assert_eq(world_judge_person(&world, outside, &world.root), WORDS_NONE);
    pki_party_done(&ca);
    world_end(&world);
}
