#include "certs/pki_dsa.h"

#include "nss/nss_scope.h"

#include <criterion/criterion.h>
#include <string.h>

/* Made for these tests: finding parameters takes seconds. */
static const char prime[] =
    "81a160f04bdfd3f4ecfcffa28153882cb3ed47106945e9d3d0646190a331ebef5c4f796bc382f06583b4076b"
    "5682aee99bec1748a137348da81b8f22609aee20c21ba6587c2f5d50ef822149e894c31edf861cca913cfcd0"
    "91a8dab9dc18a3a724fb8e44e2d311141a66fc274a989a9a640dc2e230a189a8107d750f3ebf91c9f34c4049"
    "dd1f1f27a0dba2d615b79d9b24c1514c83810077447a90d8c29d0b629e6ca21bc2a83b3976f80fd88f8d3839"
    "125a32d03f2c08e0492b6811593c342f24147e8ed425e998a24adfe106c0b4eb993d26245028a08fbc367a14"
    "19cf6d039420d8f22e00b34d00c872a3b75ba1c10d4d904a008c16c4cabd009533553b45";
static const char subprime[] = "80ad819f7970c0582312c2069e653421804b9956216595e6cb8bd05a6b0a2f7d";
static const char base[] =
    "4735b84e6712ee29e87123a9ebbdc55208e7dfce334cb812a80ec5e53ce3f798b326bc11d4e709d95c01eed5"
    "3f22459b5cdcc8f5e3a0fb62f211dbc3bfe1afacddb7e2583d77101d2baba256654070f9698b59e0d1800831"
    "67388d20acc7516e115176fca5669f1f9c0d1d505893b4c46b4e938ef2fb7dd1a73e13c728d0f867c7c2ca08"
    "4bc517111acaf6ac6bb105fc56f15281a131c74c725282592bfe712ccaa60161073f0a9dd892c6f4a6aad836"
    "5c1c443333f5a8e61ec5a71157f00b44a42c53897bb10111fc01b1b3f758c385f22160fbe44dd625feff3da6"
    "d227ab26d25f1db0433e28f3117ac35d43b3be0a57e9cd6344ee98208d8256c01595c055";

static uint8_t nibble(char digit)
{
    return (uint8_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

static SECItem number(PLArenaPool *arena, const char *hex)
{
    SECItem item = { siUnsignedInteger, PORT_ArenaAlloc(arena, strlen(hex) / 2), 0 };
    cr_assert_not_null(item.data);
    for (; hex[0] && hex[1]; hex += 2) {
        item.data[item.len++] = (uint8_t)(nibble(hex[0]) << 4 | nibble(hex[1]));
    }
    return item;
}

struct SECKEYPrivateKeyStr *pki_dsa_key(struct PLArenaPool *arena, struct PK11SlotInfoStr *slot,
                                        struct SECKEYPublicKeyStr **ret_public)
{
    SECKEYPQGParams parameters = { .prime = number(arena, prime),
                                   .subPrime = number(arena, subprime),
                                   .base = number(arena, base) };
    SECKEYPrivateKey *key = PK11_GenerateKeyPair(slot, CKM_DSA_KEY_PAIR_GEN, &parameters,
                                                 ret_public, PR_FALSE, PR_FALSE, NULL);
    cr_assert_not_null(key);
    return key;
}
