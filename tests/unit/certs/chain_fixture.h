/* A root, an intermediate and Alice, and questions about paths among them. */
#ifndef SEALPOST_TESTS_UNIT_CERTS_CHAIN_FIXTURE_H
#define SEALPOST_TESTS_UNIT_CERTS_CHAIN_FIXTURE_H

#include "certs/pki.h"

enum { WORLD_CRLS = 4 };

struct world {
    struct pki pki;
    struct pki_party root;
    struct pki_party middle;
    struct pki_party alice;
    struct cert_list extra;
    struct bytes crls[WORLD_CRLS]; /* of the message */
    size_t crl_count;
    struct policy policy;
    struct chain_result *result;
};

/* `trust`: certutil's flags for the root, which then lies in the database; NULL: it does not. */
void world_begin(struct world *world, const char *trust);
void world_end(struct world *world);

/* Makes the party's certificate one of the message's. */
void world_carry(struct world *world, const struct pki_party *party);

/* The problems of the certificate's path; all of the result is in world->result. */
word_set world_judge_at(struct world *world, struct cert *cert, enum chain_purpose purpose,
                        int64_t at);
word_set world_judge(struct world *world, struct cert *cert); /* as a signer at PKI_NOW */
/* Of a person made from `spec`, which needs no name and no usage. */
word_set world_judge_person(struct world *world, struct pki_spec spec,
                            const struct pki_party *issuer);

/* What a path gives that PKIX alone can be asked about: chain-untrusted where NSS is built without
 * it. */
word_set world_words_by_pkix(void);

/* An intermediate that may issue for example.org alone, carried by the message. */
void world_constrained(struct world *world, struct pki_party *ret_party);

#endif
