/* Certificates made on the spot: an authority, and identities that it certifies for S/MIME, keys
 * and certificates going into the open database. For `sealpost demo` and for tests, in throw-away
 * databases: nobody outside trusts these. Takes no decisions about real identities. */
#ifndef SEALPOST_STORE_TRIAL_H
#define SEALPOST_STORE_TRIAL_H

#include "base/bytes.h"
#include "store/interaction.h"

struct store;

enum trial_key { TRIAL_RSA_2048, TRIAL_ECDSA_P256 };

struct trial_subject {
    const char *name; /* common name, UTF-8, at most 64 characters (RFC 5280 ub-common-name) */
    const char *address; /* e-mail, ASCII; NULL for an authority */
    enum trial_key key;
    int64_t not_before; /* seconds since the epoch, UTC; 0: an hour ago */
    int64_t not_after; /* likewise; 0: a year from now */
};

/* A self-signed authority, trusted for e-mail in the database. `ret_certificate` is its DER.
 * ERR_PARAMS for a name or address that can't be used; errors of store_key_slot; ERR_INTERNAL. */
struct error *trial_ca_make(struct store *store, const struct trial_subject *subject,
                            const struct interaction *interaction, struct buffer **ret_certificate)
    MUST_USE;

/* An end entity for signing and encryption, certified by the authority whose DER is `ca` and whose
 * key is in the database. Errors as above, and those of store_key; ERR_CERTIFICATE_UNUSABLE where
 * `ca` can't be read. */
struct error *trial_identity_make(struct store *store, struct bytes ca,
                                  const struct trial_subject *subject,
                                  const struct interaction *interaction,
                                  struct buffer **ret_certificate) MUST_USE;

#endif
