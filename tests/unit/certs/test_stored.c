#include "certs/stored.h"
#include "store/store.h"
#include "store/trial.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 86400 };

struct world {
    char folder[sizeof("/tmp/sealpost-stored-XXXXXX")];
    struct store *store;
    struct cert *ca;
    struct cert *person;
};

static struct cert *cert_of(struct bytes der)
{
    struct cert *cert = NULL;
    assert_ok(cert_from_der(der, &cert));
    return cert;
}

static struct world make_world(void)
{
    struct world world = { .folder = "/tmp/sealpost-stored-XXXXXX" };
    const struct interaction silent = { .allowed = false };
    const struct trial_subject authority = { .name = "CA", .key = TRIAL_ECDSA_P256 };
    const struct trial_subject subject = { .name = "Alice",
                                           .address = "alice@example.org",
                                           .key = TRIAL_ECDSA_P256 };
    CLEANUP(buffer_free) struct buffer *ca = NULL;
    CLEANUP(buffer_free) struct buffer *person = NULL;
    cr_assert_not_null(mkdtemp(world.folder));
    assert_ok(store_create_database(world.folder));
    const struct store_options options = { .database = world.folder };
    assert_ok(store_open(&options, &world.store));
    assert_ok(trial_ca_make(world.store, &authority, &silent, &ca));
    assert_ok(trial_identity_make(world.store, buffer_view(ca), &subject, &silent, &person));
    world.ca = cert_of(buffer_view(ca));
    world.person = cert_of(buffer_view(person));
    return world;
}

static void end_world(struct world *world)
{
    char command[sizeof(world->folder) + sizeof("rm -rf ")];
    cert_unref(world->ca);
    cert_unref(world->person);
    store_close(world->store);
    (void)snprintf(command, sizeof(command), "rm -rf %s", world->folder);
    cr_assert_eq(system(command), 0);
}

Test(stored, tells_trust_token_and_database)
{
    struct world world = make_world();
    CLEANUP(string_free) char *token = NULL;
    cr_expect_eq(stored_trust_of(world.ca), STORED_TRUST_CA);
    cr_expect_neq(stored_trust_of(world.person), STORED_TRUST_CA);
    cr_expect_neq(stored_trust_of(world.person), STORED_TRUST_DISTRUST);
    assert_ok(stored_token(world.person, &token));
    cr_expect_not_null(token);
    cr_expect_str_eq(store_database_of(world.store, cert_nss(world.person)), world.folder);
    end_world(&world);
}

Test(stored, problems_are_those_of_the_dates)
{
    struct world world = make_world();
    int64_t from = cert_not_before(world.person);
    int64_t to = cert_not_after(world.person);
    cr_expect_eq(stored_problems(world.person, from), WORDS_NONE);
    cr_expect_eq(stored_problems(world.person, to), WORDS_NONE);
    cr_expect_eq(stored_problems(world.person, from - DAY),
                 WORD_BIT(WORD_CERTIFICATE_NOT_YET_VALID));
    cr_expect_eq(stored_problems(world.person, to + DAY), WORD_BIT(WORD_CERTIFICATE_EXPIRED));
    end_world(&world);
}
