#include "base/limits.h"
#include "certs/chain.h"
#include "certs/pki.h"
#include "nss/nss_scope.h"
#include "support/support.h"

#include <arpa/inet.h>
#include <certdb.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A root, an intermediate and Alice; the root is trusted unless a test says otherwise. */
struct world {
    struct pki pki;
    struct pki_party root;
    struct pki_party middle;
    struct pki_party alice;
    struct cert_list extra;
    struct policy policy;
    struct chain_result *result;
};

static void world_begin(struct world *world, const char *trust)
{
    *world = (struct world){ .policy = policy_default() };
    pki_begin(&world->pki);
    pki_authority(&world->pki, "Root", NULL, &world->root);
    pki_authority(&world->pki, "Middle", &world->root, &world->middle);
    pki_person(&world->pki, "Alice", &world->middle, &world->alice);
    if (trust) {
        pki_trust(world->root.cert, trust);
    }
}

static void world_end(struct world *world)
{
    chain_result_free(world->result);
    cert_list_done(&world->extra);
    pki_party_done(&world->alice);
    pki_party_done(&world->middle);
    pki_party_done(&world->root);
    pki_end(&world->pki);
}

static void carry(struct world *world, const struct pki_party *party)
{
    assert_ok(cert_list_add(&world->extra, party->cert));
}

static void print(word_set words)
{
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        if (words_has(words, (enum word)i)) {
            (void)fprintf(stderr, "%s ", word_text((enum word)i));
        }
    }
    (void)fputs("\n", stderr);
}

static word_set judge_at(struct world *world, struct cert *cert, enum chain_purpose purpose,
                         int64_t at)
{
    chain_result_free(world->result);
    world->result = NULL;
    struct chain_request request = {
        .cert = cert, .extra = &world->extra, .purpose = purpose, .at = at, .policy = &world->policy
    };
    assert_ok(chain_verify(&request, &world->result));
    print(world->result->problems); /* shown where a test fails */
    return world->result->problems;
}

static word_set judge(struct world *world, struct cert *cert)
{
    return judge_at(world, cert, CHAIN_SIGN, PKI_NOW);
}

/* A person issued by `issuer` after `spec` was filled with what a person needs. */
static word_set judge_person(struct world *world, struct pki_spec spec,
                             const struct pki_party *issuer)
{
    struct pki_party person;
    spec.name = spec.name ? spec.name : "Person";
    spec.usage = spec.usage ? spec.usage : PKI_SIGN;
    pki_issue(&world->pki, &spec, issuer, &person);
    word_set problems = judge(world, person.cert);
    pki_party_done(&person);
    return problems;
}

/* An intermediate that may issue for example.org alone. */
static void constrained(struct world *world, struct pki_party *ret_party)
{
    struct pki *pki = &world->pki;
    struct bytes host = pki_tlv(pki, 0x81, bytes_of_string("example.org"));
    struct bytes permitted = pki_tlv(pki, 0xa0, pki_tlv(pki, 0x30, host));
    struct pki_spec spec = { .name = "Constrained",
                             .ca = true,
                             .path_length = -1,
                             .usage = PKI_CERT_SIGN,
                             .extensions = pki_extension(pki, PKI_OCTETS(0x55, 0x1d, 30), true,
                                                         pki_tlv(pki, 0x30, permitted)) };
    pki_issue(pki, &spec, &world->root, ret_party);
    carry(world, ret_party);
}

Test(chain_verify, says_incomplete_where_the_intermediate_is_missing)
{
    struct world world;
    world_begin(&world, ",C,");
    /* dropped, so that no temporary certificate of it is left to be found */
    cert_unref(world.middle.cert);
    world.middle.cert = NULL;
    cr_assert_eq(judge(&world, world.alice.cert), WORD_BIT(WORD_CHAIN_INCOMPLETE));
    cr_assert_eq(world.result->chain.count, 1);
    cr_assert_eq(world.result->revocation, REVOCATION_NOT_CHECKED);
    world_end(&world);
}

Test(chain_verify, accepts_a_chain_through_an_intermediate_of_the_message)
{
    struct world world;
    world_begin(&world, ",C,");
    carry(&world, &world.middle);
    cr_assert_eq(judge(&world, world.alice.cert), WORDS_NONE);
    cr_assert_eq(world.result->notices, WORDS_NONE);
    cr_assert_eq(world.result->chain.count, 3);
    cr_assert_eq(world.result->chain.items[0], world.alice.cert);
    cr_assert_str_eq(cert_id(world.result->chain.items[2]), cert_id(world.root.cert));
    cr_assert_eq(judge_at(&world, world.alice.cert, CHAIN_ENCRYPT, PKI_NOW), WORDS_NONE);
    world_end(&world);
}

Test(chain_verify, never_trusts_what_only_the_message_brings)
{
    struct world world;
    world_begin(&world, NULL);
    carry(&world, &world.middle);
    carry(&world, &world.root);
    cr_assert_eq(judge(&world, world.alice.cert), WORD_BIT(WORD_CHAIN_UNTRUSTED));
    cr_assert_eq(world.result->chain.count, 3);
    world_end(&world);
}

Test(chain_verify, does_not_take_a_root_that_is_trusted_for_tls_only)
{
    struct world world;
    world_begin(&world, "C,,C");
    carry(&world, &world.middle);
    cr_assert_eq(judge(&world, world.alice.cert), WORD_BIT(WORD_CHAIN_UNTRUSTED));
    world_end(&world);
}

Test(chain_verify, follows_a_change_of_trust_at_once)
{
    struct world world;
    world_begin(&world, ",C,");
    carry(&world, &world.middle);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(judge(&world, world.alice.cert), WORDS_NONE);
        pki_trust(world.root.cert, ",,");
        cr_assert_eq(judge(&world, world.alice.cert), WORD_BIT(WORD_CHAIN_UNTRUSTED));
        pki_trust(world.root.cert, "p,p,p");
        cr_assert_eq(judge(&world, world.alice.cert), WORD_BIT(WORD_CHAIN_UNTRUSTED));
        pki_trust(world.root.cert, ",C,");
    }
    world_end(&world);
}

Test(chain_verify, heeds_an_intermediate_that_is_distrusted)
{
    struct world world;
    world_begin(&world, ",C,");
    carry(&world, &world.middle);
    pki_trust(world.middle.cert, "p,p,p");
    cr_assert(words_has(judge(&world, world.alice.cert), WORD_CHAIN_UNTRUSTED));
    world_end(&world);
}

Test(chain_verify, heeds_a_leaf_that_is_distrusted)
{
    struct world world;
    world_begin(&world, ",C,");
    carry(&world, &world.middle);
    pki_trust(world.alice.cert, "p,p,p");
    cr_assert(words_has(judge(&world, world.alice.cert), WORD_CHAIN_UNTRUSTED));
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
    cr_assert_eq(judge(&world, party.cert), WORD_BIT(WORD_CERTIFICATE_EXPIRED));
    cr_assert_eq(world.result->chain.count, 2);
    cr_assert_eq(judge_at(&world, party.cert, CHAIN_SIGN, PKI_NOW - 2 * PKI_DAY), WORDS_NONE);
    cr_assert_eq(judge_at(&world, party.cert, CHAIN_SIGN, PKI_NOW - 20 * PKI_DAY),
                 WORD_BIT(WORD_CERTIFICATE_NOT_YET_VALID));
    pki_party_done(&party);
    world_end(&world);
}

Test(chain_verify, takes_the_epoch_for_a_moment_and_not_for_now)
{
    struct world world;
    world_begin(&world, ",C,");
    carry(&world, &world.middle);
    cr_assert_eq(judge_at(&world, world.alice.cert, CHAIN_SIGN, 0),
                 WORD_BIT(WORD_CERTIFICATE_NOT_YET_VALID));
    cr_assert(words_has(judge_at(&world, world.alice.cert, CHAIN_SIGN, INT64_MAX),
                        WORD_CERTIFICATE_EXPIRED));
    cr_assert(words_has(judge_at(&world, world.alice.cert, CHAIN_SIGN, INT64_MIN),
                        WORD_CERTIFICATE_NOT_YET_VALID));
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
    carry(&world, &old);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ 0 }, &old),
                 WORD_BIT(WORD_CERTIFICATE_EXPIRED));
    pki_party_done(&old);
    world_end(&world);
}

Test(chain_verify, shows_several_problems_together)
{
    struct world world;
    world_begin(&world, NULL);
    carry(&world, &world.root);
    struct pki_spec spec = { .purpose = "server", .to = PKI_NOW - 1, .key = PKI_RSA_1024 };
    cr_assert_eq(judge_person(&world, spec, &world.root),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED) | WORD_BIT(WORD_PURPOSE_WRONG) |
                     WORD_BIT(WORD_CERTIFICATE_EXPIRED) | WORD_BIT(WORD_WEAK_KEY));
    world_end(&world);
}

Test(chain_verify, tells_a_purpose_that_does_not_fit)
{
    struct world world;
    world_begin(&world, ",C,");
    word_set wrong = WORD_BIT(WORD_PURPOSE_WRONG);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ .purpose = "server" }, &world.root),
                 wrong);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ .usage = PKI_AGREE }, &world.root), wrong);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ .purpose = "email" }, &world.root),
                 WORDS_NONE);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ .usage = PKI_REPUDIATE }, &world.root),
                 WORDS_NONE);
    struct pki_spec signer = { .name = "Signer", .usage = PKI_SIGN };
    struct pki_party party;
    pki_issue(&world.pki, &signer, &world.root, &party);
    cr_assert_eq(judge_at(&world, party.cert, CHAIN_ENCRYPT, PKI_NOW), wrong);
    pki_party_done(&party);
    world_end(&world);
}

/* RFC 8550 4.4.4 would let it pass; NSS does not, and nothing is accepted without it. */
Test(chain_verify, refuses_any_purpose_where_mail_is_not_named)
{
    struct world world;
    world_begin(&world, ",C,");
    cr_assert_eq(judge_person(&world, (struct pki_spec){ .purpose = "any" }, &world.root),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    world_end(&world);
}

Test(chain_verify, joins_paths_at_a_name_written_differently)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_spec old = {
        .name = "Rollover CA", .ca = true, .path_length = -1, .usage = PKI_CERT_SIGN
    };
    struct pki_party ca;
    pki_issue(&world.pki, &old, &world.root, &ca);
    carry(&world, &ca);
    struct pki_party signer = ca;
    signer.name = pki_name(&world.pki, "Rollover CA", true);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ 0 }, &signer), WORDS_NONE);
    cr_assert_eq(world.result->chain.count, 3);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ .to = PKI_NOW - 1 }, &signer),
                 WORD_BIT(WORD_CERTIFICATE_EXPIRED) | WORD_BIT(WORD_CHAIN_UNTRUSTED));
    pki_trust(world.root.cert, "C,,");
    cr_assert(
        words_has(judge_person(&world, (struct pki_spec){ 0 }, &signer), WORD_CHAIN_UNTRUSTED));
    pki_party_done(&ca);
    world_end(&world);
}

Test(chain_verify, joins_no_path_whose_constraints_reach_across)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party ca;
    constrained(&world, &ca);
    struct pki_party signer = ca;
    signer.name = pki_name(&world.pki, "Constrained", true);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ .mail = "a@example.org" }, &signer),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    cr_assert_eq(judge_person(&world, (struct pki_spec){ .mail = "a@bank.example" }, &signer),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    pki_party_done(&ca);
    world_end(&world);
}

Test(chain_verify, joins_no_path_that_is_longer_than_a_ca_allows)
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
    carry(&world, &upper);
    carry(&world, &lower);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ 0 }, &lower),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    cr_assert_eq(judge_person(&world, (struct pki_spec){ 0 }, &signer), WORDS_NONE);
    pki_party_done(&upper);
    pki_party_done(&lower);
    world_end(&world);
}

Test(chain_verify, joins_no_path_of_a_person_who_plays_ca)
{
    struct world world;
    world_begin(&world, ",C,");
    carry(&world, &world.middle);
    carry(&world, &world.alice);
    struct pki_party signer = world.alice;
    signer.name = pki_name(&world.pki, "Alice", true);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ 0 }, &signer),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    world_end(&world);
}

Test(chain_verify, finds_the_issuer_among_many_of_one_name)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party decoys[LIMIT_OFFER_CHECKS - 2];
    for (size_t i = 0; i < LIMIT_OFFER_CHECKS - 2; i++) {
        pki_authority(&world.pki, "Middle", NULL, &decoys[i]);
        carry(&world, &decoys[i]);
    }
    carry(&world, &world.middle);
    cr_assert_eq(judge(&world, world.alice.cert), WORDS_NONE);
    for (size_t i = 0; i < LIMIT_OFFER_CHECKS - 2; i++) {
        pki_party_done(&decoys[i]);
    }
    world_end(&world);
}

Test(chain_verify, tries_no_more_issuers_than_the_limit)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party decoys[LIMIT_OFFER_CHECKS];
    for (size_t i = 0; i < LIMIT_OFFER_CHECKS; i++) {
        pki_authority(&world.pki, "Middle", NULL, &decoys[i]);
        carry(&world, &decoys[i]);
    }
    carry(&world, &world.middle);
    cr_assert_neq(judge(&world, world.alice.cert), WORDS_NONE);
    for (size_t i = 0; i < LIMIT_OFFER_CHECKS; i++) {
        pki_party_done(&decoys[i]);
    }
    world_end(&world);
}

Test(chain_verify, does_not_take_a_person_for_a_ca)
{
    struct world world;
    world_begin(&world, ",C,");
    carry(&world, &world.middle);
    carry(&world, &world.alice);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ 0 }, &world.alice),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
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
    carry(&world, &upper);
    carry(&world, &lower);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ 0 }, &upper), WORDS_NONE);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ 0 }, &lower),
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
    constrained(&world, &ca);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ .mail = "a@example.org" }, &ca),
                 WORDS_NONE);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ .mail = "a@bank.example" }, &ca),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    /* emailAddress in the subject counts as well */
    struct bytes oid =
        pki_tlv(&world.pki, 6, PKI_OCTETS(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1));
    struct bytes mail = pki_tlv(&world.pki, 0x16, bytes_of_string("a@bank.example"));
    struct bytes pair = pki_tlv(&world.pki, 0x30, PKI_JOIN(&world.pki, oid, mail));
    struct pki_spec subject = { .subject =
                                    pki_tlv(&world.pki, 0x30, pki_tlv(&world.pki, 0x31, pair)) };
    cr_assert_eq(judge_person(&world, subject, &ca), WORD_BIT(WORD_CHAIN_UNTRUSTED));
    pki_party_done(&ca);
    world_end(&world);
}

/* NSS knows no constraints on SmtpUTF8Mailbox (RFC 9598 section 6). */
static struct bytes utf8_mailbox(struct pki *pki, const char *address)
{
    struct bytes oid = pki_tlv(pki, 6, PKI_OCTETS(0x2b, 6, 1, 5, 5, 7, 8, 9));
    struct bytes value = pki_tlv(pki, 0xa0, pki_tlv(pki, 0x0c, bytes_of_string(address)));
    return pki_tlv(pki, 0xa0, PKI_JOIN(pki, oid, value));
}

Test(chain_verify, applies_constraints_on_addresses_to_utf8_mailboxes_too)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party ca;
    constrained(&world, &ca);
    struct pki_spec inside = { .alternative = utf8_mailbox(&world.pki, "jos\xc3\xa9@example.org") };
    struct pki_spec outside = { .alternative =
                                    utf8_mailbox(&world.pki, "jos\xc3\xa9@bank.example") };
    cr_assert_eq(judge_person(&world, inside, &ca), WORDS_NONE);
    cr_assert_eq(judge_person(&world, outside, &ca), WORD_BIT(WORD_CHAIN_UNTRUSTED));
    cr_assert_eq(judge_person(&world, outside, &world.root), WORDS_NONE);
    pki_party_done(&ca);
    world_end(&world);
}

Test(chain_verify, refuses_an_unknown_critical_extension)
{
    struct world world;
    world_begin(&world, ",C,");
    struct bytes odd = pki_extension(&world.pki, PKI_OCTETS(0x2a, 3, 4, 5), true, PKI_OCTETS(5, 0));
    cr_assert_eq(judge_person(&world, (struct pki_spec){ .extensions = odd }, &world.root),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    world_end(&world);
}

Test(chain_verify, does_not_take_a_namesake_for_the_issuer)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party impostor;
    pki_authority(&world.pki, "Middle", NULL, &impostor);
    carry(&world, &impostor);
    carry(&world, &world.middle);
    cr_assert_eq(judge(&world, world.alice.cert), WORDS_NONE);
    cr_assert(
        words_has(judge_person(&world, (struct pki_spec){ 0 }, &impostor), WORD_CHAIN_UNTRUSTED));
    pki_party_done(&impostor);
    world_end(&world);
}

Test(chain_verify, does_not_let_a_namesake_of_the_root_in)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party impostor;
    pki_authority(&world.pki, "Root", NULL, &impostor);
    carry(&world, &impostor);
    cr_assert(
        words_has(judge_person(&world, (struct pki_spec){ 0 }, &impostor), WORD_CHAIN_UNTRUSTED));
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
    cr_assert_eq(judge(&world, real.cert), WORDS_NONE);
    cr_assert(words_has(judge(&world, forged.cert), WORD_CHAIN_UNTRUSTED));
    cr_assert_eq(judge(&world, real.cert), WORDS_NONE);
    pki_party_done(&real);
    pki_party_done(&forged);
    pki_party_done(&impostor);
    world_end(&world);
}

Test(chain_verify, ends_in_circles_and_in_long_chains)
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
    carry(&world, &second);
    carry(&world, &back);
    cr_assert_neq(judge_person(&world, (struct pki_spec){ 0 }, &second), WORDS_NONE);
    cr_assert_leq(world.result->chain.count, LIMIT_CHAIN);
    pki_party_done(&first);
    pki_party_done(&second);
    pki_party_done(&back);
    world_end(&world);
}

Test(chain_verify, does_not_go_above_the_limit_of_a_chain)
{
    struct world world;
    world_begin(&world, ",C,");
    struct pki_party tower[LIMIT_CHAIN];
    for (size_t i = 0; i < LIMIT_CHAIN; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "Floor %zu", i);
        pki_authority(&world.pki, name, i == 0 ? &world.root : &tower[i - 1], &tower[i]);
        carry(&world, &tower[i]);
    }
    /* root, 14 floors and the person are 16 */
    cr_assert_eq(judge_person(&world, (struct pki_spec){ 0 }, &tower[LIMIT_CHAIN - 3]), WORDS_NONE);
    cr_assert_eq(judge_person(&world, (struct pki_spec){ 0 }, &tower[LIMIT_CHAIN - 2]),
                 WORD_BIT(WORD_CHAIN_UNTRUSTED));
    for (size_t i = 0; i < LIMIT_CHAIN; i++) {
        pki_party_done(&tower[i]);
    }
    world_end(&world);
}

Test(chain_verify, tells_weak_keys_and_digests_as_the_policy_says)
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
    cr_assert_eq(judge_person(&world, sha1, &rsa), WORD_BIT(WORD_WEAK_DIGEST));
    world.policy.allow_sha1 = true;
    cr_assert_eq(judge_person(&world, sha1, &rsa), WORDS_NONE);
    /* allowing SHA-1 does not allow MD5 */
    word_set md5 = judge_person(&world, (struct pki_spec){ .hash = PKI_MD5 }, &rsa);
    cr_assert(words_has(md5, WORD_WEAK_DIGEST));
    cr_assert(words_has(md5, WORD_CHAIN_UNTRUSTED));
    struct pki_spec small = { .key = PKI_RSA_1024 };
    cr_assert_eq(judge_person(&world, small, &rsa), WORD_BIT(WORD_WEAK_KEY));
    world.policy.min_rsa_bits = 1024;
    cr_assert_eq(judge_person(&world, small, &rsa), WORDS_NONE);
    world.policy.min_rsa_bits = 3072; /* the anchor's key counts */
    cr_assert_eq(judge_person(&world, (struct pki_spec){ 0 }, &rsa), WORD_BIT(WORD_WEAK_KEY));
    pki_party_done(&rsa);
    world_end(&world);
}

Test(chain_verify, accepts_a_person_trusted_directly_and_no_other_of_the_same_issuer)
{
    struct world world;
    world_begin(&world, NULL);
    cr_assert_eq(judge(&world, world.alice.cert), WORD_BIT(WORD_CHAIN_INCOMPLETE));
    pki_trust(world.alice.cert, ",P,");
    cr_assert_eq(judge(&world, world.alice.cert), WORDS_NONE);
    cr_assert_eq(world.result->chain.count, 1);
    cr_assert_eq(judge_at(&world, world.alice.cert, CHAIN_SIGN, PKI_NOW + 800LL * PKI_DAY),
                 WORD_BIT(WORD_CERTIFICATE_EXPIRED));
    cr_assert_neq(judge_person(&world, (struct pki_spec){ 0 }, &world.middle), WORDS_NONE);
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
    cr_assert(words_has(judge(&world, party.cert), WORD_PURPOSE_WRONG));
    pki_party_done(&party);
    world_end(&world);
}

Test(chain_verify, accepts_a_self_signed_person_only_where_trusted)
{
    struct world world;
    world_begin(&world, NULL);
    struct pki_party party;
    pki_person(&world.pki, "Self", NULL, &party);
    cr_assert_eq(judge(&world, party.cert), WORD_BIT(WORD_CHAIN_UNTRUSTED));
    pki_trust(party.cert, "P,,");
    cr_assert_neq(judge(&world, party.cert), WORDS_NONE, "trusted for TLS only");
    pki_trust(party.cert, ",P,");
    cr_assert_eq(judge(&world, party.cert), WORDS_NONE);
    pki_party_done(&party);
    world_end(&world);
}

Test(chain_verify, wants_revocation_settled_where_the_policy_is_hard)
{
    struct world world;
    world_begin(&world, ",C,");
    carry(&world, &world.middle);
    world.policy.revocation = REVOCATION_HARD;
    cr_assert_eq(judge(&world, world.alice.cert), WORD_BIT(WORD_REVOCATION_UNKNOWN));
    world.policy.revocation = REVOCATION_OFF;
    cr_assert_eq(judge(&world, world.alice.cert), WORDS_NONE);
    world_end(&world);
}

static int listen_on_loopback(unsigned *ret_port)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t length = sizeof address;
    cr_assert_geq(listener, 0);
    cr_assert_eq(bind(listener, (struct sockaddr *)&address, length), 0);
    cr_assert_eq(listen(listener, 4), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    *ret_port = ntohs(address.sin_port);
    return listener;
}

/* authorityInfoAccess with OCSP and caIssuers, and cRLDistributionPoints, all at this URL. */
static struct bytes pointers(struct pki *pki, const char *url)
{
    struct bytes name = pki_tlv(pki, 0x86, bytes_of_string(url));
    struct bytes ocsp = pki_tlv(pki, 6, PKI_OCTETS(0x2b, 6, 1, 5, 5, 7, 48, 1));
    struct bytes issuers = pki_tlv(pki, 6, PKI_OCTETS(0x2b, 6, 1, 5, 5, 7, 48, 2));
    struct bytes both = PKI_JOIN(pki, pki_tlv(pki, 0x30, PKI_JOIN(pki, ocsp, name)),
                                 pki_tlv(pki, 0x30, PKI_JOIN(pki, issuers, name)));
    struct bytes point = pki_tlv(pki, 0x30, pki_tlv(pki, 0xa0, pki_tlv(pki, 0xa0, name)));
    return PKI_JOIN(
        pki,
        pki_extension(pki, PKI_OCTETS(0x2b, 6, 1, 5, 5, 7, 1, 1), false, pki_tlv(pki, 0x30, both)),
        pki_extension(pki, PKI_OCTETS(0x55, 0x1d, 31), false, pki_tlv(pki, 0x30, point)));
}

Test(chain_verify, asks_no_network)
{
    struct world world;
    world_begin(&world, ",C,");
    unsigned port = 0;
    int listener = listen_on_loopback(&port);
    char url[64];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/x", port);
    struct bytes extensions = pointers(&world.pki, url);
    world.policy.revocation = REVOCATION_HARD;
    world.policy.network = true;
    (void)judge_person(&world, (struct pki_spec){ .extensions = extensions }, &world.root);
    cert_unref(world.middle.cert); /* an issuer that could be fetched */
    world.middle.cert = NULL;
    (void)judge_person(&world, (struct pki_spec){ .extensions = extensions }, &world.middle);
    struct pollfd waiting = { .fd = listener, .events = POLLIN };
    cr_assert_eq(poll(&waiting, 1, 50), 0, "somebody called");
    (void)close(listener);
    world_end(&world);
}
