/* Clean-up for NSS's types: CLEANUP(nss_cert_free) CERTCertificate *c = NULL; and so on. Each
 * destructor here accepts NULL and wipes what it can. Only .c files of nss, cms, certs and store
 * include this. */
#ifndef SEALPOST_NSS_NSS_SCOPE_H
#define SEALPOST_NSS_NSS_SCOPE_H

#include "base/macros.h"

#include <cert.h>
#include <keyhi.h>
#include <pk11pub.h>
#include <secitem.h>
#include <secport.h>

/* pk11hpke.h, which pk11pub.h includes, has a CLEANUP macro of its own. Files that use NSS include
 * this header before any of NSS's, so that ours is the one that stands. */
#undef CLEANUP
#define CLEANUP(destructor) __attribute__((cleanup(destructor##_cleanup)))

/* Defines the destructor `name` for `type`; `destroy` frees `owned`. */
#define NSS_SCOPE(name, type, destroy) \
    static inline void name(type owned) \
    { \
        if (owned) { \
            destroy; \
        } \
    } \
    DEFINE_CLEANUP(type, name)

NSS_SCOPE(nss_cert_free, CERTCertificate *, CERT_DestroyCertificate(owned));
NSS_SCOPE(nss_cert_list_free, CERTCertList *, CERT_DestroyCertList(owned));
NSS_SCOPE(nss_public_key_free, SECKEYPublicKey *, SECKEY_DestroyPublicKey(owned));
NSS_SCOPE(nss_private_key_free, SECKEYPrivateKey *, SECKEY_DestroyPrivateKey(owned));
NSS_SCOPE(nss_sym_key_free, PK11SymKey *, PK11_FreeSymKey(owned));
NSS_SCOPE(nss_slot_free, PK11SlotInfo *, PK11_FreeSlot(owned));
NSS_SCOPE(nss_slot_list_free, PK11SlotList *, PK11_FreeSlotList(owned));
NSS_SCOPE(nss_context_free, PK11Context *, PK11_DestroyContext(owned, PR_TRUE));
/* wiped: PORT_FreeArena(arena, PR_FALSE) would leave the content in freed memory (measured) */
NSS_SCOPE(nss_arena_free, PLArenaPool *, PORT_FreeArena(owned, PR_TRUE));
NSS_SCOPE(nss_item_free, SECItem *, SECITEM_ZfreeItem(owned, PR_TRUE));

#endif
