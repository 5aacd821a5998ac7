#include "base/clock.h"
#include "certs/chain.h"
#include "certs/chain_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <string.h>

Test(chain_verify, says_incomplete_where_the_intermediate_is_missing)
{
    struct world world;
    world_begin(&world, ",C,");
    /* dropped, so that no temporary certificate of it is left to be found */
    cert_unref(world.middle.cert);
    world.middle.cert = NULL;
    cr_assert_eq(world_judge(&world, world.alice.cert), WORD_BIT(WORD_CHAIN_INCOMPLETE));
    cr_assert_eq(world.result->chain.count, 1);
    cr_assert_eq(world.result->revocation, REVOCATION_NOT_CHECKED);
    world_end(&world);
}

Test(chain_verify, accepts_a_chain_through_an_intermediate_of_the_message)
{
    struct world world;
    world_begin(&world, ",C,");
    world_carry(&world, &world.middle);
    cr_assert_eq(world_judge(&world, world.alice.cert), WORDS_NONE);
    cr_assert_eq(world.result->notices, WORDS_NONE);
    cr_assert_eq(world.result->chain.count, 3);
    cr_assert_eq(world.result->chain.items[0], world.alice.cert);
    cr_assert_str_eq(cert_id(world.result->chain.items[2]), cert_id(world.root.cert));
    cr_assert_eq(world_judge_at(&world, world.alice.cert, CHAIN_ENCRYPT, PKI_NOW), WORDS_NONE);
    world_end(&world);
}

Test(chain_verify, never_trusts_what_only_the_message_brings)
{
    struct world world;
    world_begin(&world, NULL);
    world_carry(&world, &world.middle);
    world_carry(&world, &world.root);
    cr_assert_eq(world_judge(&world, world.alice.cert), WORD_BIT(WORD_CHAIN_UNTRUSTED));
    cr_assert_eq(world.result->chain.count, 3);
    world_end(&world);
}

Test(chain_verify, does_not_take_a_root_that_is_trusted_for_tls_only)
{
    struct world world;
    world_begin(&world, "C,,C");
    world_carry(&world, &world.middle);
    cr_assert_eq(world_judge(&world, world.alice.cert), WORD_BIT(WORD_CHAIN_UNTRUSTED));
    world_end(&world);
}

Test(chain_verify, follows_a_change_of_trust_at_once)
{
    struct world world;
    world_begin(&world, ",C,");
    world_carry(&world, &world.middle);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(world_judge(&world, world.alice.cert), WORDS_NONE);
        pki_trust(world.root.cert, ",,");
        cr_assert_eq(world_judge(&world, world.alice.cert), WORD_BIT(WORD_CHAIN_UNTRUSTED));
        pki_trust(world.root.cert, "p,p,p");
        cr_assert_eq(world_judge(&world, world.alice.cert), WORD_BIT(WORD_CHAIN_UNTRUSTED));
        pki_trust(world.root.cert, ",C,");
    }
    world_end(&world);
}

Test(chain_verify, heeds_an_intermediate_that_is_distrusted)
{
    struct world world;
    world_begin(&world, ",C,");
    world_carry(&world, &world.middle);
    pki_trust(world.middle.cert, "p,p,p");
    cr_assert(words_has(world_judge(&world, world.alice.cert), WORD_CHAIN_UNTRUSTED));
    world_end(&world);
}

Test(chain_verify, heeds_a_leaf_that_is_distrusted)
{
    struct world world;
    world_begin(&world, ",C,");
    world_carry(&world, &world.middle);
    pki_trust(world.alice.cert, "p,p,p");
    cr_assert(words_has(world_judge(&world, world.alice.cert), WORD_CHAIN_UNTRUSTED));
    world_end(&world);
}

Test(chain_verify, tells_expired_and_not_yet_valid_at_the_moment_asked_for)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_spec old = {
        .name = "Old", .usage = PKI_SIGN, .from = PKI_NOW - 9 * PKI_DAY, .to = PKI_NOW - 1
    };
    struct pki_party party;
    pki_issue(&world.pki, &old, &world.root, &party);
    cr_assert_eq(world_judge(&world, party.cert), WORD_BIT(WORD_CERTIFICATE_EXPIRED));
    cr_assert_eq(world.result->chain.count, 2);
    cr_assert_eq(world_judge_at(&world, party.cert, CHAIN_SIGN, PKI_NOW - 2 * PKI_DAY), WORDS_NONE);
    cr_assert_eq(world_judge_at(&world, party.cert, CHAIN_SIGN, PKI_NOW - 20 * PKI_DAY),
                 WORD_BIT(WORD_CERTIFICATE_NOT_YET_VALID));
    pki_party_done(&party);
    world_end(&world);
}

Test(chain_verify, tells_an_expired_intermediate)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_spec spec = {
        .name = "Old CA", .ca = true, .path_length = -1, .usage = PKI_CERT_SIGN, .to = PKI_NOW - 1
    };
    struct pki_party old;
    pki_issue(&world.pki, &spec, &world.root, &old);
    world_carry(&world, &old);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ 0 }, &old),
                 WORD_BIT(WORD_CERTIFICATE_EXPIRED));
    pki_party_done(&old);
    world_end(&world);
}

Test(chain_verify, shows_several_problems_together)
{
    struct world world;
    world_begin(&world, NULL);
    world_carry(&world, &world.root);
    struct pki_spec spec = { .purpose = "server", .to = PKI_NOW - 1, .key = PKI_RSA_1024 };
    cr_assert_eq(world_judge_person(&world, spec, &world.root),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED) | WORD_BIT(WORD_PURPOSE_WRONG) |
                     WORD_BIT(WORD_CERTIFICATE_EXPIRED) | WORD_BIT(WORD_WEAK_KEY));
    world_end(&world);
}

Test(chain_verify, tells_a_purpose_that_does_not_fit)
{
    struct world world;
    world_begin(&world, ",C,");
    word_set wrong = WORD_BIT(WORD_PURPOSE_WRONG);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ .purpose = "server" }, &world.root),
                 wrong);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ .usage = PKI_AGREE }, &world.root),
                 wrong);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ .purpose = "email" }, &world.root),
                 WORDS_NONE);
    cr_assert_eq(
        world_judge_person(&world, (struct pki_spec){ .usage = PKI_REPUDIATE }, &world.root),
        WORDS_NONE);
    struct pki_spec signer = { .name = "Signer", .usage = PKI_SIGN };
    struct pki_party party;
    pki_issue(&world.pki, &signer, &world.root, &party);
    cr_assert_eq(world_judge_at(&world, party.cert, CHAIN_ENCRYPT, PKI_NOW), wrong);
    pki_party_done(&party);
    world_end(&world);
}

Test(chain_verify, does_not_take_a_person_for_a_ca)
{
    struct world world;
    world_begin(&world, ",C,");
    world_carry(&world, &world.middle);
    world_carry(&world, &world.alice);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ 0 }, &world.alice),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    world_end(&world);
}

/* A person below a CA with this extKeyUsage and this octet of Netscape's certificate type. */
static word_set judge_below_typed(struct world *world, const char *purpose, uint8_t type)
{
    struct pki *pki = &world->pki;
    struct bytes oid = PKI_OCTETS(0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 1, 1);
    struct bytes bits = pki_tlv(pki, 3, PKI_OCTETS(0, type));
    struct pki_spec spec = { .name = "Typed",
                             .ca = true,
                             .path_length = -1,
                             .usage = PKI_CERT_SIGN,
                             .purpose = purpose,
                             .extensions = pki_extension(pki, oid, false, bits) };
    struct pki_party ca;
    struct pki_party person;
    pki_issue(pki, &spec, &world->root, &ca);
    world_carry(world, &ca);
    pki_person(pki, "Person", &ca, &person);
    word_set problems = world_judge(world, person.cert);
    pki_party_done(&person);
    pki_party_done(&ca);
    return problems;
}

Test(chain_verify, does_not_let_netscape_make_a_ca_of_servers_one_of_mail)
{
    enum { SSL_CA = 0x04, EMAIL_CA = 0x02 };
    struct world world;
    world_begin(&world, ",C,");
    const word_set untrusted = WORD_BIT(WORD_CHAIN_UNTRUSTED);
    cr_expect_eq(judge_below_typed(&world, "server", SSL_CA), untrusted);
    cr_expect_eq(judge_below_typed(&world, "server", EMAIL_CA), untrusted);
    cr_expect_eq(judge_below_typed(&world, "email", SSL_CA), WORDS_NONE);
    cr_expect_eq(judge_below_typed(&world, NULL, SSL_CA), WORDS_NONE);
    world_end(&world);
}

Test(chain_verify, obeys_path_lengths)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_spec spec = {
        .name = "Short", .ca = true, .path_length = 0, .usage = PKI_CERT_SIGN
    };
    struct pki_party upper;
    struct pki_party lower;
    pki_issue(&world.pki, &spec, &world.root, &upper);
    pki_authority(&world.pki, "Too deep", &upper, &lower);
    world_carry(&world, &upper);
    world_carry(&world, &lower);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ 0 }, &upper), WORDS_NONE);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ 0 }, &lower),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    pki_party_done(&upper);
    pki_party_done(&lower);
    world_end(&world);
}

Test(chain_verify, obeys_name_constraints)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party ca;
    world_constrained(&world, &ca);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ .mail = "a@example.org" }, &ca),
                 WORDS_NONE);
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ .mail = "a@bank.example" }, &ca),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    /* emailAddress in the subject counts as well */
    struct bytes oid =
        pki_tlv(&world.pki, 6, PKI_OCTETS(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1));
    struct bytes mail = pki_tlv(&world.pki, 0x16, bytes_of_string("a@bank.example"));
    struct bytes pair = pki_tlv(&world.pki, 0x30, PKI_JOIN(&world.pki, oid, mail));
    struct pki_spec subject = { .subject =
                                    pki_tlv(&world.pki, 0x30, pki_tlv(&world.pki, 0x31, pair)) };
    cr_assert_eq(world_judge_person(&world, subject, &ca), WORD_BIT(WORD_CHAIN_UNTRUSTED));
    pki_party_done(&ca);
    world_end(&world);
}

Test(chain_verify, refuses_an_unknown_critical_extension)
{
    struct world world;
    world_begin(&world, ",C,");
    struct bytes odd = pki_extension(&world.pki, PKI_OCTETS(0x2a, 3, 4, 5), true, PKI_OCTETS(5, 0));
    cr_assert_eq(world_judge_person(&world, (struct pki_spec){ .extensions = odd }, &world.root),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    world_end(&world);
}

Test(chain_verify, does_not_take_a_namesake_for_the_issuer)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party impostor;
    pki_authority(&world.pki, "Middle", NULL, &impostor);
    world_carry(&world, &impostor);
    world_carry(&world, &world.middle);
    cr_assert_eq(world_judge(&world, world.alice.cert), WORDS_NONE);
    cr_assert(words_has(world_judge_person(&world, (struct pki_spec){ 0 }, &impostor),
                        WORD_CHAIN_UNTRUSTED));
    pki_party_done(&impostor);
    world_end(&world);
}

Test(chain_verify, does_not_let_a_namesake_of_the_root_in)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party impostor;
    pki_authority(&world.pki, "Root", NULL, &impostor);
    world_carry(&world, &impostor);
    cr_assert(words_has(world_judge_person(&world, (struct pki_spec){ 0 }, &impostor),
                        WORD_CHAIN_UNTRUSTED));
    pki_party_done(&impostor);
    world_end(&world);
}

Test(chain_verify, does_not_accept_a_forgery_with_serial_number_and_issuer_of_another)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party real;
    struct pki_party forged;
    struct pki_party impostor;
    struct pki_spec spec = { .name = "Alice", .usage = PKI_SIGN, .serial = 77 };
    pki_authority(&world.pki, "Root", NULL, &impostor);
    pki_issue(&world.pki, &spec, &world.root, &real);
    pki_issue(&world.pki, &spec, &impostor, &forged);
    cr_assert_eq(world_judge(&world, real.cert), WORDS_NONE);
    cr_assert(words_has(world_judge(&world, forged.cert), WORD_CHAIN_UNTRUSTED));
    cr_assert_eq(world_judge(&world, real.cert), WORDS_NONE);
    pki_party_done(&real);
    pki_party_done(&forged);
    pki_party_done(&impostor);
    world_end(&world);
}

Test(chain_verify, accepts_a_person_trusted_directly_and_no_other_of_the_same_issuer)
{
    struct world world;
    world_begin(&world, NULL);
    cr_assert_eq(world_judge(&world, world.alice.cert), WORD_BIT(WORD_CHAIN_INCOMPLETE));
    pki_trust(world.alice.cert, ",P,");
    cr_assert_eq(world_judge(&world, world.alice.cert), WORDS_NONE);
    cr_assert_eq(world.result->chain.count, 1);
    cr_assert_eq(world_judge_at(&world, world.alice.cert, CHAIN_SIGN, PKI_NOW + 800LL * PKI_DAY),
                 WORD_BIT(WORD_CERTIFICATE_EXPIRED));
    cr_assert_neq(world_judge_person(&world, (struct pki_spec){ 0 }, &world.middle), WORDS_NONE);
    world_end(&world);
}

Test(chain_verify, wants_the_purpose_of_a_person_trusted_directly_too)
{
    struct world world;
    world_begin(&world, NULL);
    struct pki_spec spec = { .name = "Server", .purpose = "server", .usage = PKI_SIGN };
    struct pki_party party;
    pki_issue(&world.pki, &spec, NULL, &party);
    pki_trust(party.cert, ",P,");
    cr_assert(words_has(world_judge(&world, party.cert), WORD_PURPOSE_WRONG));
    pki_party_done(&party);
    world_end(&world);
}

Test(chain_verify, accepts_a_self_signed_person_only_where_trusted)
{
    struct world world;
    world_begin(&world, NULL);
    struct pki_party party;
    pki_person(&world.pki, "Self", NULL, &party);
    cr_assert_eq(world_judge(&world, party.cert), WORD_BIT(WORD_CHAIN_UNTRUSTED));
    pki_trust(party.cert, "P,,");
    cr_assert_neq(world_judge(&world, party.cert), WORDS_NONE, "trusted for TLS only");
    pki_trust(party.cert, ",P,");
    cr_assert_eq(world_judge(&world, party.cert), WORDS_NONE);
    pki_party_done(&party);
    world_end(&world);
}

Test(chain_verify, wants_revocation_settled_where_the_policy_is_hard)
{
    struct world world;
    world_begin(&world, ",C,");
    world_carry(&world, &world.middle);
    world.policy.revocation = REVOCATION_HARD;
    cr_assert_eq(world_judge(&world, world.alice.cert), WORD_BIT(WORD_REVOCATION_UNKNOWN));
    world.policy.revocation = REVOCATION_OFF;
    cr_assert_eq(world_judge(&world, world.alice.cert), WORDS_NONE);
    world_end(&world);
}

/* NSS keeps what it found for minutes by the clock, so these are valid by the clock. */
static void issue_for_today(struct world *world, const char *name, unsigned serial,
                            const struct pki_party *issuer, struct pki_party *ret_party)
{
    bool person = strcmp(name, "Person") == 0;
    struct pki_spec spec = { .name = name,
                             .ca = !person,
                             .path_length = -1,
                             .usage = person ? PKI_SIGN : PKI_CERT_SIGN,
                             .serial = serial,
                             .from = clock_now() - PKI_DAY,
                             .to = clock_now() + PKI_DAY };
    pki_issue(&world->pki, &spec, issuer, ret_party);
}

/* A person of this CA, which the message carries. */
static word_set judge_today(struct world *world, const struct pki_party *ca)
{
    struct pki_party person;
    issue_for_today(world, "Person", 0, ca, &person);
    world_carry(world, ca);
    word_set problems = world_judge_at(world, person.cert, CHAIN_SIGN, clock_now());
    cert_list_done(&world->extra);
    pki_party_done(&person);
    return problems;
}

static void begin_today(struct world *world, struct pki_party *root)
{
    world_begin(world, NULL);
    issue_for_today(world, "Root of today", 0, NULL, root);
    pki_trust(root->cert, ",C,");
}

Test(chain, judges_each_message_by_its_own_intermediate)
{
    struct world world;
    struct pki_party root;
    struct pki_party cas[3];
    begin_today(&world, &root);
    for (size_t i = 0; i < 3; i++) {
        issue_for_today(&world, "Renewed CA", 0, &root, &cas[i]);
        cr_assert_eq(judge_today(&world, &cas[i]), WORDS_NONE, "CA %zu", i);
    }
    for (size_t i = 0; i < 3; i++) {
        pki_party_done(&cas[i]);
    }
    pki_party_done(&root);
    world_end(&world);
}

Test(chain, a_false_intermediate_of_a_message_harms_no_other)
{
    struct world world;
    struct pki_party root;
    struct pki_party true_ca;
    struct pki_party fake;
    begin_today(&world, &root);
    issue_for_today(&world, "CA", 0, &root, &true_ca);
    issue_for_today(&world, "CA", 0, NULL, &fake);
    cr_assert_neq(judge_today(&world, &fake), WORDS_NONE);
    cr_assert_eq(judge_today(&world, &true_ca), WORDS_NONE);
    pki_party_done(&fake);
    pki_party_done(&true_ca);
    pki_party_done(&root);
    world_end(&world);
}

Test(chain, a_serial_number_that_a_message_takes_harms_no_other)
{
    enum { SERIAL = 77 };
    struct world world;
    struct pki_party root;
    struct pki_party true_ca;
    struct pki_party fake;
    begin_today(&world, &root);
    issue_for_today(&world, "CA", SERIAL, &root, &true_ca);
    struct pki_party liar = world.middle;
    liar.name = root.name;
    issue_for_today(&world, "Elsewhere", SERIAL, &liar, &fake);
    cr_assert_neq(judge_today(&world, &fake), WORDS_NONE);
    cr_assert_eq(judge_today(&world, &true_ca), WORDS_NONE);
    pki_party_done(&fake);
    pki_party_done(&true_ca);
    pki_party_done(&root);
    world_end(&world);
}
