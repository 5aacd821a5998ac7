#include "base/clock.h"
#include "base/limits.h"
#include "certs/index.h"
#include "certs/pki.h"
#include "nss/item.h"
#include "nss/nss_scope.h"
#include "store/store.h"
#include "support/support.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A store over an empty database, and an index over that. */
struct world {
    struct pki pki; /* the arena alone: the store starts NSS */
    char directory[64];
    struct store *store;
    struct cert_index *index;
};

static void world_begin(struct world *world)
{
    *world = (struct world){ 0 };
    world->pki = (struct pki){ .arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE) };
    (void)snprintf(world->directory, sizeof world->directory, "/tmp/sealpost-index-XXXXXX");
    cr_assert_not_null(mkdtemp(world->directory));
    char database[80];
    (void)snprintf(database, sizeof database, "%s/nssdb", world->directory);
    assert_ok(store_create_database(database));
    assert_ok(store_open(&(struct store_options){ .database = database, .mozilla_roots = true },
                         &world->store));
    assert_ok(cert_index_new(world->store, &world->index));
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

static void world_end(struct world *world)
{
    cert_index_free(world->index);
    store_close(world->store);
    PORT_FreeArena(world->pki.arena, PR_FALSE);
    (void)nftw(world->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void put(struct world *world, const struct cert *cert)
{
    store_change_begin(world->store);
    pki_trust(cert, ",,");
    store_change_end(world->store);
}

static struct cert *person(struct world *world, struct pki_spec spec)
{
    struct cert *cert = NULL;
    assert_ok(cert_from_der(pki_der(&world->pki, &spec), &cert));
    put(world, cert);
    return cert;
}

static size_t count_by_address(struct world *world, const char *address)
{
    struct cert_list found = { 0 };
    assert_ok(cert_index_by_address(world->index, address, &found));
    size_t count = found.count;
    cert_list_done(&found);
    return count;
}

static size_t count_all(struct world *world)
{
    struct cert_list found = { 0 };
    assert_ok(cert_index_all(world->index, &found));
    size_t count = found.count;
    cert_list_done(&found);
    return count;
}

Test(cert_index, is_empty_over_an_empty_database_whatever_the_roots)
{
    struct world world;
    world_begin(&world);
    struct cert_list found = { 0 };
    assert_ok(cert_index_all(world.index, &found));
    assert_ok(cert_index_mine(world.index, &found));
    assert_ok(cert_index_by_address(world.index, "nobody@example.org", &found));
    assert_ok(cert_index_by_address(world.index, "no address", &found));
    assert_ok(cert_index_by_id(world.index, "", &found));
    assert_ok(cert_index_by_key_id(world.index, BYTES_NONE, &found));
    assert_ok(cert_index_by_issuer_serial(world.index, BYTES_NONE, BYTES_NONE, &found));
    cr_assert_eq(found.count, 0);
    cert_list_done(&found);
    world_end(&world);
}

Test(cert_index, finds_by_every_key)
{
    struct world world;
    world_begin(&world);
    struct bytes key_id = PKI_OCTETS(1, 2, 3);
    struct bytes extension = pki_extension(&world.pki, PKI_OCTETS(0x55, 0x1d, 14), false,
                                           pki_tlv(&world.pki, 4, key_id));
    struct cert *first = person(&world, (struct pki_spec){ .name = "First",
                                                           .serial = 7,
                                                           .mail = "First@Example.org",
                                                           .extensions = extension });
    struct cert *second = person(
        &world, (struct pki_spec){ .name = "Second", .serial = 7, .mail = "second@example.org" });
    struct cert_list found = { 0 };
    assert_ok(cert_index_by_address(world.index, "first@EXAMPLE.org", &found));
    assert_ok(cert_index_by_key_id(world.index, key_id, &found));
    assert_ok(cert_index_by_id(world.index, cert_id(first), &found));
    assert_ok(
        cert_index_by_issuer_serial(world.index, cert_issuer_der(first), PKI_OCTETS(7), &found));
    cr_assert_eq(found.count, 4);
    for (size_t i = 0; i < found.count; i++) {
        cr_assert_str_eq(cert_id(found.items[i]), cert_id(first));
    }
    cr_assert_eq(count_all(&world), 2);
    cr_assert_eq(count_by_address(&world, "third@example.org"), 0);
    cert_list_done(&found);
    assert_ok(
        cert_index_by_issuer_serial(world.index, cert_issuer_der(first), PKI_OCTETS(8), &found));
    assert_ok(cert_index_by_key_id(world.index, PKI_OCTETS(1, 2), &found));
    cr_assert_eq(found.count, 0);
    cert_unref(first);
    cert_unref(second);
    world_end(&world);
}

Test(cert_index, finds_every_certificate_of_an_address_once)
{
    struct world world;
    world_begin(&world);
    struct bytes twice =
        PKI_JOIN(&world.pki, pki_tlv(&world.pki, 0x81, BYTES_LITERAL("a@x.example")),
                 pki_tlv(&world.pki, 0x81, BYTES_LITERAL("A@X.example")));
    cert_unref(person(&world, (struct pki_spec){ .name = "One", .alternative = twice }));
    cert_unref(person(&world, (struct pki_spec){ .name = "Two", .mail = "a@x.example" }));
    cr_assert_eq(count_by_address(&world, "a@x.example"), 2);
    world_end(&world);
}

Test(cert_index, follows_changes)
{
    struct world world;
    world_begin(&world);
    unsigned long before = cert_index_generation(world.index);
    cr_assert_eq(count_all(&world), 0);
    cr_assert_eq(cert_index_generation(world.index), before);
    cert_unref(person(&world, (struct pki_spec){ .name = "New", .mail = "new@example.org" }));
    cr_assert_neq(cert_index_generation(world.index), before);
    cr_assert_eq(count_by_address(&world, "new@example.org"), 1);
    world_end(&world);
}

Test(cert_index, tells_mine_from_others)
{
    struct world world;
    world_begin(&world);
    struct pki_party me = { .name = pki_name(&world.pki, "Me", false) };
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalKeySlot();
    PK11RSAGenParams rsa = { 1024, 65537 };
    me.private_key = PK11_GenerateKeyPair(slot, CKM_RSA_PKCS_KEY_PAIR_GEN, &rsa, &me.public_key,
                                          PR_TRUE, PR_TRUE, NULL);
    cr_assert_not_null(me.private_key);
    struct pki_party mine;
    pki_issue_for(&world.pki, &(struct pki_spec){ .name = "Me", .mail = "me@example.org" }, &me,
                  &me, &mine);
    put(&world, mine.cert);
    cert_unref(person(&world, (struct pki_spec){ .name = "Other", .mail = "o@example.org" }));
    struct cert_list found = { 0 };
    assert_ok(cert_index_mine(world.index, &found));
    cr_assert_eq(found.count, 1);
    cr_assert_str_eq(cert_id(found.items[0]), cert_id(mine.cert));
    cert_list_done(&found);
    pki_party_done(&mine);
    pki_party_done(&me);
    world_end(&world);
}

/* Puts certificates that differ in serial number and address onto the token, by overwriting those
 * in one: their signatures are wrong, which an index does not care about. They vanish with the
 * session, and so need no slow transaction each. */
static void flood(struct pki *pki, PK11SlotInfo *slot, unsigned from, unsigned to)
{
    static const char pattern[] = "p0000000@example.org";
    struct pki_spec spec = { .name = "Many", .mail = pattern, .serial = 0x70707070 };
    struct bytes der = pki_der(pki, &spec);
    uint8_t *copy = item_pointer(der);
    size_t mail = bytes_find(der, bytes_of_string(pattern));
    size_t serial = bytes_find(der, BYTES_LITERAL("\x70\x70\x70\x70"));
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    CK_BBOOL no = CK_FALSE;
    for (unsigned i = from; i < to; i++) {
        char digits[9];
        (void)snprintf(digits, sizeof digits, "%07u", i);
        memcpy(copy + mail + 1, digits, 7);
        uint8_t number[] = { 0x70, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
        memcpy(copy + serial, number, sizeof number);
        CK_ATTRIBUTE attributes[] = {
            { CKA_CLASS, &class, sizeof class },
            { CKA_TOKEN, &no, sizeof no },
            { CKA_CERTIFICATE_TYPE, &type, sizeof type },
            { CKA_SUBJECT, number, sizeof number },
            { CKA_ISSUER, number, sizeof number },
            { CKA_SERIAL_NUMBER, number, sizeof number },
            { CKA_VALUE, copy, der.len },
        };
        PK11GenericObject *object = PK11_CreateGenericObject(
            slot, attributes, sizeof attributes / sizeof *attributes, PR_FALSE);
        cr_assert_not_null(object);
        (void)PK11_DestroyGenericObject(object); /* ours; the token's stays */
    }
}

static uint64_t time_to_build(struct world *world, size_t expected)
{
    store_change_begin(world->store);
    store_change_end(world->store);
    uint64_t start = clock_monotonic_ms();
    cr_assert_eq(count_by_address(world, "P0000500@example.org"), 1);
    uint64_t taken = clock_monotonic_ms() - start;
    cr_assert_eq(count_all(world), expected);
    return taken + 1;
}

Test(cert_index, grows_with_the_number_of_certificates_and_not_with_its_square)
{
    struct world world;
    world_begin(&world);
    CLEANUP(nss_slot_free) PK11SlotInfo *slot = PK11_GetInternalKeySlot();
    flood(&world.pki, slot, 0, 1000);
    (void)time_to_build(&world, 1000); /* warms up */
    uint64_t few = time_to_build(&world, 1000);
    flood(&world.pki, slot, 1000, 10000);
    uint64_t many = time_to_build(&world, 10000);
    (void)fprintf(stderr, "1,000: %lu ms, 10,000: %lu ms\n", few, many);
    cr_assert_lt(many, 40 * few, "ten times as many took %lu times as long", many / few);
    world_end(&world);
}
