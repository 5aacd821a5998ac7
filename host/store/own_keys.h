/* Which certificates have their private key on a token that is there, told without a login.
 *
 * Measured with NSS 3.87 on an SQL database with a password: private key objects are invisible
 * until the login, but the public key object that NSS files beside each of them (made by key
 * generation and by PKCS#12 import alike) can be read, and bears the same CKA_ID, the SHA-1 of the
 * public value. Correspondents' certificates have no public key object. Cards keep to the same
 * PKCS#11 convention, with identifiers of their own that the certificate object repeats. */
#ifndef SEALPOST_STORE_OWN_KEYS_H
#define SEALPOST_STORE_OWN_KEYS_H

#include "base/error.h"

struct CERTCertificateStr;
struct PK11SlotInfoStr;
struct SECItemStr;
struct own_keys;

/* ERR_NO_MEMORY. */
struct error *own_keys_new(struct own_keys **ret_keys) MUST_USE;
void own_keys_free(struct own_keys *keys); /* NULL is fine */
DEFINE_CLEANUP(struct own_keys *, own_keys_free);

/* The token on which the certificate's key seems to be, as a reference of the caller's own; NULL:
 * none. The list behind it is made anew when `generation` differs from the last call's. Where
 * memory is out nothing is found. */
struct PK11SlotInfoStr *own_keys_slot(struct own_keys *keys, struct CERTCertificateStr *certificate,
                                      unsigned long generation);

/* The CKA_ID that NSS gives to the certificate's key; freed with SECITEM_FreeItem(id, PR_TRUE).
 * NULL: a kind of key that NSS does not know, or no memory. */
struct SECItemStr *own_keys_id(struct CERTCertificateStr *certificate);

#endif
