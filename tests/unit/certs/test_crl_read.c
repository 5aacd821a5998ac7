#include "base/limits.h"
#include "certs/crl_read.h"
#include "certs/pki.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { SERIAL = 7, REASON_HOLD = 6, REASON_REMOVE = 8 };

struct world {
    struct pki pki;
    struct pki_party root;
    struct pki_party person;
};

static void world_begin(struct world *world)
{
    pki_begin(&world->pki);
    pki_authority(&world->pki, "Root", NULL, &world->root);
    pki_issue(&world->pki, &(struct pki_spec){ .name = "Person", .serial = SERIAL }, &world->root,
              &world->person);
}

static void world_end(struct world *world)
{
    pki_party_done(&world->person);
    pki_party_done(&world->root);
    pki_end(&world->pki);
}

static struct crl *read_crl(struct world *world, struct pki_crl spec)
{
    struct crl *crl = NULL;
    assert_ok(crl_read(pki_crl(&world->pki, &spec, &world->root), &crl));
    return crl;
}

Test(crl_read, gives_nothing_for_what_is_no_crl)
{
    struct world world;
    world_begin(&world);
    struct bytes whole = pki_crl(&world.pki, &(struct pki_crl){ 0 }, &world.root);
    struct crl *crl = NULL;
    for (size_t len = 0; len < whole.len; len++) {
        assert_ok(crl_read(bytes_slice(whole, 0, len), &crl));
        cr_assert_null(crl);
    }
    assert_ok(crl_read(cert_der(world.root.cert), &crl));
    cr_assert_null(crl);
    crl_read_free(NULL);
    world_end(&world);
}

Test(crl_read, gives_nothing_above_the_limit)
{
    struct world world;
    world_begin(&world);
    uint8_t *filler = calloc(1, LIMIT_CRL);
    struct bytes big = pki_extension(&world.pki, PKI_OCTETS(0x2a, 3, 4), false,
                                     (struct bytes){ filler, LIMIT_CRL - 9 });
    cr_assert_null(read_crl(&world, (struct pki_crl){ .extensions = big }));
    free(filler);
    world_end(&world);
}

static enum crl_entry find(struct world *world, const struct pki_revoked *entries, size_t count,
                           int64_t *ret_since)
{
    CLEANUP(crl_read_free)
    struct crl *crl = read_crl(world, (struct pki_crl){ .entries = entries, .count = count });
    cr_assert_not_null(crl);
    return crl_read_find(crl, world->person.cert, ret_since);
}

Test(crl_read_find, tells_what_the_last_entry_says)
{
    struct world world;
    world_begin(&world);
    int64_t since = 1;
    struct pki_revoked entries[] = {
        { .serial = SERIAL + 1, .since = PKI_NOW, .reason = -1 },
        { .serial = SERIAL, .since = PKI_NOW - 3, .reason = 1 },
        { .serial = SERIAL, .since = PKI_NOW - 2, .reason = REASON_HOLD },
        { .serial = SERIAL, .since = PKI_NOW - 1, .reason = REASON_REMOVE },
    };
    cr_assert_eq(find(&world, NULL, 0, &since), CRL_ENTRY_NONE);
    cr_assert_eq(since, 0);
    cr_assert_eq(find(&world, entries, 1, &since), CRL_ENTRY_NONE);
    cr_assert_eq(find(&world, entries, 2, &since), CRL_ENTRY_REVOKED);
    cr_assert_eq(since, PKI_NOW - 3);
    cr_assert_eq(find(&world, entries, 3, &since), CRL_ENTRY_HELD);
    cr_assert_eq(find(&world, entries, 4, &since), CRL_ENTRY_REMOVED);
    cr_assert_eq(since, PKI_NOW - 1);
    world_end(&world);
}

Test(crl_read_is_signed_by, wants_name_and_key)
{
    struct world world;
    struct pki_party namesake;
    world_begin(&world);
    pki_authority(&world.pki, "Root", NULL, &namesake);
    CLEANUP(crl_read_free) struct crl *crl = read_crl(&world, (struct pki_crl){ 0 });
    CLEANUP(crl_read_free)
    struct crl *foreign = read_crl(&world, (struct pki_crl){ .issuer = world.person.name });
    cr_assert(crl_read_is_signed_by(crl, world.root.cert));
    cr_assert_not(crl_read_is_signed_by(crl, namesake.cert));
    cr_assert_not(crl_read_is_signed_by(crl, world.person.cert));
    cr_assert_not(crl_read_is_signed_by(foreign, world.root.cert));
    cr_assert(crl_read_is_of_issuer(crl, world.person.cert));
    cr_assert_not(crl_read_is_of_issuer(foreign, world.person.cert));
    pki_party_done(&namesake);
    world_end(&world);
}

Test(crl_read_covers, is_true_from_this_update_to_next_update)
{
    struct world world;
    world_begin(&world);
    CLEANUP(crl_read_free)
    struct crl *crl = read_crl(&world, (struct pki_crl){ .from = PKI_NOW, .to = PKI_NOW + 10 });
    const struct cert *cert = world.person.cert;
    cr_assert_eq(crl_read_produced_at(crl), PKI_NOW);
    cr_assert_not(crl_read_covers(crl, cert, PKI_NOW - 1));
    cr_assert(crl_read_covers(crl, cert, PKI_NOW));
    cr_assert(crl_read_covers(crl, cert, PKI_NOW + 10));
    cr_assert_not(crl_read_covers(crl, cert, PKI_NOW + 11));
    world_end(&world);
}
