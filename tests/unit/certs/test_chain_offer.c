#include "base/limits.h"
#include "certs/chain_fixture.h"
#include "certs/chain_offer.h"
#include "support/support.h"

#include <criterion/criterion.h>

Test(chain_offer, finds_the_issuer_among_many_of_one_name)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party decoys[LIMIT_OFFER_CHECKS - 2];
    for (size_t i = 0; i < LIMIT_OFFER_CHECKS - 2; i++) {
        pki_authority(&world.pki, "Middle", NULL, &decoys[i]);
        world_carry(&world, &decoys[i]);
    }
    world_carry(&world, &world.middle);
    cr_assert_eq(world_judge(&world, world.alice.cert), WORDS_NONE);
    for (size_t i = 0; i < LIMIT_OFFER_CHECKS - 2; i++) {
        pki_party_done(&decoys[i]);
    }
    world_end(&world);
}

Test(chain_offer, tries_no_more_issuers_than_the_limit)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party decoys[LIMIT_OFFER_CHECKS];
    for (size_t i = 0; i < LIMIT_OFFER_CHECKS; i++) {
        pki_authority(&world.pki, "Middle", NULL, &decoys[i]);
        world_carry(&world, &decoys[i]);
    }
    world_carry(&world, &world.middle);
    cr_assert_neq(world_judge(&world, world.alice.cert), WORDS_NONE);
    for (size_t i = 0; i < LIMIT_OFFER_CHECKS; i++) {
        pki_party_done(&decoys[i]);
    }
    world_end(&world);
}

/* Certificates of one name and one key, so that the key of each fits. */
Test(chain_offer, offers_no_more_than_the_limit)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party more[LIMIT_OFFER + 1];
    struct pki_spec spec = {
        .name = "Middle", .ca = true, .path_length = -1, .usage = PKI_CERT_SIGN
    };
    for (size_t i = 0; i < LIMIT_OFFER + 1; i++) {
        pki_issue_for(&world.pki, &spec, &world.root, &world.middle, &more[i]);
        world_carry(&world, &more[i]);
    }
    struct chain_request request = { .cert = world.alice.cert, .extra = &world.extra };
    struct chain_offer *offer = NULL;
    assert_ok(chain_offer_new(&request, &offer));
    cr_assert_eq(chain_offer_count(offer), LIMIT_OFFER);
    chain_offer_free(offer);
    for (size_t i = 0; i < LIMIT_OFFER + 1; i++) {
        pki_party_done(&more[i]);
    }
    world_end(&world);
}

Test(chain_offer, leaves_out_what_no_name_leads_to)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party other;
    pki_authority(&world.pki, "Other", NULL, &other);
    world_carry(&world, &other);
    world_carry(&world, &world.alice);
    world_carry(&world, &world.root);
    struct chain_request request = { .cert = world.alice.cert, .extra = &world.extra };
    struct chain_offer *offer = NULL;
    assert_ok(chain_offer_new(&request, &offer));
    cr_assert_eq(chain_offer_count(offer), 0);
    chain_offer_free(offer);
    world_carry(&world, &world.middle);
    assert_ok(chain_offer_new(&request, &offer));
    cr_assert_eq(chain_offer_count(offer), 2);
    chain_offer_free(offer);
    pki_party_done(&other);
    world_end(&world);
}

Test(chain_offer, leaves_out_what_rests_on_nothing_in_the_databases)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party fake;
    struct pki_party mallory;
    struct pki_party liar = { .name = world.root.name, .private_key = world.middle.private_key };
    struct pki_spec spec = {
        .name = "Middle", .ca = true, .path_length = -1, .usage = PKI_CERT_SIGN
    };
    pki_issue(&world.pki, &spec, &liar, &fake);
    pki_person(&world.pki, "Mallory", &fake, &mallory);
    world_carry(&world, &fake);
    world_carry(&world, &world.middle);
    struct chain_request request = { .cert = mallory.cert, .extra = &world.extra };
    struct chain_offer *offer = NULL;
    assert_ok(chain_offer_new(&request, &offer));
    cr_assert_eq(chain_offer_count(offer), 0);
    cr_assert_not(chain_offer_is_grounded(offer));
    chain_offer_free(offer);
    request.cert = world.alice.cert;
    assert_ok(chain_offer_new(&request, &offer));
    cr_assert_eq(chain_offer_count(offer), 1);
    cr_assert(chain_offer_is_grounded(offer));
    chain_offer_free(offer);
    pki_party_done(&mallory);
    pki_party_done(&fake);
    world_end(&world);
}
