#include "certs/chain_fixture.h"
#include "certs/chain_pkix.h"
#include "support/support.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

Test(chain_pkix, takes_the_epoch_for_a_moment_and_not_for_now)
{
    struct world world;
    world_begin(&world, ",C,");
    world_carry(&world, &world.middle);
    cr_assert_eq(world_judge_at(&world, world.alice.cert, CHAIN_SIGN, 0),
                 WORD_BIT(WORD_CERTIFICATE_NOT_YET_VALID));
    cr_assert(words_has(world_judge_at(&world, world.alice.cert, CHAIN_SIGN, INT64_MAX),
                        WORD_CERTIFICATE_EXPIRED));
    cr_assert(words_has(world_judge_at(&world, world.alice.cert, CHAIN_SIGN, INT64_MIN),
                        WORD_CERTIFICATE_NOT_YET_VALID));
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

Test(chain_pkix, asks_no_network)
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
    (void)world_judge_person(&world, (struct pki_spec){ .extensions = extensions }, &world.root);
    cert_unref(world.middle.cert); /* an issuer that could be fetched */
    world.middle.cert = NULL;
    (void)world_judge_person(&world, (struct pki_spec){ .extensions = extensions }, &world.middle);
    struct pollfd waiting = { .fd = listener, .events = POLLIN };
    cr_assert_eq(poll(&waiting, 1, 50), 0, "somebody called");
    (void)close(listener);
    world_end(&world);
}
