#include "certs/chain_fixture.h"

#include "nss/nss_scope.h"
#include "support/support.h"

#include <cert.h>
#include <criterion/criterion.h>
#include <prerror.h>
#include <stdio.h>

void world_begin(struct world *world, const char *trust)
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

void world_end(struct world *world)
{
    chain_result_free(world->result);
    cert_list_done(&world->extra);
    pki_party_done(&world->alice);
    pki_party_done(&world->middle);
    pki_party_done(&world->root);
    pki_end(&world->pki);
}

void world_carry(struct world *world, const struct pki_party *party)
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

word_set world_judge_at(struct world *world, struct cert *cert, enum chain_purpose purpose,
                        int64_t at)
{
    chain_result_free(world->result);
    world->result = NULL;
    struct chain_request request = { .cert = cert,
                                     .extra = &world->extra,
                                     .crls = world->crls,
                                     .crl_count = world->crl_count,
                                     .purpose = purpose,
                                     .at = at,
                                     .policy = &world->policy };
    assert_ok(chain_verify(&request, &world->result));
    print(world->result->problems); /* shown where a test fails */
    return world->result->problems;
}

word_set world_judge(struct world *world, struct cert *cert)
{
    return world_judge_at(world, cert, CHAIN_SIGN, PKI_NOW);
}

/* A person issued by `issuer` after `spec` was filled with what a person needs. */
word_set world_judge_person(struct world *world, struct pki_spec spec,
                            const struct pki_party *issuer)
{
    struct pki_party person;
    spec.name = spec.name ? spec.name : "Person";
    spec.usage = spec.usage ? spec.usage : PKI_SIGN;
    pki_issue(&world->pki, &spec, issuer, &person);
    word_set problems = world_judge(world, person.cert);
    pki_party_done(&person);
    return problems;
}

word_set world_words_by_pkix(void)
{
    CERTValInParam in = { .type = cert_pi_end };
    CERTValOutParam out = { .type = cert_po_end };
    bool there =
        CERT_PKIXVerifyCert(NULL, certificateUsageEmailSigner, &in, &out, NULL) == SECSuccess ||
        PORT_GetError() != PR_NOT_IMPLEMENTED_ERROR;
    return there ? WORDS_NONE : WORD_BIT(WORD_CHAIN_UNTRUSTED);
}

/* An intermediate that may issue for example.org alone. */
void world_constrained(struct world *world, struct pki_party *ret_party)
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
    world_carry(world, ret_party);
}
