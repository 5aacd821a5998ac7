#include "certs/crl.h"
#include "certs/pki.h"
#include "nss/nss_scope.h"
#include "support/support.h"

#include <criterion/criterion.h>

enum { SERIAL = 4242, REASON_HOLD = 6, REASON_REMOVE = 8, MAX_CRLS = 4 };

#define OID_POINT PKI_OCTETS(0x55, 0x1d, 28)
#define OID_DELTA PKI_OCTETS(0x55, 0x1d, 27)
#define OID_ENTRY_ISSUER PKI_OCTETS(0x55, 0x1d, 29)
#define OID_CRL_POINTS PKI_OCTETS(0x55, 0x1d, 31)
#define OID_UNKNOWN PKI_OCTETS(0x2a, 3, 4)

/* A trusted root and a person directly below it with the serial number SERIAL. */
struct world {
    struct pki pki;
    struct pki_party root;
    struct pki_party person;
    struct cert_list extra;
    struct policy policy;
    struct bytes crls[MAX_CRLS];
    size_t crl_count;
    struct chain_result *result;
};

static void world_begin_with(struct world *world, struct bytes extensions)
{
    *world = (struct world){ .policy = policy_default() };
    pki_begin(&world->pki);
    pki_authority(&world->pki, "Root", NULL, &world->root);
    struct pki_spec spec = {
        .name = "Person", .usage = PKI_SIGN, .serial = SERIAL, .extensions = extensions
    };
    pki_issue(&world->pki, &spec, &world->root, &world->person);
    pki_trust(world->root.cert, ",C,");
}

static void world_begin(struct world *world)
{
    world_begin_with(world, BYTES_NONE);
}

static void world_end(struct world *world)
{
    chain_result_free(world->result);
    cert_list_done(&world->extra);
    pki_party_done(&world->person);
    pki_party_done(&world->root);
    pki_end(&world->pki);
}

static void carry_der(struct world *world, struct bytes der)
{
    world->crls[world->crl_count++] = der;
}

static void carry(struct world *world, struct pki_crl spec, const struct pki_party *signer)
{
    carry_der(world, pki_crl(&world->pki, &spec, signer));
}

/* A CRL with one entry. */
static void carry_entry(struct world *world, struct pki_crl spec, struct pki_revoked entry)
{
    spec.entries = &entry;
    spec.count = 1;
    carry(world, spec, &world->root);
}

static const struct pki_revoked revoked = { .serial = SERIAL, .since = PKI_NOW - 9, .reason = -1 };
static const struct pki_revoked held = { .serial = SERIAL,
                                         .since = PKI_NOW - 9,
                                         .reason = REASON_HOLD };
static const struct pki_revoked removed = { .serial = SERIAL,
                                            .since = PKI_NOW - 9,
                                            .reason = REASON_REMOVE };

static enum revocation_status judge(struct world *world)
{
    chain_result_free(world->result);
    world->result = NULL;
    struct chain_request request = { .cert = world->person.cert,
                                     .extra = &world->extra,
                                     .crls = world->crls,
                                     .crl_count = world->crl_count,
                                     .at = PKI_NOW,
                                     .policy = &world->policy };
    assert_ok(chain_verify(&request, &world->result));
    bool told = words_has(world->result->problems, WORD_CERTIFICATE_REVOKED);
    cr_assert_eq(told, world->result->revocation == REVOCATION_REVOKED);
    return world->result->revocation;
}

static struct bytes point_of(struct pki *pki, struct bytes content)
{
    return pki_extension(pki, OID_POINT, true, pki_tlv(pki, 0x30, content));
}

static struct bytes delta(struct pki *pki)
{
    return pki_extension(pki, OID_DELTA, true, pki_tlv(pki, 2, PKI_OCTETS(1)));
}

Test(crl_judge, tells_nothing_of_what_is_no_crl)
{
    struct world world;
    world_begin(&world);
    carry_der(&world, BYTES_NONE);
    carry_der(&world, BYTES_LITERAL("0\x80"));
    struct bytes whole = pki_crl(&world.pki, &(struct pki_crl){ 0 }, &world.root);
    carry_der(&world, bytes_slice(whole, 0, whole.len / 2));
    carry_der(&world, cert_der(world.root.cert));
    cr_assert_eq(judge(&world), REVOCATION_NOT_CHECKED);
    cr_assert_eq(world.result->revocation_source, REVOCATION_FROM_NONE);
    cr_assert_eq(world.result->problems | world.result->notices, WORDS_NONE);
    world_end(&world);
}

Test(crl_judge, revokes_a_certificate_that_is_listed)
{
    struct world world;
    world_begin(&world);
    carry_entry(&world, (struct pki_crl){ .from = PKI_NOW - 60 }, revoked);
    cr_assert_eq(judge(&world), REVOCATION_REVOKED);
    cr_assert_eq(world.result->problems, WORD_BIT(WORD_CERTIFICATE_REVOKED));
    cr_assert_eq(world.result->revocation_source, REVOCATION_FROM_MESSAGE);
    cr_assert_eq(world.result->revocation_produced_at, PKI_NOW - 60);
    world_end(&world);
}

Test(crl_judge, calls_a_certificate_good_that_a_fresh_crl_lists_not)
{
    struct world world;
    world_begin(&world);
    struct pki_revoked other = revoked;
    other.serial = SERIAL + 1;
    carry_entry(&world, (struct pki_crl){ 0 }, other);
    cr_assert_eq(judge(&world), REVOCATION_GOOD);
    cr_assert_eq(world.result->revocation_produced_at, PKI_NOW - PKI_DAY);
    world.policy.revocation = REVOCATION_HARD;
    cr_assert_eq(judge(&world), REVOCATION_GOOD);
    cr_assert_eq(world.result->problems, WORDS_NONE);
    world_end(&world);
}

Test(crl_judge, is_not_asked_where_the_policy_is_off)
{
    struct world world;
    world_begin(&world);
    carry_entry(&world, (struct pki_crl){ 0 }, revoked);
    world.policy.revocation = REVOCATION_OFF;
    cr_assert_eq(judge(&world), REVOCATION_NOT_CHECKED);
    cr_assert_eq(world.result->problems, WORDS_NONE);
    world_end(&world);
}

Test(crl_judge, does_not_believe_another_key_of_the_same_name)
{
    struct world world;
    struct pki_party impostor;
    world_begin(&world);
    pki_authority(&world.pki, "Root", NULL, &impostor);
    assert_ok(cert_list_add(&world.extra, impostor.cert));
    carry(&world, (struct pki_crl){ .entries = &revoked, .count = 1 }, &impostor);
    cr_assert_eq(judge(&world), REVOCATION_UNKNOWN);
    cr_assert_eq(world.result->problems, WORDS_NONE);
    cr_assert_eq(world.result->notices, WORD_BIT(WORD_REVOCATION_UNKNOWN));
    pki_party_done(&impostor);
    world_end(&world);
}

Test(crl_judge, does_not_believe_the_person_about_others)
{
    struct world world;
    world_begin(&world);
    struct pki_crl spec = { .issuer = world.root.name };
    carry(&world, spec, &world.person);
    cr_assert_eq(judge(&world), REVOCATION_UNKNOWN);
    world_end(&world);
}

Test(crl_judge, ignores_the_crl_of_another_issuer)
{
    struct world world;
    struct pki_party other;
    world_begin(&world);
    pki_authority(&world.pki, "Other", &world.root, &other);
    assert_ok(cert_list_add(&world.extra, other.cert));
    carry(&world, (struct pki_crl){ .entries = &revoked, .count = 1 }, &other);
    cr_assert_eq(judge(&world), REVOCATION_NOT_CHECKED);
    pki_party_done(&other);
    world_end(&world);
}

Test(crl_judge, says_nothing_for_a_path_that_is_not_anchored)
{
    struct world world;
    world_begin(&world);
    pki_trust(world.root.cert, ",,");
    carry_entry(&world, (struct pki_crl){ 0 }, revoked);
    cr_assert_eq(judge(&world), REVOCATION_NOT_CHECKED);
    cr_assert(words_has(world.result->problems, WORD_CHAIN_UNTRUSTED));
    world_end(&world);
}

Test(crl_judge, leaves_open_what_a_stale_crl_lists_not)
{
    struct world world;
    world_begin(&world);
    carry(&world, (struct pki_crl){ .to = PKI_NOW - 1 }, &world.root);
    carry(&world, (struct pki_crl){ .from = PKI_NOW + 1 }, &world.root);
    cr_assert_eq(judge(&world), REVOCATION_UNKNOWN);
    world.policy.revocation = REVOCATION_HARD;
    cr_assert_eq(judge(&world), REVOCATION_UNKNOWN);
    cr_assert_eq(world.result->problems, WORD_BIT(WORD_REVOCATION_UNKNOWN));
    world_end(&world);
}

Test(crl_judge, lets_a_stale_crl_revoke)
{
    struct world world;
    world_begin(&world);
    carry_entry(&world,
                (struct pki_crl){ .from = PKI_NOW - 60 * PKI_DAY, .to = PKI_NOW - 30 * PKI_DAY },
                revoked);
    cr_assert_eq(judge(&world), REVOCATION_REVOKED);
    world_end(&world);
}

Test(crl_judge, does_not_revoke_before_the_date)
{
    struct world world;
    world_begin(&world);
    struct pki_revoked later = revoked;
    later.since = PKI_NOW + 1;
    carry_entry(&world, (struct pki_crl){ 0 }, later);
    cr_assert_eq(judge(&world), REVOCATION_UNKNOWN);
    world_end(&world);
}

Test(crl_judge, lets_only_a_later_delta_lift_a_hold)
{
    struct world world;
    world_begin(&world);
    carry_entry(&world, (struct pki_crl){ .from = PKI_NOW - 100 }, held);
    cr_assert_eq(judge(&world), REVOCATION_REVOKED);
    struct bytes indicator = delta(&world.pki);
    carry_entry(&world, (struct pki_crl){ .from = PKI_NOW - 200, .extensions = indicator },
                removed);
    cr_assert_eq(judge(&world), REVOCATION_REVOKED);
    carry_entry(&world, (struct pki_crl){ .from = PKI_NOW - 50, .extensions = indicator }, removed);
    cr_assert_eq(judge(&world), REVOCATION_GOOD);
    cr_assert_eq(world.result->revocation_produced_at, PKI_NOW - 50);
    world_end(&world);
}

Test(crl_judge, does_not_let_a_delta_lift_a_revocation)
{
    struct world world;
    world_begin(&world);
    carry_entry(&world, (struct pki_crl){ .from = PKI_NOW - 100 }, revoked);
    carry_entry(&world, (struct pki_crl){ .from = PKI_NOW - 50, .extensions = delta(&world.pki) },
                removed);
    cr_assert_eq(judge(&world), REVOCATION_REVOKED);
    world_end(&world);
}

Test(crl_judge, lets_a_delta_revoke_and_not_vouch)
{
    struct world world;
    world_begin(&world);
    struct bytes indicator = delta(&world.pki);
    carry(&world, (struct pki_crl){ .extensions = indicator }, &world.root);
    cr_assert_eq(judge(&world), REVOCATION_UNKNOWN);
    carry_entry(&world, (struct pki_crl){ .extensions = indicator }, revoked);
    cr_assert_eq(judge(&world), REVOCATION_REVOKED);
    world_end(&world);
}

Test(crl_judge, lets_a_crl_it_does_not_understand_revoke_and_not_vouch)
{
    struct world world;
    world_begin(&world);
    struct bytes odd = pki_extension(&world.pki, OID_UNKNOWN, true, PKI_OCTETS(5, 0));
    carry(&world, (struct pki_crl){ .extensions = odd }, &world.root);
    cr_assert_eq(judge(&world), REVOCATION_UNKNOWN);
    carry_entry(&world, (struct pki_crl){ .extensions = odd }, revoked);
    cr_assert_eq(judge(&world), REVOCATION_REVOKED);
    world_end(&world);
}

Test(crl_judge, heeds_the_scope)
{
    struct world world;
    world_begin(&world);
    struct pki *pki = &world.pki;
    struct bytes yes = PKI_OCTETS(0xff);
    struct bytes uri = pki_tlv(pki, 0x86, bytes_of_string("http://x.example/a.crl"));
    const struct {
        struct bytes content;
        enum revocation_status expected;
    } cases[] = {
        { pki_tlv(pki, 0x81, yes), REVOCATION_GOOD }, /* users */
        { pki_tlv(pki, 0x82, yes), REVOCATION_UNKNOWN }, /* CAs */
        { pki_tlv(pki, 0x83, PKI_OCTETS(1, 0x40)), REVOCATION_UNKNOWN }, /* some reasons */
        { pki_tlv(pki, 0x84, yes), REVOCATION_GOOD }, /* indirect, and the issuer's own */
        { pki_tlv(pki, 0x85, yes), REVOCATION_NOT_CHECKED }, /* attribute certificates */
        { pki_tlv(pki, 0xa0, pki_tlv(pki, 0xa0, uri)), REVOCATION_UNKNOWN }, /* another point */
        { PKI_OCTETS(5, 0), REVOCATION_UNKNOWN }, /* unreadable */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world.crl_count = 0;
        carry(&world, (struct pki_crl){ .extensions = point_of(pki, cases[i].content) },
              &world.root);
        cr_expect_eq(judge(&world), cases[i].expected, "case %zu", i);
    }
    world_end(&world);
}

/* A distributionPoint with this name, of a certificate or of a CRL. */
static struct bytes full_name(struct pki *pki, const char *uri)
{
    return pki_tlv(pki, 0xa0, pki_tlv(pki, 0xa0, pki_tlv(pki, 0x86, bytes_of_string(uri))));
}

Test(crl_judge, takes_a_crl_for_its_distribution_point)
{
    struct pki builder = { .arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE) };
    struct bytes point = pki_tlv(&builder, 0x30, full_name(&builder, "http://x.example/a.crl"));
    struct world world;
    world_begin_with(
        &world, pki_extension(&builder, OID_CRL_POINTS, false, pki_tlv(&builder, 0x30, point)));
    struct pki *pki = &world.pki;
    struct bytes other = point_of(pki, full_name(pki, "http://x.example/b.crl"));
    struct bytes same = point_of(pki, full_name(pki, "http://x.example/a.crl"));
    carry(&world, (struct pki_crl){ .extensions = other }, &world.root);
    cr_assert_eq(judge(&world), REVOCATION_UNKNOWN);
    carry(&world, (struct pki_crl){ .extensions = same }, &world.root);
    cr_assert_eq(judge(&world), REVOCATION_GOOD);
    world_end(&world);
    PORT_FreeArena(builder.arena, PR_FALSE);
}

Test(crl_judge, takes_a_key_for_crls_only_where_a_ca_of_the_path_certified_it)
{
    struct world world;
    world_begin(&world);
    struct pki_spec spec = { .name = "Root", .usage = PKI_CRL_SIGN };
    struct pki_party signer;
    pki_issue(&world.pki, &spec, &world.root, &signer);
    carry(&world, (struct pki_crl){ .entries = &revoked, .count = 1 }, &signer);
    cr_assert_eq(judge(&world), REVOCATION_UNKNOWN, "its certificate is not there");
    assert_ok(cert_list_add(&world.extra, signer.cert));
    cr_assert_eq(judge(&world), REVOCATION_REVOKED);
    pki_party_done(&signer);
    world_end(&world);
}

Test(crl_judge, wants_the_usage_and_the_validity_of_a_key_for_crls)
{
    struct world world;
    world_begin(&world);
    struct pki_spec wrong = { .name = "Root", .usage = PKI_SIGN };
    struct pki_spec old = { .name = "Root", .usage = PKI_CRL_SIGN, .to = PKI_NOW - 1 };
    struct pki_party signers[2];
    pki_issue(&world.pki, &wrong, &world.root, &signers[0]);
    pki_issue(&world.pki, &old, &world.root, &signers[1]);
    for (size_t i = 0; i < 2; i++) {
        assert_ok(cert_list_add(&world.extra, signers[i].cert));
        carry(&world, (struct pki_crl){ .entries = &revoked, .count = 1 }, &signers[i]);
    }
    cr_assert_eq(judge(&world), REVOCATION_UNKNOWN);
    pki_party_done(&signers[0]);
    pki_party_done(&signers[1]);
    world_end(&world);
}

static struct bytes directory(struct pki *pki, struct bytes name)
{
    return pki_tlv(pki, 0xa4, name);
}

Test(crl_judge, reads_indirect_crls_by_the_issuer_of_each_entry)
{
    struct pki builder = { .arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE) };
    struct bytes crl_issuer = pki_name(&builder, "CRL issuer", false);
    struct bytes point =
        pki_tlv(&builder, 0x30, pki_tlv(&builder, 0xa2, directory(&builder, crl_issuer)));
    struct world world;
    world_begin_with(
        &world, pki_extension(&builder, OID_CRL_POINTS, false, pki_tlv(&builder, 0x30, point)));
    struct pki *pki = &world.pki;
    struct pki_party signer;
    pki_issue(pki, &(struct pki_spec){ .name = "CRL issuer", .usage = PKI_CRL_SIGN }, &world.root,
              &signer);
    assert_ok(cert_list_add(&world.extra, signer.cert));
    struct bytes indirect = point_of(pki, pki_tlv(pki, 0x84, PKI_OCTETS(0xff)));
    /* the entry is the CRL issuer's own: not ours */
    carry(&world, (struct pki_crl){ .extensions = indirect, .entries = &revoked, .count = 1 },
          &signer);
    cr_assert_eq(judge(&world), REVOCATION_GOOD);
    struct pki_revoked entries[] = { { .serial = 1, .since = PKI_NOW - 9, .reason = -1 }, revoked };
    entries[0].extensions = pki_extension(pki, OID_ENTRY_ISSUER, true,
                                          pki_tlv(pki, 0x30, directory(pki, world.root.name)));
    carry(&world, (struct pki_crl){ .extensions = indirect, .entries = entries, .count = 2 },
          &signer);
    cr_assert_eq(judge(&world), REVOCATION_REVOKED, "the issuer stands until the next is named");
    pki_party_done(&signer);
    world_end(&world);
    PORT_FreeArena(builder.arena, PR_FALSE);
}

Test(crl_judge, does_not_take_a_crl_for_indirect_that_does_not_say_so)
{
    struct pki builder = { .arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE) };
    struct bytes crl_issuer = pki_name(&builder, "CRL issuer", false);
    struct bytes point =
        pki_tlv(&builder, 0x30, pki_tlv(&builder, 0xa2, directory(&builder, crl_issuer)));
    struct world world;
    world_begin_with(
        &world, pki_extension(&builder, OID_CRL_POINTS, false, pki_tlv(&builder, 0x30, point)));
    struct pki_party signer;
    pki_issue(&world.pki, &(struct pki_spec){ .name = "CRL issuer", .usage = PKI_CRL_SIGN },
              &world.root, &signer);
    assert_ok(cert_list_add(&world.extra, signer.cert));
    carry(&world, (struct pki_crl){ 0 }, &signer);
    cr_assert_eq(judge(&world), REVOCATION_NOT_CHECKED);
    pki_party_done(&signer);
    world_end(&world);
    PORT_FreeArena(builder.arena, PR_FALSE);
}

Test(crl_judge, wants_every_certificate_below_the_anchor_covered)
{
    struct world world;
    world_begin(&world);
    struct pki_party middle;
    struct pki_party leaf;
    pki_issue(&world.pki,
              &(struct pki_spec){ .name = "Middle",
                                  .ca = true,
                                  .path_length = -1,
                                  .usage = PKI_CERT_SIGN | PKI_CRL_SIGN,
                                  .serial = 77 },
              &world.root, &middle);
    pki_person(&world.pki, "Leaf", &middle, &leaf);
    pki_party_done(&world.person);
    world.person = leaf;
    assert_ok(cert_list_add(&world.extra, middle.cert));
    carry(&world, (struct pki_crl){ 0 }, &middle);
    cr_assert_eq(judge(&world), REVOCATION_UNKNOWN);
    carry(&world, (struct pki_crl){ 0 }, &world.root);
    cr_assert_eq(judge(&world), REVOCATION_GOOD);
    struct pki_revoked entry = revoked;
    entry.serial = 77;
    carry_entry(&world, (struct pki_crl){ 0 }, entry);
    cr_assert_eq(judge(&world), REVOCATION_REVOKED);
    pki_party_done(&middle);
    world_end(&world);
}

/* Who has the key of a CA could else make a key of the name above it, and vouch for that CA. */
Test(crl_judge, lets_no_key_vouch_for_the_ca_that_certified_it)
{
    struct world world;
    world_begin(&world);
    struct pki_party middle;
    struct pki_party leaf;
    struct pki_party signer;
    struct pki_spec spec = { .name = "Root", .usage = PKI_CRL_SIGN };
    pki_authority(&world.pki, "Middle", &world.root, &middle);
    pki_person(&world.pki, "Leaf", &middle, &leaf);
    pki_issue(&world.pki, &spec, &middle, &signer);
    pki_party_done(&world.person);
    world.person = leaf;
    assert_ok(cert_list_add(&world.extra, middle.cert));
    assert_ok(cert_list_add(&world.extra, signer.cert));
    carry(&world, (struct pki_crl){ 0 }, &middle);
    carry(&world, (struct pki_crl){ 0 }, &signer);
    cr_assert_eq(judge(&world), REVOCATION_UNKNOWN);
    carry(&world, (struct pki_crl){ 0 }, &world.root);
    cr_assert_eq(judge(&world), REVOCATION_GOOD);
    pki_party_done(&signer);
    pki_party_done(&middle);
    world_end(&world);
}
