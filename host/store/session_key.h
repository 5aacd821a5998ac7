/* Copies of private keys as session objects of their token. A password-protected NSS database
 * derives a key for each attribute that it reads, 29 ms for every RSA operation; a session copy
 * costs 60 ms once and then 1 ms an operation (measured, NSS 3.87). The copies are as unreadable as
 * the originals and die with the cache. Thread-safe. */
#ifndef SEALPOST_STORE_SESSION_KEY_H
#define SEALPOST_STORE_SESSION_KEY_H

#include "base/bytes.h"

struct SECKEYPrivateKeyStr;
struct session_keys;

/* ERR_NO_MEMORY. */
struct error *session_key_new(struct session_keys **ret_keys) MUST_USE;
void session_key_free(struct session_keys *keys); /* destroys the copies; NULL is fine */
DEFINE_CLEANUP(struct session_keys *, session_key_free);

/* The copy that belongs to the certificate with these DER bytes, as an object of the caller's own
 * (SECKEY_DestroyPrivateKey); NULL where there is none. */
struct SECKEYPrivateKeyStr *session_key_find(struct session_keys *keys, struct bytes certificate);

/* Copies `original` and keeps the copy for that certificate (at most LIMIT_SESSION_KEYS of them,
 * the oldest goes); `ret_key` is another one for the caller. ERR_KEY_ABSENT where the token does
 * not let it be copied, ERR_NO_MEMORY. */
struct error *session_key_add(struct session_keys *keys, struct bytes certificate,
                              struct SECKEYPrivateKeyStr *original,
                              struct SECKEYPrivateKeyStr **ret_key) MUST_USE;

/* Destroys all copies. Those that callers hold stay theirs. */
void session_key_forget(struct session_keys *keys);

#endif
