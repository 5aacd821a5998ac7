/* Reads the certificates off the databases and tokens that are there. Internal to certs. */
#ifndef SEALPOST_CERTS_INDEX_READ_H
#define SEALPOST_CERTS_INDEX_READ_H

#include "certs/cert.h"

/* Appends them to `list`, ordered by id, each once; those that can't be decoded are left out, and
 * so is Mozilla's list. Nothing is asked for a login. Reading ends at `limit` certificates.
 * ERR_NO_MEMORY, ERR_INTERNAL. */
struct error *index_read_all(size_t limit, struct cert_list *list) MUST_USE;

#endif
