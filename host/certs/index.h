/* One in-memory index over the certificates of the databases and tokens, built from
 * PK11_FindGenericObjects (NSS's own listing is quadratic: 35 s at 10,000 certificates) and rebuilt
 * when store_generation changes. Thread-safe. Roots of Mozilla's list are not in it. */
#ifndef SEALPOST_CERTS_INDEX_H
#define SEALPOST_CERTS_INDEX_H

#include "certs/cert.h"

struct store;
struct cert_index;

/* `store` is borrowed and outlives the index. The first look-up builds it. ERR_NO_MEMORY. */
struct error *cert_index_new(struct store *store, struct cert_index **ret_index) MUST_USE;
void cert_index_free(struct cert_index *index); /* NULL is fine */
DEFINE_CLEANUP(struct cert_index *, cert_index_free);

/* Each appends what it finds to `list` (owned by the caller), nothing found being no error.
 * ERR_NO_MEMORY, ERR_INTERNAL. */
struct error *cert_index_all(struct cert_index *index, struct cert_list *list) MUST_USE;
/* Address compared by match_addresses_equal. */
struct error *cert_index_by_address(struct cert_index *index, const char *address,
                                    struct cert_list *list) MUST_USE;
struct error *cert_index_by_issuer_serial(struct cert_index *index, struct bytes issuer_der,
                                          struct bytes serial, struct cert_list *list) MUST_USE;
struct error *cert_index_by_key_id(struct cert_index *index, struct bytes key_id,
                                   struct cert_list *list) MUST_USE;
struct error *cert_index_by_id(struct cert_index *index, const char *id, struct cert_list *list)
    MUST_USE;
/* Those whose private key is at hand, expired ones too. */
struct error *cert_index_mine(struct cert_index *index, struct cert_list *list) MUST_USE;

/* Changes when the data behind the index changes: the `generation` of list results. */
unsigned long cert_index_generation(struct cert_index *index);

#endif
