#include "certs/chain_classic.h"
#include "certs/chain_fixture.h"
#include "certs/chain_offer.h"
#include "support/support.h"

#include <criterion/criterion.h>

/* The number that the older path code gives for a person, the message's certificates on offer. */
static int ask(struct world *world, const struct pki_party *person, int64_t at, size_t *ret_count)
{
    struct chain_request request = { .cert = person->cert,
                                     .extra = &world->extra,
                                     .purpose = CHAIN_SIGN,
                                     .at = at,
                                     .policy = &world->policy };
    struct chain_question question = { .cert = person->cert, .at = at };
    struct cert_list path = { 0 };
    CLEANUP(chain_offer_free) struct chain_offer *offer = NULL;
    int number = -1;
    assert_ok(chain_offer_new(&request, &offer));
    assert_ok(chain_classic_ask(&request, &question, &path, &number));
    *ret_count = path.count;
    cert_list_done(&path);
    return number;
}

static int ask_below(struct world *world, const struct pki_spec *spec, size_t *ret_count)
{
    struct pki_party ca;
    struct pki_party person;
    pki_issue(&world->pki, spec, &world->root, &ca);
    world_carry(world, &ca);
    pki_person(&world->pki, "Person", &ca, &person);
    int number = ask(world, &person, PKI_NOW, ret_count);
    pki_party_done(&person);
    pki_party_done(&ca);
    return number;
}

Test(chain_classic, accepts_a_path_and_gives_it)
{
    struct world world;
    size_t count = 0;
    world_begin(&world, ",C,");
    world_carry(&world, &world.middle);
    cr_assert_eq(ask(&world, &world.alice, PKI_NOW, &count), 0);
    cr_assert_eq(count, 3);
    world_end(&world);
}

Test(chain_classic, accepts_a_person_trusted_himself)
{
    struct world world;
    size_t count = 0;
    world_begin(&world, NULL);
    pki_trust(world.alice.cert, ",P,");
    cr_assert_eq(ask(&world, &world.alice, PKI_NOW, &count), 0);
    cr_assert_eq(count, 1);
    world_end(&world);
}

Test(chain_classic, refuses_what_nobody_trusts)
{
    struct world world;
    size_t count = 0;
    world_begin(&world, NULL);
    world_carry(&world, &world.middle);
    world_carry(&world, &world.root);
    cr_assert_neq(ask(&world, &world.alice, PKI_NOW, &count), 0);
    cr_assert_eq(count, 0);
    pki_trust(world.root.cert, "C,,C");
    cr_assert_neq(ask(&world, &world.alice, PKI_NOW, &count), 0);
    world_end(&world);
}

Test(chain_classic, refuses_at_another_time)
{
    struct world world;
    size_t count = 0;
    world_begin(&world, ",C,");
    world_carry(&world, &world.middle);
    cr_assert_neq(ask(&world, &world.alice, PKI_NOW + (int64_t)1000 * PKI_DAY, &count), 0);
    cr_assert_neq(ask(&world, &world.alice, 0, &count), 0);
    cr_assert_neq(ask(&world, &world.alice, INT64_MIN, &count), 0);
    cr_assert_neq(ask(&world, &world.alice, INT64_MAX, &count), 0);
    world_end(&world);
}

/* Whether a path over a CA that says this is accepted; `critical`, which the older code refuses. */
static bool accepts(struct world *world, const char *name, uint8_t kind, bool critical,
                    struct bytes value)
{
    struct pki *pki = &world->pki;
    struct pki_spec spec = { .name = name,
                             .ca = true,
                             .path_length = -1,
                             .usage = PKI_CERT_SIGN,
                             .extensions = pki_extension(pki, PKI_OCTETS(0x55, 0x1d, kind),
                                                         critical, value) };
    size_t count = 0;
    int number = ask_below(world, &spec, &count);
    cr_expect_eq(count, number == 0 ? 3 : 0, "%s", name);
    return number == 0;
}

Test(chain_classic, leaves_rules_on_policies_to_others_and_nothing_else_that_is_critical)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki *pki = &world.pki;
    struct bytes demanded = pki_tlv(pki, 0x30, pki_tlv(pki, 0x80, PKI_OCTETS(0)));
    struct bytes allowed = pki_tlv(pki, 0x30, pki_tlv(pki, 0x80, PKI_OCTETS(5)));
    struct bytes first = pki_tlv(pki, 6, PKI_OCTETS(0x2a, 0x03));
    struct bytes second = pki_tlv(pki, 6, PKI_OCTETS(0x2a, 0x04));
    struct bytes mappings = pki_tlv(pki, 0x30, pki_tlv(pki, 0x30, PKI_JOIN(pki, first, second)));
    cr_expect_not(accepts(&world, "A policy is demanded", 36, true, demanded));
    cr_expect_not(accepts(&world, "Unreadable", 36, true, PKI_OCTETS(5, 0)));
    cr_expect_not(accepts(&world, "Unknown", 99, true, PKI_OCTETS(5, 0)));
    cr_expect(accepts(&world, "A policy is demanded further down", 36, true, allowed));
    cr_expect(accepts(&world, "Mapped", 33, true, mappings));
    cr_expect(accepts(&world, "Any inhibited", 54, true, pki_tlv(pki, 2, PKI_OCTETS(0))));
    cr_expect(accepts(&world, "Unknown and not critical", 99, false, PKI_OCTETS(5, 0)));
    world_end(&world);
}

/* The older code takes Netscape's word for a CA. */
Test(chain_classic, refuses_a_ca_without_basic_constraints)
{
    struct world world;
    size_t count = 0;
    world_begin(&world, ",C,");
    struct pki *pki = &world.pki;
    struct bytes email_ca = pki_tlv(pki, 3, PKI_OCTETS(1, 0x02));
    struct bytes oid = PKI_OCTETS(0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 1, 1);
    struct pki_spec spec = { .name = "Netscape",
                             .usage = PKI_CERT_SIGN,
                             .extensions = pki_extension(pki, oid, false, email_ca) };
    cr_assert_neq(ask_below(&world, &spec, &count), 0);
    cr_assert_eq(count, 0);
    world_end(&world);
}

Test(chain_classic, refuses_questions_with_an_anchor_of_their_own)
{
    struct world world;
    world_begin(&world, ",C,");
    world_carry(&world, &world.middle);
    struct chain_request request = {
        .cert = world.alice.cert, .extra = &world.extra, .at = PKI_NOW, .policy = &world.policy
    };
    struct chain_question question = { .cert = world.alice.cert,
                                       .anchor = world.middle.cert,
                                       .at = PKI_NOW };
    struct cert_list path = { 0 };
    int number = 0;
    assert_ok(chain_classic_ask(&request, &question, &path, &number));
    cr_assert_neq(number, 0);
    cr_assert_eq(path.count, 0);
    world_end(&world);
}

/* NSS refuses the keyUsage of every X25519 key: what else is wrong must still count. */
Test(chain_classic, accepts_an_x25519_recipient_and_only_where_all_else_is_right)
{
    struct world world;
    world_begin(&world, ",C,");
    const struct {
        const char *what;
        struct pki_spec spec;
        enum chain_purpose purpose;
        int64_t at;
        bool carried; /* the issuer */
        bool good;
    } cases[] = {
        { "right", { .usage = PKI_AGREE }, CHAIN_ENCRYPT, PKI_NOW, true, true },
        { "a signature", { .usage = PKI_AGREE }, CHAIN_SIGN, PKI_NOW, true, false },
        { "a usage to sign", { .usage = PKI_SIGN }, CHAIN_SIGN, PKI_NOW, true, false },
        { "another usage", { .usage = PKI_SIGN }, CHAIN_ENCRYPT, PKI_NOW, true, false },
        { "servers",
          { .usage = PKI_AGREE, .purpose = "server" },
          CHAIN_ENCRYPT,
          PKI_NOW,
          true,
          false },
        { "expired",
          { .usage = PKI_AGREE },
          CHAIN_ENCRYPT,
          PKI_NOW + (int64_t)999 * PKI_DAY,
          true,
          false },
        { "no issuer", { .usage = PKI_AGREE }, CHAIN_ENCRYPT, PKI_NOW, false, false },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct pki_spec spec = cases[i].spec;
        struct pki_party person;
        spec.name = cases[i].what;
        spec.x25519 = true;
        spec.mail = "x@example.org";
        pki_issue(&world.pki, &spec, &world.middle, &person);
        if (cases[i].carried) {
            world_carry(&world, &world.middle);
        }
        cr_assert_eq(cert_key_type(person.cert), CERT_KEY_X25519);
        word_set problems = world_judge_at(&world, person.cert, cases[i].purpose, cases[i].at);
        cr_expect_eq(problems == WORDS_NONE, cases[i].good, "%s", cases[i].what);
        if (cases[i].carried) {
            cr_expect_eq(world.result->chain.count, 3, "%s", cases[i].what);
        }
        cert_list_done(&world.extra);
        world.extra = (struct cert_list){ 0 };
        pki_party_done(&person);
    }
    world_end(&world);
}

/* Mailbox in a form that NSS reads as no text, behind a commonName. */
static struct bytes unreadable_name(struct pki *pki, const char *name)
{
    struct bytes oid = pki_tlv(pki, 6, PKI_OCTETS(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1));
    struct bytes pair = pki_tlv(pki, 0x30, PKI_JOIN(pki, oid, PKI_OCTETS(5, 0)));
    struct bytes common = pki_name(pki, name, false);
    struct bytes rdns = bytes_slice(common, 2, SIZE_MAX);
    return pki_tlv(pki, 0x30, PKI_JOIN(pki, rdns, pki_tlv(pki, 0x31, pair)));
}

/* NSS ends its walk there and logs nothing. */
Test(chain_classic, refuses_a_recipient_whose_names_cannot_be_held_against_constraints)
{
    struct world world;
    struct pki_party ca;
    world_begin(&world, ",C,");
    world_constrained(&world, &ca);
    for (unsigned i = 0; i < 2; i++) {
        struct pki_spec spec = { .name = "Readable",
                                 .usage = PKI_AGREE,
                                 .x25519 = true,
                                 .mail = i == 0 ? "a@example.org" : "a@bank.example" };
        struct pki_party person;
        spec.subject = i == 0 ? BYTES_NONE : unreadable_name(&world.pki, "Unreadable");
        pki_issue(&world.pki, &spec, &ca, &person);
        word_set problems = world_judge_at(&world, person.cert, CHAIN_ENCRYPT, PKI_NOW);
        cr_expect_eq(problems == WORDS_NONE, i == 0, "%u", i);
        pki_party_done(&person);
    }
    pki_party_done(&ca);
    world_end(&world);
}

Test(chain_classic, refuses_an_x25519_recipient_outside_of_a_name_constraint)
{
    struct world world;
    struct pki_party ca;
    world_begin(&world, ",C,");
    world_constrained(&world, &ca);
    for (unsigned i = 0; i < 2; i++) {
        struct pki_spec spec = { .name = i == 0 ? "Inside" : "Outside",
                                 .usage = PKI_AGREE,
                                 .x25519 = true,
                                 .mail = i == 0 ? "a@example.org" : "a@bank.example" };
        struct pki_party person;
        pki_issue(&world.pki, &spec, &ca, &person);
        word_set problems = world_judge_at(&world, person.cert, CHAIN_ENCRYPT, PKI_NOW);
        cr_expect_eq(problems == WORDS_NONE, i == 0, "%s", spec.name);
        pki_party_done(&person);
    }
    pki_party_done(&ca);
    world_end(&world);
}
