#include "base/limits.h"
#include "certs/chain_fixture.h"
#include "certs/chain_path.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>

Test(chain_path, ends_in_circles_and_in_long_chains)
{
    struct world world;
    world_begin(&world, NULL);
    struct pki_party first;
    struct pki_party second;
    struct pki_party back;
    pki_authority(&world.pki, "First", NULL, &first);
    pki_authority(&world.pki, "Second", &first, &second);
    struct pki_spec spec = {
        .name = "First", .ca = true, .path_length = -1, .usage = PKI_CERT_SIGN
    };
    pki_issue_for(&world.pki, &spec, &second, &first, &back);
    world_carry(&world, &second);
    world_carry(&world, &back);
    cr_assert_neq(world_judge_person(&world, (struct pki_spec){ 0 }, &second), WORDS_NONE);
    cr_assert_leq(world.result->chain.count, LIMIT_CHAIN);
    pki_party_done(&first);
    pki_party_done(&second);
    pki_party_done(&back);
    world_end(&world);
}

Test(chain_path, does_not_go_above_the_limit_of_a_chain)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party tower[LIMIT_CHAIN];
    for (size_t i = 0; i < LIMIT_CHAIN; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "Floor %zu", i);
        pki_authority(&world.pki, name, i == 0 ? &world.root : &tower[i - 1], &tower[i]);
        world_carry(&world, &tower[i]);
    }
    /* root, 14 floors and the person are 16 */
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ 0 }, &tower[LIMIT_CHAIN - 3]),
                 WORDS_NONE);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ 0 }, &tower[LIMIT_CHAIN - 2]),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    for (size_t i = 0; i < LIMIT_CHAIN; i++) {
        pki_party_done(&tower[i]);
    }
    world_end(&world);
}

Test(chain_path, tells_weak_keys_and_digests_as_the_policy_says)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party rsa;
    struct pki_spec ca = {
        .name = "RSA", .ca = true, .path_length = -1, .usage = PKI_CERT_SIGN, .key = PKI_RSA_2048
    };
    pki_issue(&world.pki, &ca, NULL, &rsa);
    pki_trust(rsa.cert, ",C,");
    struct pki_spec sha1 = { .hash = PKI_SHA1 };
    cr_assert_eq(world_judge_person(&world, sha1, &rsa), WORD_BIT(WORD_WEAK_DIGEST));
    world.policy.allow_sha1 = true;
    cr_assert_eq(world_judge_person(&world, sha1, &rsa), WORDS_NONE);
    /* allowing SHA-1 does not allow MD5 */
    word_set md5 = world_judge_person(&world, (struct pki_spec){ .hash = PKI_MD5 }, &rsa);
    cr_assert(words_has(md5, WORD_WEAK_DIGEST));
    cr_assert(words_has(md5, WORD_CHAIN_UNTRUSTED));
    struct pki_spec small = { .key = PKI_RSA_1024 };
    cr_assert_eq(world_judge_person(&world, small, &rsa), WORD_BIT(WORD_WEAK_KEY));
    world.policy.min_rsa_bits = 1024;
    cr_assert_eq(world_judge_person(&world, small, &rsa), WORDS_NONE);
    world.policy.min_rsa_bits = 3072; /* the anchor's key counts */
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ 0 }, &rsa), WORD_BIT(WORD_WEAK_KEY));
    pki_party_done(&rsa);
    world_end(&world);
}
