#include "certs/chain_any.h"
#include "certs/chain_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

static const struct pki_spec any = { .purpose = "any", .mail = "a@example.org" };

Test(chain_any, does_not_help_where_another_purpose_is_named)
{
    struct world world;
    world_begin(&world, ",C,");
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ .purpose = "server" }, &world.root),
                 WORD_BIT(WORD_PURPOSE_WRONG));
    world_end(&world);
}

Test(chain_any, does_not_help_where_nobody_is_trusted_for_mail)
{
    struct world world;
    world_begin(&world, "CT,,CT");
    cr_assert_eq(world_judge_person(&world, any, &world.root), WORD_BIT(WORD_CHAIN_UNTRUSTED));
    struct pki_party impostor;
    pki_authority(&world.pki, "Root", NULL, &impostor);
    world_carry(&world, &impostor);
    pki_trust(world.root.cert, ",C,");
    cr_assert(words_has(world_judge_person(&world, any, &impostor), WORD_CHAIN_UNTRUSTED));
    pki_party_done(&impostor);
    world_end(&world);
}

Test(chain_any, keeps_to_time_key_usage_and_constraints)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_spec spec = any;
    spec.to = PKI_NOW - 1;
    cr_assert(words_has(world_judge_person(&world, spec, &world.root), WORD_CERTIFICATE_EXPIRED));
    spec = any;
    spec.usage = PKI_AGREE;
    cr_assert(words_has(world_judge_person(&world, spec, &world.root), WORD_PURPOSE_WRONG));
    struct pki_party ca;
    world_constrained(&world, &ca);
    spec = any;
    spec.mail = "a@bank.example";
    cr_assert_eq(world_judge_person(&world, spec, &ca), WORD_BIT(WORD_CHAIN_UNTRUSTED));
    spec.mail = "a@example.org";
    cr_assert_eq(world_judge_person(&world, spec, &ca), WORDS_NONE);
    pki_party_done(&ca);
    world_end(&world);
}

Test(chain_any, wants_cas_that_are_for_mail)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_spec spec = { .name = "Servers",
                             .ca = true,
                             .path_length = -1,
                             .usage = PKI_CERT_SIGN,
                             .purpose = "server" };
    struct pki_party servers;
    pki_issue(&world.pki, &spec, &world.root, &servers);
    world_carry(&world, &servers);
    cr_assert_eq(world_judge_person(&world, any, &servers), WORD_BIT(WORD_CHAIN_UNTRUSTED));
    world_carry(&world, &world.alice);
    world_carry(&world, &world.middle);
    cr_assert_eq(world_judge_person(&world, any, &world.alice), WORD_BIT(WORD_CHAIN_UNTRUSTED),
                 "a person is no CA");
    pki_party_done(&servers);
    world_end(&world);
}

/* RFC 8550 4.4.4 */
Test(chain_any, lets_any_purpose_be_mail)
{
    struct world world;
    world_begin(&world, ",C,");
    world_carry(&world, &world.middle);
    cr_assert_eq(world_judge_person(&world, any, &world.root), WORDS_NONE);
    cr_assert_eq(world_judge_person(&world, any, &world.middle), WORDS_NONE);
    cr_assert_eq(world.result->chain.count, 3);
    world_end(&world);
}
