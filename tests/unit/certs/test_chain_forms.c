/* Forms of certificates and paths that are met in the wild, end to end through chain_verify. */
#include "certs/chain_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

/* The words for one certificate as a signer's and as a recipient's. */
struct form {
    const char *what;
    unsigned usage;
    enum pki_key_kind key;
    bool signs;
    bool receives;
};

static void judge_form(struct world *world, const struct form *form)
{
    const struct pki_spec spec = { .name = "Person",
                                   .mail = "a@example.org",
                                   .purpose = "email",
                                   .usage = form->usage,
                                   .key = form->key };
    const word_set wrong = WORD_BIT(WORD_PURPOSE_WRONG);
    struct pki_party party;
    pki_issue(&world->pki, &spec, &world->root, &party);
    cr_expect_eq(world_judge_at(world, party.cert, CHAIN_SIGN, PKI_NOW),
                 form->signs ? WORDS_NONE : wrong, "%s: signing", form->what);
    cr_expect_eq(world_judge_at(world, party.cert, CHAIN_ENCRYPT, PKI_NOW),
                 form->receives ? WORDS_NONE : wrong, "%s: receiving", form->what);
    pki_party_done(&party);
}

/* CA/Browser Forum, Baseline Requirements for S/MIME 7.1.2.3 (e): signing alone, key management
 * alone, or both. */
Test(chain_forms, usages_of_public_cas_are_held_to)
{
    enum { DATA_ENCIPHER = 0x10 };
    static const struct form forms[] = {
        { "EC, signing", PKI_SIGN, PKI_P256, true, false },
        { "EC, signing for good", PKI_SIGN | PKI_REPUDIATE, PKI_P256, true, false },
        { "EC, key management", PKI_AGREE, PKI_P256, false, true },
        { "EC, both", PKI_SIGN | PKI_AGREE, PKI_P256, true, true },
        { "EC, as if it were RSA", PKI_SIGN | PKI_ENCIPHER, PKI_P256, true, false },
        { "RSA, signing", PKI_SIGN, PKI_RSA_2048, true, false },
        { "RSA, key management", PKI_ENCIPHER, PKI_RSA_2048, false, true },
        { "RSA, both", PKI_SIGN | PKI_ENCIPHER | DATA_ENCIPHER, PKI_RSA_2048, true, true },
        { "RSA, as if it were EC", PKI_SIGN | PKI_AGREE, PKI_RSA_2048, true, false },
        { "data alone", DATA_ENCIPHER, PKI_RSA_2048, false, false },
    };
    struct world world;
    world_begin(&world, ",C,");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        judge_form(&world, &forms[i]);
    }
    world_end(&world);
}

/* A CA with one key and a certificate of each of two roots, of which one is trusted. */
struct crossed {
    struct world world;
    struct pki_party other_root;
    struct pki_party ca; /* certified by the trusted root */
    struct pki_party twin; /* by the other one */
};

static void begin_crossed(struct crossed *crossed, int64_t to)
{
    world_begin(&crossed->world, ",C,");
    struct pki *pki = &crossed->world.pki;
    struct pki_spec spec = {
        .name = "Bridge", .ca = true, .path_length = -1, .usage = PKI_CERT_SIGN, .to = to
    };
    pki_authority(pki, "Other root", NULL, &crossed->other_root);
    pki_issue(pki, &spec, &crossed->world.root, &crossed->ca);
    spec.to = 0;
    pki_issue_for(pki, &spec, &crossed->other_root, &crossed->ca, &crossed->twin);
}

static void end_crossed(struct crossed *crossed)
{
    pki_party_done(&crossed->twin);
    pki_party_done(&crossed->ca);
    pki_party_done(&crossed->other_root);
    world_end(&crossed->world);
}

static word_set judge_crossed(struct crossed *crossed)
{
    return world_judge_person(&crossed->world, (struct pki_spec){ 0 }, &crossed->ca);
}

Test(chain_forms, a_cross_certificate_of_a_root_that_nobody_trusts_is_not_enough)
{
    struct crossed crossed;
    begin_crossed(&crossed, 0);
    cert_unref(crossed.ca.cert);
    crossed.ca.cert = NULL;
    world_carry(&crossed.world, &crossed.twin);
    world_carry(&crossed.world, &crossed.other_root);
    cr_assert_eq(judge_crossed(&crossed), WORD_BIT(WORD_CHAIN_UNTRUSTED));
    end_crossed(&crossed);
}

Test(chain_forms, the_trusted_one_of_two_cross_certificates_is_found)
{
    struct crossed crossed;
    begin_crossed(&crossed, 0);
    world_carry(&crossed.world, &crossed.twin);
    world_carry(&crossed.world, &crossed.other_root);
    world_carry(&crossed.world, &crossed.ca);
    cr_assert_eq(judge_crossed(&crossed), WORDS_NONE);
    cr_assert_str_eq(cert_id(crossed.world.result->chain.items[1]), cert_id(crossed.ca.cert));
    end_crossed(&crossed);
}

Test(chain_forms, a_cross_certificate_in_date_is_found_beside_one_that_is_not)
{
    struct crossed crossed;
    begin_crossed(&crossed, PKI_NOW - 1);
    world_carry(&crossed.world, &crossed.ca);
    world_carry(&crossed.world, &crossed.twin);
    cr_assert_neq(judge_crossed(&crossed), WORDS_NONE);
    pki_trust(crossed.other_root.cert, ",C,");
    cr_assert_eq(judge_crossed(&crossed), WORDS_NONE);
    cr_assert_str_eq(cert_id(crossed.world.result->chain.items[1]), cert_id(crossed.twin.cert));
    end_crossed(&crossed);
}

Test(chain_forms, an_intermediate_missing_in_the_middle_makes_the_chain_incomplete)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party lower;
    pki_authority(&world.pki, "Lower", &world.middle, &lower);
    cert_unref(world.middle.cert);
    world.middle.cert = NULL;
    world_carry(&world, &lower);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ 0 }, &lower),
                 WORD_BIT(WORD_CHAIN_INCOMPLETE));
    cr_assert_eq(world.result->chain.count, 2, "as far as it was found");
    pki_party_done(&lower);
    world_end(&world);
}

Test(chain_forms, sha1_in_the_middle_weakens_the_chain_unless_the_policy_allows_it)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_spec spec = {
        .name = "Old", .ca = true, .path_length = -1, .usage = PKI_CERT_SIGN, .hash = PKI_SHA1
    };
    struct pki_party old;
    pki_issue(&world.pki, &spec, &world.root, &old);
    world_carry(&world, &old);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ 0 }, &old),
                 WORD_BIT(WORD_WEAK_DIGEST));
    world.policy.allow_sha1 = true;
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ 0 }, &old), WORDS_NONE);
    pki_party_done(&old);
    world_end(&world);
}

/* Alice's path with a CRL that is none of its CAs' for each of them. */
static word_set judge_with(struct world *world, struct bytes crl, struct bytes other)
{
    world->crl_count = 0;
    world->crls[world->crl_count++] = crl;
    world->crls[world->crl_count++] = other;
    return world_judge(world, world->alice.cert);
}

Test(chain_forms, a_crl_of_somebody_else_makes_nothing_better)
{
    struct world world;
    world_begin(&world, ",C,");
    world_carry(&world, &world.middle);
    struct pki *pki = &world.pki;
    struct pki_party liar = world.alice;
    struct bytes forged[2];
    liar.name = world.root.name;
    forged[0] = pki_crl(pki, &(struct pki_crl){ 0 }, &liar);
    liar.name = world.middle.name;
    forged[1] = pki_crl(pki, &(struct pki_crl){ 0 }, &liar);
    struct bytes honest = pki_crl(pki, &(struct pki_crl){ 0 }, &world.root);
    world.policy.revocation = REVOCATION_HARD;
    const word_set unknown = WORD_BIT(WORD_REVOCATION_UNKNOWN);
    cr_expect_eq(judge_with(&world, forged[0], forged[1]), unknown);
    cr_expect_eq(judge_with(&world, honest, forged[1]), unknown);
    cr_expect_eq(judge_with(&world, honest, bytes_slice(forged[1], 0, 40)), unknown);
    struct bytes good = pki_crl(pki, &(struct pki_crl){ 0 }, &world.middle);
    cr_expect_eq(judge_with(&world, honest, good), WORDS_NONE, "the test's own soundness");
    world.policy.revocation = REVOCATION_SOFT;
    cr_expect_eq(judge_with(&world, forged[0], forged[1]), WORDS_NONE);
    cr_expect_eq(world.result->notices, unknown);
    cr_expect_eq(world.result->revocation, REVOCATION_UNKNOWN);
    world_end(&world);
}
