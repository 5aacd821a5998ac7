#include "base/limits.h"
#include "certs/chain_cache.h"
#include "certs/chain_fixture.h"
#include "support/support.h"

#include <criterion/criterion.h>

/* A root and a person that it certified, both in the database. */
struct scene {
    struct pki pki;
    struct pki_party root;
    struct pki_party alice;
    struct policy policy;
    struct chain_cache *cache;
};

static void scene_begin(struct scene *scene)
{
    *scene = (struct scene){ .policy = policy_default() };
    pki_begin(&scene->pki);
    pki_authority(&scene->pki, "Root", NULL, &scene->root);
    pki_person(&scene->pki, "Alice", &scene->root, &scene->alice);
    pki_trust(scene->root.cert, ",C,");
    pki_trust(scene->alice.cert, ",,");
    assert_ok(chain_cache_new(LIMIT_CHAIN_CACHE, &scene->cache));
}

static void scene_end(struct scene *scene)
{
    chain_cache_free(scene->cache);
    pki_party_done(&scene->alice);
    pki_party_done(&scene->root);
    pki_end(&scene->pki);
}

static struct chain_request ask_for(const struct scene *scene, struct cert *cert, int64_t at)
{
    return (struct chain_request){
        .cert = cert,
        .purpose = CHAIN_SIGN,
        .at = at,
        .policy = &scene->policy,
    };
}

static word_set problems(const struct scene *scene, unsigned long generation,
                         const struct chain_request *request)
{
    word_set found = WORDS_NONE;
    assert_ok(chain_cache_problems(scene->cache, generation, request, &found));
    return found;
}

static word_set at_time(const struct scene *scene, int64_t at)
{
    const struct chain_request request = ask_for(scene, scene->alice.cert, at);
    return problems(scene, 1, &request);
}

/* What follows is a change that only somebody who verifies anew can see. */
static void distrust(struct scene *scene)
{
    pki_trust(scene->root.cert, ",,");
}

Test(chain_cache, remembers_while_nothing_changed)
{
    struct scene scene;
    scene_begin(&scene);
    cr_assert_eq(at_time(&scene, PKI_NOW), WORDS_NONE);
    distrust(&scene);
    cr_assert_eq(at_time(&scene, PKI_NOW), WORDS_NONE);
    cr_assert_eq(at_time(&scene, PKI_NOW + CHAIN_CACHE_SECONDS), WORDS_NONE);
    scene_end(&scene);
}

Test(chain_cache, verifies_anew_once_the_databases_changed)
{
    struct scene scene;
    scene_begin(&scene);
    const struct chain_request request = ask_for(&scene, scene.alice.cert, PKI_NOW);
    cr_assert_eq(problems(&scene, 1, &request), WORDS_NONE);
    distrust(&scene);
    cr_assert_neq(problems(&scene, 2, &request), WORDS_NONE);
    cr_assert_neq(problems(&scene, 2, &request), WORDS_NONE,
                  "the new answer takes the old one's place");
    scene_end(&scene);
}

Test(chain_cache, forgets_in_time)
{
    struct scene scene;
    scene_begin(&scene);
    cr_assert_eq(at_time(&scene, PKI_NOW), WORDS_NONE);
    distrust(&scene);
    cr_assert_neq(at_time(&scene, PKI_NOW + CHAIN_CACHE_SECONDS + 1), WORDS_NONE);
    scene_end(&scene);
}

Test(chain_cache, does_not_remember_for_another_purpose)
{
    struct scene scene;
    scene_begin(&scene);
    struct chain_request request = ask_for(&scene, scene.alice.cert, PKI_NOW);
    cr_assert_eq(problems(&scene, 1, &request), WORDS_NONE);
    distrust(&scene);
    request.purpose = CHAIN_ENCRYPT;
    cr_assert_neq(problems(&scene, 1, &request), WORDS_NONE);
    scene_end(&scene);
}

Test(chain_cache, does_not_outlive_a_certificate_of_the_path)
{
    struct scene scene;
    struct pki_party bob = { 0 };
    scene_begin(&scene);
    const struct pki_spec spec = { .name = "Bob",
                                   .mail = "bob@example.org",
                                   .purpose = "email",
                                   .usage = PKI_SIGN,
                                   .from = PKI_NOW - 10,
                                   .to = PKI_NOW + 10 };
    pki_issue(&scene.pki, &spec, &scene.root, &bob);
    static const struct {
        int64_t at;
        word_set expected;
    } steps[] = {
        { PKI_NOW, WORDS_NONE },
        { PKI_NOW + 10, WORDS_NONE },
        { PKI_NOW + 11, WORD_BIT(WORD_CERTIFICATE_EXPIRED) },
        { PKI_NOW + 10, WORDS_NONE },
        { PKI_NOW - 10, WORDS_NONE },
        { PKI_NOW - 11, WORD_BIT(WORD_CERTIFICATE_NOT_YET_VALID) },
        { PKI_NOW - 10, WORDS_NONE },
    };
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
        const struct chain_request request = ask_for(&scene, bob.cert, steps[i].at);
        cr_assert_eq(problems(&scene, 1, &request), steps[i].expected, "step %zu", i);
    }
    pki_party_done(&bob);
    scene_end(&scene);
}

Test(chain_cache, stands_apart_from_what_a_message_brings)
{
    struct scene scene;
    struct cert_list extra = { 0 };
    scene_begin(&scene);
    assert_ok(cert_list_add(&extra, scene.alice.cert));
    struct chain_request with = ask_for(&scene, scene.alice.cert, PKI_NOW);
    with.extra = &extra;
    const struct chain_request without = ask_for(&scene, scene.alice.cert, PKI_NOW);
    cr_assert_eq(problems(&scene, 1, &with), WORDS_NONE);
    distrust(&scene);
    cr_assert_neq(problems(&scene, 1, &without), WORDS_NONE, "it was remembered");
    pki_trust(scene.root.cert, ",C,");
    cr_assert_eq(problems(&scene, 1, &with), WORDS_NONE, "it was taken from memory");
    cert_list_done(&extra);
    scene_end(&scene);
}

Test(chain_cache, has_room_for_so_many_and_no_more)
{
    enum { PEOPLE = 24, ROOM = 16 };
    struct scene scene;
    struct pki_party people[PEOPLE] = { 0 };
    struct chain_cache *whole = NULL;
    size_t remembered = 0;
    scene_begin(&scene);
    whole = scene.cache;
    assert_ok(chain_cache_new(ROOM, &scene.cache));
    for (size_t i = 0; i < PEOPLE; i++) {
        pki_person(&scene.pki, "Alice", &scene.root, &people[i]);
        const struct chain_request request = ask_for(&scene, people[i].cert, PKI_NOW);
        cr_assert_eq(problems(&scene, 1, &request), WORDS_NONE);
    }
    distrust(&scene);
    for (size_t i = PEOPLE; i > 0; i--) { /* the last ones are still there */
        const struct chain_request request = ask_for(&scene, people[i - 1].cert, PKI_NOW);
        word_set found = problems(&scene, 1, &request);
        remembered += found == WORDS_NONE;
        pki_party_done(&people[i - 1]);
    }
    cr_assert_gt(remembered, 0);
    cr_assert_leq(remembered, ROOM);
    chain_cache_free(whole);
    scene_end(&scene);
}

Test(chain_cache, may_be_missing)
{
    struct scene scene;
    scene_begin(&scene);
    word_set found = WORDS_NONE;
    const struct chain_request request = ask_for(&scene, scene.alice.cert, PKI_NOW);
    assert_ok(chain_cache_problems(NULL, 1, &request, &found));
    cr_assert_eq(found, WORDS_NONE);
    distrust(&scene);
    assert_ok(chain_cache_problems(NULL, 1, &request, &found));
    cr_assert_neq(found, WORDS_NONE);
    scene_end(&scene);
}
