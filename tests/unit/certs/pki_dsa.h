/* Keys for DSA, of 2048 bits with a q of 256, all of one set of parameters. */
#ifndef SEALPOST_TESTS_UNIT_CERTS_PKI_DSA_H
#define SEALPOST_TESTS_UNIT_CERTS_PKI_DSA_H

struct PK11SlotInfoStr;
struct PLArenaPool;
struct SECKEYPrivateKeyStr;
struct SECKEYPublicKeyStr;

/* A new key pair in `slot`; fails the test where there is none. */
struct SECKEYPrivateKeyStr *pki_dsa_key(struct PLArenaPool *arena, struct PK11SlotInfoStr *slot,
                                        struct SECKEYPublicKeyStr **ret_public);

#endif
