/* CRLs that each hold some reasons of revocation (RFC 5280 5.2.5, 6.3.3). */
#include "certs/chain_fixture.h"
#include "nss/nss_scope.h"

#include <criterion/criterion.h>

#define OID_POINT PKI_OCTETS(0x55, 0x1d, 28)
#define OID_CRL_POINTS PKI_OCTETS(0x55, 0x1d, 31)

/* unused bits, then ReasonFlags: keyCompromise is 0x40 of the first octet */
#define KEY_AND_CA PKI_OCTETS(5, 0x60)
#define ALL_OTHERS PKI_OCTETS(7, 0x1f, 0x80)
#define ALL_BUT_THE_LAST PKI_OCTETS(0, 0x1f)

/* A message about somebody directly below the root, whose certificate has `points`. */
struct message {
    struct world world;
    struct pki_party person;
};

static void begin(struct message *message, struct bytes points)
{
    world_begin(&message->world, ",C,");
    struct pki *pki = &message->world.pki;
    struct bytes extension =
        points.len > 0 ? pki_extension(pki, OID_CRL_POINTS, false, pki_tlv(pki, 0x30, points))
                       : BYTES_NONE;
    struct pki_spec spec = { .name = "Person", .usage = PKI_SIGN, .extensions = extension };
    pki_issue(pki, &spec, &message->world.root, &message->person);
}

static void end(struct message *message)
{
    pki_party_done(&message->person);
    world_end(&message->world);
}

/* A distributionPoint of this name, and with these reasons where there are any. */
static struct bytes point(struct pki *pki, const char *uri, unsigned tag, struct bytes reasons)
{
    struct bytes name =
        uri ? pki_tlv(pki, 0xa0, pki_tlv(pki, 0xa0, pki_tlv(pki, 0x86, bytes_of_string(uri))))
            : BYTES_NONE;
    struct bytes bits = reasons.len > 0 ? pki_tlv(pki, tag, reasons) : BYTES_NONE;
    return pki_tlv(pki, 0x30, PKI_JOIN(pki, name, bits));
}

/* Another CRL of the root for these reasons, `age` seconds old. */
static void carry(struct message *message, const char *uri, struct bytes reasons, int64_t age)
{
    struct world *world = &message->world;
    struct bytes scope = point(&world->pki, uri, 0x83, reasons);
    struct pki_crl spec = { .from = PKI_NOW - age,
                            .extensions = pki_extension(&world->pki, OID_POINT, true, scope) };
    world->crls[world->crl_count++] = pki_crl(&world->pki, &spec, &world->root);
}

static enum revocation_status judge(struct message *message)
{
    (void)world_judge(&message->world, message->person.cert);
    return message->world.result->revocation;
}

Test(crl_reasons, some_are_not_all)
{
    struct message message;
    begin(&message, BYTES_NONE);
    carry(&message, NULL, KEY_AND_CA, 9);
    carry(&message, NULL, ALL_BUT_THE_LAST, 9);
    cr_assert_eq(judge(&message), REVOCATION_UNKNOWN);
    carry(&message, NULL, KEY_AND_CA, 1);
    cr_assert_eq(judge(&message), REVOCATION_UNKNOWN, "the same again adds nothing");
    message.world.policy.revocation = REVOCATION_HARD;
    cr_assert_eq(world_judge(&message.world, message.person.cert),
                 WORD_BIT(WORD_REVOCATION_UNKNOWN));
    end(&message);
}

Test(crl_reasons, several_crls_add_up_to_all)
{
    struct message message;
    begin(&message, BYTES_NONE);
    carry(&message, NULL, KEY_AND_CA, 9);
    carry(&message, NULL, ALL_OTHERS, 5);
    cr_assert_eq(judge(&message), REVOCATION_GOOD);
    cr_assert_eq(message.world.result->revocation_produced_at, PKI_NOW - 9, "the oldest counts");
    end(&message);
}

Test(crl_reasons, a_stale_crl_adds_nothing)
{
    struct message message;
    begin(&message, BYTES_NONE);
    struct world *world = &message.world;
    carry(&message, NULL, KEY_AND_CA, 9);
    struct bytes scope = point(&world->pki, NULL, 0x83, ALL_OTHERS);
    struct pki_crl stale = { .from = PKI_NOW - 9,
                             .to = PKI_NOW - 1,
                             .extensions = pki_extension(&world->pki, OID_POINT, true, scope) };
    world->crls[world->crl_count++] = pki_crl(&world->pki, &stale, &world->root);
    cr_assert_eq(judge(&message), REVOCATION_UNKNOWN);
    end(&message);
}

Test(crl_reasons, a_crl_of_another_key_adds_nothing)
{
    struct message message;
    begin(&message, BYTES_NONE);
    struct world *world = &message.world;
    carry(&message, NULL, KEY_AND_CA, 9);
    struct pki_party liar = world->middle;
    liar.name = world->root.name;
    struct bytes scope = point(&world->pki, NULL, 0x83, ALL_OTHERS);
    struct pki_crl forged = { .extensions = pki_extension(&world->pki, OID_POINT, true, scope) };
    world->crls[world->crl_count++] = pki_crl(&world->pki, &forged, &liar);
    cr_assert_eq(judge(&message), REVOCATION_UNKNOWN);
    end(&message);
}

Test(crl_reasons, a_point_of_the_certificate_limits_its_crl)
{
    struct pki builder = { .arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE) };
    struct bytes some = point(&builder, "http://x.example/a.crl", 0x81, KEY_AND_CA);
    struct bytes others = point(&builder, "http://x.example/b.crl", 0x81, ALL_OTHERS);
    struct message message;
    begin(&message, PKI_JOIN(&builder, some, others));
    carry(&message, "http://x.example/a.crl", BYTES_NONE, 9);
    cr_assert_eq(judge(&message), REVOCATION_UNKNOWN);
    carry(&message, "http://x.example/b.crl", KEY_AND_CA, 9);
    cr_assert_eq(judge(&message), REVOCATION_UNKNOWN, "what neither point nor CRL holds");
    carry(&message, "http://x.example/b.crl", BYTES_NONE, 9);
    cr_assert_eq(judge(&message), REVOCATION_GOOD);
    end(&message);
    PORT_FreeArena(builder.arena, PR_FALSE);
}
