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

/* A CA whose DSA key has the parameters of the CA above it, and somebody below it. */
struct heirs {
    struct world world;
    struct pki_party upper;
    struct pki_party lower;
};

static void begin_heirs(struct heirs *heirs)
{
    world_begin(&heirs->world, ",C,");
    struct pki_spec spec = { .name = "DSA CA",
                             .ca = true,
                             .path_length = -1,
                             .usage = PKI_CERT_SIGN | PKI_CRL_SIGN,
                             .key = PKI_DSA };
    pki_issue(&heirs->world.pki, &spec, &heirs->world.root, &heirs->upper);
    spec.name = "Heir";
    spec.bare_key = true;
    pki_issue(&heirs->world.pki, &spec, &heirs->upper, &heirs->lower);
}

static void end_heirs(struct heirs *heirs)
{
    pki_party_done(&heirs->lower);
    pki_party_done(&heirs->upper);
    world_end(&heirs->world);
}

Test(chain_path_inherit, a_key_without_parameters_finds_none_where_the_ca_above_is_missing)
{
    struct heirs heirs;
    begin_heirs(&heirs);
    world_carry(&heirs.world, &heirs.lower);
    cert_unref(heirs.upper.cert);
    heirs.upper.cert = NULL;
    cr_assert(words_has(world_judge_person(&heirs.world, (struct pki_spec){ 0 }, &heirs.lower),
                        WORD_CHAIN_INCOMPLETE));
    end_heirs(&heirs);
}

Test(chain_path_inherit, a_key_without_parameters_takes_none_of_a_namesake)
{
    struct heirs heirs;
    begin_heirs(&heirs);
    struct pki_party namesake;
    struct pki_party heir;
    struct pki_spec spec = {
        .name = "DSA CA", .ca = true, .path_length = -1, .usage = PKI_CERT_SIGN, .key = PKI_DSA
    };
    pki_issue(&heirs.world.pki, &spec, NULL, &namesake);
    spec.name = "Heir";
    spec.bare_key = true;
    pki_issue(&heirs.world.pki, &spec, &namesake, &heir);
    world_carry(&heirs.world, &heir);
    world_carry(&heirs.world, &namesake);
    cr_assert(words_has(world_judge_person(&heirs.world, (struct pki_spec){ 0 }, &heir),
                        WORD_CHAIN_UNTRUSTED));
    world_carry(&heirs.world, &heirs.upper);
    cr_assert(words_has(world_judge_person(&heirs.world, (struct pki_spec){ 0 }, &heir),
                        WORD_CHAIN_UNTRUSTED),
              "the true CA did not sign the false heir");
    pki_party_done(&heir);
    pki_party_done(&namesake);
    end_heirs(&heirs);
}

/* NSS 3.87's PKIX, when it meets a DSA key once more, compares it by its bits as if they were
 * bytes, beyond its end; the address sanitizer stops there. So each of these asks once. */
static word_set judge_heir_once(const struct pki_spec *spec, bool below_heir, const char *trust)
{
    struct heirs heirs;
    begin_heirs(&heirs);
    world_carry(&heirs.world, &heirs.lower);
    world_carry(&heirs.world, &heirs.upper);
    pki_trust(heirs.world.root.cert, trust);
    word_set words =
        world_judge_person(&heirs.world, *spec, below_heir ? &heirs.lower : &heirs.upper);
    const struct chain_result *result = heirs.world.result;
    cr_assert_eq(result->chain.count, below_heir ? 4 : 3);
    cr_assert_eq(cert_key_is_inherited(result->chain.items[0]), spec->bare_key);
    end_heirs(&heirs);
    return words;
}

static const struct pki_spec own_key = { .name = "Person" };
static const struct pki_spec bare_key = { .key = PKI_DSA, .bare_key = true };

/* What PKIX alone can be asked about, though there is no world by which to ask. */
static void expect_by_pkix(word_set words)
{
    struct world world;
    world_begin(&world, NULL);
    cr_expect_eq(words, world_words_by_pkix());
    world_end(&world);
}

Test(chain_path_inherit, is_no_way_to_be_trusted)
{
    cr_assert(words_has(judge_heir_once(&own_key, true, "C,,"), WORD_CHAIN_UNTRUSTED));
}

Test(chain_path_inherit, a_ca_without_parameters_has_those_of_the_ca_above)
{
    expect_by_pkix(judge_heir_once(&own_key, true, ",C,"));
}

Test(chain_path_inherit, a_person_without_parameters_has_those_that_the_ca_has_inherited)
{
    expect_by_pkix(judge_heir_once(&bare_key, true, ",C,"));
}

Test(chain_path_inherit, a_person_without_parameters_has_those_of_the_ca)
{
    cr_assert_eq(judge_heir_once(&bare_key, false, ",C,"), WORDS_NONE);
}
