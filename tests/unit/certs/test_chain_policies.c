#include "base/limits.h"
#include "certs/chain_fixture.h"
#include "certs/chain_policies.h"
#include "support/support.h"

#include <criterion/criterion.h>

enum { POLICIES = 32, MAPPINGS = 33, CONSTRAINTS = 36, INHIBIT_ANY = 54 };

/* What a certificate says; policies by a digit, '*' is anyPolicy. */
struct saying {
    const char *policies; /* NULL: no extension */
    const char *mappings; /* pairs: "12" maps 1 to 2 */
    int demand; /* requireExplicitPolicy as AT(SkipCerts); 0: none, as in all three */
    int no_mapping;
    int no_any;
    bool self_issued; /* of a CA: the same name as the one above */
};

#define AT(skip) ((skip) + 1)
#define SAYS(...) \
    (struct saying) \
    { \
        __VA_ARGS__ \
    }

static struct bytes oid_of(struct pki *pki, char digit)
{
    return digit == '*' ? pki_tlv(pki, 6, PKI_OCTETS(0x55, 0x1d, 0x20, 0x00))
                        : pki_tlv(pki, 6, PKI_OCTETS(0x2a, 0x03, (uint8_t)digit));
}

static struct bytes extension(struct pki *pki, uint8_t kind, struct bytes content)
{
    return content.len > 0 ? pki_extension(pki, PKI_OCTETS(0x55, 0x1d, kind), kind != POLICIES,
                                           pki_tlv(pki, 0x30, content))
                           : BYTES_NONE;
}

static struct bytes number(struct pki *pki, unsigned tag, int value)
{
    return value > 0 ? pki_tlv(pki, tag, PKI_OCTETS((uint8_t)(value - 1))) : BYTES_NONE;
}

static struct bytes extensions_of(struct pki *pki, const struct saying *saying)
{
    struct bytes policies = BYTES_NONE;
    struct bytes mappings = BYTES_NONE;
    for (const char *at = saying->policies; at && *at; at++) {
        policies = PKI_JOIN(pki, policies, pki_tlv(pki, 0x30, oid_of(pki, *at)));
    }
    for (const char *at = saying->mappings; at && at[0] && at[1]; at += 2) {
        struct bytes pair = PKI_JOIN(pki, oid_of(pki, at[0]), oid_of(pki, at[1]));
        mappings = PKI_JOIN(pki, mappings, pki_tlv(pki, 0x30, pair));
    }
    struct bytes constraints =
        PKI_JOIN(pki, number(pki, 0x80, saying->demand), number(pki, 0x81, saying->no_mapping));
    struct bytes any = number(pki, 0x02, saying->no_any);
    if (any.len > 0) {
        any = pki_extension(pki, PKI_OCTETS(0x55, 0x1d, INHIBIT_ANY), true, any);
    }
    return PKI_JOIN(pki, extension(pki, POLICIES, policies), extension(pki, MAPPINGS, mappings),
                    extension(pki, CONSTRAINTS, constraints), any);
}

enum { MOST = 4 };

/* A root, CAs below it and a person, who say this from the top down. */
struct path_of {
    struct world world;
    struct pki_party parties[MOST];
    size_t count;
};

static void build(struct path_of *path, const struct saying *sayings, size_t count)
{
    static const char *const names[MOST] = { "One", "Two", "Three", "Four" };
    world_begin(&path->world, ",C,");
    const struct pki_party *issuer = &path->world.root;
    const char *name = "Root";
    path->count = count;
    for (size_t i = 0; i < count; i++) {
        name = sayings[i].self_issued ? name : names[i];
        struct pki_spec spec = { .name = name,
                                 .ca = i + 1 < count,
                                 .path_length = -1,
                                 .usage = i + 1 < count ? PKI_CERT_SIGN : PKI_SIGN,
                                 .extensions = extensions_of(&path->world.pki, &sayings[i]) };
        pki_issue(&path->world.pki, &spec, issuer, &path->parties[i]);
        issuer = &path->parties[i];
        if (i + 1 < count) {
            world_carry(&path->world, issuer);
        }
    }
}

static void done(struct path_of *path)
{
    for (size_t i = 0; i < path->count; i++) {
        pki_party_done(&path->parties[i]);
    }
    world_end(&path->world);
}

/* Our answer, which must be NSS's. */
static bool holds(const char *what, const struct saying *sayings, size_t count)
{
    struct path_of path;
    struct cert_list list = { 0 };
    build(&path, sayings, count);
    for (size_t i = count; i-- > 0;) {
        assert_ok(cert_list_add(&list, path.parties[i].cert));
    }
    assert_ok(cert_list_add(&list, path.world.root.cert));
    bool ours = chain_policies_hold(&list);
    bool theirs = world_judge(&path.world, path.parties[count - 1].cert) == WORDS_NONE;
    /* the older code finds no path where two CAs have one name */
    bool comparable = world_words_by_pkix() == WORDS_NONE || theirs;
    cr_expect(ours == theirs || !comparable, "%s: %d here, %d by NSS", what, ours, theirs);
    cert_list_done(&list);
    done(&path);
    return ours;
}

#define HOLDS(what, ...) \
    holds(what, (struct saying[]){ __VA_ARGS__ }, \
          sizeof((struct saying[]){ __VA_ARGS__ }) / sizeof(struct saying))

Test(chain_policies, a_policy_that_is_demanded_must_be_there)
{
    const struct saying demanding = SAYS(.policies = "1", .demand = AT(0));
    cr_expect_not(HOLDS("none", demanding, SAYS(.policies = NULL)));
    cr_expect_not(HOLDS("another", demanding, SAYS(.policies = "2")));
    cr_expect_not(
        HOLDS("lost on the way", demanding, SAYS(.policies = NULL), SAYS(.policies = "1")));
    cr_expect_not(
        HOLDS("changed on the way", demanding, SAYS(.policies = "2"), SAYS(.policies = "2")));
    cr_expect_not(HOLDS("demanded by the person alone", SAYS(.policies = "1"),
                        SAYS(.policies = "2", .demand = AT(0))));
    cr_expect_not(HOLDS("demanded one further down", SAYS(.policies = "1", .demand = AT(1)),
                        SAYS(.policies = "1"), SAYS(.policies = "2")));
}

Test(chain_policies, any_policy_may_be_inhibited)
{
    const struct saying top = SAYS(.policies = "1", .demand = AT(0), .no_any = AT(0));
    cr_expect_not(HOLDS("any", top, SAYS(.policies = "*")));
    cr_expect_not(HOLDS("any, one further down",
                        SAYS(.policies = "1", .demand = AT(0), .no_any = AT(1)),
                        SAYS(.policies = "1"), SAYS(.policies = "*")));
    cr_expect_not(HOLDS("any of a person of the CA's own name", top,
                        SAYS(.policies = "*", .self_issued = true)));
    cr_expect(HOLDS("any, not yet", SAYS(.policies = "1", .demand = AT(0), .no_any = AT(1)),
                    SAYS(.policies = "*"), SAYS(.policies = "1")));
    cr_expect(HOLDS("any of the same CA", top, SAYS(.policies = "*", .self_issued = true),
                    SAYS(.policies = "1")));
}

Test(chain_policies, a_mapping_goes_one_way_and_may_be_inhibited)
{
    const struct saying mapping = SAYS(.policies = "1", .mappings = "12", .demand = AT(0));
    cr_expect_not(HOLDS("mapped away", mapping, SAYS(.policies = "1")));
    cr_expect_not(HOLDS("of a policy that is not there",
                        SAYS(.policies = "1", .mappings = "32", .demand = AT(0)),
                        SAYS(.policies = "2")));
    cr_expect_not(HOLDS("inhibited", SAYS(.policies = "1", .no_mapping = AT(0), .demand = AT(0)),
                        SAYS(.policies = "1", .mappings = "12"), SAYS(.policies = "2")));
    cr_expect_not(HOLDS("inhibited, which deletes",
                        SAYS(.policies = "1", .no_mapping = AT(0), .demand = AT(0)),
                        SAYS(.policies = "1", .mappings = "12"), SAYS(.policies = "1")));
    cr_expect_not(HOLDS("of any", SAYS(.policies = "1*", .mappings = "*2"), SAYS(.policies = "2")));
    cr_expect_not(HOLDS("to any", SAYS(.policies = "1", .mappings = "1*"), SAYS(.policies = "1")));
    cr_expect(HOLDS("to one", mapping, SAYS(.policies = "2")));
    cr_expect(HOLDS("to two", SAYS(.policies = "1", .mappings = "1213", .demand = AT(0)),
                    SAYS(.policies = "3")));
    cr_expect(HOLDS("out of any", SAYS(.policies = "*", .mappings = "12", .demand = AT(0)),
                    SAYS(.policies = "2")));
}

Test(chain_policies, nothing_is_asked_for_where_nothing_is_demanded)
{
    cr_expect(HOLDS("no policies", SAYS(.policies = NULL), SAYS(.policies = NULL)));
    cr_expect(HOLDS("two that differ", SAYS(.policies = "1"), SAYS(.policies = "2")));
    cr_expect(HOLDS("the same", SAYS(.policies = "12", .demand = AT(0)), SAYS(.policies = "23")));
    cr_expect(HOLDS("any below", SAYS(.policies = "1", .demand = AT(0)), SAYS(.policies = "*")));
    cr_expect(HOLDS("any above", SAYS(.policies = "*", .demand = AT(0)), SAYS(.policies = "2")));
    cr_expect(
        HOLDS("demanded too late", SAYS(.policies = "1", .demand = AT(2)), SAYS(.policies = "2")));
}

/* One certificate with this extension as a path of its own. */
static bool reads(uint8_t kind, struct bytes value)
{
    struct pki pki;
    struct pki_party party;
    struct cert_list list = { 0 };
    pki_begin(&pki);
    struct pki_spec spec = { .name = "Odd",
                             .extensions =
                                 pki_extension(&pki, PKI_OCTETS(0x55, 0x1d, kind), false, value) };
    pki_issue(&pki, &spec, NULL, &party);
    assert_ok(cert_list_add(&list, party.cert));
    assert_ok(cert_list_add(&list, party.cert));
    bool answer = chain_policies_hold(&list);
    cert_list_done(&list);
    pki_party_done(&party);
    pki_end(&pki);
    return answer;
}

Test(chain_policies, what_cannot_be_read_does_not_hold)
{
    static const struct {
        uint8_t kind;
        const char *value;
        size_t len;
        bool readable;
    } cases[] = {
        { POLICIES, "", 0, false },
        { POLICIES, "\x05\x00", 2, false },
        { POLICIES, "\x30\x02\x30\x00", 4, false },
        { POLICIES, "\x30\x05\x30\x03\x06\x01\x2a\x00", 8, false },
        { POLICIES, "\x30\x05\x30\x03\x06\x01\x2a", 7, true },
        { MAPPINGS, "\x30\x05\x30\x03\x06\x01\x2a", 7, false },
        { MAPPINGS, "\x30\x0a\x30\x08\x06\x01\x2a\x06\x01\x2b\x05\x00", 12, false },
        { MAPPINGS, "\x30\x08\x30\x06\x06\x01\x2a\x06\x01\x2b", 10, true },
        { CONSTRAINTS, "\x30\x03\x82\x01\x00", 5, false },
        { CONSTRAINTS, "\x30\x02\x81\x00", 4, false },
        { CONSTRAINTS, "\x30\x03\x81\x01\xff", 5, false },
        { CONSTRAINTS, "\x30\x03\x81\x01\x00", 5, true },
        { CONSTRAINTS, "\x30\x0a\x80\x08\x7f\xff\xff\xff\xff\xff\xff\xff", 12, true },
        { INHIBIT_ANY, "\x02\x01\x80", 3, false },
        { INHIBIT_ANY, "\x04\x01\x00", 3, false },
        { INHIBIT_ANY, "\x02\x01\x00\x00", 4, false },
        { INHIBIT_ANY, "\x02\x01\x00", 3, true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes value = { (const uint8_t *)cases[i].value, cases[i].len };
        cr_expect_eq(reads(cases[i].kind, value), cases[i].readable, "case %zu", i);
    }
}

Test(chain_policies, more_policies_than_the_limit_do_not_hold)
{
    uint8_t value[4 + 7 * (LIMIT_POLICIES + 1)] = { 0x30, 0x82 };
    for (size_t count = LIMIT_POLICIES; count <= LIMIT_POLICIES + 1; count++) {
        size_t len = 4;
        for (size_t i = 0; i < count; i++, len += 6) {
            const uint8_t one[] = { 0x30, 0x04, 0x06, 0x02, 0x2a, (uint8_t)i };
            for (size_t k = 0; k < sizeof one; k++) {
                value[len + k] = one[k];
            }
        }
        value[2] = (uint8_t)((len - 4) >> 8);
        value[3] = (uint8_t)(len - 4);
        cr_expect_eq(reads(POLICIES, (struct bytes){ value, len }), count == LIMIT_POLICIES);
    }
}
