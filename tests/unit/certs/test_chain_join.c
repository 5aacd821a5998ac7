#include "certs/chain_fixture.h"
#include "certs/chain_join.h"
#include "support/support.h"

#include <criterion/criterion.h>

Test(chain_join, joins_paths_at_a_name_written_differently)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_spec old = {
        .name = "Rollover CA", .ca = true, .path_length = -1, .usage = PKI_CERT_SIGN
    };
    struct pki_party ca;
    pki_issue(&world.pki, &old, &world.root, &ca);
    world_carry(&world, &ca);
    struct pki_party signer = ca;
    signer.name = pki_name(&world.pki, "Rollover CA", true);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ 0 }, &signer),
                 world_words_by_pkix());
    cr_assert_eq(world.result->chain.count, 3);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ .to = PKI_NOW - 1 }, &signer),
                 WORD_BIT(WORD_CERTIFICATE_EXPIRED) | WORD_BIT(WORD_CHAIN_UNTRUSTED));
    pki_trust(world.root.cert, "C,,");
    cr_assert(words_has(world_judge_person(&world, (struct pki_spec){ 0 }, &signer),
                        WORD_CHAIN_UNTRUSTED));
    pki_party_done(&ca);
    world_end(&world);
}

Test(chain_join, joins_no_path_whose_constraints_reach_across)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party ca;
    world_constrained(&world, &ca);
    struct pki_party signer = ca;
    signer.name = pki_name(&world.pki, "Constrained", true);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ .mail = "a@example.org" }, &signer),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ .mail = "a@bank.example" }, &signer),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    pki_party_done(&ca);
    world_end(&world);
}

Test(chain_join, joins_no_path_that_is_longer_than_a_ca_allows)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_spec spec = {
        .name = "Short", .ca = true, .path_length = 0, .usage = PKI_CERT_SIGN
    };
    struct pki_party upper;
    struct pki_party lower;
    pki_issue(&world.pki, &spec, &world.root, &upper);
    struct pki_party signer = upper;
    signer.name = pki_name(&world.pki, "Short", true);
    pki_authority(&world.pki, "Lower", &signer, &lower);
    world_carry(&world, &upper);
    world_carry(&world, &lower);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ 0 }, &lower),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ 0 }, &signer),
                 world_words_by_pkix());
    pki_party_done(&upper);
    pki_party_done(&lower);
    world_end(&world);
}

Test(chain_join, joins_no_path_of_a_person_who_plays_ca)
{
    struct world world;
    world_begin(&world, ",C,");
    world_carry(&world, &world.middle);
    world_carry(&world, &world.alice);
    struct pki_party signer = world.alice;
    signer.name = pki_name(&world.pki, "Alice", true);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ 0 }, &signer),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    world_end(&world);
}

/* NSS holds every CA below the anchor to what the purpose takes; a joint must not undo that. */
static word_set judge_below(struct world *world, const struct pki_spec *spec, bool printable)
{
    struct pki_party ca;
    pki_issue(&world->pki, spec, &world->root, &ca);
    world_carry(world, &ca);
    struct pki_party signer = ca;
    signer.name = pki_name(&world->pki, spec->name, printable);
    word_set problems = world_judge_person(world, (struct pki_spec){ 0 }, &signer);
    pki_party_done(&ca);
    return problems;
}

Test(chain_join, joins_no_path_over_a_ca_for_another_purpose)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_spec spec = { .name = "Servers",
                             .ca = true,
                             .path_length = -1,
                             .usage = PKI_CERT_SIGN,
                             .purpose = "server" };
    cr_assert_neq(judge_below(&world, &spec, false), WORDS_NONE);
    spec.name = "Servers, too";
    cr_assert_neq(judge_below(&world, &spec, true), WORDS_NONE);
    spec.name = "Mail";
    spec.purpose = "email";
    cr_assert_eq(judge_below(&world, &spec, true), world_words_by_pkix());
    world_end(&world);
}

Test(chain_join, joins_no_path_below_a_ca_for_another_purpose)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_spec spec = { .name = "Servers",
                             .ca = true,
                             .path_length = -1,
                             .usage = PKI_CERT_SIGN,
                             .purpose = "server" };
    struct pki_party servers;
    struct pki_party ca;
    pki_issue(&world.pki, &spec, &world.root, &servers);
    pki_authority(&world.pki, "Below", &servers, &ca);
    world_carry(&world, &servers);
    world_carry(&world, &ca);
    cr_assert_neq(world_judge_person(&world, (struct pki_spec){ 0 }, &ca), WORDS_NONE);
    struct pki_party signer = ca;
    signer.name = pki_name(&world.pki, "Below", true);
    cr_assert_neq(world_judge_person(&world, (struct pki_spec){ 0 }, &signer), WORDS_NONE);
    pki_party_done(&ca);
    pki_party_done(&servers);
    world_end(&world);
}
